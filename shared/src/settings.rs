//! Floor 4: the environment. Every variable's name stands here, and nothing else reads the environment.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::guard::Policy;
use crate::planning::identity::{Email, Identity, ProviderId};
use crate::planning::report::Mode;
use crate::providers;
use crate::tools::aws::Aws;
use crate::tools::http::{BaseUrl, Limits};
use crate::tools::scheduler::Place;

/// What the operator set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `PROVIDERS`: those that are on, in the registry's order.
    pub providers: Vec<ProviderId>,
    /// `SECRETS`: `None` for Secrets Manager, else the folder of `file:DIR`.
    pub secrets_folder: Option<PathBuf>,
    /// `SECRET_PREFIX`: what stands before a document's name in Secrets Manager.
    pub secret_prefix: String,
    /// `SECRETS_TTL_SECONDS`: how long documents are kept.
    pub secrets_ttl: Duration,
    /// `LEDGER`: where runs leave behind what later ones have to know.
    pub ledger: LedgerPlace,
    /// `SCHEDULE_GROUP`, `SCHEDULE_ROLE_ARN` and `OFFBOARD_QUEUE_ARN`: where orders for a later time wait, and go then.
    pub schedules: Option<Place>,
    /// `RECONCILE_MODE`: how a run works that an event starts.
    pub reconcile_mode: Mode,
    /// `ONBOARD_QUEUE_URL`, `OFFBOARD_QUEUE_URL` and `RECONCILE_QUEUE_URL`: where orders go that are finished later.
    pub queues: Queues,
    /// The rules about removing people.
    pub policy: Policy,
    /// `CALL_TIMEOUT_MS` and `RETRY_BASE_MS`.
    pub limits: Limits,
    /// `EXTRA_CA_FILE`, read: further trust roots.
    pub extra_roots: Option<Vec<u8>>,
    /// What Lambda says of the account.
    pub aws: Aws,
}

/// The queues' addresses; `None` where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queues {
    /// Of `onboard`.
    pub onboard: Option<String>,
    /// Of `offboard`.
    pub offboard: Option<String>,
    /// Of `reconcile`.
    pub reconcile: Option<String>,
}

/// Where the ledger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// `none`: nothing is remembered.
    Nowhere,
    /// `file:PATH`.
    File(PathBuf),
    /// `dynamodb:TABLE`.
    Table(String),
}

impl Settings {
    /// Reads every variable, or names every one that is wrong.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut reader = Reader {
            variable: &|name| variable(name).filter(|text| !text.trim().is_empty()),
            faults: Vec::new(),
        };
        let settings = Self {
            providers: reader.providers(),
            secrets_folder: reader.secrets_folder(),
            secret_prefix: reader.text("SECRET_PREFIX").unwrap_or_else(|| "rollcall".to_owned()),
            secrets_ttl: Duration::from_secs(reader.number("SECRETS_TTL_SECONDS", 300, 0..=86_400)),
            ledger: reader.ledger(),
            schedules: reader.schedules(["SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "OFFBOARD_QUEUE_ARN"]),
            reconcile_mode: reader.mode("RECONCILE_MODE"),
            queues: Queues {
                onboard: reader.address("ONBOARD_QUEUE_URL"),
                offboard: reader.address("OFFBOARD_QUEUE_URL"),
                reconcile: reader.address("RECONCILE_QUEUE_URL"),
            },
            policy: Policy {
                managed_domains: reader.domains("MANAGED_DOMAINS"),
                protected: reader.protected("PROTECTED"),
                min_people: reader.count("MIN_PEOPLE", 1),
                max_removals: reader.count("MAX_REMOVALS", 3),
                max_removal_percent: reader.percent("MAX_REMOVAL_PERCENT", 5),
                max_shrink_percent: reader.percent("MAX_SHRINK_PERCENT", 10),
                confirm_absences: reader.count("CONFIRM_ABSENCES", 2),
                sighting_gap: Duration::from_secs(60 * reader.number("SIGHTING_GAP_MINUTES", 10, 0..=525_600)),
                max_ordered_removals: reader.count("MAX_ORDERED_REMOVALS", 25),
                leaver_hold: Duration::from_secs(86_400 * reader.number("LEAVER_HOLD_DAYS", 30, 0..=3_650)),
            },
            limits: Limits {
                call_timeout: Duration::from_millis(reader.number("CALL_TIMEOUT_MS", 10_000, 1..=900_000)),
                retry_base: Duration::from_millis(reader.number("RETRY_BASE_MS", 250, 0..=60_000)),
            },
            extra_roots: reader.file("EXTRA_CA_FILE"),
            aws: Aws::read(&variable),
        };
        match reader.faults {
            faults if faults.is_empty() => Ok(settings),
            faults => {
                let message = "the function's environment is not usable";
                Err(Error::new(ErrorKind::Misconfigured, message).with_faults(faults))
            }
        }
    }
}

struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|text| text.trim().to_owned())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        let entries = text.split(',').map(str::trim);
        entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
    }

    fn fault(&mut self, name: &str, problem: impl Into<String>) {
        self.faults.push(Fault {
            path: name.to_owned(),
            problem: problem.into(),
        });
    }

    fn providers(&mut self) -> Vec<ProviderId> {
        let name = "PROVIDERS";
        let entries = self.list(name);
        if entries.is_empty() {
            self.fault(name, "is not set: name the providers that are on");
        }
        if entries.iter().any(|entry| providers::by_name(entry).is_none()) {
            let ids: Vec<&str> = providers::REGISTRY.iter().map(|r| r.id.name()).collect();
            self.fault(name, format!("may hold only {}", ids.join(", ")));
        }
        let on = |id: &ProviderId| entries.iter().any(|entry| entry == id.name());
        providers::REGISTRY.iter().map(|r| r.id).filter(on).collect()
    }

    fn secrets_folder(&mut self) -> Option<PathBuf> {
        let text = self.text("SECRETS").unwrap_or_else(|| "aws".to_owned());
        match text.strip_prefix("file:") {
            Some(folder) if !folder.is_empty() => Some(folder.into()),
            _ if text == "aws" => None,
            _ => {
                self.fault("SECRETS", "must be aws or file:DIR");
                None
            }
        }
    }

    fn mode(&mut self, name: &str) -> Mode {
        match self.text(name).as_deref() {
            None | Some("preview") => Mode::Preview,
            Some("apply") => Mode::Apply,
            Some(_) => {
                self.fault(name, "must be preview or apply");
                Mode::Preview
            }
        }
    }

    fn ledger(&mut self) -> LedgerPlace {
        let text = self.text("LEDGER").unwrap_or_else(|| "none".to_owned());
        match text.split_once(':') {
            None if text == "none" => LedgerPlace::Nowhere,
            Some(("file", path)) if !path.is_empty() => LedgerPlace::File(path.into()),
            Some(("dynamodb", table)) if !table.is_empty() => LedgerPlace::Table(table.to_owned()),
            _ => {
                self.fault("LEDGER", "must be dynamodb:TABLE, file:PATH or none");
                LedgerPlace::Nowhere
            }
        }
    }

    fn address(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        match BaseUrl::parse(name, &text) {
            Ok(_) => return Some(text),
            Err(error) => self.faults.extend_from_slice(error.faults()),
        }
        None
    }

    /// All three or none: two of them can schedule nothing.
    fn schedules(&mut self, names: [&str; 3]) -> Option<Place> {
        let texts = names.map(|name| self.text(name));
        if texts.iter().any(Option::is_some) {
            for (name, text) in names.iter().zip(&texts) {
                if text.is_none() {
                    self.fault(name, format!("is not set: {} belong together", names.join(", ")));
                }
            }
        }
        let [Some(group), Some(role), Some(queue)] = texts else {
            return None;
        };
        Some(Place { group, role, queue })
    }

    fn number(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        match self.text(name).map(|text| text.parse()) {
            None => default,
            Some(Ok(number)) if range.contains(&number) => number,
            Some(_) => {
                let (from, to) = range.into_inner();
                self.fault(name, format!("must be a whole number from {from} to {to}"));
                default
            }
        }
    }

    fn count(&mut self, name: &str, default: u64) -> usize {
        let number = self.number(name, default, 0..=100_000_000);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    fn percent(&mut self, name: &str, default: u64) -> usize {
        let number = self.number(name, default, 0..=100);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    fn domains(&mut self, name: &str) -> BTreeSet<String> {
        let entries = self.list(name);
        // Read as the domain of an address, so that both sides are compared in one form.
        let domain = |entry: &String| Email::parse(&format!("x@{entry}")).map(|e| e.domain().to_owned());
        if entries.iter().any(|entry| domain(entry).is_none()) {
            self.fault(name, "must be a comma list of domains such as example.com");
        }
        entries.iter().filter_map(domain).collect()
    }

    /// A list that cannot be read is no fault of the whole: joiners are served, and the guard lets nobody be removed.
    fn protected(&self, name: &str) -> Option<BTreeSet<Identity>> {
        let entries = self.list(name);
        let protected: Option<BTreeSet<Identity>> = entries.iter().map(|entry| Identity::parse(entry)).collect();
        if protected.is_none() {
            tracing::error!("{name} holds an entry that is no identity: nobody is removed until it is mended");
        }
        protected
    }

    fn file(&mut self, name: &str) -> Option<Vec<u8>> {
        let read = std::fs::read(self.text(name)?);
        if read.is_err() {
            self.fault(name, "names a file that cannot be read");
        }
        read.ok()
    }
}
