//! The world of one chain: four platforms, a directory, a ledger and the time; all it is asked goes through here.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Appxite, Bilanc, Blackbird, Powens, Simulator, State};
use rehearsal::server::{Reply, Request};
use shared::tools::clock::Clock;
use shared::tools::http::{Answer, Carrier, Request as Sent, Undelivered};
use tokio::time::{Instant, sleep};

use super::call::Call;
use super::company::{Person, roster};
use super::dice::Dice;
use super::faults::{Trouble, duplicate, fault, reorder, spoil};
use super::memory::Store;
use super::oracle::{Account, Oracle};

/// Where the roster is; the platforms follow, one port each.
pub(super) const ROSTER: &str = "http://127.0.0.1:1000";

/// When every chain begins.
const BEGIN: i64 = 1_790_000_000;

pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) simulators: Vec<Arc<dyn Simulator>>,
    pub(super) appxite: Arc<Appxite>,
    pub(super) people: Mutex<Vec<Person>>,
    pub(super) store: Store,
    pub(super) oracle: Mutex<Oracle>,
    pub(super) aloud: bool,
    trace: Mutex<DefaultHasher>,
    /// When each invitation went out.
    pub(super) invited: Mutex<HashMap<String, i64>>,
    begun: Instant,
    told: &'static AtomicI64,
}

impl World {
    pub(super) fn new(dice: Dice, aloud: bool) -> Arc<Self> {
        let appxite = Arc::new(Appxite::offline("http://127.0.0.1:1003"));
        appxite.allow_block(true);
        appxite.max_page_size(dice.number(3, 12) as u64);
        let powens = Powens::offline("http://127.0.0.1:1004");
        powens.max_page_size(dice.number(3, 12) as u64);
        Arc::new(Self {
            simulators: vec![
                Arc::new(Bilanc::offline("http://127.0.0.1:1001")),
                Arc::new(Blackbird::offline("http://127.0.0.1:1002")),
                Arc::<Appxite>::clone(&appxite),
                Arc::new(powens),
            ],
            dice,
            appxite,
            people: Mutex::default(),
            store: Store::default(),
            oracle: Mutex::default(),
            aloud,
            trace: Mutex::default(),
            invited: Mutex::default(),
            begun: Instant::now(),
            told: Box::leak(Box::new(AtomicI64::new(BEGIN))),
        })
    }

    /// The second it is, told to whoever asks the clock.
    pub(super) fn now(&self) -> i64 {
        let now = BEGIN + i64::try_from(self.begun.elapsed().as_secs()).unwrap();
        self.told.store(now, Ordering::Relaxed);
        now
    }

    pub(super) fn clock(&self) -> Clock {
        Clock::Told(self.told)
    }

    pub(super) fn simulator(&self, id: &str) -> &dyn Simulator {
        &**self.simulators.iter().find(|simulator| simulator.id() == id).unwrap()
    }

    /// Everybody a platform knows; an invitation that expired is none.
    pub(super) fn accounts(&self, provider: &str) -> Vec<Account> {
        let mut accounts = self.simulator(provider).people();
        for (_, seed, state) in accounts.iter_mut().filter(|_| provider == "appxite") {
            if *state == State::Invited && seed.email.as_ref().is_some_and(|email| self.is_expired(email)) {
                *state = State::Gone;
            }
        }
        accounts
    }

    pub(super) fn note(&self, text: &str) {
        text.hash(&mut *self.trace.lock().unwrap());
        if self.aloud {
            super::say(&format!("{:>8}  {text}", self.now() - BEGIN));
        }
    }

    pub(super) fn trace(&self) -> u64 {
        self.trace.lock().unwrap().finish()
    }

    /// Here a process may die.
    async fn step(&self, call: &Call, what: &str) {
        self.now();
        let step = call.steps.fetch_add(1, Ordering::Relaxed);
        if call.crash_at == Some(step) {
            self.note(&format!("{} dies at step {step}, {what}", call.run));
            call.crashed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn travel(&self, call: &Call) {
        let slow = self.dice.percent(call.weather.slow);
        let time = if slow {
            self.dice.number(3_000, 20_000)
        } else {
            self.dice.number(1, 300)
        };
        sleep(Duration::from_millis(time as u64)).await;
        self.now();
    }

    /// On the way to the ledger.
    pub(super) async fn reach(&self, call: &Call, what: &str) -> Trouble {
        self.step(call, what).await;
        self.travel(call).await;
        let trouble = call.weather.trouble(&self.dice);
        if trouble != Trouble::None {
            self.note(&format!("{}: {what} fails {trouble:?}", call.run));
            call.ledger_failed.store(true, Ordering::Relaxed);
        }
        trouble
    }

    /// On the way back.
    pub(super) async fn reached(&self, call: &Call) {
        self.step(call, "on the way back").await;
    }

    fn serve_roster(&self, call: &Call) -> Option<Reply> {
        let people = self.people.lock().unwrap().clone();
        let text = roster(&people);
        let csv = |text: &str| Reply::text(200, "text/csv", text);
        if self.dice.percent(call.weather.requests) {
            self.note(&format!("{}: the roster goes wrong", call.run));
            return match self.dice.number(0, 5) {
                0 => Some(Reply::empty([500, 503, 401, 404][self.dice.number(0, 3)])),
                1 => None,
                2 => Some(Reply::text(200, "text/html", "<html>It works!</html>")),
                _ => Some(csv(&spoil(&text, &self.dice))),
            };
        }
        *call.roster.lock().unwrap() = Some(people);
        self.oracle.lock().unwrap().sight(self, call);
        Some(csv(&text))
    }

    fn ask(&self, simulator: &dyn Simulator, call: &Call, request: &Request) -> Option<Reply> {
        let id = simulator.id();
        let reads = request.method == "GET";
        let bad = self.dice.percent(call.weather.requests);
        if bad {
            let fault = match fault(&self.dice) {
                Fault::ShortPage if id == "blackbird" => Fault::MissingField, // no total there, so nobody could tell
                fault => fault,
            };
            self.note(&format!(
                "{}: {} {id}{} meets {fault:?}",
                call.run, request.method, request.path
            ));
            simulator.faults().inject("*", "", fault, When::Once);
        }
        if id == "appxite" {
            self.age_invitations();
        }
        let before = if reads { Vec::new() } else { self.accounts(id) };
        let mails = self.mails(id, &before);
        let mut reply = simulator.answer(request);
        if !reads {
            let after = self.accounts(id);
            self.settle_mails(call, &mails, &before, &after);
            self.oracle.lock().unwrap().changed(self, call, id, &before, &after);
        }
        if let Some(reply) = reply.as_mut().filter(|reply| reads && reply.status == 200) {
            if self.dice.percent(30) {
                reorder(reply, &self.dice);
            }
            if bad && self.dice.percent(20) {
                duplicate(reply, &self.dice);
            }
            if request.path.ends_with("/users") || request.path.ends_with("attributes") {
                call.listed.lock().unwrap().insert(id);
                self.oracle.lock().unwrap().sight(self, call);
            }
        }
        reply
    }
}

/// One run's way into the world.
pub(super) struct Wire {
    pub(super) world: Arc<World>,
    pub(super) call: Arc<Call>,
}

#[async_trait]
impl Carrier for Wire {
    async fn carry(&self, sent: Sent) -> Result<Answer, Undelivered> {
        let Self { world, call } = self;
        world.step(call, "before a request").await;
        world.travel(call).await;
        let lost = || Undelivered::Lost("the connection was cut".into());
        let mut there = world
            .simulators
            .iter()
            .filter(|simulator| sent.url.starts_with(&simulator.url()));
        let reply = match there.next() {
            None => world.serve_roster(call),
            Some(simulator) => {
                let target = sent.url.strip_prefix(&simulator.url()).unwrap_or_default();
                let request = Request::new(sent.method.as_str(), target, sent.headers, sent.body);
                world.ask(&**simulator, call, &request)
            }
        };
        world.step(call, "after a request").await;
        world.travel(call).await;
        let reply = reply.ok_or_else(lost)?;
        let headers: HashMap<String, String> = reply.headers.into_iter().collect();
        Ok(Answer {
            status: reply.status,
            headers: (&headers).try_into().unwrap(),
            body: reply.body.into(),
        })
    }
}
