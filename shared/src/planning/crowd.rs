//! Many people, held compactly: each is a row of bytes, and becomes a [`Person`] when somebody has to look at them.
//!
//! Invariant: what is read is what was put in. A row that would not read so is found when it is written, and no roster is
//! made of it.

use std::fmt;

use crate::planning::identity::{Identity, ProviderId};
use crate::planning::person::{Person, row};

/// Many people, in the order they were named in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Crowd {
    rows: Vec<u8>,
    /// Where each person's row begins.
    starts: Vec<u32>,
    /// The providers that rows name.
    providers: Vec<ProviderId>,
    /// Whether somebody could not be put in.
    torn: bool,
}

impl Crowd {
    /// Adds somebody. Who has left is entitled to nothing.
    pub fn push(&mut self, mut person: Person) {
        person.settle_access();
        let start = self.write(&person);
        self.starts.push(start);
    }

    fn write(&mut self, person: &Person) -> u32 {
        let length = self.rows.len();
        row::write(person, &mut self.providers, &mut self.rows);
        let written = self.rows.get(length..).unwrap_or_default();
        let start = u32::try_from(length).ok();
        self.torn |= start.is_none() || !row::read(written, &self.providers).is_some_and(|read| read.is_as(person));
        start.unwrap_or_default()
    }

    /// Puts somebody in another's place.
    pub(super) fn replace(&mut self, place: usize, person: &Person) {
        let start = self.write(person);
        match self.starts.get_mut(place) {
            Some(old) => *old = start,
            None => self.torn = true,
        }
    }

    /// Leaves only those whose places are to be kept.
    pub(super) fn retain(&mut self, is_kept: impl Fn(usize) -> bool) {
        let mut places = 0..;
        self.starts.retain(|_| places.next().is_some_and(&is_kept));
    }

    /// Whether somebody could not be put in, so that this is not everybody.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    fn row(&self, place: usize) -> Option<&[u8]> {
        self.rows.get(*self.starts.get(place)? as usize..)
    }

    /// Who stands in this place.
    pub fn get(&self, place: usize) -> Option<Person> {
        row::read(self.row(place)?, &self.providers)
    }

    /// Whether who stands in this place is known by this.
    pub(super) fn holds(&self, place: usize, identity: &Identity) -> bool {
        self.row(place).is_some_and(|row| row::holds(row, identity))
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = Person> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

impl FromIterator<Person> for Crowd {
    fn from_iter<I: IntoIterator<Item = Person>>(people: I) -> Self {
        let mut crowd = Self::default();
        people.into_iter().for_each(|person| crowd.push(person));
        crowd
    }
}

impl From<Vec<Person>> for Crowd {
    fn from(people: Vec<Person>) -> Self {
        people.into_iter().collect()
    }
}

/// How many, and nobody by name.
impl fmt::Debug for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} people", self.len())
    }
}
