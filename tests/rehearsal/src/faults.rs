//! Everything that can go wrong between a client and a platform: one list, shared by all simulators.
//!
//! A fault is aimed at a method and a piece of the target, and strikes before, instead of or after the site's own answer.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::gate::Gate;
use crate::server::{Reply, Request, Shape, Site, lock};

/// Larger than any honest answer of these platforms.
const HUGE: usize = 33 * 1024 * 1024;

/// One way for a call to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status instead of an answer; nothing takes effect.
    Status(u16),
    /// This status with a `Retry-After` of seconds or an HTTP date; nothing takes effect.
    StatusWithRetryAfter(u16, String),
    /// No answer ever; nothing takes effect.
    Hang,
    /// The connection is cut before anything takes effect.
    CutBefore,
    /// The effect takes place, then the connection is cut.
    CutAfter,
    /// The effect takes place, the answer is a 200 that is not JSON.
    Garbage,
    /// The effect takes place, the answer lacks a required member.
    MissingField,
    /// The effect takes place, every object of the answer has members nobody has heard of.
    ExtraField,
    /// The last account of the list or page is missing; the total still counts it.
    ShortPage,
    /// The total is one too high; nothing happens where the platform sends none.
    WrongTotal,
    /// Every page is the first page again.
    LoopedCursor,
    /// A 302 to this URL; nothing takes effect.
    Redirect(String),
    /// The effect takes place, the answer is a 200 of 33 MiB.
    HugeBody,
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At the first matching call only.
    Once,
    /// At every matching call until the faults are cleared.
    Always,
}

/// The faults of one simulator, and the gate its calls wait at; a cheap handle.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    aimed: Arc<Mutex<Vec<Aimed>>>,
    gate: Arc<Mutex<Option<Gate>>>,
}

#[derive(Debug)]
struct Aimed {
    method: String,
    path_contains: String,
    fault: Fault,
    when: When,
}

/// What the server does with a request.
pub(crate) enum Action {
    Answer(Reply),
    Hang,
    Cut,
}

impl Faults {
    /// Adds a fault for calls of this method (`*`: any) whose path and query, as received, contain the text. Several that
    /// match strike one per call, in the order they were added.
    pub fn inject(&self, method: &str, path_contains: &str, fault: Fault, when: When) {
        let aimed = Aimed {
            method: method.to_owned(),
            path_contains: path_contains.to_owned(),
            fault,
            when,
        };
        lock(&self.aimed).push(aimed);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        lock(&self.aimed).clear();
    }

    /// Lets calls wait at `gate`, which other simulators may share; `None` lets them pass.
    pub fn set_gate(&self, gate: Option<Gate>) {
        *lock(&self.gate) = gate;
    }

    pub(crate) fn gate(&self) -> Option<Gate> {
        lock(&self.gate).clone()
    }

    pub(crate) fn next(&self, request: &Request) -> Option<Fault> {
        let mut aimed = lock(&self.aimed);
        let hit = aimed.iter().position(|aimed| aimed.hits(request))?;
        let fault = aimed[hit].fault.clone();
        if aimed[hit].when == When::Once {
            aimed.remove(hit);
        }
        Some(fault)
    }
}

impl Aimed {
    fn hits(&self, request: &Request) -> bool {
        let method = self.method == "*" || self.method == request.method;
        method && request.target.contains(&self.path_contains)
    }
}

impl Fault {
    pub(crate) fn step_in(&self, site: &dyn Site, request: &Request, ask: impl Fn(&Request) -> Reply) -> Action {
        let refused = |status: u16| Reply::json(status, &site.error_body(status));
        let shape = site.shape();
        Action::Answer(match self {
            Fault::Hang => return Action::Hang,
            Fault::CutBefore => return Action::Cut,
            Fault::CutAfter => {
                ask(request);
                return Action::Cut;
            }
            Fault::Status(status) => refused(*status),
            Fault::StatusWithRetryAfter(status, wait) => refused(*status).with_header("retry-after", wait),
            Fault::Redirect(to) => Reply::empty(302).with_header("location", to),
            Fault::Garbage => {
                ask(request);
                Reply::text(200, "text/html", "<html><body>It works!</body></html>")
            }
            Fault::HugeBody => {
                ask(request);
                Reply::text(200, "application/json", vec![b' '; HUGE])
            }
            Fault::MissingField => bent(ask(request), |body| {
                drop_required(body, shape);
            }),
            Fault::ExtraField => bent(ask(request), add_unknown),
            Fault::ShortPage => bent(ask(request), |body| shorten(body, shape)),
            Fault::WrongTotal => bent(ask(request), |body| miscount(body, shape)),
            Fault::LoopedCursor => ask(&rewound(request)),
        })
    }
}

/// The reply with its JSON changed; one that is not JSON stays as it is.
fn bent(mut reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) {
        change(&mut body);
        reply.body = body.to_string().into_bytes();
    }
    reply
}

/// Removes the first required member found, innermost first, and says whether there was one.
fn drop_required(body: &mut Value, shape: Shape) -> bool {
    match body {
        Value::Array(items) => items.iter_mut().any(|item| drop_required(item, shape)),
        Value::Object(members) => {
            members.values_mut().any(|member| drop_required(member, shape))
                || shape.required.iter().any(|name| members.remove(*name).is_some())
        }
        _ => false,
    }
}

fn add_unknown(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(add_unknown),
        Value::Object(members) => {
            members.values_mut().for_each(add_unknown);
            members.insert("addedLater".to_owned(), json!({ "by": "a newer version" }));
            members.insert("added_later".to_owned(), json!(7));
        }
        _ => {}
    }
}

fn shorten(body: &mut Value, shape: Shape) {
    let list = match body.is_array() {
        true => Some(body),
        false => find(body, shape.lists),
    };
    if let Some(Value::Array(items)) = list {
        items.pop();
    }
}

fn miscount(body: &mut Value, shape: Shape) {
    if let Some(total) = find(body, &[shape.total]) {
        *total = json!(total.as_u64().unwrap_or_default() + 1);
    }
}

/// The first member of one of these names, at any depth.
fn find<'a>(body: &'a mut Value, names: &[&str]) -> Option<&'a mut Value> {
    let object = body.as_object_mut()?;
    match names.iter().find(|name| object.contains_key(**name)) {
        Some(name) => object.get_mut(*name),
        None => object.values_mut().find_map(|member| find(member, names)),
    }
}

/// The request for the first page, whichever way pages are asked for.
fn rewound(request: &Request) -> Request {
    let mut first = request.clone();
    first.query.retain(|(name, _)| !CURSORS.contains(&name.as_str()));
    for (name, value) in &mut first.query {
        match name.as_str() {
            "page" | "startIndex" => "1".clone_into(value),
            "offset" => "0".clone_into(value),
            _ => {}
        }
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(&first.body)
        && let Some(after) = body.pointer_mut("/variables/after")
    {
        *after = Value::Null;
        first.body = body.to_string().into_bytes();
    }
    first
}

/// What names a page by a mark that the page before gave.
const CURSORS: [&str; 4] = ["after", "cursor", "pageToken", "$skiptoken"];
