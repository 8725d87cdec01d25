//! Behind a server: connections, requests read to their end, faults, and the book of calls.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Call, Refusal, Reply, Request, Site, lock};
use crate::faults::{Action, Faults};
use crate::gate::Closes;
use crate::tls;

pub(super) struct Desk {
    site: Arc<dyn Site>,
    pub(super) faults: Faults,
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) violations: Mutex<Vec<String>>,
}

/// Connections end with this task, because the set aborts them when it is dropped.
pub(super) async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        // Else what is sent in two parts waits for the client to acknowledge the first, which takes it 40 ms.
        let _ = stream.set_nodelay(true);
        connections.spawn(converse(stream, Arc::clone(&desk)));
    }
}

async fn converse(stream: TcpStream, desk: Arc<Desk>) -> Result<(), Infallible> {
    match tls::acceptor() {
        None => talk(stream, desk).await,
        // A client that does not trust us, or goes away, has nothing to say.
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => talk(stream, desk).await,
            Err(_) => Ok(()),
        },
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, desk: Arc<Desk>) -> Result<(), Infallible> {
    let service = service_fn(move |incoming| respond(Arc::clone(&desk), incoming));
    // An error is a client that went away, or a cut that a fault asked for.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    Ok(())
}

/// An error here makes hyper drop the connection without a byte of an answer: that is the cut.
async fn respond(desk: Arc<Desk>, incoming: hyper::Request<Incoming>) -> io::Result<hyper::Response<Full<Bytes>>> {
    let request = read(incoming).await?;
    let pace = desk.site.pace();
    if !pace.is_zero() {
        tokio::time::sleep(pace).await;
    }
    let gate = desk.faults.gate();
    let closes = gate.as_ref().and_then(|gate| gate.arrive(&request.method));
    if let (Some(gate), Some(Closes::BeforeTheEffect)) = (&gate, closes) {
        gate.wait().await;
    }
    let action = desk.work(&request);
    if let (Some(gate), Some(Closes::AfterTheEffect)) = (&gate, closes) {
        gate.wait().await;
    }
    match action {
        Action::Answer(reply) => Ok(written(reply)),
        Action::Hang => std::future::pending().await,
        Action::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

pub(crate) async fn read(incoming: hyper::Request<Incoming>) -> io::Result<Request> {
    let (head, body) = incoming.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    Ok(Request::new(head.method.as_str(), &target, head.headers, body))
}

pub(crate) fn written(reply: Reply) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).expect("a status code");
    for (name, value) in reply.headers {
        let name = HeaderName::try_from(name).expect("a header's name");
        response
            .headers_mut()
            .append(name, HeaderValue::try_from(value).expect("a header's value"));
    }
    response
}

impl Desk {
    pub(super) fn new(site: Arc<dyn Site>) -> Self {
        Self {
            site,
            faults: Faults::default(),
            calls: Mutex::default(),
            violations: Mutex::default(),
        }
    }

    pub(super) fn work(&self, request: &Request) -> Action {
        let ask = |request: &Request| self.ask(request);
        let action = match self.faults.next(request) {
            Some(fault) => fault.step_in(&*self.site, request, ask),
            None => Action::Answer(ask(request)),
        };
        let status = if let Action::Answer(reply) = &action {
            reply.status
        } else {
            0
        };
        lock(&self.calls).push(Call {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            status,
            body: request.body.clone(),
        });
        action
    }

    fn ask(&self, request: &Request) -> Reply {
        let (reason, reply) = match self.site.answer(request) {
            Ok(reply) | Err(Refusal::Plain(reply)) => return reply,
            Err(Refusal::Recorded(reason, reply)) => (reason, reply),
            Err(Refusal::Forbidden(reason)) => (reason.clone(), Reply::text(501, "text/plain", reason)),
        };
        lock(&self.violations).push(format!("{} {}: {reason}", request.method, request.path));
        reply
    }
}
