//! How a run came out, from how its providers did (interface §6).

use shared::error::{Error, ErrorKind};
use shared::planning::guard::{Digest, Held, Rule};
use shared::planning::plan::Change;
use shared::planning::report::{Ending, Mode, Outcome, ProviderReport, Report, RunStatus};

use super::notation::{bilanc, scene};

fn report(ending: Ending) -> ProviderReport {
    ProviderReport {
        provider: bilanc().provider,
        ending,
        observed: 1,
        people: None,
        held: None,
        changes: Vec::new(),
        skips: Vec::new(),
        unsettled: Vec::new(),
        consent: None,
        queued: None,
    }
}

fn change() -> Change {
    scene("onboard ada@acme.test").plan().changes.remove(0)
}

/// A provider's report by a word of the tables below.
fn provider(word: &str) -> ProviderReport {
    let failed = || Outcome::Failed(Error::new(ErrorKind::Unavailable, "throttled"));
    let with = |ending: Ending, outcome: Option<Outcome>| ProviderReport {
        changes: vec![(change(), Some(Outcome::Done)), (change(), outcome)],
        ..report(ending)
    };
    match word {
        "empty" => report(Ending::Applied),
        "done" => with(Ending::Applied, Some(Outcome::Done)),
        "unchanged" => with(Ending::Applied, Some(Outcome::Unchanged)),
        "pending" => with(Ending::Applied, Some(Outcome::Pending)),
        "not_found" => with(Ending::Applied, Some(Outcome::NotFound)),
        "manual" => with(Ending::Applied, Some(Outcome::Manual("in the console".to_owned()))),
        "failed" => with(Ending::Applied, Some(failed())),
        "unsettled" => ProviderReport {
            unsettled: vec![change()],
            ..report(Ending::Applied)
        },
        "previewed" => with(Ending::Previewed, None),
        "would_hold" => ProviderReport {
            held: Some(held()),
            ..report(Ending::Previewed)
        },
        "held" => ProviderReport {
            held: Some(held()),
            ..report(Ending::Held)
        },
        "unreachable" => ProviderReport::unreachable(bilanc().provider, Error::new(ErrorKind::Unavailable, "down")),
        _ => panic!("no such word: {word}"),
    }
}

fn held() -> Held {
    Held {
        rule: Rule::TooManyRemovals,
        changes: Vec::new(),
        limit: 3,
        managed: 26,
        digest: Digest::parse("0"),
    }
}

/// The report of providers by the words of the table above.
fn run(providers: &str) -> Report {
    Report {
        mode: Mode::Apply,
        providers: providers.split_whitespace().map(provider).collect(),
        ledger: None,
        unknown: Vec::new(),
    }
}

#[test]
fn status_of_a_run() {
    for (providers, status) in [
        ("", RunStatus::Done),
        ("empty", RunStatus::Done),
        ("done unchanged", RunStatus::Done),
        ("pending not_found manual", RunStatus::Done),
        ("previewed would_hold", RunStatus::Done),
        ("failed", RunStatus::Partial),
        ("done failed", RunStatus::Partial),
        ("unsettled", RunStatus::Partial),
        ("done unreachable", RunStatus::Partial),
        ("done held", RunStatus::Partial),
        ("held unreachable", RunStatus::Partial),
        ("held held", RunStatus::Held),
        ("unreachable", RunStatus::Failed),
        ("unreachable unreachable", RunStatus::Failed),
    ] {
        assert_eq!(run(providers).status(), status, "of {providers}");
    }
}

#[test]
fn a_run_that_went_on_without_its_ledger_is_not_done() {
    for (providers, status) in [
        ("", RunStatus::Partial),
        ("done", RunStatus::Partial),
        ("previewed", RunStatus::Partial),
        ("done held", RunStatus::Partial),
        ("held held", RunStatus::Held),
        ("unreachable", RunStatus::Failed),
    ] {
        let report = Report {
            ledger: Some(Error::new(ErrorKind::Unavailable, "down")),
            unknown: Vec::new(),
            ..run(providers)
        };
        assert_eq!(report.status(), status, "of {providers}");
    }
}

#[test]
fn a_report_begins_with_what_was_seen_and_who_is_left_alone() {
    let plan = scene("person ada@acme.test \n person bob@acme.test \n account 1 eve@home.test").plan();
    let report = ProviderReport::of(&plan, Ending::Held);
    assert_eq!(
        (report.provider, report.observed, report.people),
        (bilanc().provider, 1, Some(2))
    );
    assert!(matches!(report.ending, Ending::Held));
    assert_eq!((report.skips.len(), &report.skips), (1, &plan.skips));
    assert!(report.held.is_none() && report.changes.is_empty() && report.unsettled.is_empty());
}

#[test]
fn outcomes_have_the_words_of_the_interface() {
    let words = ["done", "unchanged", "pending", "not_found", "manual", "failed"];
    for word in words {
        let outcome = provider(word)
            .changes
            .pop()
            .and_then(|(_, outcome)| outcome)
            .expect("an outcome");
        assert_eq!(outcome.name(), word);
    }
}

#[test]
fn an_unreachable_provider_reports_its_error_and_nothing_else() {
    let report = provider("unreachable");
    assert!(matches!(&report.ending, Ending::Unreachable(error) if error.kind() == ErrorKind::Unavailable));
    assert!(report.changes.is_empty() && report.skips.is_empty() && report.held.is_none());
}
