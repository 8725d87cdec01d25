//! What a function returned, as the HTTP answer that somebody who called its URL sees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Invocation;

/// What somebody who called the URL sees.
#[derive(Debug, Clone)]
pub struct UrlAnswer {
    /// 502 when the invocation failed.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Decoded from base64 where the function said so.
    pub body: Vec<u8>,
    error_type: Option<String>,
}

impl UrlAnswer {
    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The error type of an invocation that failed, which only the operator sees; `None` if it was answered.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }
}

/// What a function may return; without a `statusCode` the whole of it is a JSON body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    status_code: u16,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl From<Invocation> for UrlAnswer {
    fn from(invocation: Invocation) -> UrlAnswer {
        let returned = match invocation {
            Invocation::Answered(returned) => returned,
            Invocation::Failed { error_type, .. } => return bad_gateway(&error_type),
            Invocation::Died => return bad_gateway("Runtime.ExitError"),
        };
        if returned.get("statusCode").is_none() {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            return UrlAnswer {
                status: 200,
                headers,
                body: returned.to_string().into_bytes(),
                error_type: None,
            };
        }
        let Ok(payload) = serde_json::from_value::<Payload>(returned) else {
            return bad_gateway("Runtime.InvalidResponse");
        };
        let body = payload.body.unwrap_or_default();
        let body = if payload.is_base64_encoded {
            BASE64.decode(body).ok()
        } else {
            Some(body.into_bytes())
        };
        let Some(body) = body else {
            return bad_gateway("Runtime.InvalidResponse");
        };
        let mut headers = Vec::new();
        for (name, value) in payload.headers.unwrap_or_default() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            headers.push((name.to_ascii_lowercase(), value));
        }
        headers.extend(
            payload
                .cookies
                .unwrap_or_default()
                .into_iter()
                .map(|cookie| ("set-cookie".to_owned(), cookie)),
        );
        UrlAnswer {
            status: payload.status_code,
            headers,
            body,
            error_type: None,
        }
    }
}

fn bad_gateway(error_type: &str) -> UrlAnswer {
    UrlAnswer {
        status: 502,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: b"Internal Server Error".to_vec(),
        error_type: Some(error_type.to_owned()),
    }
}
