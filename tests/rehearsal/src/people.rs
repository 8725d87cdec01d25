//! Who a platform knows: the seeds of the tests, kept in the order they came.
//!
//! All platforms keep their people here; how one is shown on the wire is each platform's own.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

/// The people a test wants a platform to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seed {
    /// The address.
    pub email: Option<String>,
    /// The GitHub login.
    pub github: Option<String>,
    /// First and last name, separated by a space.
    pub name: Option<String>,
    /// The platform's own id; one is made up where absent.
    pub id: Option<String>,
}

impl Seed {
    /// Somebody of whom only the address is known.
    pub fn with_email(email: &str) -> Self {
        Self {
            email: Some(email.to_owned()),
            ..Self::default()
        }
    }

    /// The first name and the rest.
    pub fn names(&self) -> (Option<&str>, Option<&str>) {
        match self.name.as_deref().map(|name| name.split_once(' ').ok_or(name)) {
            None => (None, None),
            Some(Ok((first, last))) => (Some(first), Some(last)),
            Some(Err(name)) => (Some(name), None),
        }
    }
}

/// What a platform knows about somebody's access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Has access.
    Active,
    /// Has an account without access.
    Dormant,
    /// Was invited and has not accepted.
    Invited,
    /// Listed nowhere; on Bilanc: known from a data source, not onboarded.
    Gone,
}

/// One person as the platform holds them.
#[derive(Clone, Debug)]
pub struct Account {
    /// The platform's own id.
    pub id: String,
    /// Who it is.
    pub seed: Seed,
    /// Their access.
    pub state: State,
    /// A status word to show instead of the state's own.
    pub word: Option<String>,
    /// Further addresses they are found by and that are never shown.
    pub aliases: Vec<String>,
    /// When the account was made or last invited.
    pub since: Timestamp,
}

impl Account {
    /// Whether this address belongs to them.
    pub fn has_email(&self, email: &str) -> bool {
        self.seed
            .email
            .iter()
            .chain(&self.aliases)
            .any(|own| own.eq_ignore_ascii_case(email))
    }

    /// Whether this login belongs to them.
    pub fn has_github(&self, login: &str) -> bool {
        self.seed
            .github
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(login))
    }

    /// Whether an address, a login or an id means them.
    pub fn answers_to(&self, key: &str) -> bool {
        self.id.eq_ignore_ascii_case(key) || self.has_email(key) || self.has_github(key)
    }

    /// Lets them have been made or invited this many days ago.
    pub fn age(&mut self, days: i64) {
        self.since = Timestamp::now() - SignedDuration::from_hours(24 * days);
    }
}

/// Everybody a platform knows.
#[derive(Clone, Debug, Default)]
pub struct People {
    accounts: Vec<Account>,
    /// Every id, address and login so far, in lower case.
    taken: HashSet<String>,
    born: usize,
}

impl People {
    /// Adds somebody, in the place of whoever had that id, address or login; returns the id.
    pub fn seed(&mut self, person: &Seed, state: State, fresh_id: impl Fn(usize) -> String) -> String {
        let keys = [&person.id, &person.email, &person.github];
        let same = |account: &Account| keys.into_iter().flatten().any(|key| account.answers_to(key));
        let mut place = None;
        if keys.into_iter().flatten().any(|key| self.have_had(key)) {
            place = self.accounts.iter().position(same);
        }
        let kept = place.map(|place| self.accounts[place].id.clone());
        if place.is_some() {
            self.accounts.retain(|account| !same(account));
        }
        let id = person.id.clone().or(kept).unwrap_or_else(|| self.unused_id(fresh_id));
        let keys = keys.into_iter().flatten().chain([&id]);
        self.taken.extend(keys.map(|key| key.to_lowercase()));
        let account = Account {
            id: id.clone(),
            seed: Seed {
                id: Some(id.clone()),
                ..person.clone()
            },
            state,
            word: None,
            aliases: Vec::new(),
            since: Timestamp::now(),
        };
        self.accounts.insert(place.unwrap_or(self.accounts.len()), account);
        id
    }

    fn unused_id(&mut self, fresh_id: impl Fn(usize) -> String) -> String {
        loop {
            self.born += 1;
            let id = fresh_id(self.born);
            if !self.taken.contains(&id.to_lowercase()) {
                return id;
            }
        }
    }

    /// Whoever an address, a login or an id means; somebody present before somebody gone.
    pub fn find(&self, key: &str) -> Option<&Account> {
        let mut matches: Vec<_> = self.accounts.iter().filter(|account| account.answers_to(key)).collect();
        matches.sort_by_key(|account| account.state == State::Gone);
        matches.first().copied()
    }

    /// The same, to change.
    pub fn find_mut(&mut self, key: &str) -> Option<&mut Account> {
        let id = self.find(key)?.id.clone();
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// Somebody who is listed under exactly this id.
    pub fn listed(&mut self, id: &str) -> Option<&mut Account> {
        let mut latest = self.accounts.iter_mut().rev(); // who came just now is asked for most
        latest.find(|account| account.id == id && account.state != State::Gone)
    }

    /// Whether anybody ever had this id, address or login. One of a crowd of new people is told without a look at all others.
    pub fn have_had(&self, key: &str) -> bool {
        self.taken.contains(&key.to_lowercase())
    }

    /// Everybody, also those gone.
    pub fn all(&self) -> &[Account] {
        &self.accounts
    }

    /// Everybody, to change.
    pub fn all_mut(&mut self) -> &mut [Account] {
        &mut self.accounts
    }

    /// Everybody who is not gone.
    pub fn present(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.state != State::Gone)
    }
}
