//! The secret documents: read all at once, kept for a while, read again when a key was rejected.
//!
//! Invariant: a document's text is zeroised when dropped, is in no `Debug`, and errors name fields, never values.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Region};
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::tools::aws::{Aws, Endpoint};
use crate::tools::http::Http;
use crate::tools::json;

/// Where documents come from.
#[derive(Debug)]
pub enum Source {
    /// Secrets Manager: `<prefix>/<name>`.
    Aws {
        /// The client.
        client: Box<aws_sdk_secretsmanager::Client>,
        /// What stands before each name.
        prefix: String,
    },
    /// `DIR/<name>.json`, for local use.
    Folder(PathBuf),
}

impl Source {
    /// Secrets Manager, called by the client of everything else: the SDK brings no second one.
    pub fn aws(aws: &Aws, http: &Http, prefix: &str) -> Result<Self> {
        let limits = http.limits();
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(limits.call_timeout)
            .operation_timeout(limits.call_timeout * 2);
        let config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region()?.to_owned()))
            .endpoint_url(aws.base(Endpoint::SecretsManager)?.as_str())
            .credentials_provider(aws.credentials()?.clone())
            .http_client(http.for_the_sdk())
            .retry_config(RetryConfig::standard().with_initial_backoff(limits.retry_base))
            .timeout_config(timeouts.build());
        Ok(Self::Aws {
            client: Box::new(aws_sdk_secretsmanager::Client::from_conf(config.build())),
            prefix: prefix.to_owned(),
        })
    }
}

/// After a failed read, documents that are older than this are not used any more: rotated keys are dead by then.
const STALE: Duration = Duration::from_secs(3600);

/// The documents of one function, cached.
#[derive(Debug)]
pub struct Secrets {
    source: Source,
    names: Vec<&'static str>,
    ttl: Duration,
    cache: Mutex<Option<Cached>>, // held while reading, so that two askers make one call
}

#[derive(Debug)]
struct Cached {
    documents: Documents,
    read: Instant,
}

/// What one read brought, cheap to clone.
#[derive(Clone, Debug)]
pub struct Documents(Arc<BTreeMap<&'static str, Result<SecretString>>>);

impl Secrets {
    /// The documents `names` of `source`, kept for `ttl`.
    pub fn new(source: Source, names: Vec<&'static str>, ttl: Duration) -> Self {
        let cache = Mutex::new(None);
        Self {
            source,
            names,
            ttl,
            cache,
        }
    }

    /// The documents, read now if there are none or they are too old.
    pub async fn documents(&self) -> Result<Documents> {
        let mut cache = self.cache.lock().await;
        let age = cache.as_ref().map(|cached| cached.read.elapsed());
        if let Some(cached) = &*cache
            && age.is_some_and(|age| age < self.ttl)
        {
            return Ok(cached.documents.clone());
        }
        match (self.read().await, &*cache) {
            (Ok(documents), _) => Ok(remember(&mut cache, documents)),
            // An outage of Secrets Manager does not stop a warm function from cutting off a leaver.
            (Err(error), Some(cached)) if age.is_some_and(|age| age < STALE) => {
                tracing::warn!(error = %error, "secrets could not be read again; using the ones at hand");
                Ok(cached.documents.clone())
            }
            (Err(error), _) => Err(error),
        }
    }

    /// The documents read anew, because a key among those `seen` was rejected; at once, unless somebody just did.
    pub async fn refresh(&self, seen: &Documents) -> Result<Documents> {
        let mut cache = self.cache.lock().await;
        match &*cache {
            Some(cached) if !Arc::ptr_eq(&cached.documents.0, &seen.0) => Ok(cached.documents.clone()),
            _ => Ok(remember(&mut cache, self.read().await?)),
        }
    }

    async fn read(&self) -> Result<Documents> {
        let mut found = match &self.source {
            Source::Aws { client, prefix } => read_aws(client, prefix, &self.names).await?,
            Source::Folder(folder) => read_folder(folder, &self.names)?,
        };
        for name in &self.names {
            found.entry(name).or_insert_with(|| {
                let error = Error::new(ErrorKind::Misconfigured, "the secret document does not exist");
                Err(error.with("document", name))
            });
        }
        Ok(Documents(Arc::new(found)))
    }
}

fn remember(cache: &mut Option<Cached>, documents: Documents) -> Documents {
    *cache = Some(Cached {
        documents: documents.clone(),
        read: Instant::now(),
    });
    documents
}

type Found = BTreeMap<&'static str, Result<SecretString>>;

/// One `BatchGetSecretValue` (at most 20 ids): errors of single documents come back inside the answer.
async fn read_aws(client: &aws_sdk_secretsmanager::Client, prefix: &str, names: &[&'static str]) -> Result<Found> {
    let ids = names.iter().map(|name| format!("{prefix}/{name}"));
    let call = client.batch_get_secret_value();
    let answer = call.set_secret_id_list(Some(ids.collect())).send().await;
    let answer = answer.map_err(|error| {
        let code = error.code().unwrap_or_default().to_owned();
        let (kind, message) = match &error {
            SdkError::ServiceError(e) if e.raw().status().as_u16() < 500 && code != "ThrottlingException" => {
                let message = "Secrets Manager refused: does the role allow BatchGetSecretValue?";
                (ErrorKind::Misconfigured, message)
            }
            _ => (ErrorKind::Unavailable, "Secrets Manager did not answer"),
        };
        Error::new(kind, message).with("code", code)
    })?;
    let full_name = |text: &str| {
        let name = text.strip_prefix(prefix)?.strip_prefix('/')?;
        names.iter().find(|known| **known == name).copied()
    };
    let mut found = Found::new();
    for value in answer.secret_values() {
        if let (Some(name), Some(text)) = (value.name().and_then(full_name), value.secret_string()) {
            found.insert(name, Ok(text.into()));
        }
    }
    for refused in answer.errors() {
        let code = refused.error_code().unwrap_or_default();
        let Some(name) = refused.secret_id().and_then(full_name) else {
            continue;
        };
        if code != "ResourceNotFoundException" {
            let message = "the secret document may not be read";
            let error = Error::new(ErrorKind::Misconfigured, message);
            found.insert(name, Err(error.with("document", name).with("code", code)));
        }
    }
    Ok(found)
}

fn read_folder(folder: &std::path::Path, names: &[&'static str]) -> Result<Found> {
    let mut found = Found::new();
    for name in names {
        match std::fs::read_to_string(folder.join(format!("{name}.json"))) {
            Ok(text) => drop(found.insert(name, Ok(text.into()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = "a secret document cannot be read";
                let error = Error::new(ErrorKind::Misconfigured, message).because(error);
                found.insert(name, Err(error.with("document", name)));
            }
        }
    }
    Ok(found)
}

impl Documents {
    /// Documents that are at hand already.
    pub fn new(texts: impl IntoIterator<Item = (&'static str, SecretString)>) -> Self {
        let texts = texts.into_iter().map(|(name, text)| (name, Ok(text)));
        Self(Arc::new(texts.collect()))
    }

    /// The document `name` as a `T`. Unknown fields are refused by `T`; the error names the field, never a value.
    pub fn read<T: DeserializeOwned>(&self, name: &'static str) -> Result<T> {
        let text = self.text(name)?;
        json::decode(text.expose_secret().as_bytes()).map_err(|fault| {
            Error::new(ErrorKind::Misconfigured, "the secret document is not valid")
                .with("document", name)
                .with_faults(vec![fault])
        })
    }

    /// The document's text.
    pub fn text(&self, name: &'static str) -> Result<SecretString> {
        let missing = || Error::new(ErrorKind::Misconfigured, "no such document").with("document", name);
        self.0.get(name).cloned().unwrap_or_else(|| Err(missing()))
    }

    /// Whether the document exists, valid or not.
    pub fn has(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Ok(_)))
    }

    /// Whether `other` holds the same text under `name`.
    pub fn same(&self, other: &Self, name: &str) -> bool {
        let text = |documents: &Self| match documents.0.get(name) {
            Some(Ok(text)) => Some(text.expose_secret().to_owned()),
            _ => None,
        };
        text(self) == text(other)
    }
}
