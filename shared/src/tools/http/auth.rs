//! How a call proves itself, and the OAuth tokens a warm process keeps.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Api, Repeat};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::http::{BaseUrl, Http};

/// How an API's calls are authorised.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Not at all, or by each call itself.
    None,
    /// `Authorization: <key>`, the bare key.
    Raw(SecretString),
    /// `Authorization: Bearer <key>`.
    Bearer(SecretString),
    /// `Authorization: Bearer <token>`, the token from an OAuth 2.0 client credentials grant (RFC 6749 §4.4).
    Client(ClientCredentials),
}

/// What a client credentials grant takes.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The token endpoint.
    pub token_url: BaseUrl,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// What the token is for (RFC 6749 §3.3), where the endpoint wants to know.
    pub scope: Option<String>,
}

/// A token is not used in its last minute, so that it does not expire under way.
const MARGIN: Duration = Duration::from_secs(60);

/// Tokens by endpoint and client. One lock for all: two calls never ask for the same token at once.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<(String, String), Token>>);

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    expires: Instant,
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: SecretString,
    expires_in: u64,
}

/// A header value that is never shown.
pub(super) fn secret_header(prefix: &str, secret: &SecretString) -> Result<HeaderValue> {
    let text = format!("{prefix}{}", secret.expose_secret());
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        let message = "a secret holds characters that cannot stand in a header";
        Error::new(ErrorKind::Misconfigured, message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

impl Auth {
    /// The `Authorization` header of the next call.
    pub(super) async fn header(&self, http: &Http, peer: &'static str) -> Result<Option<HeaderValue>> {
        match self {
            Self::None => Ok(None),
            Self::Raw(key) => secret_header("", key).map(Some),
            Self::Bearer(key) => secret_header("Bearer ", key).map(Some),
            Self::Client(client) => client.token(http, peer).await.map(Some),
        }
    }

    /// Forgets the token a 401 rejected; whether there was one, so that the call is worth another attempt.
    pub(super) async fn renew(&self, http: &Http, rejected: Option<&HeaderValue>) -> bool {
        let Self::Client(client) = self else {
            return false;
        };
        let mut tokens = http.shared.tokens.0.lock().await;
        let key = client.key();
        if tokens.get(&key).is_some_and(|token| Some(&token.header) == rejected) {
            tokens.remove(&key);
        }
        true
    }
}

impl ClientCredentials {
    fn key(&self) -> (String, String) {
        let url = self.token_url.as_str().to_owned();
        (url, self.client_id.clone())
    }

    async fn token(&self, http: &Http, peer: &'static str) -> Result<HeaderValue> {
        let mut tokens = http.shared.tokens.0.lock().await;
        if let Some(token) = tokens.get(&self.key())
            && token.expires > Instant::now()
        {
            return Ok(token.header.clone());
        }
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
        ];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        let api = Api::new(http, peer, self.token_url.clone(), Auth::None);
        // Boxed: a call asks for a token, which is a call that asks for none.
        let reply = Box::pin(api.post("", Repeat::Safe).form(&form).send()).await?;
        if matches!(reply.status(), 400 | 401) {
            let message = "the token endpoint rejected the client credentials";
            return Err(reply.error(ErrorKind::Credentials, message));
        }
        let reply: TokenReply = reply.ok()?.json()?;
        let token = Token {
            header: secret_header("Bearer ", &reply.access_token)?,
            expires: Instant::now() + Duration::from_secs(reply.expires_in).saturating_sub(MARGIN),
        };
        tokens.insert(self.key(), token.clone());
        Ok(token.header)
    }
}
