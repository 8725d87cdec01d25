//! The company everything is filled with: made up, and the same at every run.
//!
//! It has joiners, leavers, somebody who changed teams, somebody who came back, and accounts that are nobody's business. The
//! removals it calls for stay within the guard's limits at every size, and every leaver is a row of the roster that says so:
//! without a ledger a removal by absence would need consent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::providers::{Seed, Simulator, State};

mod names;
#[cfg(test)]
mod tests;

/// The only domain that is managed.
pub const DOMAIN: &str = "example.com";
/// The administrator whom nobody may remove; no row of the roster.
pub const ADMIN: &str = "root@example.com";
/// A contractor outside the managed domain; no row of the roster.
pub const CONTRACTOR: &str = "wren.tidepool@harbour-studio.example";
/// A Powens user that nobody in the roster claims.
const STRANGER: &str = "9001";

const TEAMS: [(&str, &[&str]); 5] = [
    ("engineering", &["bilanc", "blackbird"]),
    ("communications", &["blackbird"]),
    ("engineering", &["bilanc", "blackbird", "appxite"]),
    ("sales", &["appxite", "blackbird"]),
    ("finance", &["appxite", "bilanc", "powens"]),
];

/// Everybody the roster names.
#[derive(Debug, Clone)]
pub struct Company {
    /// In the order of the roster.
    pub people: Vec<Person>,
}

/// One row of the roster, and what the providers hold about the person when the day begins.
#[derive(Debug, Clone)]
pub struct Person {
    /// The first name.
    pub first: String,
    /// The last name.
    pub last: String,
    /// The address, unique.
    pub email: String,
    /// The GitHub login, for those who work with code.
    pub github: Option<String>,
    /// The id of the person's Powens user.
    pub powens: Option<String>,
    /// Whether the roster says `left`.
    pub left: bool,
    /// The ids of the providers the person is entitled to; empty for leavers.
    pub access: Vec<&'static str>,
    /// What is at the providers before anything is done.
    pub accounts: BTreeMap<&'static str, State>,
}

/// One step that only a person can take, because the platform has no API for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandStep {
    /// The provider.
    pub provider: &'static str,
    /// What the person did, as a sentence.
    pub said: String,
    /// The address of whom it is about.
    pub email: String,
}

impl Company {
    /// A company of this many people, at least twelve.
    #[must_use]
    pub fn new(people: usize) -> Company {
        let mut people: Vec<_> = (0..people.max(12)).map(settled).collect();
        let size = people.len();
        // Each provider sees another part of the company and the guard counts each by itself: leavers come from the teams in
        // turn and stay at two in a hundred.
        let leavers = if size < 26 { 1 } else { (size / 50).max(2) };
        for number in 0..leavers {
            let block = number * (size - 9) / leavers / TEAMS.len();
            leave(&mut people, block * TEAMS.len() + (number + 4) % TEAMS.len());
        }
        let mut free = (0..size).rev();
        let mut pick = |wanted: &dyn Fn(&Person) -> bool, change: &dyn Fn(&mut Person)| {
            let found = free
                .by_ref()
                .find(|place| people.get(*place).is_some_and(|person| !person.left && wanted(person)));
            if let Some(person) = found.and_then(|place| people.get_mut(place)) {
                change(person);
            }
        };
        let may = |provider: &'static str| move |person: &Person| person.access.contains(&provider);
        for _ in 0..(size / 13).max(1) {
            pick(&may("bilanc"), &Person::start_today);
        }
        pick(&may("bilanc"), &Person::never_seen_by_bilanc);
        pick(&may("appxite"), &|person| {
            _ = person.accounts.insert("appxite", State::Invited)
        });
        pick(&may("blackbird"), &|person| {
            _ = person.accounts.insert("blackbird", State::Dormant)
        });
        if size >= 26 {
            let changes_teams = |person: &Person| person.access.len() > 1 && may("blackbird")(person);
            pick(&changes_teams, &|person| {
                person.access.retain(|provider| *provider != "blackbird")
            });
        }
        Company { people }
    }

    /// The roster as the CSV file that HR would export.
    #[must_use]
    pub fn roster_csv(&self) -> String {
        let mut csv = String::from("email,github_username,first_name,last_name,status,access,powens_id\n");
        for person in &self.people {
            let Person { email, first, last, .. } = person;
            let github = person.github.as_deref().unwrap_or_default();
            let powens = person.powens.as_deref().unwrap_or_default();
            let status = if person.left { "left" } else { "active" };
            let access = person.access.join(";");
            // Writing to a string cannot fail.
            let _ = writeln!(csv, "{email},{github},{first},{last},{status},{access},{powens}");
        }
        csv
    }

    /// Puts everybody's accounts into the simulators, and the few that the roster knows nothing about.
    pub fn settle_into<'a>(&self, simulators: impl IntoIterator<Item = &'a dyn Simulator>) {
        for simulator in simulators {
            for person in &self.people {
                if let Some(state) = person.accounts.get(simulator.id()) {
                    simulator.seed(&person.seed_for(simulator.id()), *state);
                }
            }
            let stranger = |email: &str, name: &str| Seed {
                email: Some(email.into()),
                name: Some(name.into()),
                ..Seed::default()
            };
            match simulator.id() {
                "bilanc" | "blackbird" => {
                    simulator.seed(&stranger(ADMIN, "Root Account"), State::Active);
                    simulator.seed(&stranger(CONTRACTOR, "Wren Tidepool"), State::Active);
                }
                "powens" => {
                    simulator.seed(
                        &Seed {
                            id: Some(STRANGER.into()),
                            ..Seed::default()
                        },
                        State::Active,
                    );
                }
                _ => {}
            }
        }
    }

    /// Does by hand what no API offers: leavers go in AppXite's portal and in the app that owns the Powens users, and Bilanc
    /// sees the first commit of whom it did not know.
    pub fn work_by_hand(&self, simulators: &[Box<dyn Simulator>]) -> Vec<HandStep> {
        let mut steps = Vec::new();
        for simulator in simulators {
            let provider = simulator.id();
            for person in &self.people {
                let Some(key) = person.key_at(provider) else { continue };
                let what = match (provider, person.access.contains(&provider), simulator.state_of(key)) {
                    ("appxite", false, Some(State::Active | State::Invited)) => "removed in the portal",
                    ("powens", false, Some(State::Active)) => "deleted in the app that created the user",
                    ("bilanc", true, None) => "committed code for the first time, so Bilanc has seen them",
                    _ => continue,
                };
                simulator.seed(&person.seed_for(provider), State::Gone);
                let said = format!("{} {}: {what}", person.first, person.last);
                steps.push(HandStep {
                    provider,
                    said,
                    email: person.email.clone(),
                });
            }
        }
        steps
    }

    /// Everything in which the simulators differ from the roster, for a person to read; empty when the job is done.
    #[must_use]
    pub fn differences(&self, simulators: &[Box<dyn Simulator>]) -> Vec<String> {
        let mut differences = Vec::new();
        for simulator in simulators {
            let provider = simulator.id();
            let present = |key: &str| matches!(simulator.state_of(key), Some(State::Active | State::Invited));
            for person in &self.people {
                let Some(key) = person.key_at(provider) else { continue };
                match (person.access.contains(&provider), present(key)) {
                    (true, false) => differences.push(format!("{provider}: {} has no access", person.email)),
                    (false, true) => differences.push(format!("{provider}: {} still has access", person.email)),
                    _ => {}
                }
            }
            let others: &[&str] = match provider {
                "bilanc" | "blackbird" => &[ADMIN, CONTRACTOR],
                "powens" => &[STRANGER],
                _ => &[],
            };
            let lost = others.iter().filter(|key| !present(key));
            differences.extend(lost.map(|key| format!("{provider}: {key} was removed and should not have been")));
        }
        differences
    }
}

impl Person {
    fn start_today(&mut self) {
        // A new person has no Powens user yet: the app makes one, and then the roster learns its id.
        self.powens = None;
        self.accounts.clear();
        if self.access.contains(&"bilanc") {
            // Known from the connected repositories, not onboarded.
            self.accounts.insert("bilanc", State::Gone);
        }
    }

    fn never_seen_by_bilanc(&mut self) {
        self.accounts.remove("bilanc");
    }

    /// What a provider knows the person by; nothing for somebody without a Powens user.
    fn key_at(&self, provider: &str) -> Option<&str> {
        if provider == "powens" {
            self.powens.as_deref()
        } else {
            Some(&self.email)
        }
    }

    fn seed_for(&self, provider: &str) -> Seed {
        if provider == "powens" {
            // Powens knows no names and no addresses.
            return Seed {
                id: self.powens.clone(),
                ..Seed::default()
            };
        }
        let github = self.github.clone().filter(|_| provider == "bilanc");
        Seed {
            email: Some(self.email.clone()),
            github,
            name: Some(format!("{} {}", self.first, self.last)),
            id: None,
        }
    }
}

/// Somebody whose accounts are what they should be.
fn settled(number: usize) -> Person {
    let (first, last, nick) = names::of(number);
    let (team, access) = TEAMS.get(number % TEAMS.len()).copied().unwrap_or(("", &[]));
    let codes = access.contains(&"bilanc");
    // Some logins have upper case, which means nothing to GitHub.
    let login = nick.replace('.', "-");
    let login = if number % 10 == 2 { login.to_uppercase() } else { login };
    let github = codes.then_some(login);
    let powens = (team == "finance").then(|| (101 + number).to_string());
    let accounts = access.iter().map(|provider| (*provider, State::Active)).collect();
    Person {
        email: format!("{nick}@{DOMAIN}"),
        first,
        last,
        github,
        powens,
        left: false,
        access: access.to_vec(),
        accounts,
    }
}

fn leave(people: &mut [Person], place: usize) {
    if let Some(person) = people.get_mut(place) {
        person.left = true;
        person.access.clear();
    }
}
