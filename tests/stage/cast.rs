//! Who is on the stage: people whose every key holds `canary`, callers, and the orders of `tests/events`.

use std::fmt::Write as _;
use std::path::Path;

use rehearsal::providers::Seed;
use serde_json::{Value, json};

/// The settings that give functions the stage's queues; without them they have none.
pub(crate) const QUEUES: [(&str, &str); 3] = [
    (
        "ONBOARD_QUEUE_URL",
        "https://sqs.eu-central-1.amazonaws.com/123456789012/onboard",
    ),
    (
        "OFFBOARD_QUEUE_URL",
        "https://sqs.eu-central-1.amazonaws.com/123456789012/offboard",
    ),
    (
        "RECONCILE_QUEUE_URL",
        "https://sqs.eu-central-1.amazonaws.com/123456789012/reconcile",
    ),
];

/// Every function.
pub(crate) const EVERYWHERE: [&str; 4] = ["list", "onboard", "offboard", "reconcile"];
/// The bearer token of a caller who may do everything.
pub(crate) const TOKEN: &str = "canary-token-of-hr";
/// Its token from before the rotation, still good.
pub(crate) const OLD_TOKEN: &str = "canary-token-of-hr-before";
/// The bearer token of a caller who may only list.
pub(crate) const READER: &str = "canary-token-of-reader";
/// The user and the password of a caller with a browser.
pub(crate) const BROWSER: (&str, &str) = ("admin", "canary:password");
/// What the caller `payroll` sends in `X-Payroll-Key`.
pub(crate) const PAYROLL_KEY: &str = "canary-key-of-payroll";
/// What everybody is told who is not let in.
pub(crate) const DENIED: &str = r#"{"error":{"kind":"Denied","message":"not admitted"}}"#;

/// Callers of every scheme, README's among them.
pub(super) fn callers() -> Value {
    let basic = format!("{}:{}", BROWSER.0, BROWSER.1);
    json!({
        "hr": {"scheme": "bearer", "secrets": [OLD_TOKEN, TOKEN], "may": EVERYWHERE},
        "reader": {"scheme": "bearer", "secrets": [READER], "may": ["list"]},
        "browser": {"scheme": "basic", "secrets": [basic], "may": ["list", "onboard"]},
        "payroll": {"scheme": "header", "header": "X-Payroll-Key", "secrets": [PAYROLL_KEY], "may": ["onboard", "offboard"]},
        "hollow": {"scheme": "bearer", "secrets": [""], "may": EVERYWHERE},
        "nameless": {"scheme": "header", "secrets": ["canary-never-sent"], "may": EVERYWHERE},
        "slack": {"scheme": "slack", "secrets": ["canary-slack"], "team_id": "T0EXAMPLE", "users": ["U0ADMIN"], "may": EVERYWHERE},
        "rippling": {"scheme": "hmac", "header": "x-rippling-signature", "hash": "sha256", "encoding": "hex", "prefix": "",
                     "message": "{body}", "secrets": ["canary-rippling"], "may": ["offboard"]},
    })
}

/// The address of the person of this name.
pub(crate) fn mail(name: &str) -> String {
    format!("{name}.canary@example.com")
}

/// The person of this name: an address, a GitHub login `<name>-canary` and a full name.
pub(crate) fn person(name: &str) -> Seed {
    Seed {
        email: Some(mail(name)),
        github: Some(format!("{name}-canary")),
        name: Some(format!("{name} Canary")),
        id: None,
    }
}

/// So many people called `<prefix>0`, `<prefix>1` and so on.
pub(crate) fn crowd(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

/// A CSV roster of these people, each entitled to everything.
pub(crate) fn csv<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> String {
    let mut csv = String::from("email,github_username,first_name,last_name,status,access\n");
    for name in names {
        let name = name.as_ref();
        writeln!(csv, "{},{name}-canary,{name},Canary,active,*", mail(name)).unwrap();
    }
    csv
}

/// An order of `tests/events`, which the README shows.
pub(crate) fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/events/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
