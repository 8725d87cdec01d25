//! What can fail, one row each.

use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use super::{Event, Failure, Heard};
use crate::stage::{Stage, TOKEN, crowd, csv, mail};

fn night(_: &Stage) -> Event {
    Event::Direct(json!({"mode": "apply", "schedule": "nightly"}))
}

fn hurried_night(_: &Stage) -> Event {
    Event::Hurried(json!({"mode": "apply", "schedule": "nightly"}))
}

/// An order of the HR system about somebody of the company.
fn order(_: &Stage) -> Event {
    Event::Request(UrlRequest::post("/", &json!({"email_addresses": [mail("p1")]})).bearer(TOKEN))
}

fn leaver_of_a_later_day(_: &Stage) -> Event {
    let order = json!({"email_addresses": [mail("p1")], "effective_at": "2096-12-31T18:00:00Z"});
    Event::Request(UrlRequest::post("/", &order).bearer(TOKEN))
}

fn command(stage: &Stage) -> Event {
    Event::Request(stage.slack.command("/onboard", &mail("p1"), &[]))
}

fn stranger(_: &Stage) -> Event {
    Event::Request(UrlRequest::post("/", &json!({"email_addresses": [mail("p1")]})).bearer("canary-old"))
}

fn forged_command(stage: &Stage) -> Event {
    let mut request = stage.slack.command("/onboard", &mail("p1"), &[]);
    request.body.extend(b"+bilanc"); // after it was signed
    Event::Request(request)
}

fn bilanc(stage: &Stage, fault: Fault) {
    stage.bilanc.faults().inject("*", "/", fault, When::Always);
}

/// So many of the twenty have left by the directory.
fn left(stage: &Stage, count: usize) {
    let rows = crowd("p", count).into_iter().fold(csv(crowd("p", 20)), |csv, name| {
        csv.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"))
    });
    stage.directory(&rows);
}

fn ledger_is_unreadable(stage: &Stage) {
    stage.ledger.fail_after("Query", 0);
}

fn ledger_is_unwritable(stage: &Stage) {
    stage.ledger.fail_after("BatchWriteItem", 0);
}

const NOTHING: Failure = Failure {
    what: "nothing is wrong",
    settings: &[],
    breaks: |_| {},
    function: "reconcile",
    event: night,
    heard: Heard::Nothing,
};

const fn at_night(what: &'static str, breaks: fn(&Stage)) -> Failure {
    Failure {
        what,
        breaks,
        heard: Heard::Notice,
        ..NOTHING
    }
}

const fn alarmed(
    what: &'static str,
    function: &'static str,
    event: fn(&Stage) -> Event,
    breaks: fn(&Stage),
) -> Failure {
    Failure {
        what,
        breaks,
        function,
        event,
        heard: Heard::Alarm,
        ..NOTHING
    }
}

pub(super) const FAILURES: &[Failure] = &[
    NOTHING,
    at_night("a provider rejects our key", |stage| bilanc(stage, Fault::Status(401))),
    at_night("a provider forbids", |stage| bilanc(stage, Fault::Status(403))),
    at_night("a provider is down", |stage| bilanc(stage, Fault::Status(503))),
    at_night("a provider throttles", |stage| bilanc(stage, Fault::Status(429))),
    at_night("a provider never answers", |stage| bilanc(stage, Fault::Hang)),
    at_night("a provider throttles for hours", |stage| {
        bilanc(stage, Fault::StatusWithRetryAfter(429, "7200".to_owned()))
    }),
    at_night("a provider cuts the line", |stage| bilanc(stage, Fault::CutBefore)),
    at_night("a provider cuts the line after its work", |stage| {
        bilanc(stage, Fault::CutAfter)
    }),
    at_night("a provider sends us elsewhere", |stage| {
        bilanc(stage, Fault::Redirect("http://127.0.0.1:1/elsewhere".to_owned()))
    }),
    at_night("a provider does not stop talking", |stage| {
        bilanc(stage, Fault::HugeBody)
    }),
    at_night("a provider counts wrongly", |stage| bilanc(stage, Fault::WrongTotal)),
    Failure {
        what: "a provider says more than it used to",
        breaks: |stage| bilanc(stage, Fault::ExtraField),
        ..NOTHING
    },
    at_night("a provider talks nonsense", |stage| bilanc(stage, Fault::Garbage)),
    at_night("a provider leaves members out", |stage| {
        bilanc(stage, Fault::MissingField)
    }),
    at_night("a provider's list is short", |stage| {
        stage
            .blackbird
            .faults()
            .inject("GET", "/", Fault::ShortPage, When::Always);
    }),
    at_night("a joiner cannot be let in", |stage| {
        stage.seed("blackbird", "p1", State::Gone);
        stage
            .blackbird
            .faults()
            .inject("POST", "/users", Fault::Status(500), When::Always);
        stage
            .blackbird
            .faults()
            .inject("PUT", "/", Fault::Status(500), When::Always);
    }),
    at_night("a leaver cannot be removed", |stage| {
        left(stage, 1);
        stage
            .blackbird
            .faults()
            .inject("PUT", "/", Fault::Status(400), When::Always);
        stage
            .bilanc
            .faults()
            .inject("DELETE", "/", Fault::Status(400), When::Always);
        stage
            .bilanc
            .faults()
            .inject("POST", "/", Fault::Status(400), When::Always);
    }),
    at_night("too many would leave", |stage| left(stage, 6)),
    at_night("the directory is down", |stage| {
        stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    }),
    at_night("the directory is cut off", |stage| {
        stage.directory("email,status\n\"p0")
    }),
    at_night("the directory is empty", |stage| stage.directory("email,status\n")),
    at_night("the directory names too few", |stage| {
        stage.directory(&csv(crowd("p", 2)).replace(",p0,Canary,active", ",p0,Canary,left"));
    }),
    at_night("there is no directory", |stage| stage.without_document("directory")),
    at_night("the directory's document is wrong", |stage| {
        stage.document("directory", &json!({"kind": "nonsense"}));
    }),
    at_night("a provider has no document", |stage| stage.without_document("bilanc")),
    at_night("a provider's document is wrong", |stage| {
        stage.document("bilanc", &json!({"key": "canary"}));
    }),
    Failure {
        what: "whom nothing may remove cannot be read",
        settings: &[("PROTECTED", "nobody")],
        ..at_night("", |stage| left(stage, 1))
    },
    Failure {
        what: "the time is over before anything was read",
        event: hurried_night,
        settings: &[("CALL_TIMEOUT_MS", "10000")],
        ..at_night("", |stage| bilanc(stage, Fault::Hang))
    },
    alarmed("a setting is wrong", "reconcile", night, |_| {}).with(&[("MAX_REMOVALS", "many")]),
    alarmed("Secrets Manager is down", "reconcile", night, |stage| {
        stage
            .secrets
            .faults()
            .inject("*", "/", Fault::Status(500), When::Always);
    }),
    alarmed("Secrets Manager is down for a caller", "onboard", order, |stage| {
        stage
            .secrets
            .faults()
            .inject("*", "/", Fault::Status(500), When::Always);
    }),
    alarmed("nobody can be admitted", "offboard", order, |stage| {
        stage.without_document("callers")
    }),
    alarmed("a caller has an old secret", "onboard", stranger, |_| {}),
    alarmed("a caller may not do this", "reconcile", order, |_| {}),
    alarmed("a caller's signature is wrong", "onboard", forged_command, |_| {}),
    alarmed("the ledger cannot be read", "reconcile", night, ledger_is_unreadable),
    alarmed("the ledger cannot be written", "reconcile", night, |stage| {
        left(stage, 1);
        ledger_is_unwritable(stage);
    }),
    alarmed("the ledger is lost to a joiner", "onboard", order, ledger_is_unreadable),
    alarmed(
        "the ledger is lost to a leaver",
        "offboard",
        order,
        ledger_is_unreadable,
    ),
    alarmed("a queue is down", "onboard", command, |stage| {
        stage.queues.faults().inject("*", "/", Fault::Status(500), When::Always);
    }),
    alarmed("Slack is down", "reconcile", night, |stage| {
        stage.seed("blackbird", "p1", State::Dormant);
        stage.slack.faults().inject("*", "/", Fault::Status(500), When::Always);
    }),
    Failure {
        what: "a leaver's day cannot be kept",
        function: "offboard",
        event: leaver_of_a_later_day,
        ..at_night("", |stage| {
            stage
                .scheduler
                .faults()
                .inject("*", "/", Fault::Status(500), When::Always);
        })
    },
];

impl Failure {
    const fn with(self, settings: &'static [(&'static str, &'static str)]) -> Self {
        Self { settings, ..self }
    }
}
