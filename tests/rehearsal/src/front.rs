//! TLS in front of a simulator without a socket, in whatever versions of HTTP it is told to offer.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::providers::Simulator;
use crate::server::{desk, lock};
use crate::tls;

/// A connection over TLS.
pub type Connection = TlsStream<TcpStream>;

/// A port that nobody answers yet, and the certificate of whoever will.
pub struct Front {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    certificate: String,
}

/// What was seen at a front.
#[derive(Default)]
pub struct Seen {
    /// How many connections were made.
    connections: Mutex<usize>,
    versions: Mutex<BTreeSet<String>>,
}

impl Front {
    /// Takes a port, and is going to offer these protocols: `h2`, `http/1.1`.
    pub async fn offering(protocols: &[&str]) -> Self {
        let (config, certificate) = tls::server(protocols);
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free"),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
        }
    }

    /// Where it listens, without a trailing slash.
    pub fn url(&self) -> String {
        let address = self.listener.local_addr().expect("a bound socket has an address");
        format!("https://{address}")
    }

    /// The certificate to trust, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The next connection, for a server that speaks for itself.
    pub async fn accept(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        self.acceptor.accept(stream).await.expect("a client that trusts us")
    }

    /// Hands every request on to this simulator, which is not to have a socket of its own.
    pub fn serve(self, simulator: Arc<dyn Simulator>) -> Arc<Seen> {
        let seen = Arc::new(Seen::default());
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = self.listener.accept().await {
                *lock(&seen.connections) += 1;
                let talk = talk(stream, self.acceptor.clone(), Arc::clone(&simulator), Arc::clone(&seen));
                connections.spawn(talk);
            }
        });
        kept
    }
}

impl Seen {
    /// How many connections were made.
    pub fn connections(&self) -> usize {
        *lock(&self.connections)
    }

    /// The versions that requests came in: `HTTP/2.0`, `HTTP/1.1`.
    pub fn versions(&self) -> BTreeSet<String> {
        lock(&self.versions).clone()
    }
}

/// In HTTP/2 a cut is a stream that is reset, in HTTP/1.1 a connection that ends.
async fn talk(stream: TcpStream, acceptor: TlsAcceptor, simulator: Arc<dyn Simulator>, seen: Arc<Seen>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return; // it does not trust us, or went away
    };
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |incoming: hyper::Request<_>| {
        let (simulator, seen) = (Arc::clone(&simulator), Arc::clone(&seen));
        async move {
            lock(&seen.versions).insert(format!("{:?}", incoming.version()));
            let request = desk::read(incoming).await?;
            let reply = simulator.answer(&request);
            reply
                .map(desk::written)
                .ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted))
        }
    });
    let stream = TokioIo::new(stream);
    let _ = match is_h2 {
        true => {
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(stream, service)
                .await
        }
        false => {
            hyper::server::conn::http1::Builder::new()
                .serve_connection(stream, service)
                .await
        }
    };
}
