//! HTTP on loopback for the host: the Runtime API below the functions, the public listener above them.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// Above Lambda's 6 MB, so that what is too large for Lambda is refused by the host's own rules.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

pub(super) struct Question {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Question {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(super) fn json(status: u16, body: &Value) -> Answer {
        Answer::new(status, body.to_string()).header("content-type", "application/json")
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Answers on a listener until it is dropped.
pub(super) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn listen<F, A>(listener: TcpListener, answer: F) -> Listening
where
    F: Fn(Question) -> A + Send + Sync + 'static,
    A: Future<Output = Answer> + Send,
{
    let answer = Arc::new(answer);
    Listening(tokio::spawn(async move {
        // The set ends the connections together with the listener.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    let answer = Arc::clone(&answer);
                    let service = service_fn(move |request| respond(Arc::clone(&answer), request));
                    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    connections.spawn(async move { _ = connection.await });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }))
}

async fn respond<F, A>(answer: Arc<F>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Fn(Question) -> A,
    A: Future<Output = Answer>,
{
    let (head, body) = request.into_parts();
    let said = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => {
            let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            };
            let question = Question {
                method: head.method.to_string(),
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                headers: head.headers.iter().map(header).collect(),
                body: body.to_bytes().into(),
            };
            answer(question).await
        }
        Err(_) => Answer::new(413, "the body is too large or was cut off"),
    };
    let mut response = Response::builder().status(said.status);
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    // A function can return a status or a header that HTTP does not know; Lambda answers 502 then.
    Ok(response.body(Full::from(said.body)).unwrap_or_else(|_| {
        let mut broken = Response::new(Full::from("Internal Server Error"));
        *broken.status_mut() = hyper::StatusCode::BAD_GATEWAY;
        broken
    }))
}
