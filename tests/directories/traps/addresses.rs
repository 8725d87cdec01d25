//! Addresses and logins that look alike and are not, or look different and are the same.

use crate::planning::notation::check;

// Source: RFC 5321 §2.4 (domains fold case; local parts may not, and no directory relies on it)
#[test]
fn an_address_in_other_case_is_the_same() {
    check("person Lea.Ver@Acme.TEST \n account 1 lea.ver@acme.test", "");
}

// Source: Unicode SpecialCasing.txt (U+0130 lower-cases to two characters, and differently in Turkish)
#[test]
fn a_dotted_capital_i_is_not_folded() {
    check(
        "person İrem@acme.test \n account 1 irem@acme.test \n ledger",
        "onboard İrem@acme.test \n skip 1: awaiting_second_sighting",
    );
}

// Source: RFC 5891 §5 (a domain has one ASCII form)
#[test]
fn an_international_domain_in_either_form_is_the_same() {
    check("person lea@bücher.test \n account 1 LEA@xn--bcher-kva.test", "");
}

// Source: Unicode UTS #39 §4 (confusables); here the first letter is a Cyrillic а
#[test]
fn a_look_alike_letter_is_somebody_else() {
    check(
        "person аda@acme.test \n account 1 ada@acme.test \n ledger",
        "onboard аda@acme.test \n skip 1: awaiting_second_sighting",
    );
}

// Source: Unicode UTS #46 §4 (full-width letters are mapped in domains, and only there)
#[test]
fn a_full_width_domain_is_the_same() {
    check("person ada@ａｃｍｅ.test \n account 1 ada@acme.test", "");
}

// Source: RFC 5233 §1 (what follows a separator is the receiver's business, and + need not be one)
#[test]
fn an_address_with_a_plus_is_another_one() {
    check(
        "person ada@acme.test \n account 1 ada@acme.test \n account 2 ada+saas@acme.test \n ledger",
        "skip 2: awaiting_second_sighting",
    );
}

// Source: <https://support.google.com/mail/answer/7436150> (dots do not matter at gmail.com, and do elsewhere)
#[test]
fn an_address_with_other_dots_is_another_one() {
    check(
        "person a.da@gmail.com elsewhere \n account 1 ada@gmail.com \n account 2 a.da@gmail.com",
        "offboard 2: known leaver \n skip 1: unmanaged",
    );
}

// Source: <https://docs.github.com/en/enterprise-cloud@latest/admin/concepts/identity-and-access-management/enterprise-managed-users> (logins end in _shortcode)
#[test]
fn a_managed_users_login_has_an_underscore() {
    check("person github:ada_acme \n account 1 github:Ada_ACME", "");
}

// Source: <https://docs.github.com/en/account-and-profile> (logins are not case-sensitive)
#[test]
fn a_login_in_other_case_is_the_same() {
    check("person github:LeaVer \n account 1 github:leaver", "");
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (proxyAddresses: every alias receives mail)
#[test]
fn an_account_under_an_alias_is_the_persons() {
    check(
        "person ada@acme.test a.lovelace@acme.test \n account 1 A.Lovelace@acme.test",
        "",
    );
}

// Source: <https://learn.microsoft.com/microsoft-365/admin/email/about-shared-mailboxes> (one address, several people)
#[test]
fn a_shared_mailbox_belongs_to_nobody() {
    check(
        "person ada@acme.test team@acme.test \n person bob@acme.test team@acme.test \n account 1 team@acme.test",
        "skip 1: ambiguous",
    );
}
