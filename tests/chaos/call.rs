//! One run, as the world sees it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::acts::Act;
use super::company::Person;
use super::faults::Weather;

/// One run, as the world sees it.
pub(super) struct Call {
    pub(super) run: String,
    pub(super) act: Act,
    pub(super) weather: Weather,
    /// The digests that are given, and what each was given for.
    pub(super) consent: Vec<Consent>,
    /// Which settings it runs under.
    pub(super) settings: usize,
    /// Whether pause was pressed before it began.
    pub(super) paused: bool,
    pub(super) begun: i64,
    /// At which step the process dies.
    pub(super) crash_at: Option<usize>,
    pub(super) steps: AtomicUsize,
    pub(super) crashed: Notify,
    /// Whether a call to the ledger failed, here or in a run beside it.
    pub(super) ledger_failed: Arc<AtomicBool>,
    /// The roster, once it was read as it is.
    pub(super) roster: Mutex<Option<Vec<Person>>>,
    pub(super) listed: Mutex<BTreeSet<&'static str>>,
}

/// A digest with the list of removals it stood for.
#[derive(Clone, Debug)]
pub(super) struct Consent {
    pub(super) digest: String,
    pub(super) provider: &'static str,
    pub(super) ids: BTreeSet<String>,
}
