//! Whom an address or a login belonged to when it was last seen, by the ids that never change.
//!
//! A login that was given up is free for anyone, and a leaver's address for the next new hire: whoever has it now is not who
//! the account was made for. So the person is left alone and reported, until an order to onboard them says that it is right.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};

use crate::planning::hash;
use crate::planning::identity::Identity;
use crate::planning::roster::{Person, Roster, Standing};

/// The ids of somebody: which system, and their id there.
pub type Ids = Vec<(Box<str>, Box<str>)>;

/// The systems that give ids.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    /// Those whose ids do not stay: providers, where an account may be made anew.
    pub passing: Vec<&'static str>,
    /// Which tenant, organisation or server it is, where the directory says: another one gives other ids to the same people.
    pub places: BTreeMap<String, String>,
}

/// The owners of addresses and logins, by a digest: what is remembered for years need not show whom.
#[derive(Clone, Debug, Default)]
pub struct Owners(HashMap<String, Ids>);

impl Owners {
    /// Learns what was remembered; later words replace earlier ones.
    pub fn learn(&mut self, key: String, ids: Ids) {
        self.0.insert(key, ids);
    }

    /// What is to be remembered of these people.
    pub fn news(&self, people: impl IntoIterator<Item = Person>, systems: &Systems) -> Vec<(String, Ids)> {
        let mut news = Vec::new();
        for person in people.into_iter().filter(|person| !person.standing().is_doubtful()) {
            for identity in person.identities() {
                let now = systems.ids(&person, identity);
                let key = key(identity);
                let before = self.0.get(&key);
                let told = before.map(Vec::as_slice).unwrap_or_default();
                if now.iter().all(|id| told.contains(id)) {
                    continue;
                }
                let is_named_anew = |(system, _): &&(Box<str>, Box<str>)| !now.iter().any(|(other, _)| other == system);
                let kept: Ids = told.iter().filter(is_named_anew).cloned().collect();
                news.push((key, now.into_iter().chain(kept).collect()));
            }
        }
        news
    }

    fn has_changed_hands(&self, person: &Person, identity: &Identity, systems: &Systems) -> bool {
        let Some(before) = self.0.get(&key(identity)) else {
            return false;
        };
        let now = systems.ids(person, identity);
        let same = now.iter().any(|id| before.contains(id));
        let other = now
            .iter()
            .any(|(system, _)| before.iter().any(|(then, _)| then == system));
        other && !same
    }
}

impl Roster {
    /// Leaves those alone who have an address or a login that was somebody else's.
    #[must_use]
    pub fn recognised_by(mut self, owners: &Owners, systems: &Systems) -> Self {
        self.judged_anew(|person| {
            let mut identities = person.identities().iter();
            let has_changed_hands = identities.any(|identity| owners.has_changed_hands(person, identity, systems));
            has_changed_hands.then(|| person.clone().standing_as(Standing::ChangedHands))
        });
        self
    }
}

impl Systems {
    /// The ids that tell whose this identity is: for a login GitHub's own, for an address all of the person's.
    fn ids(&self, person: &Person, identity: &Identity) -> Ids {
        let tells = |system: &str| match identity {
            Identity::Email(_) => !self.passing.contains(&system),
            Identity::Github(_) => system == "github",
            Identity::Native(..) => false,
        };
        let id = |identity: &Identity| match identity {
            Identity::Native(system, id) if tells(system) => Some((self.named(system), id.clone())),
            _ => None,
        };
        person.identities().iter().filter_map(id).collect()
    }

    /// The system with its place.
    fn named(&self, system: &str) -> Box<str> {
        match self.places.get(system) {
            Some(place) => format!("{system}@{place}").into(),
            None => system.into(),
        }
    }
}

/// The digest of an address or a login.
fn key(identity: &Identity) -> String {
    let text = match identity {
        Identity::Email(email) => format!("email:{}", email.key()),
        Identity::Github(login) => format!("github:{}", login.key()),
        Identity::Native(system, id) => format!("{system}:{id}"),
    };
    hash::short(&Sha256::digest(text), 16)
}
