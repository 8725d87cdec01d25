//! How many calls a run makes, and how many of them follow each other: every call takes a tenth of a second, which is simulated
//! and passes at once.

mod lists;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rehearsal::providers::{Appxite, Bilanc, Blackbird, Powens, Seed, Simulator, State};
use rehearsal::server::Request;
use secrecy::SecretString;
use serde_json::json;
use shared::bundle::{Bundle, Origin, Process};
use shared::planning::identity::{Email, Identity};
use shared::planning::plan::Desired;
use shared::planning::report::{Ending, Mode, Report};
use shared::planning::roster::{Person, Roster, Standing};
use shared::settings::Settings;
use shared::tools::clock::{Clock, Deadline};
use shared::tools::http::{Answer, Carrier, Http, Request as Sent, Undelivered};
use shared::tools::secrets::Documents;
use tokio::time::{Instant, sleep};

use crate::stage::{crowd, mail, person};

const CALL: Duration = Duration::from_millis(100);

const ROSTER: &str = "https://people.example/roster.csv";

/// Platforms that take any number of calls at once, and a roster.
struct Wire {
    platforms: Arc<Vec<Box<dyn Simulator>>>,
    roster: Arc<Mutex<String>>,
}

#[async_trait]
impl Carrier for Wire {
    async fn carry(&self, sent: Sent) -> Result<Answer, Undelivered> {
        sleep(CALL).await;
        if sent.url == ROSTER {
            return Ok(Answer {
                status: 200,
                headers: (&HashMap::<String, String>::new()).try_into().unwrap(),
                body: self.roster.lock().unwrap().clone().into_bytes().into(),
            });
        }
        let platform = self
            .platforms
            .iter()
            .find(|platform| sent.url.starts_with(&platform.url()));
        let platform = platform.ok_or_else(|| Undelivered::NotSent("no such host".into()))?;
        let target = sent.url.strip_prefix(&platform.url()).unwrap_or_default();
        let request = Request::new(sent.method.as_str(), target, sent.headers, sent.body);
        let reply = platform.answer(&request);
        let reply = reply.ok_or_else(|| Undelivered::Lost("cut".into()))?;
        let headers: HashMap<String, String> = reply.headers.into_iter().collect();
        Ok(Answer {
            status: reply.status,
            headers: (&headers).try_into().unwrap(),
            body: reply.body.into(),
        })
    }
}

/// A function that has run before, so that it has its tokens.
struct Warm {
    platforms: Arc<Vec<Box<dyn Simulator>>>,
    roster: Arc<Mutex<String>>,
    process: Arc<Process>,
}

impl Warm {
    fn new(platforms: Vec<Box<dyn Simulator>>) -> Self {
        let ids: Vec<&str> = platforms.iter().map(|platform| platform.id()).collect();
        let on = ids.join(",");
        let variable = |name: &str| match name {
            "PROVIDERS" => Some(on.clone()),
            "SECRETS" => Some("file:/nonexistent".to_owned()),
            "MANAGED_DOMAINS" => Some("example.com".to_owned()),
            "MAX_REMOVALS" => Some("500".to_owned()),
            _ => None,
        };
        let settings = Settings::read(variable).unwrap();
        let platforms = Arc::new(platforms);
        let roster = Arc::new(Mutex::default());
        let wire = Wire {
            platforms: Arc::clone(&platforms),
            roster: Arc::clone(&roster),
        };
        let http = Http::over(Arc::new(wire), settings.limits, Clock::System);
        Self {
            platforms,
            roster,
            process: Arc::new(Process::over(http, settings)),
        }
    }

    /// A run to apply, and how many calls would fit into the time it took.
    async fn run(&self, roster: &Roster) -> (Report, f64) {
        let document = |platform: &dyn Simulator| {
            let mut document = platform.document();
            if platform.id() == "appxite" {
                document["page_size"] = 1000.into();
            }
            (platform.id(), SecretString::from(document.to_string()))
        };
        let directory = json!({"kind": "roster_file", "url": ROSTER}).to_string();
        let documents = self.platforms.iter().map(|platform| document(&**platform));
        let documents = Documents::new(documents.chain([("directory", SecretString::from(directory))]));
        *self.roster.lock().unwrap() = csv(roster);
        let origin = Origin {
            by: "test".to_owned(),
            run: "run".to_owned(),
            at: None,
        };
        let deadline = Deadline::after(Duration::from_secs(900));
        let bundle = Bundle::open(&self.process, documents, deadline, origin);
        let on = &self.process.settings().providers;
        let begun = Instant::now();
        let (roster, found) = bundle.compare(on, Mode::Apply).await;
        let roster = roster.unwrap();
        let desired = Desired::Exactly(&roster);
        let decided = bundle.decide(found, desired, &[]);
        let report = bundle.apply(decided, desired).await;
        let took = begun.elapsed().as_secs_f64() / CALL.as_secs_f64();
        for provider in &report.providers {
            assert!(matches!(provider.ending, Ending::Applied), "{:?}", provider.ending);
            assert!(provider.unsettled.is_empty(), "what was done was seen");
        }
        bundle.close().await;
        (report, took)
    }
}

/// The roster as a file.
fn csv(roster: &Roster) -> String {
    let row = |person: Person| {
        let email = person.email().unwrap().written().to_owned();
        let status = match person.standing() {
            Standing::Left => "left",
            _ => "active",
        };
        let access: Vec<&str> = person.access().iter().map(|id| id.name()).collect();
        let id = person.identities().iter().find_map(|identity| match identity {
            Identity::Native(_, id) => Some(id.to_string()),
            _ => None,
        });
        format!("{email},{status},{},{}\n", access.join(";"), id.unwrap_or_default())
    };
    let rows: String = roster.each().map(row).collect();
    format!("email,status,access,powens_id\n{rows}")
}

/// Everybody of these names, entitled to the platforms.
fn roster(names: &[String], platforms: &[Box<dyn Simulator>]) -> Roster {
    let ids = platforms
        .iter()
        .filter_map(|platform| shared::providers::by_name(platform.id()));
    let ids: Vec<_> = ids.collect();
    let entry = |(n, name): (usize, &String)| {
        let email = Identity::Email(Email::parse(&mail(name)).unwrap());
        let powens = Identity::native("powens", &(n + 1).to_string());
        Person::new([email, powens]).with_access(ids.clone())
    };
    Roster::new(names.iter().enumerate().map(entry).collect::<Vec<_>>()).unwrap()
}

fn at_powens(n: usize) -> Seed {
    Seed {
        id: Some((n + 1).to_string()),
        ..Seed::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_run_reads_each_provider_once_and_all_at_once() {
    let platforms: Vec<Box<dyn Simulator>> = vec![
        Box::new(Bilanc::offline("http://127.0.0.1:1001")),
        Box::new(Blackbird::offline("http://127.0.0.1:1002")),
        Box::new(Appxite::offline("http://127.0.0.1:1003")),
        Box::new(Powens::offline("http://127.0.0.1:1004")),
    ];
    let names = crowd("p", 300);
    for (n, name) in names.iter().enumerate() {
        for platform in &platforms {
            let seed = match platform.id() {
                "powens" => at_powens(n),
                _ => person(name),
            };
            platform.seed(&seed, State::Active);
        }
    }
    let roster = roster(&names, &platforms);
    let warm = Warm::new(platforms);
    warm.run(&roster).await;
    for platform in warm.platforms.iter() {
        platform.clear_calls();
    }
    let (report, took) = warm.run(&roster).await;
    for provider in &report.providers {
        assert_eq!(
            (provider.observed, provider.changes.len()),
            (300, 0),
            "{}",
            provider.provider
        );
    }
    for platform in warm.platforms.iter() {
        let calls: Vec<String> = platform.calls().into_iter().map(|call| call.method).collect();
        assert_eq!(calls, ["GET"], "{}", platform.id());
    }
    assert!(took < 1.5, "{took} calls after each other");
}

/// How many calls' time it takes to let so many people in, and as many others out.
async fn changed(platform: Box<dyn Simulator>, joiners: usize, leavers: usize) -> f64 {
    let (stay, join, leave) = (crowd("s", 1000), crowd("j", joiners), crowd("l", leavers));
    for name in stay.iter().chain(&leave) {
        platform.seed(&person(name), State::Active);
    }
    if platform.id() == "bilanc" {
        for name in &join {
            platform.seed(&person(name), State::Gone); // seen in a repository
        }
    }
    let platforms = vec![platform];
    let people = roster(&[stay, join].concat(), &platforms);
    let warm = Warm::new(platforms);
    let left = leave.iter().map(|name| {
        let email = Identity::Email(Email::parse(&mail(name)).unwrap());
        Person::new([email]).standing_as(Standing::Left)
    });
    let everybody = Roster::new(people.each().chain(left).collect::<Vec<_>>()).unwrap();
    let (report, took) = warm.run(&everybody).await;
    assert_eq!(report.providers[0].changes.len(), joiners + leavers);
    assert!(report.is_finished());
    took
}

#[tokio::test(start_paused = true)]
async fn changes_go_out_in_batches_and_side_by_side() {
    let bilanc = || Box::new(Bilanc::offline("http://127.0.0.1:1001"));
    let blackbird = || Box::new(Blackbird::offline("http://127.0.0.1:1002"));
    let took = changed(bilanc(), 100, 100).await;
    assert!(took < 7.0, "bilanc, 100 and 100: {took}");
    let took = changed(bilanc(), 1000, 0).await;
    assert!(took < 9.0, "bilanc, 1,000: {took}");
    let took = changed(blackbird(), 1000, 0).await;
    assert!(took < 50.0, "blackbird, 1,000: {took}");
    let took = changed(blackbird(), 100, 100).await;
    assert!(took < 16.0, "blackbird, 100 and 100: {took}");
}
