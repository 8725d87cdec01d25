//! The guard bench: accidents, and what must come of each.

use shared::error::ErrorKind;
use shared::planning::account::Observed;
use shared::planning::guard::{Memory, Policy, Rule};
use shared::planning::identity::{Identity, Login};
use shared::planning::plan::{Desired, Evidence, plan};
use shared::planning::roster::{Person, Roster};

use super::{LEDGER, NO_LEDGER, address, bilanc, free, held, judge, left, member, reconcile, removals, removing};
use crate::planning::notation::{blackbird, policy};

/// Reconciles under the default policy with a ledger; without one, nothing more may go and nobody less may join.
#[track_caller]
fn bench(seen: &Observed, people: &[Person], expected: Result<super::Run, ErrorKind>) {
    let run = |memory: &Memory| reconcile(seen, people.to_vec(), &policy(), memory);
    if let (Ok(with), Ok(without)) = (run(&LEDGER), run(&NO_LEDGER)) {
        assert!(without.removed <= with.removed);
        assert_eq!(without.joined, with.joined);
    }
    assert_eq!(run(&LEDGER), expected);
}

fn members(seen: &Observed, numbers: impl IntoIterator<Item = usize>) -> Vec<Person> {
    numbers.into_iter().map(|n| member(seen, n)).collect()
}

#[test]
fn a_8_accounts_and_an_empty_roster() {
    bench(&bilanc(8), &[], Err(ErrorKind::Held));
}

#[test]
fn b_26_accounts_and_a_roster_of_one() {
    let seen = bilanc(26);
    bench(&seen, &members(&seen, 0..1), held(Rule::TooManyRemovals, 25, 0));
    let policy = Policy {
        min_people: 20,
        ..policy()
    };
    let run = reconcile(&seen, members(&seen, 0..1), &policy, &LEDGER);
    assert_eq!(run, held(Rule::RosterSmall, 25, 0));
}

#[test]
fn c_150_accounts_and_an_empty_roster() {
    bench(&bilanc(150), &[], Err(ErrorKind::Held));
}

#[test]
fn d_1000_accounts_and_a_roster_cut_at_82_percent() {
    // The file's own checks are the roster file's tests; this is what stands behind them.
    let seen = bilanc(1_000);
    bench(&seen, &members(&seen, 0..820), held(Rule::TooManyRemovals, 180, 0));
}

#[test]
fn e_1000_to_700() {
    let seen = bilanc(1_000);
    bench(&seen, &members(&seen, 0..700), held(Rule::TooManyRemovals, 300, 0));
}

#[test]
fn f_10000_accounts_and_400_real_leavers() {
    let seen = bilanc(10_000);
    let mut people = members(&seen, 400..10_000);
    people.extend((0..400).map(|n| left(&seen, n)));
    bench(&seen, &people, free(400, 0));
    // A known leaver needs no ledger: one sighting is enough.
    assert_eq!(reconcile(&seen, people, &policy(), &NO_LEDGER), free(400, 0));
}

#[test]
fn g_10000_to_9400_by_accident() {
    let seen = bilanc(10_000);
    bench(&seen, &members(&seen, 0..9_400), held(Rule::TooManyRemovals, 600, 0));
}

#[test]
fn h_300_of_1000_vanish_and_50_join() {
    let seen = bilanc(1_000);
    bench(&seen, &members(&seen, 300..1_050), held(Rule::TooManyRemovals, 300, 50));
}

#[test]
fn i_4_percent_of_2000_vanish_in_each_of_10_runs() {
    let mut there: Vec<usize> = (0..2_000).collect();
    let mut memory = LEDGER;
    let mut runs = Vec::new();
    for _ in 0..10 {
        let mut seen = bilanc(2_000);
        seen.accounts = there.iter().map(|n| seen.accounts[*n].clone()).collect();
        let stay = there.split_off(there.len() * 4 / 100);
        let run = reconcile(&seen, members(&seen, stay.iter().copied()), &policy(), &memory).expect("a roster");
        memory.removed += run.removed;
        match run.held {
            Some(_) => there.extend(stay), // nobody left, and the directory is mended over night
            None => there = stay,
        }
        runs.push(run);
    }
    assert_eq!(runs[0].removed, 80);
    assert!(
        runs[1..].iter().all(|run| run.removed == 0 && run.held.is_some()),
        "{runs:?}"
    );
    assert!(memory.removed <= 100);
}

#[test]
fn i_what_is_left_of_the_window_may_still_be_used() {
    let memory = Memory { removed: 80, ..LEDGER };
    let seen = bilanc(1_920);
    let leaving = |count: usize| {
        let mut people = members(&seen, count..1_920);
        people.extend((0..count).map(|n| left(&seen, n)));
        reconcile(&seen, people, &policy(), &memory)
    };
    assert_eq!(leaving(20), free(20, 0));
    assert_eq!(leaving(21), held(Rule::TooManyRemovals, 21, 0));
}

#[test]
fn j_1000_members_and_26_joiners() {
    let seen = bilanc(1_000);
    bench(&seen, &members(&seen, 0..1_026), free(0, 26));
}

#[test]
fn o_leavers_only() {
    let seen = bilanc(1_000);
    let mut people = members(&seen, 40..1_000);
    people.extend((0..40).map(|n| left(&seen, n)));
    bench(&seen, &people, free(40, 0));
    // Absent ones as well, once the ledger has seen them often enough.
    bench(&seen, &members(&seen, 40..1_000), free(40, 0));
    assert_eq!(
        reconcile(&seen, members(&seen, 40..1_000), &policy(), &NO_LEDGER),
        held(Rule::NoMemory, 40, 0)
    );
}

#[test]
fn p_the_protected_list_cannot_be_read() {
    let policy = Policy {
        protected: None,
        ..policy()
    };
    let seen = bilanc(1_000);
    let mut people = members(&seen, 2..1_010);
    people.push(left(&seen, 0));
    let run = reconcile(&seen, people, &policy, &LEDGER);
    assert_eq!(run, held(Rule::ProtectedUnreadable, 2, 10));
}

#[test]
fn q_people_without_the_providers_kind_of_key() {
    let mut seen = blackbird();
    seen.accounts = bilanc(1_000).accounts;
    let by_login = |n: usize| {
        let login = Login::parse(&format!("p{n}")).expect("a login");
        Person::new([Identity::Github(login)]).with_access([seen.provider])
    };
    // The directory lost the addresses of two, and of everybody.
    for lost in [2, 1_000] {
        let mut people: Vec<Person> = (lost..1_000).map(|n| member(&seen, n)).collect();
        people.extend((0..lost).map(by_login));
        bench(&seen, &people, free(0, 0));
        let roster = Roster::new(people).expect("accepted");
        let plan = plan(&seen, Desired::Exactly(&roster), &policy());
        let skipped = |why: &str| plan.skips.iter().filter(|skip| skip.why.name() == why).count();
        assert_eq!((skipped("unidentifiable"), skipped("unlinked")), (lost, lost));
    }
}

#[test]
fn r_a_digest_from_yesterday_and_one_more_leaver_today() {
    let (_, held) = judge(removing(60, Evidence::KnownLeaver), &LEDGER, &[]);
    let yesterday = held.expect("60 are too many").digest;
    let (approved, held) = judge(
        removing(61, Evidence::KnownLeaver),
        &LEDGER,
        std::slice::from_ref(&yesterday),
    );
    assert_eq!(removals(approved.plan()).len(), 0);
    let today = held.expect("still held").digest;
    assert_ne!(today, yesterday);
    let (approved, held) = judge(removing(61, Evidence::KnownLeaver), &LEDGER, &[yesterday, today]);
    assert_eq!((removals(approved.plan()).len(), held), (61, None));
}

#[test]
fn everybody_in_another_domain_is_no_accident() {
    let mut seen = bilanc(0);
    seen.accounts = bilanc(100).accounts;
    let policy = Policy {
        managed_domains: ["other.test".to_owned()].into(),
        ..policy()
    };
    let somebody = Person::new([address(100)]).with_access([seen.provider]);
    assert_eq!(reconcile(&seen, vec![somebody], &policy, &LEDGER), free(0, 1));
}
