//! Floor 4: the stations. A [`Process`] lives as long as the function; a [`Bundle`] is one invocation's view of it.
//!
//! Invariant: all providers pass a station before any enters the next, and one that is down stops none of the others.

mod apply;
mod doctor;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::directories;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Observed, Offboarding};
use crate::planning::guard::{Approved, Digest, Held, Memory, approve};
use crate::planning::identity::ProviderId;
use crate::planning::plan::{Change, Desired, Evidence, plan};
use crate::planning::roster::{Person, Roster, merged};
use crate::provider::{IdentityProvider, Provider, Role};
use crate::providers::{self, REGISTRY};
use crate::settings::Settings;
use crate::tools::aws::Aws;
use crate::tools::clock::{Clock, Deadline};
use crate::tools::http::Http;
use crate::tools::secrets::{Documents, Secrets, Source};

pub use doctor::Check;

/// The document that says who may call us.
pub const CALLERS: &str = "callers";

/// INIT may take ten seconds before Lambda starts over; the warm-up gives way long before.
const WARM_UP: Duration = Duration::from_secs(2);

/// What a function keeps between invocations: settings, connections, secrets.
pub struct Process {
    settings: Settings,
    http: Http,
    aws: Aws,
    secrets: OnceCell<Secrets>,
}

impl Process {
    /// Prepares a process; nothing is called yet.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self> {
        let http = Http::new(settings.limits, clock, settings.extra_roots.as_deref())?;
        let aws = Aws::new(settings.limits, settings.extra_roots.clone());
        Ok(Self {
            settings,
            http,
            aws,
            secrets: OnceCell::new(),
        })
    }

    /// Fetches the secrets while INIT has CPU to spare. A failure is left to the first invocation to report.
    pub async fn warm_up(&self) {
        let _ = self.documents(Deadline::after(WARM_UP)).await;
    }

    /// The secret documents. Whoever asks is told of an outage before the invocation ends.
    pub async fn documents(&self, deadline: Deadline) -> Result<Documents> {
        let read = async { self.secrets().await?.documents().await };
        tokio::time::timeout(deadline.left(), read).await.unwrap_or_else(|_| {
            let message = "the secret documents did not come in time";
            Err(Error::new(ErrorKind::Unavailable, message))
        })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn secrets(&self) -> Result<&Secrets> {
        let make = || async {
            let source = match &self.settings.secrets_folder {
                Some(folder) => Source::Folder(folder.clone()),
                None => Source::aws(&self.aws, &self.settings.secret_prefix).await?,
            };
            let on = self.settings.providers.iter().map(|id| id.name());
            let names = on.chain([directories::DOCUMENT, CALLERS]).collect();
            Ok(Secrets::new(source, names, self.settings.secrets_ttl))
        };
        self.secrets.get_or_try_init(make).await
    }
}

/// One invocation: the providers that are on, connected by the documents of this moment.
pub struct Bundle {
    process: Arc<Process>,
    deadline: Deadline,
    http: Http,
    documents: Documents,
    providers: Vec<Slot>,
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

/// What was decided for one provider: what may be applied and what the guard keeps back.
pub type Decided = (ProviderId, Result<(Approved, Option<Held>)>);

impl Bundle {
    /// Opens the bundle for an invocation that ends at `deadline`.
    pub fn open(process: &Arc<Process>, documents: Documents, deadline: Deadline) -> Self {
        let http = process.http.until(deadline);
        let slot = |id: &ProviderId| Slot {
            id: *id,
            connected: Mutex::new(connect(*id, &http, &documents)),
        };
        let providers = process.settings.providers.iter().map(slot).collect();
        Self {
            process: Arc::clone(process),
            deadline,
            http,
            documents,
            providers,
        }
    }

    /// **Roster**: everybody the directory names.
    pub async fn roster(&self) -> Result<Roster> {
        let tools = directories::Tools {
            http: &self.http,
            aws: &self.process.aws,
            provider: providers::by_name,
            on: &self.process.settings.providers,
        };
        let directory = directories::connect(&tools, &self.documents)?;
        Roster::new(self.in_reading_time("directory", directory.people()).await?)
    }

    /// The roster, where there is a directory at all.
    pub async fn known_roster(&self) -> Result<Option<Roster>> {
        match self.documents.has(directories::DOCUMENT) {
            true => self.roster().await.map(Some),
            false => Ok(None),
        }
    }

    /// Completes the people an order names by what the directory knows; without one, or while it is down, by nothing.
    pub async fn complete(&self, named: &[Person]) -> Vec<Person> {
        match self.known_roster().await {
            Ok(Some(roster)) => roster.complete(named),
            Ok(None) => merged(named),
            Err(error) => {
                tracing::warn!(error = %error, "the directory is not readable; going on with what the order says");
                merged(named)
            }
        }
    }

    /// **Observe**: every account of the chosen providers, all asked at once.
    pub async fn observe(&self, chosen: &[ProviderId]) -> Vec<Seen> {
        self.ask_all(chosen, async |provider: &dyn Provider| observe(provider).await)
            .await
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
            })
        };
        self.ask_all(chosen, get).await
    }

    /// **Decide**: what has to change, judged by the guard.
    pub fn decide(&self, seen: Vec<Seen>, desired: Desired<'_>, consent: &[Digest]) -> Vec<Decided> {
        let policy = &self.process.settings.policy;
        let mut memory = Memory::default();
        let mut decide = |observed: Observed| {
            let plan = plan(&observed, desired, policy);
            let (approved, held) = approve(plan, policy, &memory, consent);
            let named =
                |change: &&Change| matches!(change, Change::Offboard(leaver) if leaver.evidence == Evidence::Named);
            // What a person does by hand removes nothing yet, and uses nothing of the hour up.
            if observed.capabilities.offboarding != Offboarding::Unsupported {
                memory.ordered += approved.plan().changes.iter().filter(named).count();
            }
            (approved, held)
        };
        seen.into_iter()
            .map(|(id, observed)| (id, observed.map(&mut decide)))
            .collect()
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

    /// Asks one provider. When it rejects our key, the documents are read again, once: the key may have been rotated.
    async fn ask<T>(&self, slot: &Slot, ask: &impl AsyncFn(&dyn Provider) -> Result<T>) -> Result<T> {
        let provider = slot.provider()?;
        let rejected = match ask(&*provider).await {
            Err(error) if error.kind() == ErrorKind::Credentials => error,
            answer => return answer,
        };
        let documents = self.process.secrets().await?.refresh(&self.documents).await;
        let Some(documents) = documents.ok().filter(|new| !new.same(&self.documents, slot.id.name())) else {
            return Err(rejected);
        };
        tracing::info!(provider = %slot.id, "the key was rejected and has been rotated; trying the new one");
        let provider = connect(slot.id, &self.http, &documents)?;
        let answer = ask(&*provider).await;
        *slot.connected.lock().unwrap_or_else(PoisonError::into_inner) = Ok(provider);
        answer
    }
}

/// What is to be seen at one provider.
async fn observe(provider: &dyn Provider) -> Result<Observed> {
    Ok(Observed {
        provider: provider.id(),
        capabilities: provider.capabilities(),
        accounts: provider.list().await?,
    })
}

fn connect(id: ProviderId, http: &Http, documents: &Documents) -> Result<Arc<dyn Provider>> {
    let Some(registration) = REGISTRY.iter().find(|registration| registration.id == id) else {
        return Err(Error::new(ErrorKind::Misconfigured, "no such provider").with("at", id));
    };
    (registration.connect)(http, documents).map(Arc::from)
}
