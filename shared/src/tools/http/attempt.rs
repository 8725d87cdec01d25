//! One attempt at a call: the request as it goes out, and its answer, whole or entry by entry.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use tokio::time::{Instant, timeout, timeout_at};

use super::api::Call;
use super::auth::secret_header;
use super::carrier::{Body, Request, Undelivered};
use super::cutting::Cutter;
use super::reply::Reply;
use crate::error::{Error, ErrorKind, Fault};

/// Takes the entries of a list, one by one, as they arrive.
#[async_trait]
pub trait Entries: Send {
    /// An answer begins. It may be that of a further attempt: what an earlier one brought is no more.
    async fn begin(&mut self);

    /// Takes the next entry, a JSON text, or says what is wrong with it.
    fn take(&mut self, entry: &[u8]) -> Result<(), Fault>;
}

/// How an attempt ended.
pub(super) enum Attempt {
    Answered(Reply),
    /// No connection was made, so nothing was sent.
    NotSent(Error),
    /// Sent; whether it took effect is unknown.
    Lost(Error),
    /// Answered by what no further attempt makes better.
    Refused(Error),
}

impl Call<'_> {
    /// Sends the call once. An answer has come, or is lost, within `limit`; one whose entries are taken while they arrive goes on
    /// for as long as something does.
    pub(super) async fn attempt<'e>(
        &self,
        authorization: Option<&HeaderValue>,
        limit: Duration,
        entries: Option<(&str, &mut (dyn Entries + 'e))>,
    ) -> Attempt {
        let end = Instant::now() + limit;
        let request = match self.request(authorization) {
            Ok(request) => request,
            Err(error) => return Attempt::NotSent(error),
        };
        let answer = match timeout_at(end, self.api.http.carrier().carry(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(undelivered)) => return self.undelivered(undelivered),
            Err(_) => return self.late(),
        };
        let mut reply = Reply {
            status: answer.status,
            headers: answer.headers,
            body: Vec::new(),
            throttled: false,
            peer: self.api.peer,
            call: self.name(),
        };
        reply.body = match entries {
            Some((list, entries)) if (200..300).contains(&reply.status) => {
                match self.cut(&reply, answer.body, limit, list, entries).await {
                    Ok(rest) => rest,
                    Err(ended) => return ended,
                }
            }
            _ => match timeout_at(end, answer.body.whole()).await {
                Ok(Ok(body)) => body,
                Ok(Err(undelivered)) => return self.undelivered(undelivered),
                Err(_) => return self.late(),
            },
        };
        Attempt::Answered(reply)
    }

    /// Takes the entries of a list while they arrive; what is left of the body.
    async fn cut(
        &self,
        reply: &Reply,
        mut body: Body,
        limit: Duration,
        list: &str,
        entries: &mut dyn Entries,
    ) -> Result<Vec<u8>, Attempt> {
        entries.begin().await;
        let mut cutter = Cutter::new(list);
        let mut piece = Vec::new();
        let mut number = 0;
        loop {
            match timeout(limit, body.read(&mut piece)).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return Ok(cutter.rest()),
                Ok(Err(undelivered)) => return Err(self.undelivered(undelivered)),
                Err(_) => return Err(self.late()),
            }
            let taken = cutter.feed(&piece, |entry| {
                number += 1;
                entries.take(entry)
            });
            piece.clear();
            taken.map_err(|mut fault| {
                let place = format!("{}[{}]", cutter.path(), number - 1);
                fault.path = match fault.path.as_str() {
                    "." => place,
                    path => format!("{place}.{path}"),
                };
                Attempt::Refused(reply.unreadable(fault))
            })?;
        }
    }

    fn request(&self, authorization: Option<&HeaderValue>) -> Result<Request, Error> {
        let mut headers = self.headers.clone();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        if let Some((name, key)) = &self.api.key {
            headers.insert(name, secret_header("", key)?);
        }
        let mut body = Vec::new();
        if let Some((content_type, text)) = &self.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            body.clone_from(text);
        }
        Ok(Request {
            method: self.method.clone(),
            url: self.api.base.join(&self.path),
            headers,
            body,
        })
    }

    fn undelivered(&self, undelivered: Undelivered) -> Attempt {
        let failed = |message| self.error(ErrorKind::Unavailable, message);
        match undelivered {
            Undelivered::NotSent(cause) => Attempt::NotSent(failed("no connection").because(cause)),
            Undelivered::Lost(cause) => Attempt::Lost(failed("the connection was lost").because(cause)),
            Undelivered::TooLarge => Attempt::Refused(self.error(ErrorKind::Protocol, "the answer is too large")),
        }
    }

    fn late(&self) -> Attempt {
        Attempt::Lost(self.error(ErrorKind::Unavailable, "no answer in time"))
    }
}
