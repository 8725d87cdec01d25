//! The public listener: `http://127.0.0.1:9000/<function>/…` is that function's URL.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;

use super::web::{Answer, Listening, Question, listen};
use super::{Function, UrlRequest};

/// Lambda's limit on a request.
const LARGEST_REQUEST: usize = 6 * 1024 * 1024;

/// Set by a hop for itself; Lambda does not pass them on.
const HOP_BY_HOP: [&str; 4] = ["connection", "content-length", "transfer-encoding", "host"];

/// The running listener; it closes when dropped.
pub struct Served {
    address: SocketAddr,
    _listening: Listening,
}

impl Served {
    /// `http://127.0.0.1:9000`, to which `/<function>/…` is added.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Maps every HTTP request to `/<function>/…` to that function's URL event, path and query after the function's name.
/// A process that died is started again, as Lambda does it.
///
/// # Errors
///
/// If the address cannot be listened on.
pub async fn serve(functions: Vec<(String, Arc<Function>)>, address: SocketAddr) -> io::Result<Served> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let functions = Arc::new(functions);
    let listening = listen(listener, move |question| answer(Arc::clone(&functions), question));
    Ok(Served {
        address,
        _listening: listening,
    })
}

async fn answer(functions: Arc<Vec<(String, Arc<Function>)>>, question: Question) -> Answer {
    let path = question.path.strip_prefix('/').unwrap_or(&question.path);
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let Some((_, function)) = functions.iter().find(|(known, _)| known == name) else {
        let names: Vec<_> = functions.iter().map(|(name, _)| format!("/{name}/")).collect();
        return Answer::json(
            404,
            &json!({"error": {"kind": "NotFound", "message": "no such function", "details": names}}),
        );
    };
    if question.body.len() > LARGEST_REQUEST {
        return Answer::json(413, &json!({"Message": "Request must be smaller than 6291456 bytes"}));
    }
    let base64 = !is_text(question.header("content-type").unwrap_or("application/json"));
    let request = UrlRequest {
        method: question.method,
        path: format!("/{rest}"),
        query: question.query,
        headers: question
            .headers
            .into_iter()
            .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()))
            .collect(),
        body: question.body,
        base64,
        iam: None,
    };
    function.revive().await;
    let said = function.request(request).await;
    let headers = said
        .headers
        .into_iter()
        .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()))
        .collect();
    Answer {
        status: said.status,
        headers,
        body: said.body,
    }
}

/// What Lambda passes on as it is; a form, for one, arrives base64-encoded.
fn is_text(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let plain = ["application/json", "application/javascript", "application/xml"];
    essence.starts_with("text/")
        || plain.contains(&essence.as_str())
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
}
