//! An HTTP client of forty lines: one request per connection, no dependency that the product uses.

use rehearsal::providers::Seed;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) bytes: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

/// Sends a request with these header lines; `None` when the connection ended without an answer.
pub(crate) async fn send(url: &str, method: &str, path: &str, headers: &[String], body: &str) -> Option<Got> {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for header in headers {
        head.push_str(&format!("{header}\r\n"));
    }
    let message = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Got {
        status,
        head,
        bytes: bytes[end + 4..].to_vec(),
    })
}

/// A GET with one header for the credential.
pub(crate) async fn get(url: &str, path: &str, headers: &[String]) -> Got {
    send(url, "GET", path, headers, "").await.unwrap()
}

/// A JSON call.
pub(crate) async fn post(url: &str, method: &str, path: &str, headers: &[String], body: Value) -> Got {
    let mut headers = headers.to_vec();
    headers.push("content-type: application/json".to_owned());
    send(url, method, path, &headers, &body.to_string()).await.unwrap()
}

/// A bearer header.
pub(crate) fn bearer(token: &Value) -> Vec<String> {
    vec![format!("authorization: Bearer {}", token.as_str().unwrap())]
}

/// Fetches a token at this path with the document's client credentials.
pub(crate) async fn token(url: &str, path: &str, document: &Value) -> Got {
    let encode = |value: &Value| {
        let text = value.as_str().unwrap();
        text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
    };
    let (id, secret) = (encode(&document["client_id"]), encode(&document["client_secret"]));
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    send(url, "POST", path, &form, &body).await.unwrap()
}

/// Somebody with an address and a login.
pub(crate) fn person(email: &str, github: &str) -> Seed {
    Seed {
        email: Some(email.into()),
        github: Some(github.into()),
        name: Some("Ada L".into()),
        id: None,
    }
}
