//! What others send: who is admitted by a signature, and what is made of what they say. The real binaries, black box.

mod events;
mod introduction;
mod libraries;
mod proofs;
mod random;
mod vectors;

use jiff::Timestamp;
use rehearsal::host::{UrlAnswer, UrlRequest};
use rehearsal::senders::{SCHEMES, secret, sign};
use serde_json::{Map, Value, json};

use crate::stage::{EVERYWHERE, Running, Stage};

/// A caller for every signed scheme, called like it, with two secrets.
fn callers() -> Value {
    let caller = |scheme: &&str| {
        let secrets = [secret(scheme, 1), secret(scheme, 2)];
        (
            (*scheme).to_owned(),
            json!({"scheme": scheme, "secrets": secrets, "may": EVERYWHERE}),
        )
    };
    let mut callers: Map<String, Value> = SCHEMES.iter().map(caller).collect();
    callers.insert(
        "okta".to_owned(),
        json!({"scheme": "okta", "secrets": ["canary okta"], "may": EVERYWHERE}),
    );
    let described = json!({"scheme": "hmac", "header": "X-Rippling-Signature", "hash": "sha256", "encoding": "hex", "prefix": "",
                           "message": "{body}", "secrets": ["canary-rippling"], "may": EVERYWHERE});
    callers.insert("rippling".to_owned(), described);
    callers.into()
}

async fn stage(settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(&[&[("PROVIDERS", "bilanc")], settings].concat()).await;
    stage.document("callers", &callers());
    stage
}

/// A request of a sender, signed now by the first of its secrets.
pub(crate) fn signed(scheme: &str, body: &[u8]) -> UrlRequest {
    signed_at(scheme, body, Timestamp::now(), 1)
}

fn signed_at(scheme: &str, body: &[u8], time: Timestamp, number: usize) -> UrlRequest {
    let path = format!("/{scheme}");
    let headers = sign(scheme, &secret(scheme, number), &path, body, time);
    let request = UrlRequest::new("POST", &path).body(body);
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, value))
}

async fn status(function: &Running, request: UrlRequest) -> u16 {
    let answer: UrlAnswer = function.request(request).await;
    answer.status
}
