//! Entries: what was, or is about to be, changed, as the ledger keeps it. An auditor reads them; so does the next run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Observed, Status};
use crate::planning::identity::{Email, Identity, Login, Who};
use crate::planning::plan::{Change, Evidence};
use crate::planning::report::Outcome;
use crate::tools::json;
use crate::tools::ledger::Record;

/// The outcome of an entry that was written down before its change was sent.
pub(super) const INTENDED: &str = "intended";

/// A time as the ledger's keys and entries have it: RFC 3339 to the second, so that it sorts as text.
pub(super) fn moment(time: Timestamp) -> String {
    let second = Timestamp::from_second(time.as_second());
    second.unwrap_or(time).to_string()
}

/// One change: who, where, on whose order, on what evidence, what came of it and whether that was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When it was intended (RFC 3339).
    pub time: String,
    /// Where.
    pub provider: String,
    /// `onboard` or `offboard`.
    pub action: String,
    /// The address reports name them by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The login reports name them by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github_username: Option<String>,
    /// The account's id, where it was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// All they were known by.
    pub(super) identities: Vec<Key>,
    /// On whose order.
    pub by: String,
    /// Of a removal: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What came of it.
    pub outcome: String,
    /// Whether that was seen afterwards.
    pub settled: bool,
}

/// An identity in the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Key {
    Email(String),
    Github(String),
    Native(String, String),
}

impl From<&Identity> for Key {
    fn from(identity: &Identity) -> Self {
        match identity {
            Identity::Email(email) => Self::Email(email.written().to_owned()),
            Identity::Github(login) => Self::Github(login.written().to_owned()),
            Identity::Native(source, id) => Self::Native(source.to_string(), id.to_string()),
        }
    }
}

impl Key {
    pub(super) fn identity(&self) -> Option<Identity> {
        match self {
            Self::Email(text) => Email::parse(text).map(Identity::Email),
            Self::Github(text) => Login::parse(text).map(Identity::Github),
            Self::Native(source, id) => Some(Identity::native(source, id)),
        }
    }
}

impl Entry {
    /// A change that is about to be sent.
    pub(super) fn intended(change: &Change, provider: &str, time: &str, by: &str) -> Self {
        let Who {
            email,
            github_username,
            id,
        } = change.who();
        let (action, evidence) = match change {
            Change::Offboard(leaver) => ("offboard", Some(leaver.evidence.name())),
            Change::Onboard(_) => ("onboard", None),
        };
        Self {
            time: time.to_owned(),
            provider: provider.to_owned(),
            action: action.to_owned(),
            email: email.map(|email| email.written().to_owned()),
            github_username: github_username.map(|login| login.written().to_owned()),
            id: id.map(String::from),
            identities: change.identities().iter().map(Key::from).collect(),
            by: by.to_owned(),
            evidence: evidence.map(str::to_owned),
            outcome: INTENDED.to_owned(),
            settled: false,
        }
    }

    /// All they were known by.
    pub fn identities(&self) -> Vec<Identity> {
        self.identities.iter().filter_map(Key::identity).collect()
    }

    /// Whether it may have taken an account's access away, so that it counts against the limits.
    fn may_have_removed(&self) -> bool {
        self.action == "offboard" && [INTENDED, "done"].contains(&&*self.outcome)
    }

    /// Notes what came of the change, and whether its effect was seen: `None` where nobody could look.
    pub(super) fn came_to(&mut self, outcome: &Outcome, seen: Option<bool>) {
        if may_be_lost(outcome) && seen.is_none() {
            return; // it may have taken effect: the next look settles it
        }
        // It was there when this run looked: where a repeated call finds nothing to do, the first one did it.
        let did_it = match outcome {
            Outcome::Unchanged => self.action == "offboard",
            outcome => matches!(outcome, Outcome::Done),
        };
        let outcome = if did_it { &Outcome::Done } else { outcome };
        self.outcome = outcome.name().to_owned();
        self.settled = !did_it || seen == Some(true);
    }

    /// Looks at what is there now: an entry that was left open ends as what is seen.
    fn settle(&mut self, observed: &Observed) {
        if self.settled {
            return;
        }
        let identities = self.identities();
        let is_theirs = |id: &str, known: &[Identity]| {
            self.id.as_deref() == Some(id) || known.iter().any(|identity| identities.contains(identity))
        };
        let outcome = if self.action == "offboard" {
            let there = |id: &str| {
                observed
                    .accounts
                    .iter()
                    .any(|a| *a.native_id == *id && a.status.is_present())
            };
            match self.id.as_deref().is_some_and(there) {
                true => "failed",
                false => "done",
            }
        } else {
            let mut accounts = observed.accounts.iter();
            let found = accounts.find(|a| a.status.is_present() && is_theirs(&a.native_id, &a.identities));
            match found.map(|account| account.status) {
                Some(Status::Invited) => "pending",
                Some(_) => "done",
                None => "failed",
            }
        };
        self.outcome = outcome.to_owned();
        self.settled = true;
    }
}

/// Whether a failed change may have taken effect all the same. A plain refusal may be the answer to a repetition, and the
/// first attempt, whose answer was lost, may have done it. Only what was never sent is certain.
pub(super) fn may_be_lost(outcome: &Outcome) -> bool {
    let never_sent = [ErrorKind::Held, ErrorKind::Unsupported];
    matches!(outcome, Outcome::Failed(error) if !never_sent.contains(&error.kind()))
}

impl Evidence {
    /// The word in answers and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::KnownLeaver => "known_leaver",
            Self::Absence => "absence",
        }
    }
}

/// Entries of one batch under one key, or what is left of them once all is settled: their number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Batch {
    #[serde(skip)]
    pub(super) key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) entries: Vec<Entry>,
    /// Settled removals by `reconcile`, once there are no entries any more.
    #[serde(default)]
    removed: usize,
    /// Settled removals by orders.
    #[serde(default)]
    ordered: usize,
}

impl Batch {
    pub(super) fn new(key: String, entries: Vec<Entry>) -> Self {
        Self {
            key,
            entries,
            removed: 0,
            ordered: 0,
        }
    }

    pub(super) fn read(record: &Record) -> Result<Self> {
        let batch: Self = read(record)?;
        Ok(Self {
            key: record.key.clone(),
            ..batch
        })
    }

    /// When it was intended, by its key; one that does not say counts as if it were now.
    pub(super) fn time(&self) -> Timestamp {
        let time = self.key.split('/').nth(1).and_then(|time| time.parse().ok());
        time.unwrap_or(Timestamp::MAX)
    }

    pub(super) fn is_open(&self) -> bool {
        self.entries.iter().any(|entry| !entry.settled)
    }

    /// Removals by `reconcile`, and by orders.
    pub(super) fn removals(&self) -> (usize, usize) {
        let named = |entry: &&Entry| entry.evidence.as_deref() == Some(Evidence::Named.name());
        let removals = || self.entries.iter().filter(|entry| entry.may_have_removed());
        let ordered = removals().filter(named).count();
        (self.removed + removals().count() - ordered, self.ordered + ordered)
    }

    pub(super) fn settle(&mut self, observed: &Observed) {
        for entry in &mut self.entries {
            entry.settle(observed);
        }
    }

    /// Only the numbers, for the window.
    pub(super) fn closed(&self) -> Self {
        let (removed, ordered) = self.removals();
        Self {
            key: self.key.clone(),
            entries: Vec::new(),
            removed,
            ordered,
        }
    }

    /// What an auditor asks for: what changed, or should have.
    pub(super) fn history(&self) -> Vec<&Entry> {
        let tells = |entry: &&Entry| ["done", "pending", "failed", INTENDED].contains(&&*entry.outcome);
        self.entries.iter().filter(tells).collect()
    }
}

/// What a record holds. One that cannot be read is an unreadable ledger: nobody knows what it would have said.
pub(super) fn read<T: serde::de::DeserializeOwned>(record: &Record) -> Result<T> {
    json::decode(record.text.as_bytes()).map_err(|fault| {
        let message = "the ledger holds a record that is not readable";
        Error::new(ErrorKind::Unavailable, message).with_faults(vec![fault])
    })
}

/// The text of a record.
pub(super) fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() // plain structs of text cannot fail
}
