//! One API of one peer, and its calls.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Serialize;

use super::attempt::{Attempt, Entries};
use super::auth::{Auth, secret_header};
use super::reply::Reply;
use super::retry::{self, ATTEMPTS, Repeat};
use super::{BaseUrl, Http};
use crate::error::{Error, ErrorKind, Result};

/// What stands unescaped in a query or a path segment (RFC 3986 §2.3); everything else, `+` too, is escaped.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one path segment or one query value.
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// An API: where it is and how it is authorised.
#[derive(Clone)]
pub struct Api {
    pub(super) http: Http,
    pub(super) peer: &'static str,
    pub(super) base: BaseUrl,
    auth: Auth,
    pub(super) key: Option<(HeaderName, SecretString)>,
}

impl Api {
    /// The API of `peer` (a provider's or a directory's name) at `base`.
    pub fn new(http: &Http, peer: &'static str, base: BaseUrl, auth: Auth) -> Self {
        Self {
            http: http.clone(),
            peer,
            base,
            auth,
            key: None,
        }
    }

    /// The same API with a second key, in a header of its own.
    #[must_use]
    pub fn with_key(mut self, name: HeaderName, key: SecretString) -> Self {
        self.key = Some((name, key));
        self
    }

    /// A `GET` of `path`; reads are safe to repeat.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path, Repeat::Safe)
    }

    /// A `POST` to `path`.
    pub fn post(&self, path: &str, repeat: Repeat) -> Call<'_> {
        self.call(Method::POST, path, repeat)
    }

    /// A `PUT` to `path`.
    pub fn put(&self, path: &str, repeat: Repeat) -> Call<'_> {
        self.call(Method::PUT, path, repeat)
    }

    /// A `DELETE` of `path`.
    pub fn delete(&self, path: &str, repeat: Repeat) -> Call<'_> {
        self.call(Method::DELETE, path, repeat)
    }

    /// The path of a pagination link, which must stay on this host.
    pub fn own_path(&self, link: &str) -> Result<String> {
        self.base.own_path(link).ok_or_else(|| {
            let message = "a pagination link leads away from the configured API";
            Error::new(ErrorKind::Protocol, message).with("at", self.peer)
        })
    }

    fn call(&self, method: Method, path: &str, repeat: Repeat) -> Call<'_> {
        Call {
            api: self,
            method,
            path: path.to_owned(),
            repeat,
            body: None,
            bearer: None,
            headers: HeaderMap::new(),
        }
    }
}

/// A call on its way to being sent.
pub struct Call<'a> {
    pub(super) api: &'a Api,
    pub(super) method: Method,
    pub(super) path: String,
    repeat: Repeat,
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    bearer: Option<&'a SecretString>,
    pub(super) headers: HeaderMap,
}

impl<'a> Call<'a> {
    /// Adds a query.
    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        for (name, value) in pairs {
            self.path.push(if self.path.contains('?') { '&' } else { '?' });
            self.path.push_str(&format!("{}={}", escape(name), escape(value)));
        }
        self
    }

    /// Sends `body` as JSON.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default(); // plain structs of text cannot fail
        self.body("application/json", body)
    }

    /// Sends these bytes.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.body = Some((content_type, body));
        self
    }

    /// Sends `pairs` as a form; a secret may hold `+` and `/`, so everything is escaped.
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        let body = pairs.collect::<Vec<_>>().join("&").into_bytes();
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Authorises this call by `token` instead of the API's own way.
    #[must_use]
    pub fn bearer(mut self, token: &'a SecretString) -> Self {
        self.bearer = Some(token);
        self
    }

    /// Adds headers.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sends the call, again where that does no harm, until it is answered or time is up.
    ///
    /// # Behaviour
    /// - every status is a `Reply`; the caller looks at the ones that mean something and calls `ok` for the rest
    /// - an expired token is renewed once
    /// - an answer to an unsafe write that is lost, or is a 5xx, is `Uncertain`, and the write is not resent
    /// - what would start after the deadline is not sent: `OutOfTime`
    pub async fn send(self) -> Result<Reply> {
        self.attempts(None).await
    }

    /// Sends the call, like `send`, and gives the entries of the list in the answer to `entries` while they arrive. The list is
    /// the answer, or its member `list`; the reply has a [`Cut`](super::Cut) in place of each entry.
    ///
    /// An attempt ends where nothing arrives for as long as another call may take.
    pub async fn send_entries(self, list: &str, entries: &mut dyn Entries) -> Result<Reply> {
        self.attempts(Some((list, entries))).await
    }

    async fn attempts<'e>(self, mut entries: Option<(&str, &mut (dyn Entries + 'e))>) -> Result<Reply> {
        let http = &self.api.http;
        let limits = http.shared.limits;
        let mut throttled = false;
        let mut renewed = false;
        let mut attempt = 1;
        loop {
            let left = http.deadline.left();
            if left.is_zero() {
                return Err(self.error(ErrorKind::OutOfTime, "not sent: the invocation is ending"));
            }
            let authorization = self.authorization().await?;
            let limit = left.min(limits.call_timeout);
            let entries = entries.as_mut().map(|(list, entries)| (*list, &mut **entries));
            let ended = self.attempt(authorization.as_ref(), limit, entries).await;
            let (error, asked) = match ended {
                Attempt::Refused(error) => return Err(error),
                Attempt::Answered(mut reply) => {
                    if retry::is_throttled(reply.status, &reply.headers, &reply.body) {
                        reply.status = 429; // what it means
                    }
                    let status = reply.status;
                    throttled |= status == 429;
                    reply.throttled = throttled;
                    if status == 401 && self.bearer.is_none() && !renewed {
                        renewed = true;
                        if self.api.auth.renew(http, authorization.as_ref()).await {
                            continue;
                        }
                    }
                    if !retry::may_repeat(status, self.repeat) {
                        if status >= 500 && self.repeat == Repeat::Unsafe {
                            return Err(reply.error(ErrorKind::Uncertain, "a write may have taken effect"));
                        }
                        return Ok(reply);
                    }
                    if attempt == ATTEMPTS {
                        return Ok(reply);
                    }
                    let asked = retry::retry_after(&reply.headers, &reply.body, http.clock().now());
                    (reply.ok().err(), asked)
                }
                Attempt::Lost(_) if self.repeat == Repeat::Unsafe => {
                    let message = "a write went out and its answer was lost";
                    return Err(self.error(ErrorKind::Uncertain, message));
                }
                Attempt::NotSent(error) | Attempt::Lost(error) => (Some(error), None),
            };
            let wait = retry::wait(attempt, limits.retry_base, asked);
            if let Some(error) = error
                && (attempt == ATTEMPTS || wait >= http.deadline.left())
            {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn authorization(&self) -> Result<Option<HeaderValue>> {
        match self.bearer {
            Some(token) => secret_header("Bearer ", token).map(Some),
            None => self.api.auth.header(&self.api.http, self.api.peer).await,
        }
    }

    pub(super) fn error(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, message)
            .with("at", self.api.peer)
            .with("call", self.name())
    }

    /// Method and path, without the query: queries hold addresses.
    pub(super) fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}
