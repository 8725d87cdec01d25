//! What is said of somebody at one provider: how the account stands, and whether the directory wants it so.

use crate::planning::account::{Account, Status};
use crate::planning::guard::Policy;
use crate::planning::identity::ProviderId;
use crate::planning::people::Holder;
use crate::planning::roster::{Person, Standing};

/// Whether the directory is there to say who is entitled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::door) enum Directory {
    /// It was read.
    Read,
    /// There is none, or it is down: nobody knows.
    Unknown,
}

/// What can be wrong, or worth a look, with somebody at a provider; each is a class of the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// An account, and no person in the directory.
    Orphan,
    /// Entitled, and no access.
    Missing,
    /// Access, and not entitled.
    Extra,
    /// Nobody can tell whose the account is.
    Doubt,
    /// An invitation waits.
    Pending,
    /// An account that can be used.
    Active,
    /// An account that cannot be used.
    Dormant,
    /// A status that nobody knows.
    Odd,
    /// An account that nothing removes.
    Protected,
    /// The provider could not be read.
    Down,
    /// No account, and none is wanted.
    Nothing,
}

/// Every mark that is looked for, with its words; what needs a look comes first.
pub(super) const MARKS: [(Mark, &str); 10] = [
    (Mark::Orphan, "orphan (account without a person)"),
    (Mark::Missing, "access missing (entitled, no account)"),
    (Mark::Extra, "not entitled"),
    (Mark::Doubt, "in doubt"),
    (Mark::Odd, "status unknown"),
    (Mark::Pending, "invited, pending"),
    (Mark::Active, "active"),
    (Mark::Dormant, "dormant"),
    (Mark::Protected, "protected (nothing removes it)"),
    (Mark::Down, "unknown (the provider could not be read)"),
];

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Orphan => "orph",
            Self::Missing => "miss",
            Self::Extra => "extra",
            Self::Doubt => "doubt",
            Self::Pending => "pend",
            Self::Active => "on",
            Self::Dormant => "off",
            Self::Odd => "odd",
            Self::Protected => "prot",
            Self::Down => "down",
            Self::Nothing => "no",
        }
    }

    /// What comes first in a table: what somebody should look into, then what waits for somebody.
    fn rank(self) -> u8 {
        match self {
            Self::Orphan | Self::Missing | Self::Extra | Self::Doubt | Self::Odd => 0,
            Self::Pending => 1,
            Self::Active | Self::Dormant | Self::Protected | Self::Down | Self::Nothing => 2,
        }
    }
}

/// One cell of the table.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) marks: Vec<Mark>,
    pub(super) text: String,
}

impl Cell {
    /// What is said of `holder` at a provider that was read.
    pub(super) fn of(holder: &Holder<'_>, provider: ProviderId, directory: Directory, policy: &Policy) -> Self {
        let of_provider = holder.accounts.iter().filter(|(id, _)| *id == provider);
        let mut accounts: Vec<&Account> = of_provider.map(|(_, account)| *account).collect();
        accounts.sort_by_key(|account| place(account.status));
        let Some(account) = accounts.first() else {
            return Self::without_account(holder, provider);
        };
        let (mark, text) = match account.status {
            Status::Active => (Mark::Active, "active"),
            Status::Invited => (Mark::Pending, "invited, pending"),
            Status::Dormant => (Mark::Dormant, "dormant"),
            Status::Unknown => (Mark::Odd, "status unknown"),
        };
        let mut cell = Self {
            marks: vec![mark],
            text: text.to_owned(),
        };
        if accounts.len() > 1 {
            cell.text += &format!(", {} accounts", accounts.len());
        }
        let is_dormant = account.status == Status::Dormant;
        let standing = holder.person.as_ref().map(|person| person.standing());
        let entitled = holder
            .person
            .as_ref()
            .is_some_and(|person| person.is_entitled_to(provider));
        match standing {
            None if directory == Directory::Unknown => cell.text += ", entitled unknown",
            None => cell.note(Mark::Orphan, "orphan"),
            Some(standing) if standing.is_doubtful() => cell.note(Mark::Doubt, "in doubt"),
            Some(Standing::Active) if entitled && is_dormant => cell.note(Mark::Missing, "access missing"),
            Some(standing) if !entitled && !is_dormant && standing != Standing::Suspended => {
                cell.note(Mark::Extra, "not entitled");
            }
            Some(_) => {}
        }
        let is_protected = |account: &&Account| {
            let own = account.own(provider);
            let mut known = account.identities.iter().chain([&own]);
            known.any(|identity| policy.protects(identity))
        };
        let person_is = holder
            .person
            .as_ref()
            .is_some_and(|person| person.identities().iter().any(|identity| policy.protects(identity)));
        if person_is || accounts.iter().any(is_protected) {
            cell.note(Mark::Protected, "protected");
        }
        cell
    }

    /// What is said of anybody at a provider that could not be read.
    pub(super) fn unknown() -> Self {
        Self {
            marks: vec![Mark::Down],
            text: "unknown".to_owned(),
        }
    }

    fn without_account(holder: &Holder<'_>, provider: ProviderId) -> Self {
        // Who is suspended or in doubt is given nothing new, so that nothing is missing.
        let missing = |person: &&Person| person.standing() == Standing::Active && person.is_entitled_to(provider);
        let (mark, text) = match holder.person.as_ref().filter(missing) {
            Some(_) => (Mark::Missing, "access missing"),
            None => (Mark::Nothing, "no account"),
        };
        Self {
            marks: vec![mark],
            text: text.to_owned(),
        }
    }

    fn note(&mut self, mark: Mark, text: &str) {
        self.marks.push(mark);
        self.text += ", ";
        self.text += text;
    }

    /// Its classes in the style sheet.
    pub(super) fn class(&self) -> String {
        let classes: Vec<&str> = self.marks.iter().map(|mark| mark.class()).collect();
        classes.join(" ")
    }

    pub(super) fn rank(&self) -> u8 {
        let ranks = self.marks.iter().map(|mark| mark.rank());
        ranks.min().unwrap_or(u8::MAX)
    }
}

/// Of several accounts at one provider, the one that says most about access stands for all.
fn place(status: Status) -> u8 {
    match status {
        Status::Active => 0,
        Status::Invited => 1,
        Status::Unknown => 2,
        Status::Dormant => 3,
    }
}

/// What the directory says of somebody.
pub(super) fn standing(holder: &Holder<'_>, directory: Directory) -> &'static str {
    match (holder.person.as_ref().map(|person| person.standing()), directory) {
        (None, Directory::Unknown) => "unknown",
        (None, Directory::Read) => "not listed",
        (Some(Standing::Active), _) => "listed",
        (Some(Standing::Suspended), _) => "suspended",
        (Some(Standing::Left), _) => "left",
        (Some(Standing::Disputed | Standing::ChangedHands), _) => "in doubt",
    }
}
