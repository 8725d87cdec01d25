//! The environment, read from a map (interface §1).

use std::collections::BTreeMap;
use std::time::Duration;

use shared::error::{Error, ErrorKind};
use shared::settings::{LedgerPlace, Settings};

use super::notation::identity;

fn read(variables: &[(&str, &str)]) -> Result<Settings, Error> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    Settings::read(|name| variables.get(name).map(|text| (*text).to_owned()))
}

fn good(variables: &[(&str, &str)]) -> Settings {
    let mut all = vec![("PROVIDERS", "bilanc")];
    all.extend_from_slice(variables);
    read(&all).expect("settings that are accepted")
}

/// The variables that are named as wrong.
fn wrong(variables: &[(&str, &str)]) -> Vec<String> {
    let error = read(variables).expect_err("settings that are refused");
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    for fault in error.faults() {
        assert!(
            error.to_string().contains(&fault.path),
            "the message names {}",
            fault.path
        );
    }
    error.faults().iter().map(|fault| fault.path.clone()).collect()
}

#[test]
fn defaults_are_those_of_the_interface() {
    let settings = good(&[]);
    assert_eq!(settings.secrets_folder, None);
    assert_eq!(settings.secret_prefix, "rollcall");
    assert_eq!(settings.secrets_ttl, Duration::from_secs(300));
    assert_eq!(settings.extra_roots, None);
    assert_eq!(settings.limits.call_timeout, Duration::from_millis(10_000));
    assert_eq!(settings.limits.retry_base, Duration::from_millis(250));
    let policy = settings.policy;
    assert!(policy.managed_domains.is_empty());
    assert_eq!(policy.protected, Some([].into()));
    assert_eq!(
        (policy.min_people, policy.max_removals, policy.max_removal_percent),
        (1, 3, 5)
    );
    assert_eq!((policy.max_shrink_percent, policy.max_ordered_removals), (10, 25));
    assert_eq!(
        (policy.confirm_absences, policy.sighting_gap),
        (2, Duration::from_secs(10 * 60))
    );
    assert_eq!(policy.leaver_hold, Duration::from_secs(30 * 86_400));
    assert_eq!(settings.ledger, LedgerPlace::Nowhere);
    assert!(settings.schedules.is_none());
}

#[test]
fn what_schedules_need_is_set_together_or_not_at_all() {
    let all = [
        ("PROVIDERS", "bilanc"),
        ("SCHEDULE_GROUP", "leavers"),
        ("SCHEDULE_ROLE_ARN", "arn:aws:iam::123456789012:role/send"),
        ("OFFBOARD_QUEUE_ARN", "arn:aws:sqs:eu-west-1:123456789012:offboard"),
    ];
    let place = read(&all).expect("accepted").schedules.expect("a place of schedules");
    assert_eq!([place.group, place.role, place.queue], [all[1].1, all[2].1, all[3].1]);
    assert_eq!(wrong(&all[..2]), ["SCHEDULE_ROLE_ARN", "OFFBOARD_QUEUE_ARN"]);
    assert_eq!(wrong(&all[..3]), ["OFFBOARD_QUEUE_ARN"]);
    assert_eq!(wrong(&[all[0], all[2], all[3]]), ["SCHEDULE_GROUP"]);
}

#[test]
fn empty_or_blank_is_the_same_as_absent() {
    let settings = good(&[
        ("SECRETS", ""),
        ("SECRET_PREFIX", " "),
        ("SECRETS_TTL_SECONDS", ""),
        ("MANAGED_DOMAINS", ""),
        ("PROTECTED", " "),
        ("MIN_PEOPLE", ""),
        ("EXTRA_CA_FILE", ""),
        ("CALL_TIMEOUT_MS", "\n"),
    ]);
    assert_eq!(settings.secret_prefix, "rollcall");
    assert_eq!(settings.policy.protected, Some([].into()));
    assert_eq!(settings.policy.min_people, 1);
}

#[test]
fn everything_set() {
    let settings = read(&[
        ("PROVIDERS", " powens, bilanc ,"),
        ("SECRETS", "file:/run/secrets"),
        ("SECRET_PREFIX", "acme/rollcall"),
        ("SECRETS_TTL_SECONDS", "0"),
        ("MANAGED_DOMAINS", "acme.test, Example.COM"),
        ("PROTECTED", "root@acme.test, github:Root, powens:101"),
        ("MIN_PEOPLE", "20"),
        ("MAX_REMOVALS", "0"),
        ("MAX_REMOVAL_PERCENT", "100"),
        ("MAX_SHRINK_PERCENT", "15"),
        ("CONFIRM_ABSENCES", "3"),
        ("SIGHTING_GAP_MINUTES", "0"),
        ("MAX_ORDERED_REMOVALS", "7"),
        ("LEAVER_HOLD_DAYS", "1"),
        ("LEDGER", "dynamodb:rollcall"),
        ("CALL_TIMEOUT_MS", "100"),
        ("RETRY_BASE_MS", "0"),
    ]);
    let settings = settings.expect("accepted");
    let ids: Vec<&str> = settings.providers.iter().map(|id| id.name()).collect();
    assert_eq!(ids, ["bilanc", "powens"], "in the registry's order");
    assert_eq!(settings.secrets_folder.as_deref(), Some("/run/secrets".as_ref()));
    assert_eq!(settings.secret_prefix, "acme/rollcall");
    assert_eq!(settings.secrets_ttl, Duration::ZERO);
    let domains: Vec<&str> = settings.policy.managed_domains.iter().map(String::as_str).collect();
    assert_eq!(domains, ["acme.test", "example.com"]);
    let protected = ["root@acme.test", "github:root", "powens:101"].map(identity);
    assert_eq!(settings.policy.protected, Some(protected.into()));
    assert_eq!((settings.policy.min_people, settings.policy.max_removals), (20, 0));
    assert_eq!(
        (
            settings.policy.max_removal_percent,
            settings.policy.max_ordered_removals
        ),
        (100, 7)
    );
    assert_eq!(
        (settings.policy.max_shrink_percent, settings.policy.confirm_absences),
        (15, 3)
    );
    assert_eq!(settings.policy.sighting_gap, Duration::ZERO);
    assert_eq!(settings.policy.leaver_hold, Duration::from_secs(86_400));
    assert_eq!(settings.ledger, LedgerPlace::Table("rollcall".to_owned()));
    assert_eq!(settings.limits.call_timeout, Duration::from_millis(100));
    assert_eq!(settings.limits.retry_base, Duration::ZERO);
}

#[test]
fn every_fault_is_named_at_once() {
    let mut faults = wrong(&[
        ("PROVIDERS", "bilanc,nobody"),
        ("SECRETS", "vault"),
        ("SECRETS_TTL_SECONDS", "5 minutes"),
        ("MANAGED_DOMAINS", "acme"),
        ("MIN_PEOPLE", "-1"),
        ("MAX_REMOVALS", "3.5"),
        ("MAX_REMOVAL_PERCENT", "101"),
        ("MAX_SHRINK_PERCENT", "10 %"),
        ("CONFIRM_ABSENCES", "twice"),
        ("SIGHTING_GAP_MINUTES", "525601"),
        ("MAX_ORDERED_REMOVALS", "many"),
        ("LEAVER_HOLD_DAYS", "3651"),
        ("LEDGER", "sqlite"),
        ("EXTRA_CA_FILE", "/nowhere/at/all.pem"),
        ("CALL_TIMEOUT_MS", "0"),
        ("RETRY_BASE_MS", "60001"),
    ]);
    faults.sort();
    assert_eq!(
        faults,
        [
            "CALL_TIMEOUT_MS",
            "CONFIRM_ABSENCES",
            "EXTRA_CA_FILE",
            "LEAVER_HOLD_DAYS",
            "LEDGER",
            "MANAGED_DOMAINS",
            "MAX_ORDERED_REMOVALS",
            "MAX_REMOVALS",
            "MAX_REMOVAL_PERCENT",
            "MAX_SHRINK_PERCENT",
            "MIN_PEOPLE",
            "PROVIDERS",
            "RETRY_BASE_MS",
            "SECRETS",
            "SECRETS_TTL_SECONDS",
            "SIGHTING_GAP_MINUTES",
        ]
    );
}

#[test]
fn providers_have_to_be_named_and_known() {
    for variables in [
        &[][..],
        &[("PROVIDERS", "")],
        &[("PROVIDERS", " , ")],
        &[("PROVIDERS", "nobody")],
    ] {
        assert_eq!(wrong(variables), ["PROVIDERS"]);
    }
    assert_eq!(wrong(&[("PROVIDERS", "Bilanc")]), ["PROVIDERS"], "an id is lower case");
    assert_eq!(good(&[("PROVIDERS", "bilanc,bilanc")]).providers.len(), 1);
}

#[test]
fn secrets_is_aws_or_a_folder() {
    assert_eq!(good(&[("SECRETS", "aws")]).secrets_folder, None);
    for text in ["AWS", "file:", "/run/secrets", "env"] {
        assert_eq!(
            wrong(&[("PROVIDERS", "bilanc"), ("SECRETS", text)]),
            ["SECRETS"],
            "{text}"
        );
    }
}

#[test]
fn ledger_is_a_table_a_file_or_none() {
    let place = |text: &str| good(&[("LEDGER", text)]).ledger;
    assert_eq!(place("none"), LedgerPlace::Nowhere);
    assert_eq!(place(" "), LedgerPlace::Nowhere);
    assert_eq!(place("file:/tmp/a:b"), LedgerPlace::File("/tmp/a:b".into()));
    assert_eq!(
        place("dynamodb:rollcall-1"),
        LedgerPlace::Table("rollcall-1".to_owned())
    );
    for text in [
        "None",
        "file:",
        "dynamodb:",
        "dynamodb",
        "/tmp/ledger",
        "none:",
        "s3:bucket",
    ] {
        assert_eq!(
            wrong(&[("PROVIDERS", "bilanc"), ("LEDGER", text)]),
            ["LEDGER"],
            "{text}"
        );
    }
}

#[test]
fn a_protected_list_that_does_not_parse_is_no_list() {
    for text in [
        "root",
        "root@acme.test,root",
        "root@acme",
        "github:",
        "powens:",
        "email:root@acme.test",
        "root@acme.test;eve@acme.test",
    ] {
        assert_eq!(good(&[("PROTECTED", text)]).policy.protected, None, "{text}");
    }
    let settings = good(&[("PROTECTED", "root@acme.test,,GitHub:Root,")]);
    assert_eq!(
        settings.policy.protected,
        Some([identity("root@acme.test"), identity("github:root")].into())
    );
}

#[test]
fn managed_domains_are_compared_in_the_form_of_an_address() {
    let managed = |list: &str| good(&[("MANAGED_DOMAINS", list)]).policy;
    assert!(managed("ACME.Test").manages("acme.test"));
    assert!(managed("münchen.test").manages("xn--mnchen-3ya.test"));
    assert!(managed("xn--mnchen-3ya.test").manages("xn--mnchen-3ya.test"));
    assert!(!managed("acme.test").manages("eu.acme.test"), "no subdomains");
    assert!(!managed("eu.acme.test").manages("acme.test"));
    assert!(!managed("").manages(""));
    for text in [
        "acme",
        "*.acme.test",
        "@acme.test",
        "acme.test.",
        "http://acme.test",
        "acme.test evil.test",
        "a@acme.test",
    ] {
        let faults = wrong(&[("PROVIDERS", "bilanc"), ("MANAGED_DOMAINS", text)]);
        assert_eq!(faults, ["MANAGED_DOMAINS"], "{text}");
    }
}

#[test]
fn messages_hold_no_value() {
    let canary = "canary-7f3a";
    let names = ["PROVIDERS", "SECRETS", "MANAGED_DOMAINS", "MIN_PEOPLE", "EXTRA_CA_FILE"];
    let error = read(&names.map(|name| (name, canary))).expect_err("refused");
    assert!(!format!("{error} {error:?}").contains(canary));
}
