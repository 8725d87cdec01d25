//! What the clauses have to know about a kind of source besides what it says itself, and what they stand on.
//!
//! Whatever a clause does, a request that the contract forbids fails the test when the stage is taken down.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use rehearsal::directories::{Directory as Simulator, Member};
use rehearsal::faults::{Fault, When};
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::directories::{self, Source, Tools};
use shared::directory::Read;
use shared::error::{Error, ErrorKind};
use shared::planning::identity::{Email, Identity, ProviderId};
use shared::planning::roster::Person;
use shared::providers;
use shared::tools::aws::Aws;
use shared::tools::clock::{Clock, Deadline};
use shared::tools::http::{Http, Limits};
use shared::tools::secrets::Documents;

/// One kind of source in one configuration.
pub(super) struct Face {
    pub(super) kind: &'static str,
    pub(super) start: fn() -> Starting,
    /// Whether its lists say how many there are, so that a missing page shows.
    pub(super) counts: Counts,
    /// Whether it knows who may not sign in.
    pub(super) suspends: Suspends,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Everything,
    /// The list of everybody, and not the members of a group.
    Everybody,
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspends {
    Yes,
    No,
}

pub(super) type Starting = Pin<Box<dyn Future<Output = Box<dyn Simulator>>>>;

pub(super) const NAMES: [&str; 8] = ["11", "12", "13", "14", "15", "16", "17", "18"];

/// The group that most clauses grant something to.
pub(super) const STAFF: &str = "staff";

/// Where nothing is to time out.
const PATIENT: Duration = Duration::from_secs(20);

/// A simulator and clients of it.
pub(super) struct Stage {
    pub(super) simulator: Box<dyn Simulator>,
    call_timeout: Duration,
}

impl Face {
    /// Nobody is there yet; pages are of three.
    pub(super) async fn empty_stage(&self) -> Stage {
        Stage::on((self.start)().await)
    }

    /// Eight people, all of them in the group `staff`.
    pub(super) async fn stage(&self) -> Stage {
        let stage = self.empty_stage().await;
        for name in NAMES {
            stage.put(Member::new(name));
        }
        stage.simulator.members().set_group(STAFF, &NAMES);
        stage
    }
}

impl Stage {
    /// A stage on this simulator, whose pages are of three.
    pub(super) fn on(simulator: Box<dyn Simulator>) -> Self {
        simulator.members().set_page_size(3);
        Self {
            simulator,
            call_timeout: PATIENT,
        }
    }

    pub(super) fn put(&self, member: Member) {
        self.simulator.members().put(member);
    }

    /// The same stage for calls that nobody waits long for.
    pub(super) fn impatient(mut self) -> Self {
        self.call_timeout = Duration::from_millis(200);
        self
    }

    /// The document of the source with these further fields.
    pub(super) fn document(&self, terms: &Value) -> Value {
        let mut document = self.simulator.document();
        for (name, value) in terms.as_object().unwrap() {
            document[name] = value.clone();
        }
        document
    }

    /// A client with the credentials of now.
    pub(super) fn connect(&self, terms: &Value) -> Result<Source, Error> {
        let mut sources = connect_all(&self.document(terms), http(self.call_timeout))?;
        assert_eq!(sources.len(), 1);
        Ok(sources.remove(0))
    }

    /// Reads with these terms.
    pub(super) async fn read(&self, terms: &Value) -> Result<Read, Error> {
        self.connect(terms)?.directory.read().await
    }

    /// Reads everybody, entitled by their group.
    pub(super) async fn staff(&self) -> Result<Read, Error> {
        self.read(&staff()).await
    }

    pub(super) fn inject(&self, fault: Fault, when: When) {
        self.simulator.faults().inject("*", "", fault, when);
    }

    /// Lets so many calls pass, and then this happen.
    pub(super) fn inject_after(&self, calls: usize, fault: Fault) {
        self.simulator.faults().clear();
        for _ in 0..calls {
            self.inject(Fault::ExtraField, When::Once);
        }
        self.inject(fault, When::Once);
    }

    /// How many calls there were.
    pub(super) fn sent(&self) -> usize {
        self.simulator.calls().len()
    }

    /// How many calls a read takes.
    pub(super) async fn calls_of_a_read(&self) -> usize {
        self.simulator.clear_calls();
        self.staff().await.unwrap();
        self.sent()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let violations = self.simulator.violations();
            assert_eq!(violations, Vec::<String>::new(), "the contract forbids these requests");
        }
    }
}

/// A client with nothing in a hurry.
pub(super) fn client() -> Http {
    http(PATIENT)
}

fn http(call_timeout: Duration) -> Http {
    let limits = Limits {
        call_timeout,
        retry_base: Duration::from_millis(1),
    };
    let http = Http::new(limits, Clock::System, None).unwrap();
    http.until(Deadline::after(Duration::from_secs(60)))
}

/// Connects what a document of sources names; all of it on this machine.
pub(super) fn connect_all(document: &Value, http: Http) -> Result<Vec<Source>, Error> {
    let text = document.to_string();
    let on: Vec<ProviderId> = providers::REGISTRY.iter().map(|registration| registration.id).collect();
    let tools = Tools {
        http: &http,
        aws: &Aws::read(|_| None),
        provider: providers::by_name,
        on: &on,
    };
    let documents = Documents::new([("directory", SecretString::from(text.clone()))]);
    let sources = directories::connect(&tools, &documents)?;
    for (start, _) in text.match_indices("://") {
        assert!(text[start..].starts_with("://127.0.0.1:"), "not loopback: {text}");
    }
    Ok(sources)
}

/// The terms that entitle the group `staff` to Bilanc.
pub(super) fn staff() -> Value {
    json!({"grants": {STAFF: ["bilanc"]}})
}

/// The terms that entitle everybody to Bilanc.
pub(super) fn everybody() -> Value {
    json!({"grants": {"*": ["bilanc"]}})
}

pub(super) fn bilanc() -> ProviderId {
    providers::by_name("bilanc").unwrap()
}

/// The person with this address.
#[track_caller]
pub(super) fn find(read: &Read, address: &str) -> Person {
    let email = Identity::Email(Email::parse(address).unwrap());
    let mut people = read.people.iter();
    let found = people.find(|person| person.identities().contains(&email));
    found.unwrap_or_else(|| panic!("nobody is {address}"))
}

/// The kind of the error this is.
#[track_caller]
pub(super) fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("this was to fail"),
        Err(error) => error.kind(),
    }
}
