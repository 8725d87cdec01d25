//! Floor 4: the stations. A [`Process`] lives as long as the function; a [`Bundle`] is one invocation's view of it.
//!
//! Invariant: all providers pass a station before any enters the next, and one that is down stops none of the others.

mod apply;
mod decide;
mod deliveries;
mod doctor;
mod entries;
mod explain;
mod history;
mod holds;
mod introductions;
mod latency;
mod later;
mod leases;
mod notices;
mod pause;
mod process;
mod recall;
mod record;
mod roster;
mod shelf;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::directories::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::Observed;
use crate::planning::guard::Policy;
use crate::planning::identity::{ProviderId, Who};
use crate::planning::owners::{Ids, Owners};
use crate::planning::roster::Person;
use crate::planning::sieve::Settled;
use crate::provider::{IdentityProvider, Provider, Role, Wanted};
use crate::providers::REGISTRY;
use crate::tools::clock::{Clock, Deadline};
use crate::tools::http::Http;
use crate::tools::secrets::Documents;

pub use decide::Decided;
pub use deliveries::Delivery;
pub use doctor::Check;
pub use entries::Entry;
pub use explain::{Explanation, Verdict, What};
pub use history::Past;
pub use later::{Booking, Leaving};
pub use leases::Patience;
pub use pause::Pause;
pub use process::Process;
pub use recall::Found;

/// The document that says who may call us.
pub const CALLERS: &str = "callers";
/// The document that says where and how people are told what was done.
pub const NOTIFY: &str = "notify";

/// A tenth of the time.
const SPARE: u32 = 10;

/// Where an order comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Whose it is: a caller, a schedule, an IAM principal.
    pub by: String,
    /// The run that works it; no other has the same.
    pub run: String,
    /// When it was given, if that may have been a while ago: an order of the queue does not undo a later one.
    pub at: Option<Timestamp>,
}

/// One invocation: the providers that are on, connected by the documents of this moment.
pub struct Bundle {
    process: Arc<Process>,
    documents: Documents,
    deadline: Deadline,
    /// So much is kept of the time for looking again and writing down what was done.
    spare: Duration,
    origin: Origin,
    http: Http,
    clock: Clock,
    providers: Vec<Slot>,
    directory: Result<Vec<Source>>,
    leases: Mutex<Vec<(ProviderId, leases::Lease)>>,
    /// How long providers took to be read.
    latencies: Mutex<Vec<(ProviderId, Duration)>>,
    /// What went wrong with the ledger: the run goes on without it, and says so.
    trouble: Mutex<Option<Error>>,
    /// Whose addresses and logins were, where the ledger was recalled.
    owners: Mutex<Option<Owners>>,
    /// What is to be remembered of that.
    news: Mutex<Vec<(String, Ids)>>,
    /// Whom the order names, completed by what the directory knows.
    named: Mutex<Vec<Person>>,
    /// Whom it names by nothing that anybody knows.
    unknown: Mutex<Vec<(Who, Error)>>,
}

/// A provider, replaced when its key turns out to have been rotated.
struct Slot {
    id: ProviderId,
    connected: Mutex<Result<Arc<dyn Provider>>>,
}

impl Slot {
    fn provider(&self) -> Result<Arc<dyn Provider>> {
        let connected = self.connected.lock();
        connected.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was seen at one provider, or why it could not be.
pub type Seen = (ProviderId, Result<Observed>);

impl Bundle {
    /// Opens the bundle for an invocation that ends at `deadline`.
    pub fn open(process: &Arc<Process>, documents: Documents, deadline: Deadline, origin: Origin) -> Self {
        let http = process.http.until(deadline);
        let slot = |id: &ProviderId| Slot {
            id: *id,
            connected: Mutex::new(connect(*id, &http, &documents)),
        };
        Self {
            providers: process.settings().providers.iter().map(slot).collect(),
            directory: roster::connect(process, &http, &documents),
            process: Arc::clone(process),
            clock: http.clock(),
            http,
            documents,
            deadline,
            spare: deadline.left() / SPARE,
            origin,
            leases: Mutex::default(),
            latencies: Mutex::default(),
            trouble: Mutex::default(),
            owners: Mutex::default(),
            news: Mutex::default(),
            named: Mutex::default(),
            unknown: Mutex::default(),
        }
    }

    /// The time this invocation decides by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The operator's limits, and whom nothing removes.
    pub fn policy(&self) -> &Policy {
        &self.process.settings().policy
    }

    /// On whose order it works.
    pub fn by(&self) -> &str {
        &self.origin.by
    }

    /// The documents it began with.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Gives back what the invocation held, which else lapses in a few seconds, and remembers what can wait.
    pub async fn close(&self) {
        let leases = std::mem::take(&mut *self.leases.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(leases.into_iter().map(|(_, lease)| lease.release())).await;
        self.remember_owners().await;
    }

    /// **Observe**: every account of the chosen providers, all asked at once.
    pub async fn observe(&self, chosen: &[ProviderId]) -> Vec<Seen> {
        self.observe_wanted(chosen, &Wanted::All).await
    }

    /// **Observe**, as far as something is wanted.
    async fn observe_wanted(&self, chosen: &[ProviderId], wanted: &Wanted<'_>) -> Vec<Seen> {
        let ask = async |provider: &dyn Provider| {
            let _reading = self.reading(provider.id());
            recall::observe(provider, wanted).await
        };
        self.ask_all(chosen, ask).await
    }

    /// The roles of the chosen providers.
    pub async fn roles(&self, chosen: &[ProviderId]) -> Vec<(ProviderId, Result<Vec<Role>>)> {
        self.ask_all(chosen, async |provider: &dyn Provider| provider.roles().await)
            .await
    }

    /// The identity providers of the chosen providers.
    pub async fn identity_providers(&self, chosen: &[ProviderId]) -> Vec<(ProviderId, Result<Vec<IdentityProvider>>)> {
        let ask = async |provider: &dyn Provider| provider.identity_providers().await;
        self.ask_all(chosen, ask).await
    }

    /// One account by its id, without reading the others where the provider can.
    pub async fn account(&self, chosen: &[ProviderId], native_id: &str) -> Vec<Seen> {
        let get = async |provider: &dyn Provider| {
            Ok(Observed {
                provider: provider.id(),
                capabilities: provider.capabilities(),
                accounts: provider.get(native_id).await?.into_iter().collect(),
                settled: Settled::default(),
            })
        };
        self.ask_all(chosen, get).await
    }

    /// Notes that the ledger failed.
    fn ledger_failed(&self, error: Error) {
        tracing::error!(kind = error.kind().name(), error = %error, "the ledger cannot be used");
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.get_or_insert(error);
    }

    /// What went wrong with the ledger so far.
    pub fn trouble(&self) -> Option<Error> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether changes that take so long come to their end too late for what was done to be seen and written down.
    fn is_ending_in(&self, time: Duration) -> bool {
        self.deadline.left().saturating_sub(time) <= self.spare
    }

    fn slot(&self, id: ProviderId) -> Option<&Slot> {
        self.providers.iter().find(|slot| slot.id == id)
    }

    async fn ask_all<T>(
        &self,
        chosen: &[ProviderId],
        ask: impl AsyncFn(&dyn Provider) -> Result<T>,
    ) -> Vec<(ProviderId, Result<T>)> {
        let slots = self.providers.iter().filter(|slot| chosen.contains(&slot.id));
        let ask = &ask;
        let answers = slots.map(|slot| async move {
            let answer = self.in_reading_time(slot.id.name(), self.ask(slot, ask)).await;
            (slot.id, answer)
        });
        join_all(answers).await
    }

    /// Reading gets two thirds of the time, so that one that hangs leaves time to change the others.
    async fn in_reading_time<T>(&self, at: &str, read: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.deadline.left() * 2 / 3;
        tokio::time::timeout(limit, read).await.unwrap_or_else(|_| {
            let message = "no answer within two thirds of the invocation's time";
            Err(Error::new(ErrorKind::Unavailable, message).with("at", at))
        })
    }

    /// The documents of now, where `name` is another than this invocation began with.
    async fn rotated(&self, name: &str) -> Option<Documents> {
        let documents = self.process.secrets().await.ok()?.refresh(&self.documents).await;
        documents.ok().filter(|new| !new.same(&self.documents, name))
    }

    /// Asks one provider. When it rejects our key, the documents are read again, once: the key may have been rotated.
    async fn ask<T>(&self, slot: &Slot, ask: &impl AsyncFn(&dyn Provider) -> Result<T>) -> Result<T> {
        let provider = slot.provider()?;
        let rejected = match ask(&*provider).await {
            Err(error) if error.kind() == ErrorKind::Credentials => error,
            answer => return answer,
        };
        let Some(documents) = self.rotated(slot.id.name()).await else {
            return Err(rejected);
        };
        tracing::info!(provider = %slot.id, "the key was rejected and has been rotated; trying the new one");
        let provider = connect(slot.id, &self.http, &documents)?;
        let answer = ask(&*provider).await;
        *slot.connected.lock().unwrap_or_else(PoisonError::into_inner) = Ok(provider);
        answer
    }
}

fn connect(id: ProviderId, http: &Http, documents: &Documents) -> Result<Arc<dyn Provider>> {
    let Some(registration) = REGISTRY.iter().find(|registration| registration.id == id) else {
        return Err(Error::new(ErrorKind::Misconfigured, "no such provider").with("at", id));
    };
    (registration.connect)(http, documents).map(Arc::from)
}
