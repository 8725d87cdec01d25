//! Everything outside the functions, simulated: four platforms, the directory, Secrets Manager, queues, schedules and the ledger's
//! table around one company.

use std::sync::Arc;

use rehearsal::company::{ADMIN, Company, DOMAIN};
use rehearsal::dynamodb::{self, DynamoDb};
use rehearsal::providers::{self, IDS, Simulator};
use rehearsal::queues::Queues;
use rehearsal::roster::RosterServer;
use rehearsal::scheduler::{self, Scheduler};
use rehearsal::secrets::SecretsManager;
use serde_json::json;

/// Opens nothing but simulators on this machine.
pub(crate) const TOKEN: &str = "rehearsal-token-for-this-machine-only";

/// The functions that have a queue, which is called like them.
pub(crate) const QUEUED: [&str; 3] = ["onboard", "offboard", "reconcile"];

/// It lasts as long as this value.
pub(crate) struct World {
    pub(crate) company: Company,
    pub(crate) simulators: Vec<Box<dyn Simulator>>,
    pub(crate) ledger: DynamoDb,
    pub(crate) queues: Arc<Queues>,
    pub(crate) scheduler: Arc<Scheduler>,
    secrets: SecretsManager,
    _roster: RosterServer,
}

impl World {
    /// Starts it, with everybody's accounts as they are in the morning.
    pub(crate) async fn start(people: usize) -> World {
        let company = Company::new(people);
        let mut simulators = Vec::new();
        for id in IDS {
            simulators.push(providers::start(id).await);
        }
        company.settle_into(simulators.iter().map(|simulator| &**simulator));
        let (secrets, roster) = (SecretsManager::start().await, RosterServer::start().await);
        roster.set("/roster.csv", "text/csv", company.roster_csv().as_bytes());
        for simulator in &simulators {
            let mut document = simulator.document();
            // Deleting a Powens user is final, so it stays off unless somebody writes it down: a leaver there is done by hand.
            document
                .as_object_mut()
                .and_then(|fields| fields.remove("allow_delete"));
            secrets.put(&format!("rollcall/{}", simulator.id()), &document);
        }
        let source = json!({"kind": "roster_file", "url": format!("{}/roster.csv", roster.url())});
        secrets.put("rollcall/directory", &source);
        let callers = json!({
            "rehearsal": {"scheme": "bearer", "secrets": [TOKEN], "may": ["list", "onboard", "offboard", "reconcile"]},
            "okta": {"scheme": "okta", "secrets": [TOKEN], "may": ["offboard", "reconcile"]},
            "browser": {"scheme": "basic", "secrets": [format!("admin:{TOKEN}")], "may": ["list"]},
        });
        secrets.put("rollcall/callers", &callers);
        World {
            company,
            simulators,
            ledger: DynamoDb::start().await,
            queues: Arc::new(Queues::start(&QUEUED).await),
            scheduler: Arc::new(Scheduler::start().await),
            secrets,
            _roster: roster,
        }
    }

    /// The environment in which the functions find it.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        // A tenth fewer people than there are would be suspicious.
        let least = self.company.people.len() - self.company.people.len() / 10;
        let env = [
            ("PROVIDERS", IDS.join(",")),
            ("AWS_ENDPOINT_URL", self.secrets.url()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.ledger.url()),
            ("AWS_ENDPOINT_URL_SQS", self.queues.url()),
            ("AWS_ENDPOINT_URL_SCHEDULER", self.scheduler.url()),
            ("SCHEDULE_GROUP", scheduler::GROUP.to_owned()),
            (
                "SCHEDULE_ROLE_ARN",
                "arn:aws:iam::123456789012:role/rehearsal".to_owned(),
            ),
            (
                "OFFBOARD_QUEUE_ARN",
                "arn:aws:sqs:eu-central-1:123456789012:offboard".to_owned(),
            ),
            ("ONBOARD_QUEUE_URL", Queues::queue_url("onboard")),
            ("OFFBOARD_QUEUE_URL", Queues::queue_url("offboard")),
            ("RECONCILE_QUEUE_URL", Queues::queue_url("reconcile")),
            ("LEDGER", format!("dynamodb:{}", dynamodb::TABLE)),
            ("MANAGED_DOMAINS", DOMAIN.to_owned()),
            ("PROTECTED", ADMIN.to_owned()),
            ("MIN_PEOPLE", least.to_string()),
            ("RETRY_BASE_MS", "20".to_owned()),
        ];
        env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
