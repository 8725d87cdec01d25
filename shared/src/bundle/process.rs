//! What a function keeps between invocations: settings, connections, secrets, the ledger.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{CALLERS, NOTIFY, connect, roster};
use crate::directories;
use crate::error::{Error, ErrorKind, Result};
use crate::settings::{LedgerPlace, Settings};
use crate::tools::clock::{Clock, Deadline};
use crate::tools::http::Http;
use crate::tools::ledger::{Ledger, LedgerFile, Table};
use crate::tools::queue;
use crate::tools::secrets::{Documents, Secrets, Source};

/// INIT may take ten seconds before Lambda starts over; the warm-up gives way long before.
const WARM_UP: Duration = Duration::from_secs(2);

/// Whoever takes longer to connect is left to the first call: Slack waits three seconds for all of it.
const OPENING: Duration = Duration::from_millis(500);

/// A process lives as long as the function.
pub struct Process {
    settings: Settings,
    pub(super) http: Http,
    pub(super) ledger: Option<Arc<dyn Ledger>>,
    secrets: OnceCell<Secrets>,
    /// The documents that belong to no provider.
    documents: Vec<&'static str>,
}

impl Process {
    /// Prepares a process; nothing is called yet.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self> {
        let http = Http::new(settings.limits, clock, settings.extra_roots.as_deref())?;
        Ok(Self::over(http, settings))
    }

    /// A process that calls by `http`.
    pub fn over(http: Http, settings: Settings) -> Self {
        let clock = http.clock();
        let ledger: Option<Arc<dyn Ledger>> = match &settings.ledger {
            LedgerPlace::Nowhere => None,
            LedgerPlace::File(path) => Some(Arc::new(LedgerFile::new(path.clone(), clock))),
            LedgerPlace::Table(name) => Some(Arc::new(Table::new(settings.aws.clone(), http.clone(), name.clone()))),
        };
        Self {
            http,
            settings,
            ledger,
            secrets: OnceCell::new(),
            documents: vec![directories::DOCUMENT, CALLERS, NOTIFY],
        }
    }

    /// The time by which senders are judged.
    pub fn now(&self) -> Timestamp {
        self.http.clock().now()
    }

    /// The same process over another ledger.
    #[must_use]
    pub fn with_ledger(self, ledger: Arc<dyn Ledger>) -> Self {
        Self {
            ledger: Some(ledger),
            ..self
        }
    }

    /// The same process without the document `notify`: for a function that masks no name, and whose role may not read it.
    #[must_use]
    pub fn without_notify(mut self) -> Self {
        self.documents.retain(|name| *name != NOTIFY);
        self
    }

    /// Fetches the secrets while INIT has CPU to spare, and opens the connections of the first calls. A failure is left to the
    /// first invocation to report.
    pub async fn warm_up(&self) {
        let documents = self.documents(Deadline::after(WARM_UP)).await;
        if let (Ok(documents), Some(http)) = (documents, self.http.opening()) {
            let opened = self.open_connections(&documents, &http);
            let _ = tokio::time::timeout(OPENING, opened).await;
        }
    }

    /// Asks everybody by a client that sends nothing.
    async fn open_connections(&self, documents: &Documents, http: &Http) {
        let connected = self.settings.providers.iter().map(|id| connect(*id, http, documents));
        let providers = connected
            .flatten()
            .map(|provider| async move { drop(provider.list().await) });
        let sources = roster::connect(self, http, documents).unwrap_or_default();
        let sources = sources
            .iter()
            .map(|source| async { drop(source.directory.read().await) });
        let ledger = async {
            if let LedgerPlace::Table(name) = &self.settings.ledger {
                let table = Table::new(self.settings.aws.clone(), http.clone(), name.clone());
                drop(table.read("warm-up", "", "~").await);
            }
        };
        tokio::join!(join_all(providers), join_all(sources), ledger);
    }

    /// The secret documents. Whoever asks is told of an outage before the invocation ends.
    pub async fn documents(&self, deadline: Deadline) -> Result<Documents> {
        let read = async { self.secrets().await?.documents().await };
        tokio::time::timeout(deadline.left(), read).await.unwrap_or_else(|_| {
            let message = "the secret documents did not come in time";
            Err(Error::new(ErrorKind::Unavailable, message))
        })
    }

    /// Puts an order on the queue at `url`, to be finished later.
    pub async fn enqueue(&self, url: &str, message: &Value, deadline: Deadline) -> Result<()> {
        let http = self.http(deadline);
        let sent = queue::send(&self.settings.aws, &http, url, message);
        tokio::time::timeout(deadline.left(), sent).await.unwrap_or_else(|_| {
            let message = "the queue did not take the order in time";
            Err(Error::new(ErrorKind::Unavailable, message))
        })
    }

    /// The client, for calls that end by `deadline`.
    pub fn http(&self, deadline: Deadline) -> Http {
        self.http.until(deadline)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) async fn secrets(&self) -> Result<&Secrets> {
        let make = || async {
            let source = match &self.settings.secrets_folder {
                Some(folder) => Source::Folder(folder.clone()),
                None => Source::aws(&self.settings.aws, &self.http, &self.settings.secret_prefix)?,
            };
            let on = self.settings.providers.iter().map(|id| id.name());
            let names = on.chain(self.documents.iter().copied()).collect();
            Ok(Secrets::new(source, names, self.settings.secrets_ttl))
        };
        self.secrets.get_or_try_init(make).await
    }
}
