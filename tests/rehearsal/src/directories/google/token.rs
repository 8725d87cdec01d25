//! Google's token endpoint: what an assertion must say (RFC 7523), and whose it must be.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::knobs::Revocation;
use super::{CLIENT_EMAIL, GooglePlatform, SUBJECT};
use crate::checks::{self, forbidden};
use crate::server::{Answer, Refusal, Reply, Request, lock};

/// The longest life of an assertion in seconds.
const MAX_LIFE: i64 = 3600;

/// What a reader needs, and no more.
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
];

impl GooglePlatform {
    pub(super) fn exchange(&self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let fields = checks::form(request, &["grant_type", "assertion"])?;
        if fields[0] != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
            return Err(forbidden("grant_type is not jwt-bearer"));
        }
        check_header(&fields[1])?;
        let Some((_, claims)) = lock(&self.key).claims(&fields[1]) else {
            let body = json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." });
            return Err(Refusal::plain(400, &body));
        };
        check_claims(&claims, &audience(request))?;
        let settings = lock(&self.settings);
        if settings.revoked && settings.revocation == Revocation::Delegation {
            let description = "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
                               for any of the scopes requested.";
            let body = json!({ "error": "unauthorized_client", "error_description": description });
            return Err(Refusal::plain(401, &body));
        }
        let body = json!({ "access_token": self.issue(), "expires_in": 3599, "token_type": "Bearer" });
        Ok(Reply::json(200, &body))
    }

    fn issue(&self) -> String {
        let mut tokens = lock(&self.tokens);
        tokens.count += 1;
        let token = format!("ya29.canary-google-token-{}", tokens.count);
        tokens.issued.push(token.clone());
        token
    }
}

/// This very endpoint, as the document names it.
fn audience(request: &Request) -> String {
    format!("http://{}/token", request.header("host").unwrap_or_default())
}

/// What is no RS256 assertion at all was not signed by an old key but put together wrongly.
fn check_header(assertion: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, _, _] = parts.as_slice() else {
        return Err(forbidden("the assertion does not have three parts"));
    };
    let header = URL_SAFE_NO_PAD.decode(header).ok();
    let header: Option<Value> = header.and_then(|header| serde_json::from_slice(&header).ok());
    let header = header.ok_or_else(|| forbidden("the assertion's header is not base64url of JSON"))?;
    let header = checks::members(&header, &["alg", "typ", "kid"])?;
    if checks::required_text(&header, "alg")? != "RS256" {
        return Err(forbidden("the assertion is not of RS256"));
    }
    if checks::text(&header, "typ")?.is_some_and(|typ| typ != "JWT") {
        return Err(forbidden("the assertion's type is not JWT"));
    }
    checks::text(&header, "kid").map(drop)
}

fn check_claims(claims: &Value, audience: &str) -> Result<(), Refusal> {
    let claims = checks::members(claims, &["iss", "sub", "aud", "scope", "iat", "exp"])?;
    for (name, right) in [("iss", CLIENT_EMAIL), ("sub", SUBJECT), ("aud", audience)] {
        if checks::required_text(&claims, name)? != right {
            return Err(forbidden(format!("claim {name} is not {right}")));
        }
    }
    let scope = checks::required_text(&claims, "scope")?;
    let mut scopes: Vec<&str> = scope.split(' ').collect();
    scopes.sort_unstable();
    if scopes != SCOPES {
        return Err(forbidden("the scope is not exactly the two read-only ones"));
    }
    let seconds = |name: &str| {
        let claim = claims.get(name).and_then(Value::as_i64);
        claim.ok_or_else(|| forbidden(format!("claim {name} is not a whole number")))
    };
    let (issued, end, now) = (seconds("iat")?, seconds("exp")?, Timestamp::now().as_second());
    if issued > now || end <= now || end > issued.saturating_add(MAX_LIFE) {
        return Err(forbidden(
            "the assertion is from the future, over, or good for more than an hour",
        ));
    }
    Ok(())
}
