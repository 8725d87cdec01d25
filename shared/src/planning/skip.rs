//! Whom a plan leaves alone, and why: reported, so that nobody is passed over in silence.

use crate::planning::identity::Who;

/// Why somebody is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// On the protected list: nothing removes them.
    Protected,
    /// Outside the managed domains and unknown to the directory.
    Unmanaged,
    /// Nobody in the directory claims the account, and that proves nothing: removal here is permanent, or somebody who
    /// should be here cannot be linked to an account.
    Unlinked,
    /// One account fits two people, or one person two accounts.
    Ambiguous,
    /// The person has no identity of a kind the provider knows.
    Unidentifiable,
    /// The account is in a state we have no word for.
    UnknownStatus,
    /// The person is away: kept, not joined.
    Suspended,
    /// Nobody in the directory claims the account, and that was not seen often enough yet.
    AwaitingSecondSighting,
    /// An order took the person's access away not long ago: not brought back.
    Held,
    /// A later order asked for the opposite, and was worked first.
    Overtaken,
    /// An address or a login of the person was somebody else's before.
    ChangedHands,
}

impl SkipReason {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Unmanaged => "unmanaged",
            Self::Unlinked => "unlinked",
            Self::Ambiguous => "ambiguous",
            Self::Unidentifiable => "unidentifiable",
            Self::UnknownStatus => "unknown_status",
            Self::Suspended => "suspended",
            Self::AwaitingSecondSighting => "awaiting_second_sighting",
            Self::Held => "held",
            Self::Overtaken => "overtaken",
            Self::ChangedHands => "changed_hands",
        }
    }
}

/// Somebody we leave alone, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Whom.
    pub who: Who,
    /// Why.
    pub why: SkipReason,
    /// Of an account that several may hold: those who claim it.
    pub between: Vec<Who>,
}

impl Skip {
    /// Leaves `who` alone.
    pub fn new(who: Who, why: SkipReason) -> Self {
        Self {
            who,
            why,
            between: Vec::new(),
        }
    }
}
