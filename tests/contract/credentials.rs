//! Clauses about keys and tokens: rejected, expired, and never shown.

use std::error::Error as _;
use std::fmt::Write as _;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use shared::error::{Error, ErrorKind};
use shared::planning::report::Outcome;
use shared::tools::http::{Api, Auth, BaseUrl, Repeat};

use super::face::{Face, Started};
use super::stage::{documents, failures, kind};

pub(super) async fn a_rejected_key_is_credentials_once(face: &Face) {
    let stage = face.stage().await;
    let rejected = async |calls: usize| {
        stage.simulator.clear_calls();
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Credentials);
        assert_eq!(stage.sent(), calls);
    };
    stage.simulator.rotate_key();
    rejected(1).await;

    let mut stage = stage;
    stage.provider = stage.reconnected();
    stage.provider.list().await.unwrap();
    let stage = stage;
    let rejected = async |calls: usize| {
        stage.simulator.clear_calls();
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Credentials);
        assert_eq!(stage.sent(), calls);
    };
    // A token may have expired: it is worth one question, and where it is given anew, one more try.
    let renewal = usize::from(face.tokens.is_some());
    stage.inject("GET", face.list, Fault::Status(401), When::Always);
    rejected(1 + 2 * renewal).await;
    stage.simulator.faults().clear();
    stage.inject("GET", face.list, Fault::Status(403), When::Always);
    rejected(1).await;
    stage.simulator.faults().clear();
    stage.simulator.rotate_key();
    rejected(1 + renewal).await;
    stage.reconnected().list().await.unwrap();
}

/// Nobody's own failure: it is not tried for each of thirty people.
pub(super) async fn a_key_rejected_between_reading_and_writing_stops_the_provider(face: &Face) {
    for forbidden in [true, false] {
        let stage = face.stage().await;
        let everybody: Vec<String> = (0..30).map(|i| format!("person-{i}")).collect();
        let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
        let leavers = stage.active(&everybody).await;
        let joiners: Vec<String> = (0..30).map(|i| format!("joiner-{i}")).collect();
        let joiners = joiners.iter().map(|name| stage.joiner(name)).collect::<Vec<_>>();
        if forbidden {
            for write in face.onboarding.iter().chain(face.offboarding) {
                stage.inject(write.method, write.target, Fault::Status(403), When::Always);
            }
        } else {
            stage.simulator.rotate_key();
        }
        for (writes, joining) in [(face.onboarding, true), (face.offboarding, false)] {
            if writes.is_empty() {
                continue;
            }
            stage.simulator.clear_calls();
            let outcomes = match joining {
                true => stage.provider.onboard(&joiners).await,
                false => stage.provider.offboard(&leavers).await,
            };
            assert_eq!(failures(&outcomes), [Some(ErrorKind::Credentials); 30]);
            let written = writes.iter().map(|write| stage.calls(write.method, write.target));
            assert!(written.sum::<usize>() <= 4, "only what was in flight");
            assert!(forbidden || stage.sent() <= 8, "{} calls", stage.sent());
        }
    }
}

pub(super) async fn an_expired_token_is_renewed_once(face: &Face) {
    let stage = face.stage().await;
    let people: Vec<String> = (0..4).map(|i| format!("person-{i}")).collect();
    for name in &people {
        stage.seed(name, State::Gone);
    }
    let tokens = || face.tokens.map_or(0, |tokens| stage.calls("POST", tokens));
    let once = usize::from(face.tokens.is_some());
    stage.provider.list().await.unwrap();
    stage.provider.list().await.unwrap();
    assert_eq!(tokens(), once, "a token is kept");

    stage.simulator.expire_tokens();
    stage.simulator.clear_calls();
    stage.provider.list().await.unwrap();
    assert_eq!((tokens(), stage.sent()), (once, 1 + 2 * once));

    // Four calls meet the expired token at once; one of them asks for a new one.
    stage.simulator.expire_tokens();
    stage.simulator.clear_calls();
    let joiners: Vec<_> = people.iter().map(|name| stage.joiner(name)).collect();
    for outcome in stage.provider.onboard(&joiners).await {
        assert!(!matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    }
    assert_eq!(tokens(), once);
}

/// Everything that can be printed, after everything that can happen. Addresses are secrets too: they hold a canary here.
pub(super) async fn no_secret_in_debug_errors_or_outcomes(face: &Face) {
    let faults = [400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 503]
        .map(Fault::Status)
        .into_iter()
        .chain([
            Fault::Garbage,
            Fault::MissingField,
            Fault::CutBefore,
            Fault::CutAfter,
            Fault::ShortPage,
            Fault::WrongTotal,
            Fault::LoopedCursor,
            Fault::Redirect("http://127.0.0.1:9/elsewhere".to_owned()),
        ]);
    let mut said = String::new();
    for fault in faults {
        for written in [false, true] {
            let stage = face.stage().await;
            let leavers = stage.active(&["canary-ada", "canary-bo"]).await;
            stage.simulator.refuse("canary-bo@example.test");
            let joiners = stage.joiners(&["canary-cy", "canary-di", "canary-ada"]);
            let method = if written { "POST" } else { "*" };
            stage.inject(method, "", fault.clone(), When::Always);
            let listed = stage.provider.list().await;
            let listed = listed.map(|all| {
                all.into_iter()
                    .map(|account| (account.native_id, account.identities))
                    .collect::<Vec<_>>()
            });
            print(&mut said, &listed);
            print(&mut said, &stage.provider.get("nobody").await);
            print(&mut said, &stage.provider.roles().await);
            print(&mut said, &stage.provider.identity_providers().await);
            let mut outcomes = stage.provider.onboard(&joiners).await;
            outcomes.extend(stage.provider.offboard(&leavers).await);
            for outcome in outcomes {
                writeln!(said, "{outcome:?}").unwrap();
                if let Outcome::Failed(error) = outcome {
                    print(&mut said, &Err::<(), _>(error));
                }
            }
        }
    }
    let Started { document, .. } = (face.start)().await;
    let document = document();
    assert!(
        document.to_string().contains("canary"),
        "the document holds a secret to look for"
    );
    write!(said, "{:?}", documents(face.id, &document)).unwrap();
    for line in said.lines() {
        let line = line.to_lowercase();
        assert!(!line.contains("canary") && !line.contains("y2fuyxj5"), "{line}");
    }
}

/// An error in every way it can be printed, with all that is below it.
fn print<T: std::fmt::Debug>(said: &mut String, result: &Result<T, Error>) {
    writeln!(said, "{result:?}").unwrap();
    let Err(error) = result else {
        return;
    };
    writeln!(said, "{error}\n{error:#?}\n{:?}", error.faults()).unwrap();
    let mut below = error.source();
    while let Some(source) = below {
        writeln!(said, "{source}\n{source:?}").unwrap();
        below = source.source();
    }
}

/// Not a clause, for clients do not show theirs: a reply holds addresses and tokens.
#[tokio::test]
async fn a_reply_shows_its_status_and_never_its_body() {
    let stage = super::blackbird::TESTED.stage().await;
    let url = BaseUrl::parse("url", &stage.simulator.url()).unwrap();
    let api = Api::new(&stage.http, "blackbird", url, Auth::None);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "nobody"),
        ("client_secret", "canary"),
    ];
    let call = api.post("/auth/oauth2/token?", Repeat::Safe).form(&form);
    let shown = format!("{:?}", call.send().await.unwrap());
    assert!(shown.contains("400"), "{shown}");
    assert!(!shown.contains("123") && !shown.contains("invalid_client"), "{shown}"); // 123 is an opening brace
}
