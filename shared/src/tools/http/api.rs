//! One API of one peer, and its calls.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Serialize;

use super::auth::{Auth, secret_header};
use super::carrier::{Cause, Request, Undelivered};
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
    http: Http,
    peer: &'static str,
    base: BaseUrl,
    auth: Auth,
    key: Option<(HeaderName, SecretString)>,
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
    api: &'a Api,
    method: Method,
    path: String,
    repeat: Repeat,
    body: Option<(&'static str, Vec<u8>)>,
    bearer: Option<&'a SecretString>,
    headers: HeaderMap,
}

/// How one attempt ended.
enum Attempt {
    Answered(Reply),
    /// No connection was made, so nothing was sent.
    NotSent(Error),
    /// Sent; whether it took effect is unknown.
    Lost(Error),
    TooLarge,
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
            let once = self.once(authorization.as_ref());
            let limit = left.min(limits.call_timeout);
            let ended = match tokio::time::timeout(limit, once).await {
                Ok(ended) => ended,
                Err(_) => Attempt::Lost(self.error(ErrorKind::Unavailable, "no answer in time")),
            };
            let (error, asked) = match ended {
                Attempt::TooLarge => {
                    return Err(self.error(ErrorKind::Protocol, "the answer is too large"));
                }
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

    async fn once(&self, authorization: Option<&HeaderValue>) -> Attempt {
        let mut headers = self.headers.clone();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        if let Some((name, key)) = &self.api.key {
            match secret_header("", key) {
                Ok(value) => drop(headers.insert(name, value)),
                Err(error) => return Attempt::NotSent(error),
            }
        }
        let mut body = Vec::new();
        if let Some((content_type, text)) = &self.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            body.clone_from(text);
        }
        let request = Request {
            method: self.method.clone(),
            url: self.api.base.join(&self.path),
            headers,
            body,
        };
        let failed = |message, cause: Cause| self.error(ErrorKind::Unavailable, message).because(cause);
        match self.api.http.shared.carrier.carry(request).await {
            Ok(answer) => Attempt::Answered(Reply {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                throttled: false,
                peer: self.api.peer,
                call: self.name(),
            }),
            Err(Undelivered::NotSent(cause)) => Attempt::NotSent(failed("no connection", cause)),
            Err(Undelivered::Lost(cause)) => Attempt::Lost(failed("the connection was lost", cause)),
            Err(Undelivered::TooLarge) => Attempt::TooLarge,
        }
    }

    fn error(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, message)
            .with("at", self.api.peer)
            .with("call", self.name())
    }

    /// Method and path, without the query: queries hold addresses.
    fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}
