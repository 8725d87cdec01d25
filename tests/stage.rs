//! The stage of the function tests: the real binaries as processes, beside four platforms, four AWS services and a roster server.
//!
//! However a test goes, its stage ends with the same questions: was anybody asked what their contract forbids, did a function
//! panic, write a secret or an address down, or talk to anything beyond this machine?

mod answers;
mod cast;
mod folder;
mod network;
mod running;
mod verdict;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rehearsal::dynamodb::DynamoDb;
use rehearsal::host::Function;
use rehearsal::providers::{Appxite, Bilanc, Blackbird, IDS, Powens, Seed, Simulator, State};
use rehearsal::queues::Queues;
use rehearsal::roster::RosterServer;
use rehearsal::scheduler::Scheduler;
use rehearsal::secrets::SecretsManager;
use rehearsal::slack::Slack;
use serde_json::{Value, json};

pub(crate) use answers::{ANSWERED, details, digest, refusal, report, told};
pub(crate) use cast::{
    BROWSER, DENIED, EVERYWHERE, OLD_TOKEN, PAYROLL_KEY, QUEUES, READER, TOKEN, crowd, csv, event, mail, person,
};
pub(crate) use folder::Folder;
pub(crate) use running::Running;

/// The setting that gives functions the stage's ledger; without it they have none.
pub(crate) const LEDGER: (&str, &str) = ("LEDGER", "dynamodb:rollcall-ledger");

/// Everybody at one platform: native id, who, and their access.
type People = Vec<(String, Seed, State)>;

/// Everything outside the functions, and the functions that were started on it.
pub(crate) struct Stage {
    pub(crate) bilanc: Bilanc,
    pub(crate) blackbird: Blackbird,
    pub(crate) appxite: Appxite,
    pub(crate) powens: Powens,
    pub(crate) secrets: SecretsManager,
    pub(crate) roster: RosterServer,
    pub(crate) ledger: DynamoDb,
    pub(crate) queues: Queues,
    pub(crate) scheduler: Scheduler,
    pub(crate) slack: Slack,
    env: BTreeMap<String, String>,
    started: RefCell<Vec<Rc<Function>>>,
}

impl Stage {
    /// All four providers are on, nobody is anywhere, and there is no directory.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with these variables for the functions; an empty value takes one away.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let (secrets, roster) = (SecretsManager::start().await, RosterServer::start().await);
        let (ledger, scheduler) = (DynamoDb::start().await, Scheduler::start().await);
        let queues = Queues::start(&["onboard", "offboard", "reconcile"]).await;
        let providers = IDS.join(",");
        let (secrets_url, roster_url, ledger_url) = (secrets.url(), roster.url(), ledger.url());
        let (queues_url, scheduler_url) = (queues.url(), scheduler.url());
        let usual = [
            ("PROVIDERS", providers.as_str()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &secrets_url),
            ("AWS_ENDPOINT_URL_S3", &roster_url),
            ("AWS_ENDPOINT_URL_DYNAMODB", &ledger_url),
            ("AWS_ENDPOINT_URL_SQS", &queues_url),
            ("AWS_ENDPOINT_URL_SCHEDULER", &scheduler_url),
            ("MANAGED_DOMAINS", "example.com"),
            ("RETRY_BASE_MS", "1"),
        ];
        let mut env: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in usual.iter().chain(settings) {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
        env.retain(|_, value| !value.is_empty());
        let stage = Self {
            bilanc: Bilanc::start().await,
            blackbird: Blackbird::start().await,
            appxite: Appxite::start().await,
            powens: Powens::start().await,
            secrets,
            roster,
            ledger,
            queues,
            scheduler,
            slack: Slack::start().await,
            env,
            started: RefCell::default(),
        };
        stage.publish();
        stage.document("callers", &cast::callers());
        stage
    }

    /// Puts the providers' documents, as they are now, into Secrets Manager.
    pub(crate) fn publish(&self) {
        for simulator in self.simulators() {
            self.document(simulator.id(), &simulator.document());
        }
    }

    /// Puts one document into Secrets Manager.
    pub(crate) fn document(&self, name: &str, document: &Value) {
        self.secrets.put(&format!("rollcall/{name}"), document);
    }

    /// Takes one document away.
    pub(crate) fn without_document(&self, name: &str) {
        self.secrets.remove(&format!("rollcall/{name}"));
    }

    /// Lets the directory be this CSV file, behind the roster server; everybody in it may use everything unless it says so.
    pub(crate) fn directory(&self, csv: &str) {
        self.roster.set("/roster.csv", "text/csv", csv.as_bytes());
        let url = format!("{}/roster.csv", self.roster.url());
        let source = json!({"kind": "roster_file", "url": url, "grants": {"*": ["*"]}});
        self.document("directory", &source);
    }

    /// Starts a function.
    pub(crate) async fn start(&self, name: &str) -> Running {
        self.host(&binary(name), &[]).await
    }

    /// Starts a function with further variables.
    pub(crate) async fn start_with(&self, name: &str, settings: &[(&str, &str)]) -> Running {
        self.host(&binary(name), settings).await
    }

    /// Starts the example function whose work panics.
    pub(crate) async fn start_panicking(&self) -> Running {
        self.start_example("panics", &[]).await
    }

    /// Starts an example function with further variables.
    pub(crate) async fn start_example(&self, name: &str, settings: &[(&str, &str)]) -> Running {
        let example = Path::new(env!("CARGO_BIN_EXE_list")).with_file_name(format!("examples/{name}"));
        assert!(
            example.is_file(),
            "`cargo test --test main` builds no examples: run `cargo build --examples` first"
        );
        self.host(&example, settings).await
    }

    async fn host(&self, binary: &Path, settings: &[(&str, &str)]) -> Running {
        let mut env = self.env.clone();
        env.extend(settings.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let env: Vec<_> = env.iter().map(|(name, value)| (&**name, &**value)).collect();
        let function = Rc::new(Function::start(binary, &env).await);
        assert!(function.is_alive(), "{} ended: {}", binary.display(), function.output());
        self.started.borrow_mut().push(Rc::clone(&function));
        let named = |name: &&str| binary.file_name().is_some_and(|file| file == *name);
        let name = EVERYWHERE.into_iter().find(named);
        Running { function, name }
    }

    /// The platform of this id.
    pub(crate) fn simulator(&self, id: &str) -> &dyn Simulator {
        let found = self.simulators().into_iter().find(|simulator| simulator.id() == id);
        found.unwrap_or_else(|| panic!("no platform is called {id}"))
    }

    /// The four platforms, in the registry's order.
    pub(crate) fn simulators(&self) -> [&dyn Simulator; 4] {
        [&self.bilanc, &self.blackbird, &self.appxite, &self.powens]
    }

    /// Puts the person of this name to a platform.
    pub(crate) fn seed(&self, id: &str, name: &str, state: State) {
        self.simulator(id).seed(&person(name), state);
    }

    /// Puts the people of these names to a platform, all of them active.
    pub(crate) fn seed_all<N: AsRef<str>>(&self, id: &str, names: impl IntoIterator<Item = N>) {
        for name in names {
            self.seed(id, name.as_ref(), State::Active);
        }
    }

    /// How the person of this name stands at a platform.
    pub(crate) fn state(&self, id: &str, name: &str) -> Option<State> {
        self.simulator(id).state_of(&mail(name))
    }

    /// Everybody everywhere, to compare before and after.
    pub(crate) fn world(&self) -> Vec<(&'static str, People)> {
        let people = |simulator: &dyn Simulator| (simulator.id(), simulator.people());
        self.simulators().map(people).to_vec()
    }

    /// How many people have access at a platform.
    pub(crate) fn present(&self, id: &str) -> usize {
        let people = self.simulator(id).people();
        let present = |state: &State| matches!(state, State::Active | State::Invited);
        people.iter().filter(|(_, _, state)| present(state)).count()
    }

    /// Every call to a platform, as `bilanc GET /users/…`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let of = |simulator: &dyn Simulator| {
            let calls = simulator.calls().into_iter();
            let id = simulator.id();
            calls
                .map(move |call| format!("{id} {} {}", call.method, call.path))
                .collect()
        };
        self.simulators()
            .map(of)
            .into_iter()
            .flat_map(|calls: Vec<String>| calls)
            .collect()
    }

    /// Every call that is meant to change something: all but reads and asking for a token.
    pub(crate) fn writes(&self) -> Vec<String> {
        let mut calls = self.calls();
        calls.retain(|call| {
            !call.contains(" GET ") && !call.ends_with("/oauth2/token") && !call.ends_with("/oauth/token")
        });
        calls
    }

    /// Lets every lease lapse, as seven seconds would.
    pub(crate) fn let_leases_lapse(&self) {
        for mut item in self.ledger.items() {
            if item["key"] == "lease" {
                item["expires"] = json!(1);
                self.ledger.put(&item);
            }
        }
    }

    /// Forgets every call so far.
    pub(crate) fn clear_calls(&self) {
        for simulator in self.simulators() {
            simulator.clear_calls();
        }
        self.secrets.clear_calls();
        self.roster.clear_calls();
        self.ledger.clear_calls();
        self.queues.clear_calls();
        self.scheduler.clear_calls();
        self.slack.clear_calls();
    }
}

/// The binary of a function: of `ROLLCALL_BINARIES` where that is set (a release build), else of this build.
pub(crate) fn binary(name: &str) -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "says which build is tested, and is no setting of a function"
    )]
    let folder = std::env::var_os("ROLLCALL_BINARIES");
    folder.map_or_else(
        || Path::new(env!("CARGO_BIN_EXE_list")).with_file_name(name),
        |folder| Path::new(&folder).join(name),
    )
}
