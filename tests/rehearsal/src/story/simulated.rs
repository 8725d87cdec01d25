//! The story of one day in a made-up company: list, preview, apply, what people do by hand, and nothing left to do.

use std::sync::Arc;
use std::time::Instant;

use rehearsal::host::UrlRequest;
use serde_json::{Value, json};

use super::flags::Flags;
use super::show::{self, list, text};
use super::stage::{self, Stage};
use super::world::{TOKEN, World};
use super::{Trouble, headline, say, timed, took};

/// Plays the story; stays up afterwards unless it was to be played once.
pub(crate) async fn play(flags: &Flags) -> Result<(), Trouble> {
    say!(
        "Rollcall, rehearsing with {} made-up people; nothing leaves this machine.",
        flags.people
    );
    let world = timed(
        "Starting four simulated platforms, a directory, Secrets Manager, SQS, EventBridge Scheduler and DynamoDB",
        World::start(flags.people),
    )
    .await;
    let stage = Stage::set(&world.env()).await?;
    stage.deliver(Arc::clone(&world.queues), Arc::clone(&world.scheduler));
    let mut story = Story {
        world,
        stage,
        surprises: Vec::new(),
    };
    story.tell().await?;
    let verdict = story.verdict();
    if !flags.once {
        story.print_commands();
        story.stage.stay_up().await;
    }
    verdict
}

struct Story {
    world: World,
    stage: Stage,
    surprises: Vec<String>,
}

impl Story {
    async fn tell(&mut self) -> Result<(), Trouble> {
        let access = self
            .step(
                "1. Who has access now?",
                "list",
                UrlRequest::get("/?view=people"),
                show::people,
            )
            .await?;
        self.expect(
            list(&access, "people").len() >= self.world.company.people.len(),
            "the list names too few people",
        );

        let before = self.differences();
        self.expect(!before.is_empty(), "there was nothing to do from the start");
        let preview = json!({"mode": "preview"});
        let preview = UrlRequest::post("/", &preview);
        let plan = self
            .step(
                "2. What would change? A preview writes nothing.",
                "reconcile",
                preview,
                show::report,
            )
            .await?;
        self.expect(changes(&plan) > 0, "the preview is empty");
        let untouched = self.differences() == before;
        self.expect(untouched, "the preview changed something at a platform");

        let done = self.reconcile("3. Make it so.").await?;
        self.expect_no_trouble(&done);

        headline("4. What no API offers, people do by hand.");
        let steps = self.world.company.work_by_hand(&self.world.simulators);
        for step in &steps {
            say!("   {:<9} {}", step.provider, step.said);
        }
        if let Some(new) = steps.iter().find(|step| step.provider == "bilanc") {
            let order = json!({"email_addresses": [new.email], "providers": ["bilanc"], "reason": "first commit"});
            let order = UrlRequest::post("/", &order);
            self.step(
                "5. Bilanc knows that person now: one order for one person.",
                "onboard",
                order,
                show::report,
            )
            .await?;
        }

        let again = self.reconcile("6. And again: nothing to do.").await?;
        self.expect_no_trouble(&again);
        self.expect(changes(&again) == 0, "the last run still had something to do");
        let left = self.differences();
        self.surprises.extend(
            left.into_iter()
                .map(|difference| format!("after the last run, {difference}")),
        );
        for simulator in &self.world.simulators {
            let broken = simulator.violations().into_iter();
            self.surprises
                .extend(broken.map(|what| format!("{} was asked what its contract forbids: {what}", simulator.id())));
        }
        let asked = [
            ("DynamoDB", self.world.ledger.violations()),
            ("SQS", self.world.queues.violations()),
            ("the scheduler", self.world.scheduler.violations()),
        ];
        for (name, broken) in asked {
            let surprise = |what| format!("{name} was asked what it forbids: {what}");
            self.surprises.extend(broken.into_iter().map(surprise));
        }
        Ok(())
    }

    async fn reconcile(&mut self, title: &str) -> Result<Value, Trouble> {
        self.step(
            title,
            "reconcile",
            UrlRequest::post("/", &json!({"mode": "apply"})),
            show::report,
        )
        .await
    }

    /// One request, told: the headline, the command that does the same, the answer as a table.
    async fn step(
        &mut self,
        title: &str,
        function: &str,
        request: UrlRequest,
        show: fn(&Value),
    ) -> Result<Value, Trouble> {
        headline(title);
        say!("   {}\n", self.curl(function, &request));
        let begun = Instant::now();
        let hosted = self.stage.function(function)?;
        let answer = hosted.request(request.bearer(TOKEN)).await;
        let time = took(begun);
        if !(200..300).contains(&answer.status) {
            let type_ = answer.error_type().map(|kind| format!(" ({kind})")).unwrap_or_default();
            let words = stage::said(hosted);
            return Err(Trouble::failure(format!(
                "{function} answered {}{type_}: {}\n{words}",
                answer.status,
                answer.text()
            )));
        }
        let body = answer.json();
        show(&body);
        let status = Some(text(&body, "status"))
            .filter(|status| !status.is_empty())
            .map(|status| format!("{status}, "));
        say!("   {}HTTP {} in {time}", status.unwrap_or_default(), answer.status);
        Ok(body)
    }

    fn curl(&self, function: &str, request: &UrlRequest) -> String {
        let query = if request.query.is_empty() {
            String::new()
        } else {
            format!("?{}", request.query)
        };
        let data = if request.body.is_empty() {
            String::new()
        } else {
            format!(
                " -d '{}'",
                String::from_utf8_lossy(&request.body).replace('\'', r"'\''")
            )
        };
        let address = self.stage.url(function);
        let kind = if data.is_empty() {
            ""
        } else {
            " -H 'content-type: application/json'"
        };
        format!(
            "curl -sS -H 'authorization: Bearer {TOKEN}'{kind} '{address}{}{query}'{data}",
            request.path
        )
    }

    fn differences(&self) -> Vec<String> {
        self.world.company.differences(&self.world.simulators)
    }

    fn expect(&mut self, kept: bool, otherwise: &str) {
        if !kept {
            self.surprises.push(otherwise.to_owned());
        }
    }

    fn expect_no_trouble(&mut self, report: &Value) {
        self.expect(text(report, "status") == "done", "a reconcile did not end as done");
        for provider in list(report, "providers") {
            let (id, ending) = (text(provider, "provider"), text(provider, "ending"));
            self.expect(ending == "applied", &format!("{id} ended as {ending}"));
            let failed = list(provider, "changes")
                .iter()
                .filter(|change| text(change, "outcome") == "failed")
                .count();
            self.expect(failed == 0, &format!("{failed} changes failed at {id}"));
        }
    }

    fn verdict(&self) -> Result<(), Trouble> {
        if self.surprises.is_empty() {
            say!("\nAll as expected: the platforms agree with the roster, and a further run would change nothing.");
            return Ok(());
        }
        let list: Vec<_> = self
            .surprises
            .iter()
            .map(|surprise| format!("   - {surprise}"))
            .collect();
        let message = format!("Not as expected:\n{}", list.join("\n"));
        say!("\n{message}");
        Err(Trouble::failure("The rehearsal did not go as expected."))
    }

    fn print_commands(&self) {
        headline("It stays up. Try it:");
        self.stage.print_addresses();
        say!();
        let someone = self.world.company.people.iter().find(|person| !person.left);
        let order = json!({"email_addresses": [someone.map(|person| &person.email)], "reason": "trying it out"});
        let examples = [
            ("list", UrlRequest::get("/?view=accounts&provider=blackbird&format=csv")),
            ("list", UrlRequest::get("/?view=doctor")),
            ("offboard", UrlRequest::post("/", &order)),
            ("reconcile", UrlRequest::post("/", &json!({"mode": "preview"}))),
            ("onboard", UrlRequest::post("/", &order)),
        ];
        for (function, request) in examples {
            say!("   {}", self.curl(function, &request));
        }
        let address = someone.map_or("", |person| &person.email);
        let event = json!({"data": {"events": [{"eventType": "user.lifecycle.deactivate", "outcome": {"result": "SUCCESS"},
            "target": [{"type": "User", "alternateId": address}]}]}});
        say!("\n   As Okta would; it is put on a queue and worked from there:");
        let url = self.stage.url("offboard");
        say!("   curl -sS -H 'authorization: {TOKEN}' '{url}/okta' -d '{event}'");
        say!(
            "\n   In a browser: {}/ (user admin, password {TOKEN})",
            self.stage.url("list")
        );
    }
}

/// How many changes a report holds that are, or were, something to do.
fn changes(report: &Value) -> usize {
    let changes = list(report, "providers")
        .iter()
        .flat_map(|provider| list(provider, "changes"));
    changes.filter(|change| text(change, "outcome") != "unchanged").count()
}
