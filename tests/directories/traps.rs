//! The corpus of identity traps: each a named case, with where the trap is known from.
//!
//! `addresses` and `people` plan over what a directory named; the others read a simulated directory that is like that.

mod addresses;
mod entra;
mod github;
mod google;
mod okta;
mod people;
mod scim;

use rehearsal::directories::{Directory as Simulator, Member};
use serde_json::{Value, json};
use shared::directory::Read;
use shared::error::Error;
use shared::planning::identity::Identity;
use shared::planning::roster::{Person, Standing};

use super::face::{STAFF, Stage};

/// Adds this member to the group `staff`.
fn put(stage: &Stage, member: Member) {
    let mut members = stage.simulator.members();
    let staff: Vec<Member> = members.group(STAFF).unwrap_or_default();
    let mut ids: Vec<&str> = staff.iter().map(|one| one.id.as_str()).collect();
    ids.push(&member.id);
    members.set_group(STAFF, &ids);
    members.put(member.clone());
}

/// Reads the members of `staff` from a simulator.
async fn staff_of(stage: &Stage) -> Result<Read, Error> {
    stage.staff().await
}

/// What somebody is known by, without the id of the source, and how they stand.
fn shown(read: &Read) -> Vec<String> {
    let one = |person: Person| {
        let keys = person.identities().iter().filter_map(|identity| match identity {
            Identity::Email(email) => Some(email.key().to_owned()),
            Identity::Github(login) => Some(format!("github:{}", login.key())),
            Identity::Native(..) => None,
        });
        let standing = match person.standing() {
            Standing::Active => "active",
            Standing::Suspended => "suspended",
            Standing::Left => "left",
            other => panic!("no directory says {other:?}"),
        };
        let keys: Vec<String> = keys.chain([standing.to_owned()]).collect();
        keys.join(" ")
    };
    let mut shown: Vec<String> = read.people.iter().map(one).collect();
    shown.sort();
    shown
}

/// A stage on this simulator, whose pages are of three.
fn stage<S: Simulator + 'static>(simulator: S) -> Stage {
    Stage::on(Box::new(simulator))
}

/// The terms of the group `staff` with one more field.
fn staff_with(name: &str, value: &str) -> Value {
    json!({"grants": {STAFF: ["bilanc"]}, name: value})
}

#[test]
fn every_trap_says_where_it_is_known_from() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/directories/traps");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| line.ends_with("test]")) {
            let above = i.checked_sub(1).map(|above| lines[above]).unwrap_or_default();
            assert!(above.starts_with("// Source: "), "{line} {}", lines[i + 1]);
            cases += 1;
        }
    }
    assert!(cases >= 30, "only {cases} cases");
}
