//! Lists that are read while they arrive: what breaks off is begun anew, and a list waits for what it is compared with.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use shared::error::{Error, ErrorKind};
use shared::planning::identity::{Email, Identity};
use shared::planning::roster::{Person, Roster};
use shared::provider::{Measure, Provider, Wanted};
use shared::providers::REGISTRY;
use shared::tools::clock::Clock;
use shared::tools::http::{Http, Limits};
use shared::tools::secrets::Documents;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::SetOnce;

use crate::planning::notation::policy;

fn list() -> String {
    let user = |n: usize| json!({"merged_user_id": n.to_string(), "email": format!("p{n}@example.test")});
    let users: Vec<_> = (0..50).map(user).collect();
    json!({"users": users, "total_users_found": users.len()}).to_string()
}

/// A Bilanc that sends its list once for each of these, as far as it says.
async fn bilanc(sends: Vec<usize>) -> Box<dyn Provider> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for length in sends {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let list = list();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                list.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in list.as_bytes()[..length.min(list.len())].chunks(700) {
                stream.write_all(piece).await.unwrap();
                stream.flush().await.unwrap();
            }
        }
    });
    let limits = Limits {
        call_timeout: Duration::from_secs(20),
        retry_base: Duration::from_millis(1),
    };
    let http = Http::new(limits, Clock::System, None).unwrap();
    let document = json!({"api_key": "key", "base_url": base}).to_string();
    let documents = Documents::new([("bilanc", SecretString::from(document))]);
    let registration = REGISTRY.iter().find(|one| one.id.name() == "bilanc").unwrap();
    (registration.connect)(&http, &documents).unwrap()
}

fn roster() -> Roster {
    let bilanc = REGISTRY.iter().find(|one| one.id.name() == "bilanc").unwrap().id;
    let person = |n: usize| {
        let email = Email::parse(&format!("p{n}@example.test")).unwrap();
        Person::new([Identity::Email(email)]).with_access([bilanc])
    };
    Roster::new((0..40).map(person).collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn a_list_that_breaks_off_is_begun_anew_and_nobody_counts_twice() {
    let provider = bilanc(vec![1_000, 0, usize::MAX]).await;
    let (roster, policy) = (roster(), policy());
    let wanted = Wanted::Drift {
        roster: &roster,
        policy: &policy,
    };
    let read = provider.list_wanted(&wanted).await.unwrap();
    assert_eq!((read.settled.count(), read.accounts.len(), read.torn), (40, 10, false));
}

#[tokio::test]
async fn a_list_that_always_breaks_off_is_an_error() {
    let provider = bilanc(vec![2_000; 4]).await;
    let error = provider.list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_list_waits_for_the_roster_and_not_for_ever() {
    let policy = policy();
    let compared = |roster: Result<Roster, Error>, patience: Duration, whole: bool| {
        let policy = &policy;
        async move {
            let provider = bilanc(vec![usize::MAX]).await;
            let measure = SetOnce::new();
            let wanted = Wanted::DriftSoon {
                measure: &measure,
                policy,
                patience,
            };
            let set = async {
                if !patience.is_zero() {
                    tokio::task::yield_now().await;
                    let whole = if whole { vec![provider.id()] } else { Vec::new() };
                    measure.set(Measure { roster, whole }).unwrap();
                }
            };
            let (read, ()) = tokio::join!(provider.list_wanted(&wanted), set);
            let read = read.unwrap();
            (read.settled.count(), read.accounts.len())
        }
    };
    let long = Duration::from_secs(20);
    assert_eq!(compared(Ok(roster()), long, false).await, (40, 10));
    // Everything is kept where everything is wanted, where there is no roster, and where none comes.
    assert_eq!(compared(Ok(roster()), long, true).await, (0, 50));
    let down = Error::new(ErrorKind::Unavailable, "down");
    assert_eq!(compared(Err(down), long, false).await, (0, 50));
    assert_eq!(compared(Ok(roster()), Duration::ZERO, false).await, (0, 50));
}
