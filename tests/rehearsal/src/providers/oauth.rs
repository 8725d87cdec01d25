//! The OAuth client-credentials desk of the two platforms that have one: form in, a short-lived bearer token out.
//!
//! The credential is accepted in the form only (RFC 6749 allows a header, the contracts do not mention it).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::checks;
use crate::server::{Answer, Refusal, Reply, Request};

/// Client credentials, and the tokens issued for them.
pub(crate) struct TokenDesk {
    owner: &'static str,
    generation: usize,
    issued: Vec<(String, Timestamp)>,
    count: usize,
    pub(crate) expires_in: i64,
    pub(crate) token_type: String,
    /// Cognito answers bad credentials with 400; RFC 6749 allows 401.
    pub(crate) rejection: u16,
}

impl TokenDesk {
    pub(crate) fn new(owner: &'static str) -> Self {
        Self {
            owner,
            generation: 1,
            issued: Vec::new(),
            count: 0,
            expires_in: 3600, // the published sample
            token_type: "Bearer".to_owned(),
            rejection: 400,
        }
    }

    pub(crate) fn client_id(&self) -> String {
        format!("{}-client", self.owner)
    }

    /// Holds what a form must encode: a secret may contain `+` or `/`.
    pub(crate) fn client_secret(&self) -> String {
        format!("canary+{}/secret&=%{}", self.owner, self.generation)
    }

    /// Issues a token, or says `invalid_client`.
    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let fields = checks::form(request, &["grant_type", "client_id", "client_secret"])?;
        if fields[0] != "client_credentials" {
            return Err(checks::forbidden("grant_type is not client_credentials"));
        }
        if fields[1] != self.client_id() || fields[2] != self.client_secret() {
            return Err(Refusal::plain(self.rejection, &json!({ "error": "invalid_client" })));
        }
        let token = self.issue();
        Ok(Reply::json(
            200,
            &json!({ "access_token": token, "token_type": self.token_type, "expires_in": self.expires_in }),
        ))
    }

    /// Looks like a JWT whose expiry can be read.
    fn issue(&mut self) -> String {
        self.count += 1;
        let now = Timestamp::now();
        let end = now + SignedDuration::from_secs(self.expires_in);
        let claims = json!({
            "iss": self.owner, "client_id": self.client_id(), "jti": self.count.to_string(),
            "iat": now.as_second(), "exp": end.as_second(), "token_use": "access",
        });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let header = part(json!({ "alg": "RS256", "typ": "JWT" }).to_string());
        let token = format!(
            "{header}.{}.{}",
            part(claims.to_string()),
            part(format!("canary-signature-{}", self.count))
        );
        self.issued.push((token.clone(), end));
        token
    }

    /// Whether the token was issued here and is still good.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        let now = Timestamp::now();
        self.issued.iter().any(|(issued, end)| issued == token && now < *end)
    }

    pub(crate) fn expire(&mut self) {
        self.issued.clear();
    }

    pub(crate) fn rotate(&mut self) {
        self.generation += 1;
        self.expire();
    }
}
