//! Replies, and the one table that turns a status into who has to act.

use std::fmt;

use reqwest::header::{HeaderMap, LOCATION};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{link, retry};
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::tools::json;

/// An answer, whatever its status. Its `Debug` shows no body: bodies hold addresses and tokens.
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) throttled: bool,
    pub(super) peer: &'static str,
    pub(super) call: String,
}

impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body's bytes.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// Where the next page is, by the `Link` headers.
    pub fn next_page(&self) -> Option<String> {
        link::next(&self.headers)
    }

    /// Whether the body is a bare JSON array.
    pub fn is_array(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"[")
    }

    /// Whether an attempt at this call was throttled: a reason to send less at a time.
    pub fn was_throttled(&self) -> bool {
        self.throttled
    }

    /// The reply if it is a success, else the error its status stands for.
    pub fn ok(self) -> Result<Self> {
        let (kind, message) = match self.status {
            200..=299 => return Ok(self),
            300..=399 if self.headers.contains_key(LOCATION) => {
                (ErrorKind::Protocol, "a redirect, which is not followed")
            }
            401 => (ErrorKind::Credentials, "the key was rejected"),
            403 => (ErrorKind::Credentials, "the key lacks a permission"),
            404 => (ErrorKind::Misconfigured, "no such address: is the base URL right?"),
            429 => (ErrorKind::Unavailable, "throttled"),
            status if retry::is_transient(status) => (ErrorKind::Unavailable, "the provider is down"),
            _ => (ErrorKind::Protocol, "an answer that the documents do not name"),
        };
        Err(self.error(kind, message))
    }

    /// The body as a `T`.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        self.decoded(&self.body)
    }

    /// A part of the body as a `T`.
    pub fn part<'a, T: Deserialize<'a>>(&self, part: &'a RawValue) -> Result<T> {
        self.decoded(part.get().as_bytes())
    }

    fn decoded<'a, T: Deserialize<'a>>(&self, text: &'a [u8]) -> Result<T> {
        json::decode(text).map_err(|fault| self.unreadable(fault))
    }

    pub(super) fn unreadable(&self, fault: Fault) -> Error {
        self.error(ErrorKind::Protocol, "the answer is not what the documents say")
            .with_faults(vec![fault])
    }

    /// The body as a `T`, if it is one.
    pub fn try_json<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        json::decode(&self.body).ok()
    }

    /// An error about this reply: provider, call and status, never the body.
    pub fn error(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, message)
            .with("at", self.peer)
            .with("call", &self.call)
            .with("status", self.status)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.call, self.status)
    }
}
