//! Function URLs: an HTTP request becomes an event with a payload of version 2.0.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

const DOMAIN: &str = "rehearsal.lambda-url.eu-central-1.on.aws";
const ACCOUNT: &str = "123456789012";

/// An HTTP request to a function's URL.
#[derive(Debug, Clone, Default)]
pub struct UrlRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query, as it was sent.
    pub path: String,
    /// The query without `?`, as it was sent.
    pub query: String,
    /// In the order they were sent; names in any case, repeated ones allowed.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// Whether the body is base64 in the event, as Lambda does it for every type but text and JSON.
    pub base64: bool,
    /// The IAM principal behind a URL with auth type `AWS_IAM`.
    pub iam: Option<String>,
}

impl UrlRequest {
    /// A request of any method; `target` is a path and, after `?`, a query.
    #[must_use]
    pub fn new(method: &str, target: &str) -> UrlRequest {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        UrlRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..UrlRequest::default()
        }
    }

    /// `GET target`.
    #[must_use]
    pub fn get(target: &str) -> UrlRequest {
        UrlRequest::new("GET", target)
    }

    /// `POST target` with a JSON body.
    #[must_use]
    pub fn post(target: &str, body: &Value) -> UrlRequest {
        UrlRequest::new("POST", target)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> UrlRequest {
        self.body = body.into();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> UrlRequest {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `Authorization: Bearer token`.
    #[must_use]
    pub fn bearer(self, token: &str) -> UrlRequest {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// `Authorization: Basic …`.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> UrlRequest {
        self.header(
            "authorization",
            &format!("Basic {}", BASE64.encode(format!("{user}:{password}"))),
        )
    }

    /// Sends the body base64-encoded.
    #[must_use]
    pub fn base64(mut self) -> UrlRequest {
        self.base64 = true;
        self
    }

    /// Comes from this IAM principal (`arn:aws:iam::…`).
    #[must_use]
    pub fn iam(mut self, arn: &str) -> UrlRequest {
        self.iam = Some(arn.to_owned());
        self
    }

    /// The event that Lambda makes of it.
    #[must_use]
    pub fn event(&self, request_id: &str) -> Value {
        let now = Timestamp::now();
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let (headers, cookies) = self.headers_and_cookies();
        let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "rehearsal",
                "authentication": null,
                "domainName": DOMAIN,
                "domainPrefix": "rehearsal",
                "http": {"method": self.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": user_agent},
                "requestId": request_id,
                "routeKey": "$default",
                "stage": "$default",
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": now.as_millisecond(),
            },
            "isBase64Encoded": false,
        });
        if !cookies.is_empty() {
            put(&mut event, "cookies", json!(cookies));
        }
        if !self.query.is_empty() {
            put(&mut event, "queryStringParameters", json!(parameters(&self.query)));
        }
        if !self.body.is_empty() {
            let text = String::from_utf8(self.body.clone()).ok().filter(|_| !self.base64);
            put(&mut event, "isBase64Encoded", json!(text.is_none()));
            put(
                &mut event,
                "body",
                json!(text.unwrap_or_else(|| BASE64.encode(&self.body))),
            );
        }
        if let (Some(arn), Some(context)) = (&self.iam, event.get_mut("requestContext")) {
            put(context, "accountId", json!(ACCOUNT));
            put(
                context,
                "authorizer",
                json!({"iam": {
                    "accessKey": "AKIAIOSFODNN7EXAMPLE", "accountId": ACCOUNT, "callerId": "AIDACKCEVSQ6C2EXAMPLE",
                    "cognitoIdentity": null, "principalOrgId": null, "userArn": arn, "userId": "AIDACKCEVSQ6C2EXAMPLE",
                }}),
            );
        }
        event
    }

    /// Names in lower case, repeated ones joined by a comma; cookies stand apart.
    fn headers_and_cookies(&self) -> (BTreeMap<String, String>, Vec<String>) {
        let mut headers = BTreeMap::from([
            ("host".to_owned(), DOMAIN.to_owned()),
            ("x-forwarded-for".to_owned(), "127.0.0.1".to_owned()),
            ("x-forwarded-port".to_owned(), "443".to_owned()),
            ("x-forwarded-proto".to_owned(), "https".to_owned()),
        ]);
        let mut cookies = Vec::new();
        let mut sent = BTreeMap::<String, String>::new();
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            if name == "cookie" {
                cookies.extend(value.split(';').map(|cookie| cookie.trim().to_owned()));
                continue;
            }
            sent.entry(name)
                .and_modify(|all| *all = format!("{all},{value}"))
                .or_insert_with(|| value.clone());
        }
        headers.extend(sent);
        (headers, cookies)
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// Decoded; a repeated name has its values joined by a comma.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        parameters
            .entry(decode(name))
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert(value);
    }
    parameters
}
