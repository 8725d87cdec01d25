//! Where a roster file is downloaded from: `/roster.csv` and `/roster.json` over plain HTTP, anything below a bucket
//! (`/bucket/key`) as S3 GetObject in path style.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::{Value, json};

use crate::checks::{self, unknown_route};
use crate::secrets::signed;
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

/// A running roster server.
pub struct RosterServer {
    server: Server,
    shelf: Arc<Shelf>,
}

#[derive(Default)]
struct Shelf {
    files: Mutex<Vec<File>>,
    token: Mutex<Option<String>>,
}

#[derive(Clone)]
struct File {
    path: String,
    content_type: String,
    bytes: Vec<u8>,
    modified: Option<Timestamp>,
}

watched!(RosterServer);

impl RosterServer {
    /// Starts it, empty, on the current tokio runtime.
    pub async fn start() -> Self {
        let shelf = Arc::new(Shelf::default());
        let site: Arc<dyn Site> = Arc::clone(&shelf) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            shelf,
        }
    }

    /// Where it listens, without a trailing slash.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// Puts a file there, last modified now, in the place of an older one.
    pub fn set(&self, path: &str, content_type: &str, bytes: &[u8]) {
        self.remove(path);
        lock(&self.shelf.files).push(File {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            bytes: bytes.to_vec(),
            modified: Some(Timestamp::now()),
        });
    }

    /// Takes a file away.
    pub fn remove(&self, path: &str) {
        lock(&self.shelf.files).retain(|file| file.path != path);
    }

    /// Lets a file have been modified this many hours ago.
    pub fn age(&self, path: &str, hours: i64) {
        self.modify(path, Some(Timestamp::now() - SignedDuration::from_hours(hours)));
    }

    /// Leaves a file's `Last-Modified` out.
    pub fn without_last_modified(&self, path: &str) {
        self.modify(path, None);
    }

    fn modify(&self, path: &str, modified: Option<Timestamp>) {
        for file in lock(&self.shelf.files).iter_mut().filter(|file| file.path == path) {
            file.modified = modified;
        }
    }

    /// Asks for this bearer token, or for none, outside of buckets.
    pub fn require_token(&self, token: Option<&str>) {
        *lock(&self.shelf.token) = token.map(str::to_owned);
    }
}

impl Site for Shelf {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" {
            return Err(unknown_route(request));
        }
        checks::no_body(request)?;
        let segments = request.segments();
        let in_bucket = segments.len() > 1;
        if in_bucket {
            admit_signed(request)?
        } else {
            self.admit(request)?
        }
        let path = format!("/{}", segments.join("/"));
        let file = lock(&self.files).iter().find(|file| file.path == path).cloned();
        match file {
            Some(file) => Ok(shown(file)),
            None if in_bucket => Err(s3_error(404, "NoSuchKey")),
            None => Err(Refusal::Plain(Reply::text(404, "text/plain", "not found"))),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({ "error": format!("error {status}") })
    }
}

impl Shelf {
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        let Some(token) = lock(&self.token).clone() else {
            return Ok(());
        };
        if request.header("authorization") == Some(&format!("Bearer {token}")) {
            return Ok(());
        }
        Err(Refusal::Plain(Reply::text(401, "text/plain", "unauthorized")))
    }
}

/// S3 also wants the body's hash named.
fn admit_signed(request: &Request) -> Result<(), Refusal> {
    let named = request.header("x-amz-content-sha256").is_some();
    if named && signed(request, "s3").is_ok() {
        Ok(())
    } else {
        Err(s3_error(403, "AccessDenied"))
    }
}

fn s3_error(status: u16, code: &str) -> Refusal {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>");
    Refusal::Plain(Reply::text(status, "application/xml", text))
}

fn shown(file: File) -> Reply {
    let reply = Reply::text(200, &file.content_type, file.bytes);
    let date = file
        .modified
        .map(|time| rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time));
    match date {
        Some(Ok(date)) => reply.with_header("last-modified", &date),
        _ => reply,
    }
}
