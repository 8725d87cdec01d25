//! HTTP/2 where it is offered, HTTP/1.1 elsewhere: the same outcomes, and one connection instead of many.

use std::sync::Arc;
use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::front::{Front, Seen};
use rehearsal::providers::{Blackbird, Simulator, State};
use secrecy::SecretString;
use serde_json::json;
use shared::error::ErrorKind;
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::planning::roster::Person;
use shared::provider::Provider;
use shared::providers::REGISTRY;
use shared::tools::clock::Clock;
use shared::tools::http::{Http, Limits};
use shared::tools::secrets::Documents;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stage::{address, failures, names};

/// A Blackbird behind TLS, and clients of it.
struct Stage {
    blackbird: Arc<Blackbird>,
    seen: Arc<Seen>,
    http: Http,
}

fn trusting(front: &Front) -> Http {
    let limits = Limits {
        call_timeout: Duration::from_secs(20),
        retry_base: Duration::from_millis(1),
    };
    Http::new(limits, Clock::System, Some(front.certificate().as_bytes())).unwrap()
}

fn provider(blackbird: &Blackbird, http: &Http) -> Box<dyn Provider> {
    let document = SecretString::from(blackbird.document().to_string());
    let registration = REGISTRY.iter().find(|one| one.id.name() == "blackbird").unwrap();
    (registration.connect)(http, &Documents::new([("blackbird", document)])).unwrap()
}

impl Stage {
    async fn offering(protocols: &[&str]) -> Self {
        let front = Front::offering(protocols).await;
        let blackbird = Arc::new(Blackbird::offline(&front.url()));
        let http = trusting(&front);
        let seen = front.serve(Arc::clone(&blackbird) as Arc<dyn Simulator>);
        Self { blackbird, seen, http }
    }

    fn provider(&self, http: &Http) -> Box<dyn Provider> {
        provider(&self.blackbird, http)
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

/// A frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

/// Speaks HTTP/2 on one connection: answers its requests with these bodies, and to the next one says that it is going away and
/// has worked on requests up to `last`.
async fn retire(connection: &mut rehearsal::front::Connection, bodies: &[String], last: u32) {
    let mut preface = [0; 24];
    connection.read_exact(&mut preface).await.unwrap();
    connection.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    let mut bodies = bodies.iter();
    loop {
        let mut head = [0; 9];
        connection.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        connection.read_exact(&mut payload).await.unwrap();
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match (head[3], head[4], bodies.as_slice()) {
            (4, 0, _) => connection.write_all(&frame(4, 1, 0, &[])).await.unwrap(),
            (1, _, []) => {
                let going = [last.to_be_bytes(), [0; 4]].concat();
                return connection.write_all(&frame(7, 0, 0, &going)).await.unwrap();
            }
            (1, _, [_, ..]) => {
                let body = bodies.next().unwrap().as_bytes();
                let answer = [frame(1, 4, stream, &[0x88]), frame(0, 1, stream, body)].concat(); // `:status: 200`
                connection.write_all(&answer).await.unwrap();
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_write_that_a_retiring_server_has_not_worked_on_goes_out_again() {
    let token = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).to_string();
    let nobody = json!({"body": []}).to_string();
    let made = json!({"id": "1", "email": "p0@example.test", "roles": [], "status": "active"}).to_string();
    for (last, expected, connections) in [(3, None, 2), (5, Some(ErrorKind::Uncertain), 1)] {
        let front = Front::offering(&["h2"]).await;
        let blackbird = Blackbird::offline(&front.url());
        let provider = provider(&blackbird, &trusting(&front));
        let joiners = joiners(1);
        let served = async {
            // The token is stream 1, the look-up 3, the write 5.
            let mut first = front.accept().await;
            retire(&mut first, &[token.clone(), nobody.clone()], last).await;
            if connections == 2 {
                let mut second = front.accept().await;
                retire(&mut second, std::slice::from_ref(&made), 1).await;
            }
        };
        let onboarded = async {
            let outcomes = provider.onboard(&joiners).await;
            assert_eq!(failures(&outcomes), [expected], "{last}");
        };
        tokio::select! {
            biased;
            () = onboarded => {}
            never = async { served.await; std::future::pending::<()>().await } => never,
        }
    }
}
