//! What has to hold when a test ends, whatever it was about: nobody was asked what they forbid, and no function wrote down a name
//! or anything else than flat JSON.

use jiff::Timestamp;
use serde_json::Value;

use super::{EVERYWHERE, Stage, network};

/// What no function may write down: every seeded address, login, name and secret holds the first; the next are those of
/// `tests/events`; the last is how a token that looks like a JWT begins.
const UNSPEAKABLE: [&str; 6] = ["canary", "jane@", "johndoe", "ada@", "example-token", "eyJ"];

impl Stage {
    fn verdict(&self) {
        for simulator in self.simulators() {
            assert_eq!(
                simulator.violations(),
                [""; 0],
                "{} was asked what it forbids",
                simulator.id()
            );
        }
        let services = [
            ("Secrets Manager", self.secrets.violations()),
            ("the roster server", self.roster.violations()),
            ("DynamoDB", self.ledger.violations()),
            ("SQS", self.queues.violations()),
            ("the scheduler", self.scheduler.violations()),
            ("Slack", self.slack.violations()),
        ];
        for (service, violations) in services {
            assert_eq!(violations, [""; 0], "{service} was asked what it forbids");
        }
        for function in self.started.borrow().iter() {
            let output = function.output();
            let may_panic = function.started().env.iter().any(|(_, value)| value == "panics");
            assert!(
                may_panic || !output.contains("panicked"),
                "a function panicked: {output}"
            );
            output.lines().for_each(is_a_line);
            let lower = output.to_lowercase();
            for word in UNSPEAKABLE {
                let line = lower.lines().find(|line| line.contains(&word.to_lowercase()));
                assert_eq!(line, None, "a function wrote {word:?} down");
            }
            assert_eq!(
                network::strangers(function.pid()),
                [""; 0],
                "a function talked to another machine"
            );
        }
    }
}

/// A line of a log is flat JSON and says when, how loud, of which function and invocation it is. Before the first event there is none.
fn is_a_line(text: &str) {
    let Ok(Value::Object(line)) = serde_json::from_str(text) else {
        panic!("a function wrote what is no JSON object: {text}");
    };
    let said = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    assert!(said("timestamp").parse::<Timestamp>().is_ok(), "{text}");
    assert!(["DEBUG", "INFO", "WARN", "ERROR"].contains(&said("level")), "{text}");
    assert!(EVERYWHERE.contains(&said("function")), "{text}");
    let is_first = line.get("coldStart").and_then(Value::as_bool);
    assert!(is_first.is_some(), "{text}");
    for id in ["requestId", "xrayTraceId"] {
        assert!(is_first == Some(true) || !said(id).is_empty(), "{text}");
    }
    for (name, value) in &line {
        assert!(name == "_aws" || !(value.is_object() || value.is_array()), "{text}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.verdict();
        }
    }
}
