//! Reading keys: what counts as the same, what is sent as it was written, what is no key at all.

use shared::planning::identity::{Email, Identity, IdentityKind, Login, Name, ProviderId};

use super::notation::identity;

/// How an address is compared; `None` when it is none.
fn email(text: &str) -> Option<String> {
    Email::parse(text).map(|email| email.key().to_owned())
}

#[test]
fn addresses_are_compared_in_one_form() {
    for (text, key) in [
        ("ada@acme.test", "ada@acme.test"),
        ("  Ada.L@Acme.TEST\t", "ada.l@acme.test"),
        ("ada+work@acme.test", "ada+work@acme.test"),
        ("a.d.a@acme.test", "a.d.a@acme.test"),
        ("o'brien_%x-1@eu.acme.test", "o'brien_%x-1@eu.acme.test"),
        ("ada@MÜNCHEN.test", "ada@xn--mnchen-3ya.test"),
        ("ada@XN--MNCHEN-3YA.test", "ada@xn--mnchen-3ya.test"),
        ("ada@例え.test", "ada@xn--r8jz45g.test"),
        // Lower-casing what is not ASCII is ambiguous, so it stays.
        ("İda@acme.test", "İda@acme.test"),
    ] {
        assert_eq!(email(text).as_deref(), Some(key), "{text}");
    }
}

#[test]
fn what_is_no_address() {
    let long_local = format!("{}@acme.test", "a".repeat(65));
    let long_domain = format!("a@{}test", "acme.".repeat(50));
    for text in [
        "",
        " ",
        "ada",
        "@acme.test",
        "ada@",
        "ada@acme",
        "ada@localhost",
        "ada@acme.test.",
        "ada@.test",
        "ada@acme..test",
        "ada@acme_corp.test",
        "ada@ acme.test",
        "ada @acme.test",
        "ada\n@acme.test",
        "ada\u{a0}l@acme.test",
        "ada@bob@acme.test",
        "ada,bob@acme.test",
        "ada;bob@acme.test",
        "Ada <ada@acme.test>",
        "<ada@acme.test>",
        "mailto:ada@acme.test",
        "\"ada\"@acme.test",
        "ada@-acme.test",
        "ada@acme.test,bob@acme.test",
        &long_local,
        &long_domain,
    ] {
        assert_eq!(email(text), None, "{text}");
    }
    assert!(email(&format!("{}@acme.test", "a".repeat(64))).is_some());
}

#[test]
fn an_address_is_sent_as_it_was_written() {
    let written = |text: &str| Email::parse(text).unwrap().written().to_owned();
    assert_eq!(written(" Ada+Work@Acme.test "), "Ada+Work@Acme.test");
    assert_eq!(written("ada@acme.test"), "ada@acme.test");
    assert_eq!(Email::parse("Ada@acme.test"), Email::parse("ada@ACME.test"));
    assert_eq!(
        Email::parse("ada@MÜNCHEN.test").unwrap().domain(),
        "xn--mnchen-3ya.test"
    );
}

#[test]
fn logins() {
    let login = |text: &str| Login::parse(text).map(|login| login.key().to_owned());
    for (text, key) in [
        ("ada", "ada"),
        (" Ada-L ", "ada-l"),
        ("ada_acme", "ada_acme"),
        ("4", "4"),
    ] {
        assert_eq!(login(text).as_deref(), Some(key));
    }
    for text in [
        "",
        " ",
        "ada l",
        "ada.l",
        "@ada",
        "ada@acme.test",
        "adä",
        "a/b",
        &"a".repeat(40),
    ] {
        assert_eq!(login(text), None, "{text}");
    }
    assert_eq!(login(&"a".repeat(39)), Some("a".repeat(39)));
    assert_eq!(Login::parse("Ada").unwrap().written(), "Ada");
}

#[test]
fn the_forms_of_protected() {
    assert_eq!(Identity::parse(" Ada@Acme.test "), Some(identity("ada@acme.test")));
    assert_eq!(
        Identity::parse("github:Ada"),
        Some(Identity::Github(Login::parse("ada").unwrap()))
    );
    assert_eq!(Identity::parse("powens:101"), Some(Identity::native("powens", "101")));
    assert_eq!(Identity::parse("hibob:a:b"), Some(Identity::native("hibob", "a:b")));
    assert_eq!(Identity::parse("app_2:Ab-9"), Some(Identity::native("app_2", "Ab-9")));
    // A source in another case, or with a space after the colon, would otherwise protect nobody, without a word.
    assert_eq!(Identity::parse("GitHub:Ada"), Identity::parse("github:ada"));
    assert_eq!(Identity::parse("Powens:101"), Some(Identity::native("powens", "101")));
    assert_eq!(Identity::parse("powens: 101"), Some(Identity::native("powens", "101")));
    // An id is taken as it is.
    assert_ne!(Identity::parse("bilanc:A1"), Identity::parse("bilanc:a1"));
}

#[test]
fn what_protects_nobody_is_refused() {
    for text in [
        "",
        " ",
        "ada",
        "ada@",
        "@acme.test",
        "*@acme.test",
        "ada@acme",
        ":101",
        "powens:",
        "powens: ",
        "github:",
        "github:ada@acme.test",
        "github:a b",
        "email:ada@acme.test",
        "mailto:ada@acme.test",
        "ada@acme.test:101",
        "po wens:101",
        "powens:1 01",
        "pówens:101",
        "power-ens:101",
        "powens:1\u{7}01",
        "powens:*",
        "*",
    ] {
        assert_eq!(Identity::parse(text), None, "{text}");
    }
}

#[test]
fn which_keys_a_provider_can_use() {
    let powens = ProviderId::new("powens");
    for (text, kind) in [
        ("ada@acme.test", IdentityKind::Email),
        ("github:ada", IdentityKind::Github),
        ("powens:1", IdentityKind::Native),
    ] {
        for other in [IdentityKind::Email, IdentityKind::Github, IdentityKind::Native] {
            assert_eq!(identity(text).is_of(other, powens), other == kind, "{text}");
        }
    }
    assert!(!identity("bamboohr:1").is_of(IdentityKind::Native, powens));
}

#[test]
fn names() {
    let name = |first: Option<&str>, last: Option<&str>| Name {
        first: first.map(Into::into),
        last: last.map(Into::into),
    };
    assert_eq!(name(Some("Ada"), Some("L")).full().as_deref(), Some("Ada L"));
    assert_eq!(name(Some("Ada"), None).full().as_deref(), Some("Ada"));
    assert_eq!(name(None, Some("L")).full().as_deref(), Some("L"));
    assert_eq!(Name::default().full(), None);
}
