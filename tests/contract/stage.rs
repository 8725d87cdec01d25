//! What a clause stands on: a simulator, a client of it, and the people both are told about.
//!
//! Whatever a clause does, a request that the contract forbids fails the test when the stage is taken down.

use std::sync::Arc;
use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Seed, Simulator, State};
use secrecy::SecretString;
use serde_json::Value;
use shared::error::{Error, ErrorKind};
use shared::planning::account::Account;
use shared::planning::identity::{Email, Identity, IdentityKind, Login, Name, ProviderId};
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::planning::roster::Person;
use shared::provider::Provider;
use shared::providers::REGISTRY;
use shared::tools::clock::{Clock, Deadline};
use shared::tools::http::{Http, Limits};
use shared::tools::secrets::Documents;

use super::face::Started;

/// Where nothing is to time out.
pub(super) const PATIENT: Duration = Duration::from_secs(20);

/// Where something hangs.
const IMPATIENT: Duration = Duration::from_millis(300);

/// A simulator with a client of it.
pub(super) struct Stage {
    pub(super) simulator: Arc<dyn Simulator>,
    pub(super) provider: Box<dyn Provider>,
    pub(super) http: Http,
    document: Box<dyn Fn() -> Value>,
}

impl Stage {
    pub(super) fn new(Started { simulator, document }: Started, call_timeout: Duration) -> Self {
        let http = http(call_timeout);
        Self {
            provider: connect(simulator.id(), &http, &document()),
            simulator,
            http,
            document,
        }
    }

    /// A stage on a simulator that the test has set up itself.
    pub(super) fn on<S: Simulator + 'static>(simulator: &Arc<S>) -> Self {
        Self::with_document(simulator, simulator.document())
    }

    /// The same with another document.
    pub(super) fn with_document<S: Simulator + 'static>(simulator: &Arc<S>, document: Value) -> Self {
        let started = Started {
            simulator: Arc::clone(simulator) as Arc<dyn Simulator>,
            document: Box::new(move || document.clone()),
        };
        Self::new(started, PATIENT)
    }

    /// A client of the same simulator on which nobody waits long for an answer.
    pub(super) fn impatient(&self) -> Box<dyn Provider> {
        connect(self.simulator.id(), &http(IMPATIENT), &(self.document)())
    }

    /// A client with the credentials of now.
    pub(super) fn reconnected(&self) -> Box<dyn Provider> {
        connect(self.simulator.id(), &self.http, &(self.document)())
    }

    /// A client whose invocation is over.
    pub(super) fn out_of_time(&self) -> Box<dyn Provider> {
        let over = self.http.until(Deadline::after(Duration::ZERO));
        connect(self.simulator.id(), &over, &(self.document)())
    }

    pub(super) fn id(&self) -> ProviderId {
        self.provider.id()
    }

    /// Puts somebody of this name there; returns the native id.
    pub(super) fn seed(&self, name: &str, state: State) -> String {
        let seed = Seed {
            email: Some(email(name)),
            github: (!name.contains('@')).then(|| name.to_owned()),
            name: Some(format!("{name} Example")),
            id: None,
        };
        self.simulator.seed(&seed, state)
    }

    /// Puts these people there, with access; their accounts as listed.
    pub(super) async fn active(&self, names: &[&str]) -> Vec<Account> {
        for name in names {
            self.seed(name, State::Active);
        }
        self.accounts(names).await
    }

    /// The person of this name, by every kind of identity the provider knows.
    pub(super) fn person(&self, name: &str) -> Person {
        let kinds = self.provider.capabilities().identified_by;
        let identities = kinds.iter().filter_map(|kind| match kind {
            IdentityKind::Email => Some(address(&email(name))),
            IdentityKind::Github => Login::parse(name).map(Identity::Github),
            IdentityKind::Native => Some(Identity::native(self.id().name(), &self.native_id(name))),
        });
        Person::new(identities).named(Name {
            first: Some(name.into()),
            last: Some("Example".into()),
        })
    }

    /// The id this person has there, or one that nobody has.
    pub(super) fn native_id(&self, name: &str) -> String {
        let email = Some(email(name));
        let everybody = self.simulator.people();
        let found = everybody.into_iter().find(|(_, seed, _)| seed.email == email);
        found.map_or_else(|| "999999".to_owned(), |(id, ..)| id)
    }

    pub(super) fn joiner(&self, name: &str) -> Joiner {
        Joiner {
            person: self.person(name),
            account: None,
        }
    }

    pub(super) fn joiners(&self, names: &[&str]) -> Vec<Joiner> {
        names.iter().map(|name| self.joiner(name)).collect()
    }

    /// The listed accounts of these people, in their order.
    pub(super) async fn accounts(&self, names: &[&str]) -> Vec<Account> {
        let listed = self.provider.list().await.unwrap();
        let account = |name: &&str| {
            let id = self.native_id(name);
            let found = listed.iter().find(|account| *account.native_id == *id);
            found.unwrap_or_else(|| panic!("{name} is not listed")).clone()
        };
        names.iter().map(account).collect()
    }

    /// What access this person has.
    pub(super) fn state(&self, name: &str) -> Option<State> {
        self.simulator.state_of(&email(name))
    }

    pub(super) fn inject(&self, method: &str, target: &str, fault: Fault, when: When) {
        self.simulator.faults().inject(method, target, fault, when);
    }

    /// How many calls of this method there were whose target holds this text.
    pub(super) fn calls(&self, method: &str, target: &str) -> usize {
        let calls = self.simulator.calls();
        let hits = calls.iter().filter(|call| {
            let pairs: Vec<_> = call
                .query
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let whole = match pairs.is_empty() {
                true => call.path.clone(),
                false => format!("{}?{}", call.path, pairs.join("&")),
            };
            call.method == method && whole.contains(target)
        });
        hits.count()
    }

    /// How many calls there were.
    pub(super) fn sent(&self) -> usize {
        self.simulator.calls().len()
    }

    /// The JSON bodies of the calls of this method to this path, in order.
    pub(super) fn bodies(&self, method: &str, path: &str) -> Vec<Value> {
        let calls = self.simulator.calls();
        let hits = calls.iter().filter(|call| call.method == method && call.path == path);
        hits.map(|call| serde_json::from_slice(&call.body).unwrap()).collect()
    }

    /// That each of these outcomes names a step for a person, and no call was made.
    pub(super) fn said_and_sent_nothing(&self, outcomes: &[Outcome], people: usize) {
        assert_eq!(outcomes.len(), people);
        for outcome in outcomes {
            assert!(
                matches!(outcome, Outcome::Manual(step) if step.len() > 20),
                "{outcome:?}"
            );
        }
        assert_eq!(self.sent(), 0);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let violations = self.simulator.violations();
        if !std::thread::panicking() {
            assert_eq!(violations, Vec::<String>::new(), "the contract forbids these requests");
        }
    }
}

fn http(call_timeout: Duration) -> Http {
    let limits = Limits {
        call_timeout,
        retry_base: Duration::from_millis(1),
    };
    let http = Http::new(limits, Clock::System, None).unwrap();
    http.until(Deadline::after(Duration::from_secs(60)))
}

/// The documents a client reads its own from.
pub(super) fn documents(id: &'static str, document: &Value) -> Documents {
    Documents::new([(id, SecretString::from(document.to_string()))])
}

fn connect(id: &'static str, http: &Http, document: &Value) -> Box<dyn Provider> {
    try_connect(id, http, document).unwrap()
}

/// Makes the client, of this machine only.
pub(super) fn try_connect(id: &'static str, http: &Http, document: &Value) -> Result<Box<dyn Provider>, Error> {
    for url in document.as_object().unwrap().values().filter_map(Value::as_str) {
        assert!(
            !url.contains("://") || url.starts_with("http://127.0.0.1:"),
            "{url} is not loopback"
        );
    }
    let registration = REGISTRY
        .iter()
        .find(|registration| registration.id.name() == id)
        .unwrap();
    (registration.connect)(http, &documents(id, document))
}

/// The address of somebody of this name; a name may bring its own.
pub(super) fn email(name: &str) -> String {
    match name.contains('@') {
        true => name.to_owned(),
        false => format!("{name}@example.test"),
    }
}

pub(super) fn address(text: &str) -> Identity {
    Identity::Email(Email::parse(text).unwrap())
}

pub(super) fn names(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes.iter().map(Outcome::name).collect()
}

/// The kinds of the failures among these; anything else is `None`.
pub(super) fn failures(outcomes: &[Outcome]) -> Vec<Option<ErrorKind>> {
    let kind = |outcome: &Outcome| match outcome {
        Outcome::Failed(error) => Some(error.kind()),
        _ => None,
    };
    outcomes.iter().map(kind).collect()
}

/// The kind of the error this is.
#[track_caller]
pub(super) fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("this was to fail"),
        Err(error) => error.kind(),
    }
}
