//! HTTP/2 where it is offered, HTTP/1.1 elsewhere: the same outcomes, and one connection instead of many.

use std::sync::Arc;
use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::front::{Front, Seen};
use rehearsal::providers::{Blackbird, Simulator, State};
use secrecy::SecretString;
use shared::error::ErrorKind;
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::planning::roster::Person;
use shared::provider::Provider;
use shared::providers::REGISTRY;
use shared::tools::clock::Clock;
use shared::tools::http::{Http, Limits};
use shared::tools::secrets::Documents;

use super::stage::{address, failures, names};

/// A Blackbird behind TLS, and clients of it.
struct Stage {
    blackbird: Arc<Blackbird>,
    seen: Arc<Seen>,
    http: Http,
}

impl Stage {
    async fn offering(protocols: &[&str]) -> Self {
        let front = Front::offering(protocols).await;
        let blackbird = Arc::new(Blackbird::offline(&front.url()));
        let limits = Limits {
            call_timeout: Duration::from_secs(20),
            retry_base: Duration::from_millis(1),
        };
        let http = Http::new(limits, Clock::System, Some(front.certificate().as_bytes())).unwrap();
        let seen = front.serve(Arc::clone(&blackbird) as Arc<dyn Simulator>);
        Self { blackbird, seen, http }
    }

    fn provider(&self, http: &Http) -> Box<dyn Provider> {
        let document = SecretString::from(self.blackbird.document().to_string());
        let registration = REGISTRY.iter().find(|one| one.id.name() == "blackbird").unwrap();
        (registration.connect)(http, &Documents::new([("blackbird", document)])).unwrap()
    }

    fn posts(&self) -> usize {
        let calls = self.blackbird.calls();
        let users = calls
            .iter()
            .filter(|call| call.method == "POST" && call.path.ends_with("/users"));
        users.count()
    }
}

fn joiners(count: usize) -> Vec<Joiner> {
    let joiner = |n: usize| Joiner {
        person: Person::new([address(&format!("p{n}@example.test"))]),
        account: None,
    };
    (0..count).map(joiner).collect()
}

#[tokio::test]
async fn many_calls_side_by_side_share_one_connection_in_http_2() {
    let stage = Stage::offering(&["h2", "http/1.1"]).await;
    let outcomes = stage.provider(&stage.http).onboard(&joiners(100)).await;
    assert_eq!(names(&outcomes), ["done"; 100]);
    assert_eq!((stage.posts(), stage.blackbird.people().len()), (100, 100));
    assert_eq!(stage.seen.versions(), ["HTTP/2.0".to_owned()].into());
    assert_eq!(stage.seen.connections(), 1);
}

#[tokio::test]
async fn a_server_without_http_2_is_spoken_to_in_http_1() {
    for protocols in [&["http/1.1"][..], &[]] {
        let stage = Stage::offering(protocols).await;
        let outcomes = stage.provider(&stage.http).onboard(&joiners(100)).await;
        assert_eq!(names(&outcomes), ["done"; 100]);
        assert_eq!(stage.blackbird.people().len(), 100);
        assert_eq!(stage.seen.versions(), ["HTTP/1.1".to_owned()].into());
        assert!(stage.seen.connections() > 1);
    }
}

#[tokio::test]
async fn a_connection_that_was_opened_ahead_is_the_one_that_is_used() {
    for protocols in [&["h2"][..], &["http/1.1"]] {
        let stage = Stage::offering(protocols).await;
        stage.blackbird.seed(
            &rehearsal::providers::Seed::with_email("ada@example.test"),
            State::Active,
        );
        let ahead = stage.http.opening().expect("it goes over the network");
        let _ = stage.provider(&ahead).list().await;
        assert_eq!(
            (stage.seen.connections(), stage.blackbird.calls().len()),
            (1, 0),
            "{protocols:?}"
        );
        assert_eq!(stage.provider(&stage.http).list().await.unwrap().len(), 1);
        assert_eq!(stage.seen.connections(), 1, "{protocols:?}");
    }
}

#[tokio::test]
async fn a_write_whose_stream_is_reset_is_uncertain_and_not_sent_again() {
    for fault in [Fault::CutBefore, Fault::CutAfter] {
        let stage = Stage::offering(&["h2"]).await;
        let provider = stage.provider(&stage.http);
        stage
            .blackbird
            .faults()
            .inject("POST", "/users", fault.clone(), When::Once);
        let outcomes = provider.onboard(&joiners(1)).await;
        assert_eq!(failures(&outcomes), [Some(ErrorKind::Uncertain)], "{fault:?}");
        assert_eq!(stage.posts(), 1, "{fault:?}");
        // A read goes out again.
        stage.blackbird.faults().inject("GET", "/users", fault, When::Once);
        assert!(provider.list().await.is_ok());
        assert!(matches!(
            provider.onboard(&joiners(2)).await.last(),
            Some(Outcome::Done)
        ));
    }
}
