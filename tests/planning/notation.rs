//! A small company as text, and what the planner makes of it as text.
//!
//! ```text
//! at blackbird                                bilanc when absent; powens, and hand (its API cannot) are the others
//! managed acme.test                           the default; more than one after another
//! protected root@acme.test powens:101
//! person ada@acme.test github:ada             entitled here; or: elsewhere, nowhere, left, suspended, gathered
//! source identities                           the people after it are those of a further source; or: people
//! account 7 ada@acme.test dormant             or: active (default), invited, unknown
//! offboard ada@acme.test                      an order's entry; without any the desire is the roster, exactly
//! ledger                                      there is one; no memory without it
//! seen 7 1 10                                 it saw account 7 absent once, ten minutes ago
//! sent_away ada@acme.test                     it keeps out whoever an order offboarded
//! ```

mod showing;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::planning::account::{Account, Capabilities, Observed, Offboarding, Onboarding, Status};
use shared::planning::guard::Policy;
use shared::planning::identity::{Identity, IdentityKind, ProviderId};
use shared::planning::memory::{Memory, Remembering, Sighting};
use shared::planning::merging::{Role, merge};
use shared::planning::plan::{Desired, Plan, plan};
use shared::planning::roster::{Access, Person, Roster, Standing, merged};

pub(crate) use showing::{shown, written};

/// A second provider, for people who are entitled to something, but not here.
pub(crate) const ELSEWHERE: ProviderId = ProviderId::new("elsewhere");

/// 2026-07-01, 12:00 UTC: the time of every run that is not said to be another.
pub(crate) const NOON: Timestamp = Timestamp::constant(1_782_907_200, 0);

/// So many minutes before noon.
pub(crate) fn ago(minutes: i64) -> Timestamp {
    NOON - SignedDuration::from_mins(minutes)
}

/// A ledger that was read at noon and remembers nothing yet.
pub(crate) fn ledger() -> Memory {
    Memory {
        remembering: Remembering::Yes,
        now: NOON,
        ..Memory::default()
    }
}

/// What a text describes.
pub(crate) struct Scene {
    pub(crate) observed: Observed,
    pub(crate) people: Vec<Person>,
    pub(crate) policy: Policy,
    pub(crate) memory: Memory,
    sources: Vec<(Role, Vec<Person>)>,
    onboard: Vec<Person>,
    offboard: Vec<Person>,
}

/// The policy of the default settings, with one managed domain.
pub(crate) fn policy() -> Policy {
    Policy {
        managed_domains: ["acme.test".to_owned()].into(),
        protected: Some([].into()),
        min_people: 1,
        max_removals: 3,
        max_removal_percent: 5,
        max_shrink_percent: 10,
        confirm_absences: 2,
        sighting_gap: Duration::from_secs(600),
        max_ordered_removals: 25,
        leaver_hold: Duration::from_secs(30 * 86_400),
    }
}

/// A provider that lets in and takes away at once, and knows people by address and login.
pub(crate) fn bilanc() -> Observed {
    let kinds = &[IdentityKind::Email, IdentityKind::Github];
    provider("bilanc", Onboarding::Immediate, Offboarding::Reversible, kinds)
}

/// One that knows people by address only.
pub(crate) fn blackbird() -> Observed {
    provider(
        "blackbird",
        Onboarding::Immediate,
        Offboarding::Reversible,
        &[IdentityKind::Email],
    )
}

/// One that knows people by its own ids, and deletes for ever.
pub(crate) fn powens() -> Observed {
    provider(
        "powens",
        Onboarding::Unsupported,
        Offboarding::Permanent,
        &[IdentityKind::Native],
    )
}

/// One whose API can list only: the rest is work for a person.
pub(crate) fn hand() -> Observed {
    provider(
        "hand",
        Onboarding::Unsupported,
        Offboarding::Unsupported,
        &[IdentityKind::Email],
    )
}

fn provider(
    id: &'static str,
    onboarding: Onboarding,
    offboarding: Offboarding,
    identified_by: &'static [IdentityKind],
) -> Observed {
    Observed {
        provider: ProviderId::new(id),
        capabilities: Capabilities {
            onboarding,
            offboarding,
            identified_by,
        },
        accounts: Vec::new(),
        settled: Default::default(),
    }
}

/// An identity as the notation and `PROTECTED` write it.
pub(crate) fn identity(text: &str) -> Identity {
    Identity::parse(text).unwrap_or_else(|| panic!("no identity: {text}"))
}

/// A person by these identities, entitled to nothing yet.
pub(crate) fn person(identities: &[&str]) -> Person {
    Person::new(identities.iter().map(|text| identity(text)))
}

/// Reads the notation.
pub(crate) fn scene(text: &str) -> Scene {
    let mut scene = Scene {
        observed: bilanc(),
        people: Vec::new(),
        policy: policy(),
        memory: Memory::default(),
        sources: Vec::new(),
        onboard: Vec::new(),
        offboard: Vec::new(),
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        match word {
            "at" => {
                scene.observed = match rest {
                    "blackbird" => blackbird(),
                    "powens" => powens(),
                    "hand" => hand(),
                    _ => panic!("no such provider: {rest}"),
                }
            }
            "managed" => scene.policy.managed_domains = words.iter().map(|word| (*word).to_owned()).collect(),
            "protected" => scene.policy.protected = Some(words.iter().map(|word| identity(word)).collect()),
            "source" => scene.sources.push((role(rest), Vec::new())),
            "person" => {
                let person = someone(&words, scene.observed.provider);
                let further = scene.sources.last_mut().map(|(_, people)| people);
                further.unwrap_or(&mut scene.people).push(person);
            }
            "account" => scene.observed.accounts.push(account(&words)),
            "onboard" => scene.onboard.push(person(&words)),
            "offboard" => scene.offboard.push(person(&words)),
            "ledger" => scene.memory = ledger(),
            "seen" => drop(scene.memory.sightings.insert(words[0].into(), sighting(&words[1..]))),
            "sent_away" => scene.memory.kept_out.extend(words.iter().map(|word| identity(word))),
            _ => panic!("not in the notation: {line}"),
        }
    }
    scene
}

fn role(word: &str) -> Role {
    [Role::People, Role::Identities]
        .into_iter()
        .find(|role| role.name() == word)
        .expect("a role")
}

fn someone(words: &[&str], here: ProviderId) -> Person {
    let mut access = vec![here];
    let mut standing = Standing::Active;
    let mut known = Access::Stated;
    let mut identities = Vec::new();
    for word in words {
        match *word {
            "gathered" => known = Access::Gathered,
            "elsewhere" => access = vec![ELSEWHERE],
            "nowhere" => access = Vec::new(),
            "left" => standing = Standing::Left,
            "suspended" => standing = Standing::Suspended,
            text => identities.push(identity(text)),
        }
    }
    Person::new(identities)
        .with_access(access)
        .with_access_known(known)
        .standing_as(standing)
}

fn account(words: &[&str]) -> Account {
    let (id, rest) = words.split_first().expect("an account has an id");
    let mut status = Status::Active;
    let mut identities = Vec::new();
    for word in rest {
        match Status::ALL.into_iter().find(|status| status.name() == *word) {
            Some(found) => status = found,
            None => identities.push(identity(word)),
        }
    }
    Account {
        status,
        ..Account::new(id, identities)
    }
}

fn sighting(words: &[&str]) -> Sighting {
    let number = |n: usize| words[n].parse::<u32>().expect("a number");
    Sighting {
        times: number(0) as usize,
        last: ago(number(1).into()),
    }
}

impl Scene {
    /// Everybody the sources name.
    pub(crate) fn roster(&self) -> Roster {
        let accepted = |people: &Vec<Person>| Roster::new(people.clone()).expect("a roster that is accepted");
        let further = self.sources.iter().map(|(role, people)| (*role, accepted(people)));
        let sources = [(Role::People, accepted(&self.people))].into_iter().chain(further);
        merge(sources.collect()).expect("sources that are accepted")
    }

    /// The plan: the roster exactly, or the order, completed by the roster where there is one.
    pub(crate) fn plan(&self) -> Plan {
        let roster = || self.roster();
        let complete = |named: &[Person]| match self.people.is_empty() {
            true => merged(named),
            false => roster().complete(named),
        };
        let of = |desired: Desired<'_>| plan(&self.observed, desired, &self.policy, &self.memory);
        match (self.onboard.as_slice(), self.offboard.as_slice()) {
            ([], []) => of(Desired::Exactly(&roster())),
            (joiners, []) => of(Desired::Including(&complete(joiners))),
            ([], leavers) => of(Desired::Excluding(&complete(leavers))),
            _ => panic!("one order only"),
        }
    }
}

/// Plans what `input` describes, and expects exactly the lines of `expected`.
#[track_caller]
pub(crate) fn check(input: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(shown(&scene(input).plan()), expected, "of {input}");
}
