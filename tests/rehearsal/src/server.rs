//! One tiny HTTP/1.1 server per simulator, on a loopback port of its own; it stops when dropped.
//!
//! It reads a whole request, lets a fault step in, asks its [`Site`] and writes the call down. It never listens beyond 127.0.0.1.

pub(crate) mod desk;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::header::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::faults::{Action, Faults};
use crate::tls;

use desk::Desk;

/// One request, read to its end.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path as received, still percent-encoded.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Path and query as received, which faults are aimed at.
    pub target: String,
}

impl Request {
    /// A request for a target as received: path and query.
    pub fn new(method: &str, target: &str, headers: HeaderMap, body: Vec<u8>) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs(query),
            headers,
            body,
            target: target.to_owned(),
        }
    }

    /// The header of this name, if there is exactly one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// The path cut at its slashes, each part decoded.
    pub fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/').map(decoded).collect()
    }

    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(key, _)| key == name)?;
        Some(&pair.1)
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// An answer of JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// An answer of any content type.
    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::empty(status).with_body(content_type, body)
    }

    /// The same answer with one more header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with_header("content-type", content_type)
    }
}

/// Why a site did not do what it was asked.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The contract forbids the request: written down as a violation and answered 501 with the reason.
    Forbidden(String),
    /// The contract forbids the request and says what the platform answers: written down, and answered so.
    Recorded(String, Reply),
    /// An ordinary no: wrong key, nobody found.
    Plain(Reply),
}

impl Refusal {
    /// An ordinary no of JSON.
    pub fn plain(status: u16, body: &Value) -> Self {
        Self::Plain(Reply::json(status, body))
    }
}

/// What a site says to a request.
pub type Answer = Result<Reply, Refusal>;

/// The members of a site's JSON that shape faults bend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    /// The members that may hold the list, at any depth (a bare array needs no name).
    pub lists: &'static [&'static str],
    /// The member that holds the count, empty where the platform sends none.
    pub total: &'static str,
    /// Required members, one per kind of answer.
    pub required: &'static [&'static str],
}

/// One simulated server's behaviour.
pub trait Site: Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: &Request) -> Answer;

    /// The body this platform sends with an error status.
    fn error_body(&self, status: u16) -> Value;

    /// How long an answer takes.
    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    /// The members shape faults bend.
    fn shape(&self) -> Shape {
        Shape::default()
    }
}

/// A request that was made, and what came of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path as received.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The status answered; 0 where the connection was cut or left hanging.
    pub status: u16,
    /// The request's body.
    pub body: Vec<u8>,
}

/// A running server.
pub struct Server {
    url: String,
    desk: Arc<Desk>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server for this site on a free loopback port, on the current tokio runtime.
    pub async fn start(site: Arc<dyn Site>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let desk = Arc::new(Desk::new(site));
        let accepting = tokio::spawn(desk::accept(listener, Arc::clone(&desk)));
        Self {
            url: format!("{}://{address}", tls::scheme()),
            desk,
            accepting: Some(accepting),
        }
    }

    /// A server without a socket, which is asked by [`Server::answer`] only. Its URL leads nowhere.
    pub fn offline(url: &str, site: Arc<dyn Site>) -> Self {
        Self {
            url: url.to_owned(),
            desk: Arc::new(Desk::new(site)),
            accepting: None,
        }
    }

    /// What comes of a request, faults and all; `None` where the connection is cut or left hanging.
    pub fn answer(&self, request: &Request) -> Option<Reply> {
        match self.desk.work(request) {
            Action::Answer(reply) => Some(reply),
            Action::Hang | Action::Cut => None,
        }
    }

    /// Where it listens, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The faults it obeys.
    pub fn faults(&self) -> &Faults {
        &self.desk.faults
    }

    /// Every call since the start or the last clearing, in order.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.desk.calls).clone()
    }

    /// Forgets the calls, not the violations.
    pub fn clear_calls(&self) {
        lock(&self.desk.calls).clear();
    }

    /// Every request the contract forbids, with the reason.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.desk.violations).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// What a simulator saw, refused and is to do wrong, as the server in its field `server` knows it.
macro_rules! watched {
    ($simulator:ty) => {
        impl $simulator {
            /// Every call since the start or the last clearing, in order.
            pub fn calls(&self) -> Vec<$crate::server::Call> {
                self.server.calls()
            }

            /// Forgets the calls, not the violations.
            pub fn clear_calls(&self) {
                self.server.clear_calls();
            }

            /// What goes wrong on the way to it.
            pub fn faults(&self) -> &$crate::faults::Faults {
                self.server.faults()
            }

            /// Every request that what it simulates refuses as not meant, with the reason.
            pub fn violations(&self) -> Vec<String> {
                self.server.violations()
            }
        }
    };
}

pub(crate) use watched;

/// Locks, also after a test panicked while holding the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pairs of a query or of a form body, decoded (`+` is a space there).
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
