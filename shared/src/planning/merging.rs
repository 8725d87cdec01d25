//! Several sources, one roster: entries that share an identity, however many steps away, are one person.
//!
//! Invariant: the order of the sources and of their entries decides nothing, and nobody is merged by a guess: where a source
//! tells two people apart whom others tie together, all of them are `Disputed`.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::groups::Groups;
use crate::planning::identity::Identity;
use crate::planning::roster::{Person, Roster, Standing};

/// What a source is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Who there is, and what each is entitled to.
    People,
    /// Further identities of people whom another source names.
    Identities,
}

impl Role {
    /// The role's name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Identities => "identities",
        }
    }
}

/// An entry of a source.
struct Entry {
    source: usize,
    role: Role,
    person: Person,
}

/// Merges what the sources named. Entitlements add up; who works here by one source and has left by another is `Disputed`.
pub fn merge(sources: Vec<(Role, Roster)>) -> Result<Roster> {
    if !sources.iter().any(|(role, _)| *role == Role::People) {
        let message = "no source of the directory has the role people";
        return Err(Error::new(ErrorKind::Misconfigured, message));
    }
    let sources = match <[_; 1]>::try_from(sources) {
        Ok([(_, alone)]) => return Ok(alone),
        Err(several) => several,
    };
    let entry = |(source, (role, roster)): (usize, (Role, Roster))| {
        let people = roster.people().into_iter();
        people.map(move |person| Entry { source, role, person })
    };
    let mut entries: Vec<Entry> = sources.into_iter().enumerate().flat_map(entry).collect();
    entries.sort_by(|a, b| a.person.order().cmp(&b.person.order())); // so that the order of the sources decides nothing

    let mut groups = Groups::new(entries.len());
    let mut first: HashMap<&Identity, usize> = HashMap::new();
    for (i, entry) in entries.iter().enumerate() {
        for identity in entry.person.identities() {
            groups.join(*first.entry(identity).or_insert(i), i);
        }
    }
    drop(first);
    let mut tied: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
    for (i, entry) in entries.into_iter().enumerate() {
        tied.entry(groups.root(i)).or_default().push(entry);
    }
    Roster::merged(tied.into_values().flat_map(people).collect())
}

/// The people among entries that are tied together: one, none, or several who cannot be told apart.
fn people(tied: Vec<Entry>) -> Vec<Person> {
    let mut disputed = tied.iter().any(|entry| entry.person.standing() == Standing::Disputed);
    let (people, links): (Vec<Entry>, Vec<Entry>) = tied.into_iter().partition(|entry| entry.role == Role::People);
    let mut sources: Vec<usize> = people.iter().map(|entry| entry.source).collect();
    sources.sort();
    disputed |= sources.windows(2).any(|pair| matches!(pair, [a, b] if a == b));

    let mut people: Vec<Person> = people.into_iter().map(|entry| entry.person).collect();
    if !disputed {
        people = people
            .into_iter()
            .reduce(|one, other| one.together_with(&other))
            .into_iter()
            .collect();
    }
    for Entry { person: link, .. } in links {
        // Everybody it fits is known by it, or else the first: an account that it fits has to be seen as claimed.
        let fits_nobody = !people.iter().any(|person| shares(person, &link));
        for (i, person) in people.iter_mut().enumerate() {
            if shares(person, &link) || (fits_nobody && i == 0) {
                *person = person.joined_with(&link);
            }
        }
    }
    if disputed {
        people.iter_mut().for_each(Person::dispute);
    }
    people
}

fn shares(person: &Person, link: &Person) -> bool {
    let mut theirs = link.identities().iter();
    theirs.any(|identity| person.identities().binary_search(identity).is_ok())
}
