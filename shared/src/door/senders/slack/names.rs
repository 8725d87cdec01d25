//! Whether people are named. A message stays where it was posted, is searched, exported and shown on screens, so it names nobody in
//! full but those its reader typed, unless the operator says otherwise.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::blocks::escape;
use super::words::People;
use crate::bundle::NOTIFY;
use crate::door::senders::text;
use crate::error::Result;
use crate::tools::secrets::Documents;

/// Whether people are named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::door) enum Names {
    Masked,
    Shown,
}

/// The document `notify`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    slack_webhook_url: Option<SecretString>,
    mask_names: Option<bool>,
}

/// Where and how people are told what was done. It has no `Debug`: whoever has the address can post there.
pub(in crate::door) struct Notify {
    pub(in crate::door) names: Names,
    /// The incoming webhook of a channel.
    pub(in crate::door) webhook: Option<SecretString>,
}

impl Notify {
    /// As the document `notify` says. Without one, or with one that is wrong, names are masked and nobody is told.
    pub(in crate::door) fn of(documents: &Documents) -> Self {
        let document: Result<Document> = match documents.has(NOTIFY) {
            true => documents.read(NOTIFY),
            false => Ok(Document::default()),
        };
        let document = document.unwrap_or_else(|error| {
            tracing::error!(error = %error, "nobody is told, and names are masked");
            Document::default()
        });
        Self {
            names: match document.mask_names {
                Some(false) => Names::Shown,
                _ => Names::Masked,
            },
            webhook: document.slack_webhook_url,
        }
    }
}

impl Names {
    /// Somebody in an answer of ours, escaped; `typed` is whom the reader named.
    pub(super) fn who(self, who: &Value, typed: &People) -> String {
        let known = [("/email", ""), ("/github_username", "github:"), ("/id", "id ")];
        let mut all = known.iter().filter_map(|(at, before)| Some((text(who, at)?, before)));
        let Some((name, before)) = all.next() else {
            return "somebody".to_owned();
        };
        match self == Self::Shown || typed.name(name) {
            true => format!("{before}{}", escape(name)),
            false => format!("{before}{}", escape(&masked(name))),
        }
    }
}

/// The first letter, and of an address the domain.
fn masked(name: &str) -> String {
    let (local, domain) = match name.rsplit_once('@') {
        Some((local, domain)) => (local, format!("@{domain}")),
        None => (name, String::new()),
    };
    let first: String = local.chars().take(1).collect();
    format!("{first}***{domain}")
}
