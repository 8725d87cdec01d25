//! Whether people are named. A message stays where it was posted, is searched, exported and shown on screens, so it names nobody in
//! full but those its reader typed, unless the operator says otherwise.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::blocks::escape;
use super::words::People;
use crate::bundle::NOTIFY;
use crate::door::senders::text;
use crate::tools::secrets::Documents;

/// Whether people are named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::door) enum Names {
    Masked,
    Shown,
}

/// The document `notify`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notify {
    #[serde(rename = "slack_webhook_url")]
    _slack_webhook_url: Option<IgnoredAny>,
    mask_names: Option<bool>,
}

impl Names {
    /// As the document `notify` says. Without one, or with one that is wrong, they are masked.
    pub(in crate::door) fn of(documents: &Documents) -> Self {
        if !documents.has(NOTIFY) {
            return Self::Masked;
        }
        match documents.read::<Notify>(NOTIFY) {
            Ok(notify) if notify.mask_names == Some(false) => Self::Shown,
            Ok(_) => Self::Masked,
            Err(error) => {
                tracing::error!(error = %error, "names are masked");
                Self::Masked
            }
        }
    }

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
