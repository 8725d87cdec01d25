//! The planner's rules 1 to 3, each with its edges: who is who, and who is there.

use super::notation::check;

#[test]
fn rule_1_a_shared_address_login_or_native_id_is_the_same_person() {
    check("person ada@acme.test \n account 1 ada@acme.test", "");
    check("person ada@acme.test github:ada \n account 1 github:ada", "");
    check("person ada@acme.test bilanc:1 \n account 1 other@acme.test", "");
    check("at powens \n person ada@acme.test powens:101 \n account 101", "");
    // Compared without regard to case, and in one form of the domain.
    check("person Ada@ACME.test \n account 1 aDA@acme.TEST", "");
    check("person github:Ada \n account 1 github:aDA", "");
    check(
        "managed münchen.test \n person ada@münchen.test \n account 1 ada@xn--mnchen-3ya.test",
        "",
    );
}

#[test]
fn rule_1_keys_that_only_look_alike_are_different_people() {
    check(
        "person ada+work@acme.test \n account 1 ada@acme.test",
        "offboard 1: absence \n onboard ada+work@acme.test",
    );
    // Another system's id, another kind of key, an id in other case.
    check(
        "person ada@x.test bamboohr:1 \n account 1",
        "onboard ada@x.test bamboohr:1 \n skip 1: unmanaged",
    );
    check(
        "person github:ada \n account ada",
        "onboard github:ada \n skip ada: unmanaged",
    );
    check(
        "person ada@x.test bilanc:a1 \n account A1",
        "onboard ada@x.test bilanc:a1 \n skip A1: unmanaged",
    );
}

#[test]
fn rule_1_one_account_of_two_people_is_ambiguous() {
    check(
        "person ada@acme.test \n person bob@acme.test \n account 1 ada@acme.test bob@acme.test",
        "skip 1: ambiguous",
    );
    // Also when it would have been a removal, a revival, or both agree that they left.
    check(
        "person ada@acme.test left \n person bob@acme.test \n account 1 ada@acme.test bob@acme.test",
        "skip 1: ambiguous",
    );
    check(
        "person ada@acme.test \n person github:bob \n account 1 ada@acme.test github:bob dormant",
        "skip 1: ambiguous",
    );
    check(
        "person ada@acme.test left \n person github:bob left \n account 1 ada@acme.test github:bob",
        "skip 1: ambiguous",
    );
}

#[test]
fn rule_1_one_person_with_two_accounts_is_ambiguous() {
    let accounts = "account 1 ada@acme.test \n account 2 github:ada";
    let both = "skip 1: ambiguous \n skip 2: ambiguous";
    check(&format!("person ada@acme.test github:ada \n {accounts}"), both);
    check(&format!("person ada@acme.test github:ada left \n {accounts}"), both);
    check(&format!("person ada@acme.test github:ada \n {accounts} dormant"), both);
    // An order too cannot tell which one is meant.
    check(&format!("offboard ada@acme.test github:ada \n {accounts}"), both);
    check(&format!("onboard ada@acme.test github:ada \n {accounts} dormant"), both);
}

#[test]
fn rule_1_doubt_about_one_account_spares_the_neighbour_only_if_somebody_is_in_both() {
    check(
        "person ada@acme.test bob@acme.test \n person eve@acme.test left
         account 1 ada@acme.test \n account 2 bob@acme.test \n account 3 eve@acme.test",
        "offboard 3: known leaver \n skip 1: ambiguous \n skip 2: ambiguous",
    );
}

#[test]
fn rule_1_people_the_directory_cannot_tell_apart_are_left_alone() {
    let two = "person ada@acme.test github:dev left \n person bob@acme.test github:dev left";
    check(
        &format!("{two} \n account 1 ada@acme.test \n account 2 bob@acme.test"),
        "skip 1: ambiguous \n skip 2: ambiguous",
    );
    check(
        "person ada@acme.test github:dev \n person bob@acme.test github:dev",
        "skip ada@acme.test: ambiguous \n skip bob@acme.test: ambiguous",
    );
    // Nor does an order for one of them reach either.
    check(
        &format!("{two} \n account 1 ada@acme.test \n offboard ada@acme.test"),
        "skip 1: ambiguous",
    );
    check(
        &format!("{two} \n onboard ada@acme.test"),
        "skip ada@acme.test: ambiguous",
    );
}

#[test]
fn rule_2_active_and_invited_are_present() {
    check("person ada@acme.test \n account 1 ada@acme.test active", "");
    check("person ada@acme.test \n account 1 ada@acme.test invited", "");
    check(
        "person ada@acme.test left \n account 1 ada@acme.test invited",
        "offboard 1: known leaver",
    );
    check(
        "person x@acme.test nowhere \n account 1 eve@acme.test invited",
        "offboard 1: absence",
    );
}

#[test]
fn rule_2_dormant_is_revived_with_its_account_and_never_removed() {
    check(
        "person ada@acme.test \n account 1 ada@acme.test dormant",
        "revive 1 for ada@acme.test",
    );
    check("person ada@acme.test left \n account 1 ada@acme.test dormant", "");
    check("person x@acme.test nowhere \n account 1 eve@acme.test dormant", "");
    check("offboard ada@acme.test \n account 1 ada@acme.test dormant", "");
    check(
        "onboard ada@acme.test \n account 1 ada@acme.test dormant",
        "revive 1 for ada@acme.test",
    );
}

#[test]
fn rule_2_unknown_is_never_touched() {
    let skip = "skip 1: unknown_status";
    for people in [
        "person ada@acme.test",
        "person ada@acme.test left",
        "person x@acme.test nowhere",
    ] {
        check(&format!("{people} \n account 1 ada@acme.test unknown"), skip);
    }
    check("offboard ada@acme.test \n account 1 ada@acme.test unknown", skip);
    check("onboard ada@acme.test \n account 1 ada@acme.test unknown", skip);
    check("at powens \n person powens:1 left \n account 1 unknown", skip);
}

#[test]
fn rule_3_somebody_without_the_kind_of_key_is_skipped() {
    check("at blackbird \n person github:ada", "skip ada: unidentifiable");
    check(
        "at blackbird \n person github:ada ada@acme.test",
        "onboard ada@acme.test github:ada",
    );
    check("at blackbird \n onboard github:ada", "skip ada: unidentifiable");
    check("at blackbird \n offboard github:ada", "skip ada: unidentifiable");
    check(
        "at powens \n person ada@acme.test bamboohr:5",
        "skip ada@acme.test: unidentifiable",
    );
    check(
        "at powens \n person ada@acme.test powens:5",
        "onboard ada@acme.test powens:5",
    );
    check("person bamboohr:5", "skip ?: unidentifiable");
    // Nobody is missed who should not be here anyway.
    check(
        "at blackbird \n person github:ada left \n person github:bob elsewhere",
        "",
    );
}

#[test]
fn rule_3_somebody_without_the_kind_of_key_is_never_a_reason_to_remove() {
    // Account 1 may well be theirs: nothing links it, and nothing says that it is not.
    check(
        "at blackbird \n person github:ada \n account 1 ada@acme.test",
        "skip 1: unlinked \n skip ada: unidentifiable",
    );
    check(
        "at blackbird \n person github:ada suspended \n account 1 ada@acme.test",
        "skip 1: unlinked \n skip ada: suspended",
    );
    check(
        "at blackbird \n person github:ada suspended elsewhere \n account 1 ada@acme.test",
        "skip 1: unlinked",
    );
    // Whom the directory knows to have left still goes.
    check(
        "at blackbird \n person github:ada \n person bob@acme.test left \n account 1 ada@acme.test \n account 2 bob@acme.test",
        "offboard 2: known leaver \n skip 1: unlinked \n skip ada: unidentifiable",
    );
    // Somebody who is linked in another way, or should not be here, holds nothing up.
    check(
        "at blackbird \n person github:ada blackbird:1 \n account 1 ada@acme.test \n account 2 eve@acme.test",
        "offboard 2: absence",
    );
    check(
        "at blackbird \n person github:ada elsewhere \n account 1 eve@acme.test",
        "offboard 1: absence",
    );
}
