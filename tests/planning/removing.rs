//! The planner's rules 4 to 8, each with its edges: who may be removed, and in which order.

use super::notation::{check, scene, shown};

#[test]
fn rule_4_absence_removes_inside_managed_domains_only() {
    let nobody = "person x@acme.test nowhere";
    check(&format!("{nobody} \n account 1 eve@acme.test"), "offboard 1: absence");
    check(&format!("{nobody} \n account 1 eve@ACME.TEST"), "offboard 1: absence");
    for outside in [
        "eve@eu.acme.test",
        "eve@notacme.test",
        "eve@acme.test.example",
        "github:eve",
    ] {
        check(&format!("{nobody} \n account 1 {outside}"), "skip 1: unmanaged");
    }
    check(&format!("{nobody} \n account 1"), "skip 1: unmanaged");
    check(
        &format!("managed \n {nobody} \n account 1 eve@acme.test"),
        "skip 1: unmanaged",
    );
    check(
        &format!("managed a.test b.test \n {nobody} \n account 1 eve@b.test \n account 2 eve@c.test"),
        "offboard 1: absence \n skip 2: unmanaged",
    );
    // One address inside is enough.
    check(
        &format!("{nobody} \n account 1 eve@home.test eve@acme.test"),
        "offboard 1: absence",
    );
}

#[test]
fn rule_4_a_directory_that_knows_the_identity_needs_no_managed_domain() {
    check(
        "managed \n person eve@home.test left \n account 1 eve@home.test",
        "offboard 1: known leaver",
    );
    check(
        "managed \n person github:eve elsewhere \n account 1 github:eve",
        "offboard 1: known leaver",
    );
    check(
        "managed \n person eve@home.test nowhere \n account 1 eve@home.test",
        "offboard 1: known leaver",
    );
}

#[test]
fn rule_5_permanent_and_absent_is_unlinked() {
    check(
        "at powens \n person x@acme.test nowhere \n account 101",
        "skip 101: unlinked",
    );
    check(
        "at powens \n person x@acme.test nowhere \n account 101 eve@acme.test",
        "skip 101: unlinked",
    );
}

#[test]
fn rule_5_permanent_and_claimed_by_a_leaver_is_a_removal() {
    check(
        "at powens \n person ada@acme.test powens:101 left \n account 101",
        "offboard 101: known leaver",
    );
    check(
        "at powens \n person ada@acme.test powens:101 nowhere \n account 101",
        "offboard 101: known leaver",
    );
    check(
        "at powens \n person ada@acme.test powens:101 left \n account 102",
        "skip 102: unlinked",
    );
    check("at powens \n account 101 \n offboard powens:101", "offboard 101: named");
}

#[test]
fn rule_6_protected_by_any_key() {
    let left = "person eve@acme.test github:eve bamboohr:5 left \n account 1 eve@acme.test";
    for key in [
        "eve@acme.test",
        "EVE@Acme.Test",
        "bilanc:1",
        "Bilanc:1",
        "github:Eve",
        "bamboohr:5",
    ] {
        check(&format!("protected {key} \n {left}"), "skip 1: protected");
    }
    for other in ["eva@acme.test", "powens:1", "bilanc:2", "github:eve2", "hibob:5"] {
        check(&format!("protected {other} \n {left}"), "offboard 1: known leaver");
    }
}

#[test]
fn rule_6_protected_from_every_trigger() {
    let account = "protected github:root \n account 1 root@acme.test github:root";
    check(&format!("{account} \n person x@acme.test nowhere"), "skip 1: protected");
    check(&format!("{account} \n person root@acme.test left"), "skip 1: protected");
    check(&format!("{account} \n offboard root@acme.test"), "skip 1: protected");
    check(
        "at powens \n protected powens:1 \n account 1 \n offboard powens:1",
        "skip 1: protected",
    );
    // Also by a key that only the directory knows, or only another entry of the order.
    let by_login = "protected github:root \n account 1 root@acme.test";
    check(
        &format!("{by_login} \n person root@acme.test github:root \n offboard root@acme.test"),
        "skip 1: protected",
    );
    check(
        "protected bamboohr:5 \n account 1 root@acme.test github:root
         offboard root@acme.test \n offboard github:root bamboohr:5",
        "skip 1: protected",
    );
}

#[test]
fn rule_6_protection_keeps_nobody_out() {
    check(
        "protected ada@acme.test \n person ada@acme.test",
        "onboard ada@acme.test",
    );
    check(
        "protected ada@acme.test \n person ada@acme.test \n account 1 ada@acme.test dormant",
        "revive 1 for ada@acme.test",
    );
}

#[test]
fn rule_7_what_the_api_cannot_do_is_planned_all_the_same() {
    check(
        "at hand \n person ada@acme.test \n person eve@acme.test left \n account 1 eve@acme.test",
        "offboard 1: known leaver \n onboard ada@acme.test",
    );
}

#[test]
fn rule_8_an_account_that_is_listed_twice_is_not_touched() {
    check(
        "person x@acme.test nowhere \n account 1 eve@acme.test \n account 1 eve@acme.test",
        "skip 1: ambiguous",
    );
    check(
        "person ada@acme.test \n account 1 eve@acme.test \n account 1 ada@acme.test dormant",
        "skip 1: ambiguous \n skip 1: ambiguous",
    );
    check(
        "onboard ada@acme.test \n account 1 eve@x.test \n account 1 eve@x.test",
        "onboard ada@acme.test",
    );
}

#[test]
fn rule_8_closing_comes_before_opening_and_each_is_sorted() {
    check(
        "person zoe@acme.test \n person ada@acme.test \n person bob@acme.test left \n person cid@acme.test left
         person dan@acme.test \n account 9 bob@acme.test \n account 10 cid@acme.test \n account 5 dan@acme.test dormant",
        "offboard 10: known leaver \n offboard 9: known leaver
         onboard ada@acme.test \n onboard zoe@acme.test \n revive 5 for dan@acme.test",
    );
}

#[test]
fn suspended_is_kept_and_not_joined() {
    check(
        "person ada@acme.test suspended \n account 1 ada@acme.test",
        "skip 1: suspended",
    );
    check(
        "person ada@acme.test suspended nowhere \n account 1 ada@acme.test",
        "skip 1: suspended",
    );
    check(
        "person ada@acme.test suspended \n account 1 ada@acme.test dormant",
        "skip 1: suspended",
    );
    check("person ada@acme.test suspended", "skip ada@acme.test: suspended");
    check("person ada@acme.test suspended elsewhere", "");
    // An order is explicit.
    check(
        "person ada@acme.test suspended \n account 1 ada@acme.test \n offboard ada@acme.test",
        "offboard 1: named",
    );
}

#[test]
fn managed_counts_present_accounts_of_ours() {
    let managed = |text: &str| scene(text).plan().managed;
    let nobody = "person x@acme.test nowhere";
    assert_eq!(
        managed(&format!(
            "{nobody} \n account 1 eve@acme.test \n account 2 bob@acme.test invited"
        )),
        2
    );
    assert_eq!(
        managed(&format!(
            "{nobody} \n account 1 eve@acme.test dormant \n account 2 bob@acme.test unknown"
        )),
        0
    );
    assert_eq!(managed(&format!("{nobody} \n account 1 eve@home.test \n account 2")), 0);
    assert_eq!(managed("person eve@home.test left \n account 1 eve@home.test"), 1);
    assert_eq!(
        managed(&format!(
            "{nobody} \n protected eve@acme.test \n account 1 eve@acme.test"
        )),
        0
    );
    assert_eq!(
        managed("protected github:root \n person root@acme.test github:root \n account 1 root@acme.test"),
        0
    );
}

#[test]
fn observed_counts_all_and_people_counts_everybody_the_roster_names() {
    let scene = scene("person ada@acme.test \n person bob@acme.test left \n account 1 eve@home.test unknown");
    let plan = scene.plan();
    assert_eq!((plan.observed, plan.people), (1, Some(2)));
    assert_eq!(shown(&plan), ["onboard ada@acme.test", "skip 1: unknown_status"]);
}
