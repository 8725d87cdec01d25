//! Connections opened in INIT, where CPU is plenty, for the first calls of the first invocation.
//!
//! reqwest has no call for that, but lets its connector be wrapped. A request in the scope of [`OPENING`] ends as soon as its
//! connection is there, before anything is sent; the next request to that host finds the connection waiting.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use tower_layer::{Layer, layer_fn};
use tower_service::Service;

use super::carrier::{Answer, Carrier, Request, Undelivered};

/// Below the idle limits of servers (30 to 60 s): a thawed function finds no dead connection.
pub(super) const IDLE: Duration = Duration::from_secs(15);

tokio::task_local! {
    static OPENING: ();
}

/// What carries nothing: it opens a connection to wherever it is asked to send something, and says that nobody is there.
pub(super) struct Opener(pub(super) reqwest::Client);

#[async_trait]
impl Carrier for Opener {
    async fn carry(&self, request: Request) -> Result<Answer, Undelivered> {
        let open = self.0.get(request.url).send();
        let _ = OPENING.scope((), open).await; // it always fails, here or there
        Ok(Answer {
            status: 404, // an answer that nobody asks for again
            headers: HeaderMap::new(),
            body: Vec::new().into(),
        })
    }
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Connections by host, each with when it was opened.
struct Opened<C>(Arc<Mutex<BTreeMap<String, (Instant, C)>>>);

impl<C> Opened<C> {
    fn keep(&self, host: String, connection: C) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(host, (Instant::now(), connection));
    }

    fn take(&self, host: &str) -> Option<C> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (opened, connection) = kept.remove(host)?;
        (opened.elapsed() < IDLE).then_some(connection)
    }
}

impl<C> Clone for Opened<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What reqwest's connector is wrapped in.
pub(super) fn layer<S: 'static, C: Send + 'static>() -> impl Layer<S, Service = Connector<S, C>> + Clone + Sync {
    let opened = Opened(Arc::default());
    layer_fn(move |inner| Connector {
        inner,
        opened: opened.clone(),
    })
}

/// Connects, unless a connection is there already.
pub(super) struct Connector<S, C> {
    inner: S,
    opened: Opened<C>,
}

impl<S: Clone, C> Clone for Connector<S, C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            opened: self.opened.clone(),
        }
    }
}

impl<S, C, H> Service<H> for Connector<S, C>
where
    S: Service<H, Response = C, Error = Error>,
    S::Future: Send + 'static,
    C: Send + 'static,
    H: Debug, // reqwest gives the host a type without a name, and no other way to read it
{
    type Response = C;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<C, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, host: H) -> Self::Future {
        let name = format!("{host:?}");
        let is_opening = OPENING.try_with(|()| ()).is_ok();
        let kept = if is_opening { None } else { self.opened.take(&name) };
        if let Some(connection) = kept {
            return Box::pin(std::future::ready(Ok(connection)));
        }
        let (connecting, opened) = (self.inner.call(host), self.opened.clone());
        Box::pin(async move {
            let connection = connecting.await?;
            if is_opening {
                opened.keep(name, connection);
                return Err("opened, and nothing sent".into());
            }
            Ok(connection)
        })
    }
}
