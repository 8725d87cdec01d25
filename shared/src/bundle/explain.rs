//! Explain: why one person has, gets or loses access, at every provider, by the plan that a reconcile would make now.

use jiff::Timestamp;

use super::decide::Judged;
use super::roster::merged_roster;
use super::{Bundle, Entry, Patience};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::Account;
use crate::planning::crowd::Crowd;
use crate::planning::identity::{Identity, ProviderId, Who};
use crate::planning::plan::{Change, Desired, Evidence};
use crate::planning::report::Mode;
use crate::planning::roster::Person;

/// Why things are as they are for one person.
pub struct Explanation {
    /// The person, as the directory knows them; `None` where it does not, or cannot be read.
    pub person: Option<Person>,
    /// Each source of the directory, and whether it names them.
    pub sources: Vec<(&'static str, Result<bool>)>,
    /// Each provider.
    pub providers: Vec<(ProviderId, Result<Verdict>)>,
}

/// What a reconcile would do about somebody at one provider.
pub struct Verdict {
    /// Their accounts there.
    pub accounts: Vec<Account>,
    /// What.
    pub what: What,
    /// The name of the rule or reason in reports.
    pub rule: &'static str,
    /// Since when that is known, where it is.
    pub since: Option<Timestamp>,
    /// The last change that was made there.
    pub last: Option<Entry>,
}

/// What a reconcile would do about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Leave them the access they have.
    Keep,
    /// Give them access.
    Add,
    /// Take it away.
    Remove,
    /// Take it away once somebody consents.
    Hold,
    /// Leave them alone.
    Skip,
    /// Nothing: they have none, and should not.
    Nothing,
}

impl Bundle {
    /// Explains whoever has this identity.
    pub async fn explain(&self, chosen: &[ProviderId], wanted: Option<Identity>) -> Result<Explanation> {
        let Some(wanted) = wanted else {
            let message = "explain is about one person: give email or github_username";
            return Err(Error::new(ErrorKind::BadRequest, message));
        };
        let found = self.observe_and_recall(chosen, Mode::Preview, Patience::Leave);
        let history = async {
            match self.process.ledger {
                Some(_) => self.history(None, None).await,
                None => Ok(Vec::new()),
            }
        };
        let (reads, found, history) = tokio::join!(self.read_sources(), found, history);
        let reads = reads?;
        let names = |people: &Crowd| people.iter().any(|person| person.identities().contains(&wanted));
        let sources = reads.iter().map(|source| {
            let read = source.read.as_ref();
            (source.kind, read.map(|read| names(&read.people)).map_err(Clone::clone))
        });
        let sources = sources.collect();
        let roster = match merged_roster(reads) {
            Ok(roster) => self.recognise(roster, Mode::Preview),
            Err(error) => {
                return Ok(Explanation {
                    person: None,
                    sources,
                    providers: chosen.iter().map(|id| (*id, Err(error.clone()))).collect(),
                });
            }
        };
        let person = roster.named(&wanted);
        let known = person
            .as_ref()
            .map_or(vec![wanted.clone()], |p| p.identities().to_vec());
        let theirs: Vec<Vec<Account>> = found
            .iter()
            .map(|(id, found)| match found {
                Ok(found) => accounts(&found.observed.accounts, *id, &known),
                Err(_) => Vec::new(),
            })
            .collect();
        let history = history?;
        let decided = self.decide(found, Desired::Exactly(&roster), &[]);
        let verdict = |((id, judged), accounts): ((ProviderId, Result<Judged>), Vec<Account>)| {
            let verdict = judged.map(|judged| {
                let last = history.iter().rev().find(|entry| {
                    let here = entry.provider == id.name();
                    here && entry.identities().iter().any(|one| known.contains(one))
                });
                Verdict {
                    last: last.cloned(),
                    ..judge(&judged, &known, accounts)
                }
            });
            (id, verdict)
        };
        Ok(Explanation {
            sources,
            providers: decided.into_iter().zip(theirs).map(verdict).collect(),
            person,
        })
    }
}

fn judge(judged: &Judged, known: &[Identity], accounts: Vec<Account>) -> Verdict {
    let plan = judged.approved.plan();
    let is_theirs = |change: &&Change| match change {
        Change::Offboard(leaver) => accounts
            .iter()
            .any(|account| account.native_id == leaver.account.native_id),
        Change::Onboard(joiner) => joiner.person.identities().iter().any(|one| known.contains(one)),
    };
    let is_them = |who: &Who| {
        let by_id = who
            .id
            .as_ref()
            .is_some_and(|id| accounts.iter().any(|a| a.native_id == *id));
        let by_email = who
            .email
            .clone()
            .is_some_and(|email| known.contains(&Identity::Email(email)));
        let by_login = who
            .github_username
            .clone()
            .is_some_and(|login| known.contains(&Identity::Github(login)));
        by_id || by_email || by_login
    };
    let seen_absent = |accounts: &[Account]| {
        let sightings = accounts
            .iter()
            .filter_map(|a| judged.memory.sightings.get(&a.native_id));
        sightings.map(|sighting| sighting.last).max()
    };
    let held = judged.held.as_ref();
    let (what, rule, since) = if let Some(change) = plan.changes.iter().find(is_theirs) {
        match change {
            Change::Offboard(leaver) => {
                let since = match leaver.evidence {
                    Evidence::Absence => seen_absent(&accounts),
                    Evidence::Named | Evidence::KnownLeaver => None,
                };
                (What::Remove, leaver.evidence.name(), since)
            }
            Change::Onboard(_) => (What::Add, "entitled", None),
        }
    } else if let Some(held) = held.filter(|held| held.changes.iter().any(|change| is_theirs(&change))) {
        (What::Hold, held.rule.name(), None)
    } else if let Some(skip) = plan.skips.iter().find(|skip| is_them(&skip.who)) {
        (What::Skip, skip.why.name(), seen_absent(&accounts))
    } else if accounts.iter().any(|account| account.status.is_present()) {
        (What::Keep, "entitled", None)
    } else {
        // Whoever is entitled and has nothing stands among the changes or the skips.
        (What::Nothing, "not_entitled", None)
    };
    Verdict {
        accounts,
        what,
        rule,
        since,
        last: None,
    }
}

/// Their accounts at a provider.
fn accounts(all: &[Account], provider: ProviderId, known: &[Identity]) -> Vec<Account> {
    let theirs = |account: &&Account| {
        let own = account.own(provider);
        account.identities.iter().chain([&own]).any(|one| known.contains(one))
    };
    all.iter().filter(theirs).cloned().collect()
}
