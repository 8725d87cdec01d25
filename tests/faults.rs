//! Whatever fails, somebody hears of it: by one notice, or by a metric that an alarm of the template watches. Nothing is silent, and
//! nothing is told twice.

mod alarms;
mod list;

use std::time::Duration;

use rehearsal::host::{Invocation, UrlRequest};
use serde_json::{Value, json};

use crate::logs::measured;
use crate::stage::{EVERYWHERE, LEDGER, QUEUES, Running, Stage, TOKEN, crowd, csv};

/// One way to fail.
struct Failure {
    what: &'static str,
    /// Settings beside the usual.
    settings: &'static [(&'static str, &'static str)],
    /// What breaks, before the function starts.
    breaks: fn(&Stage),
    function: &'static str,
    /// What the function is given, twice.
    event: fn(&Stage) -> Event,
    heard: Heard,
}

enum Event {
    Direct(Value),
    /// With so little time until its deadline.
    Hurried(Value),
    Request(UrlRequest),
}

/// How somebody hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// By one message, however often it happens.
    Notice,
    /// By an alarm: there is nothing to send a message with, or nothing to remember it by.
    Alarm,
    /// By nothing, because nothing failed.
    Nothing,
}

/// Twenty people at two providers and in the directory; a channel that is told; an HR system and Slack, which may everything.
async fn world(settings: &[(&str, &str)]) -> Stage {
    let usual = [
        ("PROVIDERS", "bilanc,blackbird"),
        ("CALL_TIMEOUT_MS", "300"),
        ("MIN_PEOPLE", "5"),
        LEDGER,
    ];
    let stage = Stage::with(&[&usual[..], &QUEUES, settings].concat()).await;
    for id in ["bilanc", "blackbird"] {
        stage.seed_all(id, crowd("p", 20));
    }
    stage.directory(&csv(crowd("p", 20)));
    stage.document("notify", &json!({"slack_webhook_url": stage.slack.webhook()}));
    let hr = json!({"scheme": "bearer", "secrets": [TOKEN], "may": ["onboard", "offboard"]});
    stage.document("callers", &json!({"slack": stage.slack.caller(&EVERYWHERE), "hr": hr}));
    stage
}

/// Has the event worked; whether the invocation failed, which Lambda counts.
async fn work(function: &Running, event: Event) -> bool {
    let invocation = match event {
        Event::Direct(order) => function.invoke(&order).await,
        Event::Hurried(order) => function.invoke_within(&order, Duration::from_secs(3)).await,
        Event::Request(request) => return function.request(request).await.error_type().is_some(),
    };
    !matches!(invocation, Invocation::Answered(_))
}

/// What the alarms see of a function that wrote these lines, of which so many were seen before.
fn rung(function: &Running, name: &str, before: usize, failed: bool) -> Vec<String> {
    let watched = alarms::watched();
    let numbers = measured(function).into_iter().skip(before);
    let above = numbers.filter(|(.., value)| *value > 0);
    let above = above.map(|(dimensions, metric, ..)| ("Rollcall".to_owned(), metric, dimensions));
    let errors = failed.then(|| ("AWS/Lambda".to_owned(), "Errors".to_owned(), alarms::resource(name)));
    let seen = above.chain(errors).filter(|metric| watched.contains(metric));
    seen.map(|(_, metric, of)| format!("{metric} of {of}")).collect()
}

/// Lets it fail twice; an error where somebody hears of it otherwise than they should.
async fn play(failure: &Failure) -> Result<(), String> {
    let Failure {
        what, function: name, ..
    } = failure;
    let stage = world(failure.settings).await;
    (failure.breaks)(&stage);
    let function = stage.start(name).await;
    let mut notices = Vec::new();
    let mut alarms = Vec::new();
    for _ in 0..2 {
        let before = measured(&function).len();
        let failed = work(&function, (failure.event)(&stage)).await;
        notices.push(stage.slack.notices().len());
        alarms.push(rung(&function, name, before, failed));
    }
    stage.ledger.recover();
    let heard = match (failure.heard, &*notices, alarms[0].is_empty() && alarms[1].is_empty()) {
        (Heard::Notice, [1, 1], _) => true,
        (Heard::Alarm, [0, 0], silent) => !silent,
        (Heard::Nothing, [0, 0], silent) => silent,
        _ => false,
    };
    match heard {
        true => Ok(()),
        false => Err(format!("{what}: notices {notices:?}, alarms {alarms:?}")),
    }
}

#[tokio::test]
async fn each_failure_is_one_notice_or_an_alarm_and_none_is_silence() {
    let mut otherwise = Vec::new();
    for failure in list::FAILURES {
        otherwise.extend(play(failure).await.err());
    }
    assert_eq!(otherwise, [""; 0], "{}", otherwise.join("\n"));
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_function_which_an_alarm_watches() {
    let stage = world(&[]).await;
    let function = stage.start_panicking().await;
    let failed = work(&function, Event::Direct(json!({}))).await;
    assert_eq!(rung(&function, "list", 0, failed), ["Errors of ListFunction"]);
}

/// What no function can say of itself: that it never started, that an order was given up, or that a schedule's was dropped.
#[test]
fn what_no_run_can_tell_is_watched_too() {
    let watched = alarms::watched();
    let mut expected = vec![("AWS/Scheduler", "InvocationDroppedCount", "Leavers".to_owned())];
    for function in ["Onboard", "Offboard", "Reconcile"] {
        expected.push((
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            format!("{function}DeadLetters"),
        ));
        expected.push(("AWS/SQS", "ApproximateAgeOfOldestMessage", format!("{function}Queue")));
    }
    for function in EVERYWHERE {
        for metric in ["Errors", "Throttles"] {
            expected.push(("AWS/Lambda", metric, alarms::resource(function)));
        }
    }
    for (namespace, metric, of) in expected {
        let alarm = (namespace.to_owned(), metric.to_owned(), of);
        assert!(watched.contains(&alarm), "nobody watches {alarm:?}");
    }
    assert_eq!(alarms::of_silence(), ["Succeeded of reconcile"]);
}
