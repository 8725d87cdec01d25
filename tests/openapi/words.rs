//! Every word the code knows is in the file, and no other.

use std::collections::BTreeSet;

use rehearsal::host::UrlRequest;
use serde_json::json;
use shared::door::Function;
use shared::error::{Error, ErrorKind};
use shared::planning::account::Status;
use shared::planning::guard::Rule;
use shared::planning::plan::{Evidence, SkipReason};
use shared::planning::report::{Ending, Mode, Outcome, RunStatus};

use super::file::{at, document, keys, operation, schema, words};
use crate::stage::{EVERYWHERE, Stage, TOKEN, mail};

/// The names of all variants. Does not compile when there is one more, or one fewer.
macro_rules! names {
    ($kind:ident: $($variant:ident)+) => {{
        let name = |one: $kind| match one {
            $($kind::$variant => $kind::$variant.name(),)+
        };
        BTreeSet::from([$(name($kind::$variant)),+])
    }};
}

fn error_kinds() -> [ErrorKind; 12] {
    let listed = |kind: ErrorKind| match kind {
        ErrorKind::BadRequest
        | ErrorKind::TooLarge
        | ErrorKind::Denied
        | ErrorKind::Forbidden
        | ErrorKind::Held
        | ErrorKind::Misconfigured
        | ErrorKind::Credentials
        | ErrorKind::Unsupported
        | ErrorKind::Unavailable
        | ErrorKind::Uncertain
        | ErrorKind::OutOfTime
        | ErrorKind::Protocol => kind,
    };
    [
        ErrorKind::BadRequest,
        ErrorKind::TooLarge,
        ErrorKind::Denied,
        ErrorKind::Forbidden,
        ErrorKind::Held,
        ErrorKind::Misconfigured,
        ErrorKind::Credentials,
        ErrorKind::Unsupported,
        ErrorKind::Unavailable,
        ErrorKind::Uncertain,
        ErrorKind::OutOfTime,
        ErrorKind::Protocol,
    ]
    .map(listed)
}

/// The words of the outcomes.
fn outcomes() -> BTreeSet<&'static str> {
    let error = || Error::new(ErrorKind::Unavailable, "down");
    let listed = |outcome: Outcome| match outcome {
        Outcome::Done
        | Outcome::Unchanged
        | Outcome::Pending
        | Outcome::NotFound
        | Outcome::Manual(_)
        | Outcome::Failed(_)
        | Outcome::Queued(_) => outcome.name(),
    };
    let all = [
        Outcome::Done,
        Outcome::Unchanged,
        Outcome::Pending,
        Outcome::NotFound,
        Outcome::Manual(String::new()),
        Outcome::Failed(error()),
        Outcome::Queued(error()),
    ];
    all.map(listed).into()
}

#[test]
fn words_of_reports_are_the_codes() {
    let of = |name: &str| words(schema(name));
    assert_eq!(of("Function"), names!(Function: List Onboard Offboard Reconcile));
    assert_eq!(of("Mode"), names!(Mode: Preview Apply));
    assert_eq!(of("RunStatus"), names!(RunStatus: Done Partial Queued Held Failed));
    assert_eq!(of("Evidence"), names!(Evidence: Named KnownLeaver Absence));
    assert_eq!(
        of("Rule"),
        names!(Rule: TooManyRemovals RosterSmall RosterShrank Permanent NoMemory Paused TooManyOrders ProtectedUnreadable)
    );
    assert_eq!(
        of("SkipReason"),
        names!(SkipReason: Protected Unmanaged Unlinked Ambiguous Unidentifiable UnknownStatus Suspended AwaitingSecondSighting
               Held Overtaken ChangedHands)
    );
    assert_eq!(of("ErrorKind"), error_kinds().map(ErrorKind::name).into());
    assert_eq!(of("AccountStatus"), Status::ALL.map(Status::name).into());

    let mut told = outcomes();
    told.insert("planned"); // of a preview, which has no outcome
    assert_eq!(of("Outcome"), told);
    let mut kept = outcomes();
    kept.insert("intended"); // of the history: written down before it was sent
    assert_eq!(of("EntryOutcome"), kept);
}

#[test]
fn endings_are_the_codes() {
    let name = |ending: Ending| match ending {
        Ending::Applied | Ending::Previewed | Ending::Held | Ending::Unreachable(_) => ending.name(),
    };
    let unreachable = || Ending::Unreachable(Error::new(ErrorKind::Unavailable, "down"));
    let all = [Ending::Applied, Ending::Previewed, Ending::Held, unreachable()];
    let ending = |form: usize| {
        words(at(&format!(
            "/components/schemas/ProviderReport/oneOf/{form}/properties/ending"
        )))
    };
    assert_eq!(&ending(0) | &ending(1), all.map(name).into());
    assert_eq!(ending(1), BTreeSet::from([unreachable().name()]));
}

/// The words that a fault offers: `must be one of a, b, c` or `must be a, b or c`.
fn offered(problem: &str) -> BTreeSet<&str> {
    let words = problem
        .strip_prefix("must be ")
        .unwrap_or_else(|| panic!("offers nothing: {problem}"));
    let words = words.strip_prefix("one of ").unwrap_or(words);
    words.split(", ").flat_map(|words| words.split(" or ")).collect()
}

#[tokio::test]
async fn words_of_orders_are_those_the_functions_offer() {
    let stage = Stage::new().await;
    let (list, onboard) = (stage.start("list").await, stage.start("onboard").await);
    for (parameter, name) in [("view", "View"), ("format", "Format"), ("status", "AccountStatus")] {
        let answer = list.ask(&format!("/?{parameter}=nonsense")).await.json();
        let problem = answer["error"]["details"][0]["problem"].as_str().unwrap();
        assert_eq!(words(schema(name)), offered(problem), "{parameter}");
    }
    let order = json!({"email_addresses": [mail("ada")], "mode": "nonsense"});
    let answer = onboard.order(&order).await.json();
    let problem = answer["error"]["details"][0]["problem"].as_str().unwrap();
    assert_eq!(words(schema("Mode")), offered(problem));
}

#[test]
fn statuses_are_the_codes() {
    let of_errors: BTreeSet<String> = error_kinds().map(|kind| kind.http_status().to_string()).into();
    // Beside the kinds': a wrong method, and what came of a run, which `check` sees in every test.
    let others = ["200", "202", "207", "405"].map(str::to_owned);
    let all: BTreeSet<String> = of_errors.into_iter().chain(others).collect();
    for function in EVERYWHERE {
        let documented = keys(&operation(function)["responses"]);
        let mut expected: BTreeSet<&str> = all.iter().map(String::as_str).collect();
        if function == "list" {
            expected.remove("202"); // has no queue
            expected.remove("409"); // holds nothing; a directory that is refused stands among the providers
        }
        assert_eq!(documented, expected, "{function}");
    }
}

#[tokio::test]
async fn a_url_takes_the_method_and_the_schemes_of_the_file() {
    let stage = Stage::new().await;
    for name in EVERYWHERE {
        let function = stage.start(name).await;
        let method = keys(at(&format!("/paths/~1{name}~1")));
        let allowed = function.request(UrlRequest::new("DELETE", "/").bearer(TOKEN)).await;
        assert_eq!(allowed.status, 405);
        let allowed = allowed.header("allow").unwrap().to_lowercase();
        assert_eq!(method, BTreeSet::from([allowed.as_str()]), "{name}");

        let schemes = operation(name).get("security").unwrap_or(&document()["security"]);
        let schemes = schemes.as_array().unwrap().iter().flat_map(keys);
        let refused = function.request(UrlRequest::new("DELETE", "/")).await;
        let offered = refused.header("www-authenticate").unwrap().to_lowercase();
        let offered = offered
            .split(", ")
            .map(|scheme| scheme.split(' ').next().unwrap_or_default());
        assert_eq!(
            schemes.collect::<BTreeSet<_>>(),
            offered.collect::<BTreeSet<_>>(),
            "{name}"
        );
    }
}
