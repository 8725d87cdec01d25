//! What carries a request to its peer and brings the answer back: the network, or for a test what it puts in its place.

use std::error::Error as _;
use std::iter::successors;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::HeaderMap;

/// The largest body that is read: a million accounts.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// So much memory is taken for a body before it is there.
const BELIEVED: usize = 1024 * 1024;

/// A request, ready to be sent.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// The headers, authorisation and content type among them.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// An answer, read to the end of its headers.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// The body of an answer, which may still be on its way.
#[derive(Debug)]
pub struct Body {
    rest: Rest,
    /// Bytes that were read.
    read: usize,
}

#[derive(Debug)]
enum Rest {
    Here(Vec<u8>),
    Coming(reqwest::Response),
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            rest: Rest::Here(bytes),
            read: 0,
        }
    }
}

impl Body {
    /// Adds what comes next to `bytes`; `false` at the end.
    pub(super) async fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, Undelivered> {
        let before = bytes.len();
        match &mut self.rest {
            Rest::Here(rest) => bytes.append(rest),
            Rest::Coming(response) => {
                let chunk = response.chunk().await.map_err(failed)?;
                bytes.extend_from_slice(chunk.as_deref().unwrap_or_default());
            }
        }
        self.read += bytes.len() - before;
        match self.read {
            0..=MAX_BODY => Ok(bytes.len() > before),
            _ => Err(Undelivered::TooLarge),
        }
    }

    /// All of it.
    pub(super) async fn whole(mut self) -> Result<Vec<u8>, Undelivered> {
        let length = match &self.rest {
            Rest::Here(rest) => rest.len(),
            Rest::Coming(response) => response.content_length().unwrap_or_default() as usize,
        };
        // What a body says of its length saves memory; it need not be believed further than that.
        let mut bytes = Vec::with_capacity(length.min(BELIEVED));
        while self.read(&mut bytes).await? {}
        Ok(bytes)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Undelivered {
    /// No connection was made, so nothing was sent.
    NotSent(Cause),
    /// Sent; whether it took effect is unknown.
    Lost(Cause),
    /// The answer does not end.
    TooLarge,
}

/// What the network says of it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Carries requests, one at a time or many.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Carries one.
    async fn carry(&self, request: Request) -> Result<Answer, Undelivered>;
}

/// The network.
pub(super) struct Network(pub(super) reqwest::Client);

#[async_trait]
impl Carrier for Network {
    async fn carry(&self, request: Request) -> Result<Answer, Undelivered> {
        let call = self.0.request(request.method, request.url).headers(request.headers);
        let call = match request.body.is_empty() {
            true => call,
            false => call.body(request.body),
        };
        let mut response = call.send().await.map_err(failed)?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Body {
                rest: Rest::Coming(response),
                read: 0,
            },
        })
    }
}

fn failed(error: reqwest::Error) -> Undelivered {
    match error.is_connect() || error.is_builder() || was_left_aside(&error) {
        true => Undelivered::NotSent(error.without_url().into()),
        false => Undelivered::Lost(error.without_url().into()),
    }
}

/// Whether the server says that it has not worked on the request (RFC 9113 §8.7): it refused the stream, or is retiring the
/// connection and this stream came too late. A function has one thread, so that no stream is sent behind the back of the latter.
fn was_left_aside(error: &reqwest::Error) -> bool {
    let mut causes = successors(error.source(), |cause| (*cause).source());
    let of_h2 = causes.find_map(|cause| cause.downcast_ref::<h2::Error>());
    of_h2.is_some_and(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (error.is_go_away() || refused)
    })
}
