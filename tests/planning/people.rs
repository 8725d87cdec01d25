//! Who has what, over all providers.

use shared::planning::account::{Account, Observed};
use shared::planning::people::{Holder, merge};
use shared::planning::roster::Roster;

use super::notation::{bilanc, blackbird, identity, person, powens};

fn with(mut observed: Observed, accounts: &[(&str, &[&str])]) -> Observed {
    let account = |(id, keys): &(&str, &[&str])| Account::new(id, keys.iter().map(|key| identity(key)));
    observed.accounts = accounts.iter().map(account).collect();
    observed
}

/// Each holder's accounts, and whether the directory names them.
fn shown(holders: &[Holder<'_>]) -> Vec<String> {
    let holder = |holder: &Holder<'_>| {
        let known = if holder.person.is_some() { "known" } else { "stranger" };
        let accounts = holder.accounts.iter();
        let accounts: Vec<String> = accounts
            .map(|(id, account)| format!("{id} {}", account.native_id))
            .collect();
        format!("{known}: {}", accounts.join(", "))
    };
    holders.iter().map(holder).collect()
}

#[test]
fn accounts_of_one_person_are_found_by_any_key_also_through_each_other() {
    let observed = [
        with(
            bilanc(),
            &[("1", &["ada@acme.test", "github:ada"]), ("2", &["github:bob"])],
        ),
        with(blackbird(), &[("b1", &["ADA@acme.test"]), ("b2", &["bob@acme.test"])]),
        with(powens(), &[("101", &[]), ("102", &[])]),
    ];
    let roster = Roster::new(vec![person(&["github:ada", "powens:101"]), person(&["zoe@acme.test"])]);
    let roster = roster.expect("accepted");
    let holders = merge(&observed, Some(&roster));
    assert_eq!(
        shown(&holders),
        [
            "known: bilanc 1, blackbird b1, powens 101",
            "stranger: blackbird b2",
            "known: ",
            "stranger: bilanc 2",
            "stranger: powens 102",
        ]
    );
    let ada = &holders[0];
    assert_eq!(
        ada.identities.len(),
        5,
        "address, login, and an id at each of three providers"
    );
    assert!(ada.identities.is_sorted());
}

#[test]
fn without_a_directory_accounts_still_find_each_other() {
    let observed = [
        with(bilanc(), &[("1", &["ada@acme.test"])]),
        with(blackbird(), &[("1", &["ada@acme.test"]), ("2", &["bob@acme.test"])]),
    ];
    assert_eq!(
        shown(&merge(&observed, None)),
        ["stranger: bilanc 1, blackbird 1", "stranger: blackbird 2"]
    );
    assert!(merge(&[], None).is_empty());
}

#[test]
fn the_same_id_at_two_providers_is_not_the_same_person() {
    let observed = [with(bilanc(), &[("1", &[])]), with(blackbird(), &[("1", &[])])];
    assert_eq!(merge(&observed, None).len(), 2);
}

#[test]
fn nobody_the_directory_names_disappears_behind_somebody_else() {
    // An account that fits both, and a login that both claim.
    let observed = [with(bilanc(), &[("1", &["ada@acme.test", "bob@acme.test"])])];
    let roster = Roster::new(vec![
        person(&["ada@acme.test"]),
        person(&["bob@acme.test", "github:dev"]),
        person(&["eve@acme.test", "github:dev"]),
    ]);
    let roster = roster.expect("accepted");
    let holders = merge(&observed, Some(&roster));
    let named = holders.iter().filter(|holder| holder.person.is_some()).count();
    assert_eq!(named, 3);
    let accounts: usize = holders.iter().map(|holder| holder.accounts.len()).sum();
    assert_eq!(accounts, 1, "and the account is listed once");
}
