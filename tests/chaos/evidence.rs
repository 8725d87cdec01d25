//! `guard.md` on one account at one provider, written down a second time: who may go, and who has to stay.

use std::collections::BTreeSet;

use rehearsal::providers::{Seed, State};

use super::acts::PROTECTED;
use super::call::Call;
use super::company::{DOMAIN, Person, Standing};
use super::oracle::{Account, Effect, is_present};
use super::world::World;

/// That an account was seen without anybody who claims it.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) run: String,
    pub(super) time: i64,
    pub(super) settings: usize,
}

/// Ten minutes, less what a run may last.
const GAP: i64 = 600 - 130;

/// A week, less what a run may last.
const WINDOW: i64 = 7 * 86_400 - 300;

/// One provider as a run finds it.
pub(super) struct Place {
    pub(super) provider: &'static str,
    settings: usize,
    now: Option<i64>,
    /// What the run read; `None` while it did not.
    roster: Option<Vec<Person>>,
    accounts: Vec<Account>,
}

pub(super) fn is_protected(address: &str) -> bool {
    address.eq_ignore_ascii_case(PROTECTED)
}

/// The larger of 3 and 5 %, but never more than a third, and at least 1.
pub(super) fn limit(managed: usize) -> usize {
    (managed * 5 / 100).max(3).min(managed / 3).max(1)
}

impl Place {
    pub(super) fn new(provider: &'static str, call: &Call, roster: Vec<Person>, accounts: Vec<Account>) -> Self {
        let roster = roster.into_iter().filter(Person::is_named).collect();
        Self {
            provider,
            settings: call.settings,
            now: None,
            roster: Some(roster),
            accounts,
        }
    }

    pub(super) fn of(world: &World, call: &Call, provider: &'static str, accounts: &[Account]) -> Self {
        let roster = call.roster.lock().unwrap().clone();
        let read = roster.is_some();
        let place = Self::new(provider, call, roster.unwrap_or_default(), accounts.to_vec());
        Self {
            now: Some(world.now()),
            roster: place.roster.filter(|_| read),
            ..place
        }
    }

    fn claimants(&self, id: &str, seed: &Seed) -> Vec<&Person> {
        let people = self.roster.iter().flatten();
        people.filter(|person| person.claims(self.provider, id, seed)).collect()
    }

    /// The accounts a person claims, dormant ones too.
    fn held_by(&self, person: &Person) -> Vec<&Account> {
        let listed = self.accounts.iter().filter(|(_, _, state)| *state != State::Gone);
        listed
            .filter(|(id, seed, _)| person.claims(self.provider, id, seed))
            .collect()
    }

    fn is_ours(&self, seed: &Seed) -> bool {
        let domain = seed
            .email
            .as_deref()
            .and_then(|email| email.split_once('@'))
            .map(|(_, domain)| domain);
        domain == Some(DOMAIN) || self.settings == 1 && domain == Some("second.example")
    }

    fn protects(seed: &Seed) -> bool {
        seed.email.as_deref().is_some_and(is_protected)
    }

    /// Why `reconcile` must not remove an account; `None` where it may.
    pub(super) fn why_stay(&self, id: &str, seed: &Seed, sightings: Option<&Vec<Sighting>>) -> Option<String> {
        let why = |text: &str| Some(text.to_owned());
        if self.roster.is_none() {
            return why("no roster was read");
        }
        let claimants = self.claimants(id, seed);
        if Self::protects(seed) {
            return why("is protected");
        }
        if claimants.iter().any(|person| self.held_by(person).len() > 1) {
            return why("whose account it is cannot be told");
        }
        if claimants.iter().any(|person| person.standing == Standing::Suspended) {
            return why("is suspended");
        }
        if claimants.iter().any(|person| person.is_entitled_to(self.provider)) {
            return why("is entitled");
        }
        if !claimants.is_empty() {
            return None;
        }
        if !self.is_ours(seed) {
            return why("is in no managed domain");
        }
        let needed = if self.settings == 2 { 3 } else { 2 };
        let (mut times, mut last, mut latest) = (0, i64::MIN, i64::MIN);
        let seen = sightings
            .into_iter()
            .flatten()
            .filter(|seen| seen.settings == self.settings);
        for sighting in seen {
            latest = sighting.time;
            if sighting.time >= last.saturating_add(GAP) {
                times += 1;
                last = sighting.time;
            }
        }
        let now = self.now.is_none_or(|now| now.saturating_sub(latest) < 130);
        (times < needed || !now).then(|| format!("was seen to be absent {times} times only"))
    }

    /// Why an order must not remove an account.
    pub(super) fn why_not_named(&self, id: &str, seed: &Seed, named: &[String], people: &[Person]) -> Option<String> {
        let theirs = |person: &&Person| named.contains(&person.email) && person.claims(self.provider, id, seed);
        let owners: Vec<&Person> = people.iter().filter(theirs).collect();
        if Self::protects(seed) {
            return Some("is protected".to_owned());
        }
        if owners.is_empty() {
            return Some("nobody named them".to_owned());
        }
        None
    }

    /// Accounts that count: ours or claimed, and not protected.
    pub(super) fn managed(&self) -> usize {
        let counts = |(id, seed, state): &&Account| {
            is_present(*state) && !Self::protects(seed) && (self.is_ours(seed) || !self.claimants(id, seed).is_empty())
        };
        self.accounts.iter().filter(counts).count()
    }

    /// Accounts that nobody claims.
    pub(super) fn absent(&self) -> Vec<String> {
        let absent = |(id, seed, state): &&Account| is_present(*state) && self.claimants(id, seed).is_empty();
        self.accounts.iter().filter(absent).map(|(id, ..)| id.clone()).collect()
    }

    pub(super) fn is_claimed(&self, id: &str) -> bool {
        let account = self.accounts.iter().find(|(other, ..)| other == id);
        account.is_some_and(|(id, seed, _)| !self.claimants(id, seed).is_empty())
    }

    /// People who should be here, can be let in, and are not.
    pub(super) fn lost_joiners(&self, named: &BTreeSet<String>) -> Vec<String> {
        let is_lost = |person: &&Person| {
            let held = self.held_by(person);
            let blocked = self.provider == "appxite" && held.iter().any(|(_, _, state)| *state == State::Dormant);
            person.standing == Standing::Active
                && person.is_entitled_to(self.provider)
                && self.provider != "powens"
                && !named.contains(&person.email)
                && !blocked
                && held.len() < 2
                && !held.iter().any(|(_, _, state)| is_present(*state))
        };
        let people = self.roster.iter().flatten();
        people.filter(is_lost).map(|person| person.email.clone()).collect()
    }

    /// Accounts of people who are known to have left, or to be entitled to nothing here.
    pub(super) fn known_leavers(&self) -> Vec<String> {
        let goes = |(id, seed, state): &&Account| {
            is_present(*state) && !self.claimants(id, seed).is_empty() && self.why_stay(id, seed, None).is_none()
        };
        self.accounts.iter().filter(goes).map(|(id, ..)| id.clone()).collect()
    }

    /// Accounts of ours that nobody claims and nothing protects, where absence removes.
    pub(super) fn strays(&self) -> Vec<String> {
        let goes = |(id, seed, state): &&Account| {
            is_present(*state) && self.claimants(id, seed).is_empty() && self.is_ours(seed) && !Self::protects(seed)
        };
        let strays = self.accounts.iter().filter(goes).map(|(id, ..)| id.clone());
        strays.filter(|_| self.provider != "powens").collect()
    }
}

/// Removals by `reconcile` at a provider in the week before a run.
pub(super) fn earlier_of<'a>(removals: &'a [Effect], provider: &str, call: &Call) -> Vec<&'a Effect> {
    let earlier = |e: &&Effect| e.provider == provider && e.run != call.run && !e.ordered;
    let recent = |e: &&Effect| e.time > call.begun - WINDOW;
    removals.iter().filter(earlier).filter(recent).collect()
}
