//! What earlier runs change about a plan: absences that were seen before, and people whom an order sent away.

use proptest::prelude::*;
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Change, Evidence, Skip, SkipReason};

use super::companies::{Company, Trigger, companies};
use super::config;
use super::notation::{check, scene, shown};

const NOBODY: &str = "person x@acme.test nowhere";

#[test]
fn absence_is_seen_twice_and_far_enough_apart() {
    let eve = format!("{NOBODY} \n account 1 eve@acme.test");
    check(&format!("ledger \n {eve}"), "skip 1: awaiting_second_sighting");
    check(&format!("ledger \n seen 1 1 10 \n {eve}"), "offboard 1: absence");
    check(
        &format!("ledger \n seen 1 1 9 \n {eve}"),
        "skip 1: awaiting_second_sighting",
    );
    check(
        &format!("ledger \n seen 2 1 10 \n {eve}"),
        "skip 1: awaiting_second_sighting",
    );
    check(&format!("ledger \n seen 1 2 1 \n {eve}"), "offboard 1: absence");
}

#[test]
fn each_account_has_sightings_of_its_own() {
    check(
        &format!(
            "ledger \n seen 1 1 60 \n seen 3 1 5 \n {NOBODY}
         account 1 eve@acme.test \n account 2 eva@acme.test \n account 3 evi@acme.test"
        ),
        "offboard 1: absence \n skip 2: awaiting_second_sighting \n skip 3: awaiting_second_sighting",
    );
}

#[test]
fn one_sighting_is_enough_for_everything_but_absence() {
    check(
        "ledger \n person eve@acme.test left \n person eva@acme.test elsewhere
         account 1 eve@acme.test \n account 2 eva@acme.test",
        "offboard 1: known leaver \n offboard 2: known leaver",
    );
    check(
        "ledger \n offboard eve@acme.test \n account 1 eve@acme.test",
        "offboard 1: named",
    );
}

#[test]
fn without_a_ledger_the_plan_says_who_is_absent_and_the_guard_holds_it() {
    check(&format!("{NOBODY} \n account 1 eve@acme.test"), "offboard 1: absence");
    let mut scene = scene(&format!("ledger \n {NOBODY} \n account 1 eve@acme.test"));
    scene.memory.remembering = Remembering::Unreadable;
    assert_eq!(shown(&scene.plan()), ["offboard 1: absence"]);
}

#[test]
fn what_is_to_be_remembered_is_whoever_would_be_removed_for_absence() {
    let absent = |text: &str| {
        let plan = scene(text).plan();
        plan.absent
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let accounts = "account 9 eve@acme.test \n account 10 eva@acme.test invited";
    assert_eq!(absent(&format!("ledger \n {NOBODY} \n {accounts}")), "10 9", "sorted");
    assert_eq!(
        absent(&format!("ledger \n seen 9 1 60 \n {NOBODY} \n {accounts}")),
        "10 9"
    );
    assert_eq!(
        absent(&format!("{NOBODY} \n {accounts}")),
        "10 9",
        "also without a ledger"
    );
    for (why, text) in [
        ("claimed", "person eve@acme.test \n account 1 eve@acme.test"),
        ("a known leaver", "person eve@acme.test left \n account 1 eve@acme.test"),
        (
            "dormant",
            "person x@acme.test nowhere \n account 1 eve@acme.test dormant",
        ),
        (
            "unknown",
            "person x@acme.test nowhere \n account 1 eve@acme.test unknown",
        ),
        ("unmanaged", "person x@acme.test nowhere \n account 1 eve@home.test"),
        (
            "protected",
            "protected eve@acme.test \n person x@acme.test nowhere \n account 1 eve@acme.test",
        ),
        (
            "unlinked",
            "at blackbird \n person github:ada \n account 1 eve@acme.test",
        ),
        (
            "permanent",
            "at powens \n person x@acme.test nowhere \n account 1 eve@acme.test",
        ),
        (
            "listed twice",
            "person x@acme.test nowhere \n account 1 eve@acme.test \n account 1 eve@acme.test",
        ),
        (
            "an order's",
            "offboard eve@acme.test \n account 1 eve@acme.test \n account 2 eva@acme.test",
        ),
        ("an order's", "onboard eve@acme.test \n account 2 eva@acme.test"),
    ] {
        assert_eq!(absent(&format!("ledger \n {text}")), "", "{why}");
    }
}

#[test]
fn whom_an_order_sent_away_is_not_brought_back() {
    let ada = "ledger \n sent_away github:ada \n person ada@acme.test github:Ada";
    check(ada, "skip ada@acme.test: held");
    check(
        &format!("{ada} \n account 1 ada@acme.test dormant"),
        "skip ada@acme.test: held",
    );
    check(
        "sent_away bilanc:1 \n person ada@acme.test bilanc:1 \n account 1 dormant",
        "skip ada@acme.test: held",
    );
    // Nobody else is meant.
    check(
        &format!("{ada} \n person bob@acme.test \n account 2 bob@acme.test dormant"),
        "revive 2 for bob@acme.test \n skip ada@acme.test: held",
    );
    check(
        "sent_away eva@acme.test \n person eve@acme.test",
        "onboard eve@acme.test",
    );
}

#[test]
fn whom_an_order_sent_away_is_no_reason_for_anything_else() {
    let ada = "ledger \n sent_away ada@acme.test";
    // Who is there again, however that came, stays; who should not be here is no joiner at all.
    check(&format!("{ada} \n person ada@acme.test \n account 1 ada@acme.test"), "");
    check(&format!("{ada} \n person ada@acme.test left"), "");
    check(&format!("{ada} \n person ada@acme.test elsewhere"), "");
    check(
        &format!("{ada} \n person ada@acme.test left \n account 1 ada@acme.test"),
        "offboard 1: known leaver",
    );
    // Other reasons to leave them alone are named as before.
    check(
        &format!("{ada} \n person ada@acme.test suspended"),
        "skip ada@acme.test: suspended",
    );
    check(
        "at blackbird \n sent_away github:ada \n person github:ada",
        "skip ada: unidentifiable",
    );
}

#[test]
fn an_order_brings_them_back_and_an_order_sends_them_away_again() {
    let ada = "ledger \n sent_away ada@acme.test \n person ada@acme.test";
    check(&format!("{ada} \n onboard ada@acme.test"), "onboard ada@acme.test");
    check(
        &format!("{ada} \n onboard ada@acme.test \n account 1 ada@acme.test dormant"),
        "revive 1 for ada@acme.test",
    );
    check(
        &format!("{ada} \n offboard ada@acme.test \n account 1 ada@acme.test"),
        "offboard 1: named",
    );
}

#[test]
fn skips_have_the_words_of_the_document() {
    assert_eq!(SkipReason::AwaitingSecondSighting.name(), "awaiting_second_sighting");
    assert_eq!(SkipReason::Held.name(), "held");
}

proptest! {
    #![proptest_config(config(400))]

    /// The plan is the one nobody remembered anything for, but for joiners who are kept out and absences that wait.
    #[test]
    fn memory_only_leaves_people_alone(company in companies()) {
        let free = Company { memory: Memory::default(), ..company.clone() };
        let (Some(plan), Some(mut expected)) = (company.plan(), free.plan()) else { return Ok(()) };
        let memory = &company.memory;
        let mut left_alone = Vec::new();
        expected.changes.retain(|change| {
            let alone = match change {
                Change::Onboard(joiner) if matches!(company.trigger, Trigger::Reconcile) && memory.keeps_out(&joiner.person) => {
                    Skip::new(joiner.person.who(), SkipReason::Held)
                }
                Change::Offboard(leaver)
                    if leaver.evidence == Evidence::Absence && !memory.confirms(&leaver.account.native_id, &company.policy) =>
                {
                    Skip::new(leaver.account.who(), SkipReason::AwaitingSecondSighting)
                }
                _ => return true,
            };
            left_alone.push(alone);
            false
        });
        expected.skips.append(&mut left_alone);
        expected.skips.sort();
        expected.skips.dedup();
        prop_assert_eq!(plan, expected);
    }

    #[test]
    fn reconcile_brings_nobody_back_whom_an_order_sent_away(company in companies()) {
        let Some(plan) = company.plan() else { return Ok(()) };
        let reconciles = matches!(company.trigger, Trigger::Reconcile);
        for change in &plan.changes {
            let Change::Onboard(joiner) = change else { continue };
            let sent_away = joiner.person.identities().iter().any(|key| company.memory.kept_out.contains(key));
            prop_assert!(!(reconciles && sent_away));
        }
    }

    #[test]
    fn an_order_is_not_concerned_by_what_reconcile_remembers(company in companies()) {
        if matches!(company.trigger, Trigger::Reconcile) {
            return Ok(());
        }
        let free = Company { memory: Memory::default(), ..company.clone() };
        prop_assert_eq!(company.plan(), free.plan());
    }
}
