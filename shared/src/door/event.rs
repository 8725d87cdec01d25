//! Envelopes: what Lambda hands us, and what it wants back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{page, wire};
use crate::error::{Error, ErrorKind, Fault, Result};

/// The largest order; a bigger one is refused before anything is read from it.
pub(super) const MAX_BODY: usize = 1_048_576;

/// The largest answer that Lambda takes from a function (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>),
/// less what stands around the body.
pub(super) const MAX_ANSWER: usize = 6_291_456 - 16_384;

/// How many bytes a text takes in what Lambda is handed, which is JSON: there, quotes, backslashes and ends of lines take two.
pub(super) fn bytes_in_json(text: &str) -> usize {
    let escaped = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t');
    text.len() + text.bytes().filter(|byte| escaped(byte)).count()
}

/// What an event is.
pub(super) enum Envelope {
    /// A request to the function URL (payload format 2.0).
    Url(Box<Request>),
    /// An order: a direct invocation, or a schedule's input.
    Direct(Value),
    /// Orders from an SQS queue (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
    Queue(Vec<Message>),
    /// A request to the function URL that cannot be read, such as one whose base64 is none.
    UnreadableUrl,
    /// None of these.
    Unreadable,
}

/// A message of a queue.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    /// How often it was handed over by now, as far as the queue knows.
    pub(super) attempts: usize,
}

/// A request to the function URL.
pub(super) struct Request {
    pub(super) method: String,
    /// As the sender wrote it.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    /// The bytes that were sent, after base64.
    pub(super) body: Vec<u8>,
    /// The IAM principal, where the URL asks AWS to authenticate.
    pub(super) principal: Option<String>,
}

impl Envelope {
    pub(super) fn read(payload: Value) -> Self {
        match payload.pointer("/requestContext/http") {
            Some(_) => Request::read(payload).map_or(Self::UnreadableUrl, |request| Self::Url(Box::new(request))),
            None if payload.get("Records").is_some() => messages(&payload).map_or(Self::Unreadable, Self::Queue),
            None if payload.is_object() => Self::Direct(payload),
            None => Self::Unreadable,
        }
    }
}

/// The messages of a batch; `None` for records of another source.
fn messages(payload: &Value) -> Option<Vec<Message>> {
    let records = payload.get("Records")?.as_array()?.iter();
    let message = |record: &Value| {
        let text = |name: &str| record.get(name)?.as_str().map(str::to_owned);
        let of_sqs = text("eventSource").as_deref() == Some("aws:sqs");
        let receives = record.pointer("/attributes/ApproximateReceiveCount");
        Some(Message {
            id: text("messageId").filter(|_| of_sqs)?,
            body: text("body")?,
            attempts: receives
                .and_then(Value::as_str)
                .and_then(|count| count.parse().ok())
                .unwrap_or(1),
        })
    };
    records.map(message).collect()
}

/// The text at `pointer`, moved out, or `otherwise` where nothing is; `None` for something else than text.
fn text(event: &mut Value, pointer: &str, otherwise: &str) -> Option<String> {
    match event.pointer_mut(pointer).map(Value::take) {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null) | None => Some(otherwise.to_owned()),
        Some(_) => None,
    }
}

fn headers(written: Option<&Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    match written {
        Some(Value::Object(written)) => {
            for (name, value) in written {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
            }
        }
        Some(Value::Null) | None => {}
        Some(_) => return None,
    }
    Some(headers)
}

impl Request {
    /// What the event says; `None` where a part is not what it has to be
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>).
    fn read(mut event: Value) -> Option<Self> {
        let method = text(&mut event, "/requestContext/http/method", "")?;
        Method::from_bytes(method.as_bytes()).ok()?;
        let body = text(&mut event, "/body", "")?;
        let arn = text(&mut event, "/requestContext/authorizer/iam/userArn", "")?;
        let id = text(&mut event, "/requestContext/authorizer/iam/userId", "")?;
        Some(Self {
            method,
            path: text(&mut event, "/rawPath", "/")?,
            query: text(&mut event, "/rawQueryString", "")?,
            headers: headers(event.get("headers"))?,
            body: match event.get("isBase64Encoded") {
                Some(Value::Bool(true)) => STANDARD.decode(body).ok()?,
                Some(Value::Bool(false) | Value::Null) | None => body.into_bytes(),
                Some(_) => return None,
            },
            principal: [arn, id].into_iter().find(|name| !name.is_empty()),
        })
    }

    /// A header's text, if it is sent once and is text.
    pub(super) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?;
        values.next().is_none().then(|| first.to_str().ok())?
    }
}

/// The form an answer is wanted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For browsers: the access page.
    Html,
}

impl Format {
    /// What the `Accept` header asks for: of the kinds there are, the one with the highest weight; of equals, the first.
    ///
    /// A wildcard asks for none of them, so that `curl`, which sends `*/*`, gets JSON.
    pub(super) fn accepted_by(request: &Request) -> Self {
        let accept = request.header(header::ACCEPT).unwrap_or_default();
        let mut best = (0.0, Self::Json);
        for kind in accept.split(',') {
            let mut parts = kind.split(';').map(str::trim);
            let format = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/json" => Self::Json,
                "text/csv" => Self::Csv,
                "text/html" => Self::Html,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
            if weight > best.0 {
                best = (weight, format);
            }
        }
        best.1
    }
}

/// JSON from a request's body.
pub(super) fn body(body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body).map_err(|_| Error::new(ErrorKind::BadRequest, "the body is not JSON"))
}

/// An order out of its envelope: bare, or the `data` of an event of Standard Webhooks or of CloudEvents
/// (<https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md>).
pub(super) fn unwrapped(body: Value) -> Value {
    match body {
        Value::Object(mut event) if event.contains_key("type") && event.get("data").is_some_and(Value::is_object) => {
            event.remove("data").unwrap_or_default()
        }
        order => order,
    }
}

/// An order from a request's query; a parameter that is given twice is refused, since either could be meant.
pub(super) fn query(query: &str) -> Result<Value> {
    let url = reqwest::Url::parse(&format!("http://query/?{query}"));
    let url = url.map_err(|_| Error::new(ErrorKind::BadRequest, "the query is not readable"))?;
    let mut order = Map::new();
    let mut faults = Vec::new();
    for (name, value) in url.query_pairs() {
        if order.insert(name.to_string(), value.into_owned().into()).is_some() {
            faults.push(Fault {
                path: name.into_owned(),
                problem: "is given twice".to_owned(),
            });
        }
    }
    match faults.is_empty() {
        true => Ok(order.into()),
        false => Err(Error::new(ErrorKind::BadRequest, "the query is not valid").with_faults(faults)),
    }
}

fn status_of(error: &Error) -> StatusCode {
    let status = StatusCode::from_u16(error.kind().http_status());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What a function URL gives back.
pub(super) struct Reply {
    status: StatusCode,
    headers: Map<String, Value>,
    body: String,
}

impl Reply {
    fn new(status: StatusCode, content_type: &str, body: String) -> Self {
        let mut headers = Map::new();
        headers.insert("content-type".to_owned(), content_type.into());
        headers.insert("cache-control".to_owned(), "no-store".into()); // answers name people
        Self { status, headers, body }
    }

    pub(super) fn json(status: StatusCode, json: &Value) -> Self {
        Self::json_text(status, json.to_string())
    }

    /// JSON that is written already.
    pub(super) fn json_text(status: StatusCode, json: String) -> Self {
        Self::new(status, "application/json", json)
    }

    pub(super) fn csv(status: StatusCode, csv: String) -> Self {
        Self::new(status, "text/csv; charset=utf-8", csv)
    }

    /// A page for a browser, which may load, run and frame nothing but what stands in it.
    pub(super) fn html(status: StatusCode, html: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", html)
            .with_header("content-security-policy", &page::POLICY)
            .with_header("referrer-policy", "no-referrer") // the address may name a person
            .with_header("x-content-type-options", "nosniff")
    }

    /// 200 and not a byte: it arrived.
    pub(super) fn empty() -> Self {
        Self::new(StatusCode::OK, "text/plain", String::new())
    }

    pub(super) fn error(error: &Error) -> Self {
        Self::json(status_of(error), &wire::error_json(error))
    }

    /// The same for whoever sits before a browser.
    pub(super) fn error_page(error: &Error) -> Self {
        Self::html(status_of(error), page::of_error(error))
    }

    pub(super) fn method_not_allowed(allowed: &str) -> Self {
        let error = Error::new(ErrorKind::BadRequest, "this method is not allowed here");
        let reply = Self::json(StatusCode::METHOD_NOT_ALLOWED, &wire::error_json(&error));
        reply.with_header("allow", allowed)
    }

    pub(super) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn into_payload(self) -> Value {
        json!({
            "statusCode": self.status.as_u16(),
            "headers": self.headers,
            "body": self.body,
            "isBase64Encoded": false,
            "cookies": [], // `cargo lambda watch` takes no answer without
        })
    }
}
