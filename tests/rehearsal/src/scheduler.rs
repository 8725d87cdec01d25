//! EventBridge Scheduler by its REST protocol: making, replacing and deleting a schedule that runs once.
//!
//! From <https://docs.aws.amazon.com/scheduler/latest/APIReference/>, read 2026-11. Signatures are looked at for their form only.
//! Nothing runs by itself: a test says what time it is, and takes what is due. Where the documents do not say, this is as bad as
//! AWS may be: a client token that was used before repeats its answer for ever, also when the schedule is gone since.

mod form;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::checks::{self, forbidden};
use crate::secrets::signed;
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

use form::Asked;

/// The one group there is.
pub const GROUP: &str = "rollcall-leavers";

/// A running scheduler with one group in it.
pub struct Scheduler {
    server: Server,
    book: Arc<Book>,
}

#[derive(Default)]
struct Book(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    schedules: BTreeMap<String, Entry>,
    /// What was asked under a client token.
    tokens: HashMap<String, String>,
}

struct Entry {
    at: Timestamp,
    body: Value,
}

watched!(Scheduler);

impl Scheduler {
    /// Starts it, without a schedule, on the current tokio runtime.
    pub async fn start() -> Self {
        let book = Arc::new(Book::default());
        let site: Arc<dyn Site> = Arc::clone(&book) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            book,
        }
    }

    /// Where it listens: the value of `AWS_ENDPOINT_URL_SCHEDULER`.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// Every schedule by its name, as it was sent.
    pub fn schedules(&self) -> Vec<(String, Value)> {
        let contents = lock(&self.book.0);
        let schedules = contents.schedules.iter();
        schedules
            .map(|(name, entry)| (name.clone(), entry.body.clone()))
            .collect()
    }

    /// What the schedules that have come due by then put on their queue, in the order of their times; they are gone after that.
    pub fn due(&self, now: Timestamp) -> Vec<String> {
        let mut contents = lock(&self.book.0);
        let (mut due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut contents.schedules)
            .into_iter()
            .partition(|(_, entry)| entry.at <= now);
        contents.schedules.extend(later);
        due.sort_by_key(|(_, entry)| entry.at);
        let input = |(_, entry): (String, Entry)| entry.body["Target"]["Input"].as_str().map(str::to_owned);
        due.into_iter().filter_map(input).collect()
    }
}

impl Site for Book {
    fn answer(&self, request: &Request) -> Answer {
        let [collection, name] = &request.segments()[..] else {
            return Err(checks::unknown_route(request));
        };
        if collection != "schedules" {
            return Err(checks::unknown_route(request));
        }
        signed(request, "scheduler")?;
        form::name(name)?;
        match request.method.as_str() {
            "POST" => self.create(request, name),
            "PUT" => self.update(request, name),
            "DELETE" => self.delete(request, name),
            _ => Err(checks::unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({ "Message": format!("error {status}") })
    }
}

impl Book {
    fn create(&self, request: &Request, name: &str) -> Answer {
        let asked = form::read(request)?;
        let mut contents = lock(&self.0);
        if contents.was_asked(name, &asked)? {
            return Ok(made(name));
        }
        if contents.schedules.contains_key(name) {
            return Err(no(
                409,
                "ConflictException",
                &format!("Schedule {name} already exists."),
            ));
        }
        contents.keep(name, asked)
    }

    fn update(&self, request: &Request, name: &str) -> Answer {
        let asked = form::read(request)?;
        let mut contents = lock(&self.0);
        if contents.was_asked(name, &asked)? {
            return Ok(made(name));
        }
        if !contents.schedules.contains_key(name) {
            return Err(missing(&format!("Schedule {name}")));
        }
        contents.keep(name, asked)
    }

    fn delete(&self, request: &Request, name: &str) -> Answer {
        checks::no_body(request)?;
        checks::only_query(request, &["groupName", "clientToken"])?;
        group(request.parameter("groupName").unwrap_or("default"))?;
        match lock(&self.0).schedules.remove(name) {
            Some(_) => Ok(Reply::json(200, &json!({}))),
            None => Err(missing(&format!("Schedule {name}"))),
        }
    }
}

impl Contents {
    /// Whether the same was asked under this token before. The same token for something else is nobody's intention.
    fn was_asked(&self, name: &str, asked: &Asked) -> Result<bool, Refusal> {
        group(&asked.group)?;
        match asked.token.as_ref().and_then(|token| self.tokens.get(token)) {
            Some(before) if *before == asked.all(name) => Ok(true),
            Some(_) => Err(forbidden("the client token stands for another request")),
            None => Ok(false),
        }
    }

    fn keep(&mut self, name: &str, asked: Asked) -> Answer {
        if asked.at <= Timestamp::now() {
            return Err(no(400, "ValidationException", "The time of the schedule has passed."));
        }
        if let Some(token) = &asked.token {
            self.tokens.insert(token.clone(), asked.all(name));
        }
        let entry = Entry {
            at: asked.at,
            body: asked.body,
        };
        self.schedules.insert(name.to_owned(), entry);
        Ok(made(name))
    }
}

fn group(name: &str) -> Result<(), Refusal> {
    match name {
        GROUP => Ok(()),
        _ => Err(missing(&format!("Schedule group {name}"))),
    }
}

fn made(name: &str) -> Reply {
    let arn = format!("arn:aws:scheduler:eu-west-1:123456789012:schedule/{GROUP}/{name}");
    Reply::json(200, &json!({ "ScheduleArn": arn }))
}

fn missing(what: &str) -> Refusal {
    no(404, "ResourceNotFoundException", &format!("{what} does not exist."))
}

fn no(status: u16, kind: &str, message: &str) -> Refusal {
    let reply = Reply::json(status, &json!({ "Message": message }));
    Refusal::Plain(reply.with_header("x-amzn-errortype", kind))
}
