//! People gathered from the lists of one source: who is in two groups is one person, entitled to what both grant.

use std::collections::BTreeMap;

use super::terms::List;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::crowd::Crowd;
use crate::planning::identity::{Email, Identity, ProviderId};
use crate::planning::roster::{Access, Person};

/// Addresses that GitHub makes up for its users (<https://docs.github.com/en/account-and-profile/reference/email-addresses-reference>).
const NOREPLY: &str = "users.noreply.github.com";

/// People by the id the source knows them by.
pub(super) struct Gathered {
    at: &'static str,
    known: Access,
    people: BTreeMap<String, (Person, Vec<ProviderId>)>,
}

impl Gathered {
    /// Nobody yet, of the source `at`, whose lists show this much.
    pub(super) fn new(at: &'static str, known: Access) -> Self {
        Self {
            at,
            known,
            people: BTreeMap::new(),
        }
    }

    /// Adds the people of a list.
    pub(super) fn add(&mut self, list: &List, people: Vec<(String, Person)>, access: &[ProviderId]) -> Result<()> {
        self.believe(list, people.len())?;
        for (id, person) in people {
            let (known, theirs) = self.people.entry(id).or_insert_with(|| (person.clone(), Vec::new()));
            if *known != person {
                let message = "somebody changed while the directory was read";
                return Err(Error::new(ErrorKind::Protocol, message).with("at", self.at));
            }
            theirs.extend_from_slice(access);
        }
        Ok(())
    }

    /// Entitles everybody who was added.
    pub(super) fn entitle_everybody(&mut self, access: &[ProviderId]) {
        let all = self.people.values_mut();
        all.for_each(|(_, theirs)| theirs.extend_from_slice(access));
    }

    /// Entitles the members of a group, who were added by the list of everybody; somebody unknown is missing from that.
    pub(super) fn entitle(&mut self, list: &List, ids: &[String], access: &[ProviderId]) -> Result<()> {
        self.believe(list, ids.len())?;
        for id in ids {
            let Some((_, theirs)) = self.people.get_mut(id) else {
                let message = "a group names somebody whom the list of everybody does not";
                return Err(Error::new(ErrorKind::Protocol, message).with("at", self.at));
            };
            theirs.extend_from_slice(access);
        }
        Ok(())
    }

    /// A group that has lost everybody is not believed: each of them would lose what it grants.
    fn believe(&self, list: &List, members: usize) -> Result<()> {
        match list {
            List::Group(group) if members == 0 => {
                let message =
                    "a group that grants access has no members: is it the right one, and may its members be read?";
                Err(Error::new(ErrorKind::Held, message)
                    .with("at", self.at)
                    .with("group", group))
            }
            _ => Ok(()),
        }
    }

    /// Whether the source names this id.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.people.contains_key(id)
    }

    /// Everybody.
    pub(super) fn into_people(self) -> Crowd {
        let known = self.known;
        let entitled =
            |(person, access): (Person, Vec<ProviderId>)| person.with_access(access).with_access_known(known);
        self.people.into_values().map(entitled).collect()
    }
}

/// Addresses as identities. What is no address fits no account; one that GitHub made up says a user's number at most.
pub(super) fn addresses<'a>(texts: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = Identity> {
    texts.into_iter().filter_map(Email::parse).filter_map(address)
}

/// One address as an identity.
pub(super) fn address(email: Email) -> Option<Identity> {
    if email.domain() != NOREPLY {
        return Some(Identity::Email(email));
    }
    let (number, _login) = email.key().split_once('+')?;
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| Identity::native("github", number))
}
