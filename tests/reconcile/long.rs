//! Runs that would outlast their time: each stops before its end, and the next goes on, until nothing is left.
//!
//! The stations of the library beside a platform that takes fifty calls a second; time is simulated, and passes at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rehearsal::providers::{Blackbird, Simulator, State};
use rehearsal::server::Request;
use secrecy::SecretString;
use shared::bundle::{Bundle, Origin, Patience, Process};
use shared::planning::identity::{Email, Identity};
use shared::planning::plan::Desired;
use shared::planning::report::{Ending, Mode, Outcome, Report};
use shared::planning::roster::{Person, Roster};
use shared::providers::REGISTRY;
use shared::settings::Settings;
use shared::tools::clock::{Clock, Deadline};
use shared::tools::http::{Answer, Carrier, Http, Request as Sent, Undelivered};
use shared::tools::secrets::Documents;
use tokio::time::{Instant, sleep_until};

use crate::stage::{crowd, mail, person};

/// A fiftieth of a second.
const PACE: Duration = Duration::from_millis(20);

/// The platform, which takes one call after the other.
struct Wire {
    platform: Arc<Blackbird>,
    free: Mutex<Instant>,
}

#[async_trait]
impl Carrier for Wire {
    async fn carry(&self, sent: Sent) -> Result<Answer, Undelivered> {
        let turn = {
            let mut free = self.free.lock().unwrap();
            *free = (*free).max(Instant::now()) + PACE;
            *free
        };
        sleep_until(turn).await;
        let target = sent.url.strip_prefix(&self.platform.url()).unwrap_or_default();
        let request = Request::new(sent.method.as_str(), target, sent.headers, sent.body);
        let reply = self
            .platform
            .answer(&request)
            .ok_or_else(|| Undelivered::Lost("cut".into()))?;
        let headers: HashMap<String, String> = reply.headers.into_iter().collect();
        Ok(Answer {
            status: reply.status,
            headers: (&headers).try_into().unwrap(),
            body: reply.body.into(),
        })
    }
}

fn roster(names: &[String]) -> Roster {
    let blackbird = REGISTRY.iter().map(|one| one.id).find(|id| id.name() == "blackbird");
    let entry = |name: &String| {
        let email = Identity::Email(Email::parse(&mail(name)).unwrap());
        Person::new([email]).with_access(blackbird)
    };
    Roster::new(names.iter().map(entry).collect::<Vec<_>>()).unwrap()
}

async fn run(platform: &Arc<Blackbird>, roster: &Roster, time: Duration) -> Report {
    let variable = |name: &str| match name {
        "PROVIDERS" => Some("blackbird".to_owned()),
        "SECRETS" => Some("file:/nonexistent".to_owned()),
        "MANAGED_DOMAINS" => Some("example.com".to_owned()),
        _ => None,
    };
    let settings = Settings::read(variable).unwrap();
    let on = settings.providers.clone();
    let wire = Wire {
        platform: Arc::clone(platform),
        free: Mutex::new(Instant::now()),
    };
    let http = Http::over(Arc::new(wire), settings.limits, Clock::System);
    let process = Arc::new(Process::over(http, settings));
    let documents = Documents::new([("blackbird", SecretString::from(platform.document().to_string()))]);
    let origin = Origin {
        by: "test".to_owned(),
        run: "run".to_owned(),
        at: None,
    };
    let deadline = Deadline::after(time);
    let bundle = Bundle::open(&process, documents, deadline, origin);
    let found = bundle.observe_and_recall(&on, Mode::Apply, Patience::Leave).await;
    let desired = Desired::Exactly(roster);
    let decided = bundle.decide(found, desired, &[]);
    let report = bundle.apply(decided, desired).await;
    bundle.close().await;
    assert!(
        deadline.left() > time / 30,
        "{:?} of {time:?} were left",
        deadline.left()
    );
    report
}

/// Works until nothing is left; how many runs that took.
async fn to_the_end(platform: &Arc<Blackbird>, roster: &Roster, time: Duration, most: usize) -> usize {
    for n in 1..=most {
        let report = run(platform, roster, time).await;
        let provider = &report.providers[0];
        assert!(matches!(provider.ending, Ending::Applied), "{:?}", provider.ending);
        assert!(provider.unsettled.is_empty(), "what was done was seen");
        let left = report.unfinished();
        let failed = provider
            .changes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Some(Outcome::Failed(_))));
        assert_eq!(left.is_empty(), failed.count() == 0);
        match left.first() {
            None => return n,
            Some(left) => assert!(left.goes_on),
        }
    }
    panic!("not done after {most} runs");
}

#[expect(
    clippy::disallowed_methods,
    reason = "says how long the test is, and is no setting of a function"
)]
fn joiners() -> usize {
    let number = std::env::var("ROLLCALL_LONG_RUN")
        .ok()
        .and_then(|text| text.parse().ok());
    number.unwrap_or(1_600)
}

#[expect(clippy::print_stderr, reason = "whoever asks for a long run wants its figures")]
fn tell(text: &str) {
    eprintln!("{text}");
}

#[tokio::test(start_paused = true)]
async fn more_joiners_than_a_run_has_time_for_are_joined_by_the_next_ones_once() {
    let joiners = joiners();
    let platform = Arc::new(Blackbird::offline("http://127.0.0.1:1002"));
    platform.seed(&person("p0"), State::Active);
    let names = crowd("p", joiners + 1);
    let roster = roster(&names);
    // A run has time for a fifth of them, and no more than the longest that Lambda allows.
    let time = PACE * u32::try_from(joiners / 5).unwrap() + Duration::from_secs(15);
    let time = time.min(Duration::from_secs(900));
    let runs = to_the_end(&platform, &roster, time, 12).await;
    assert!((2..=9).contains(&runs), "{runs} runs");
    assert_eq!(platform.people().len(), joiners + 1);
    let invitations = platform.calls().into_iter().filter(|call| call.method == "POST");
    let created = invitations.filter(|call| (200..300).contains(&call.status) && !call.path.ends_with("/token"));
    assert_eq!(created.count(), joiners, "each once");
    assert_eq!(platform.violations(), [""; 0]);
    let calls = platform.calls().len();
    let seconds = time.as_secs();
    tell(&format!(
        "long: {joiners} joiners in {runs} runs of {seconds} s, {calls} calls"
    ));
}
