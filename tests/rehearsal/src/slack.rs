//! Slack: signs commands, clicks and steps of workflows, takes messages at response URLs, and hears how a step ended.
//!
//! From <https://docs.slack.dev/interactivity/handling-user-interaction> (response URLs),
//! <https://docs.slack.dev/reference/methods/functions.completeSuccess> and `functions.completeError`, and
//! <https://docs.slack.dev/reference/block-kit/blocks> (what a message may hold), read 2026-11.

mod kit;
mod requests;

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

pub use kit::fault_of;
pub use requests::{form, signed_at};

/// The workspace.
pub const TEAM: &str = "T0EXAMPLE";
/// The user on the caller's list.
pub const ADMIN: &str = "U0ADMIN";
/// The signing secret of the app.
pub const SECRET: &str = "canary-slack-signing-secret";
/// Messages to one response URL, and how long it is good for.
const POSTS: usize = 5;
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The path of a channel's incoming webhook.
const WEBHOOK: &str = "/services/T0EXAMPLE/B0X/canaryhook";

/// A running Slack.
pub struct Slack {
    server: Server,
    team: Arc<Team>,
}

#[derive(Default)]
struct Team(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many ids were given out: of response URLs, triggers, events and executions.
    issued: usize,
    hooks: Vec<Hook>,
    messages: Vec<Value>,
    notices: Vec<Value>,
    steps: Vec<Step>,
}

struct Hook {
    path: String,
    made: Timestamp,
    posts: usize,
}

/// A step that was started.
#[derive(Clone, Debug)]
pub struct Step {
    execution: String,
    token: String,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With these outputs.
    Well(Value),
    /// With this error.
    Badly(String),
}

watched!(Slack);

impl Slack {
    /// Starts it on the current tokio runtime.
    pub async fn start() -> Self {
        let team = Arc::new(Team::default());
        let site: Arc<dyn Site> = Arc::clone(&team) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            team,
        }
    }

    /// Where its Web API is: `base_url` of a caller.
    pub fn api(&self) -> String {
        format!("{}/api", self.server.url())
    }

    /// A new address for messages.
    pub fn response_url(&self) -> String {
        let mut state = lock(&self.team.0);
        let path = format!("/actions/{TEAM}/{}/canaryhook", state.next());
        state.hooks.push(Hook {
            path: path.clone(),
            made: Timestamp::now(),
            posts: 0,
        });
        format!("{}{path}", self.server.url())
    }

    /// The address of a channel's incoming webhook.
    pub fn webhook(&self) -> String {
        format!("{}{WEBHOOK}", self.server.url())
    }

    /// Every message that came to the channel's webhook, in order.
    pub fn notices(&self) -> Vec<Value> {
        lock(&self.team.0).notices.clone()
    }

    /// Every message that came to a response URL, in order.
    pub fn messages(&self) -> Vec<Value> {
        lock(&self.team.0).messages.clone()
    }

    /// The steps that were started, in order.
    pub fn steps(&self) -> Vec<Step> {
        lock(&self.team.0).steps.clone()
    }
}

impl State {
    fn next(&mut self) -> usize {
        self.issued += 1;
        self.issued
    }

    /// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>: where it goes is fixed, and who sees it.
    fn notify(&mut self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        let message = Value::Object(checks::object(request, &["text", "blocks", "thread_ts"])?);
        if let Some(reason) = fault_of(&message) {
            return Err(refused(&reason, 400, "invalid_blocks"));
        }
        self.notices.push(message);
        Ok(Reply::text(200, "text/html", "ok"))
    }

    fn post(&mut self, request: &Request) -> Answer {
        let Some(hook) = self.hooks.iter_mut().find(|hook| hook.path == request.path) else {
            return Err(refused("no such response URL", 404, "no_service"));
        };
        checks::without_header(request, "authorization")?;
        let members = [
            "text",
            "blocks",
            "response_type",
            "replace_original",
            "delete_original",
            "thread_ts",
        ];
        let message = Value::Object(checks::object(request, &members)?);
        if hook.posts == POSTS {
            return Err(refused("a sixth message to one response URL", 404, "used_url"));
        }
        if Timestamp::now().duration_since(hook.made) > GOOD_FOR {
            return Err(refused("a response URL older than half an hour", 404, "expired_url"));
        }
        if let Some(reason) = fault_of(&message) {
            return Err(refused(&reason, 400, "invalid_blocks"));
        }
        hook.posts += 1;
        self.messages.push(message);
        Ok(Reply::text(200, "text/html", "ok"))
    }

    /// The Web API answers 200 whatever happens, and says in the body what did.
    fn complete(&mut self, request: &Request, how: &str) -> Answer {
        let token = checks::bearer(request)?.to_owned();
        let member = if how == "Success" { "outputs" } else { "error" };
        let body = checks::object(request, &["function_execution_id", member])?;
        let execution = checks::required_text(&body, "function_execution_id")?;
        let ended = match body.get(member) {
            Some(Value::Object(outputs)) if how == "Success" => {
                let declared =
                    |(name, value): (&String, &Value)| matches!(&**name, "status" | "summary") && value.is_string();
                if !outputs.iter().all(declared) {
                    return Err(said_no("parameter_validation_failed"));
                }
                Ended::Well(Value::Object(outputs.clone()))
            }
            Some(Value::String(error)) if how == "Error" && !error.is_empty() => Ended::Badly(error.clone()),
            _ => return Err(forbidden(format!("member {member} is missing or of another type"))),
        };
        let Some(step) = self.steps.iter_mut().find(|step| step.execution == execution) else {
            return Err(said_no("function_execution_not_found"));
        };
        if step.token != token {
            return Err(said_no("invalid_auth"));
        }
        if step.ended.is_some() {
            return Ok(Reply::json(
                200,
                &json!({"ok": false, "error": "execution_not_in_running_state"}),
            ));
        }
        step.ended = Some(ended);
        Ok(Reply::json(200, &json!({"ok": true})))
    }
}

impl Site for Team {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "POST" {
            return Err(unknown_route(request));
        }
        checks::only_query(request, &[])?;
        let mut state = lock(&self.0);
        if request.path == WEBHOOK {
            return state.notify(request);
        }
        match request.path.strip_prefix("/api/functions.complete") {
            Some(how @ ("Success" | "Error")) => state.complete(request, how),
            Some(_) => Err(unknown_route(request)),
            None => state.post(request),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({"ok": false, "error": format!("error {status}")})
    }
}

fn refused(reason: &str, status: u16, code: &str) -> Refusal {
    Refusal::Recorded(reason.to_owned(), Reply::text(status, "text/html", code))
}

fn said_no(code: &str) -> Refusal {
    Refusal::Recorded(code.to_owned(), Reply::json(200, &json!({"ok": false, "error": code})))
}
