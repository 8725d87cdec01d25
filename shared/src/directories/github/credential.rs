//! How calls to GitHub prove themselves, and whether they see every member.

use jiff::Timestamp;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::directories::invalid;
use crate::error::{ErrorKind, Result};
use crate::tools::http::{Api, Repeat, escape};
use crate::tools::jwt::SigningKey;

/// How long an App's assertion is good, in seconds, and how far its clock may be ahead of GitHub's; ten minutes are allowed.
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
const ASSERTION: i64 = 540;
const AHEAD: i64 = 60;

const NOT_A_MEMBER: &str =
    "the token's owner is not a member of the organisation, and would see its public members only";

/// How calls prove themselves.
pub(super) enum Credential {
    Token(SecretString),
    App {
        id: String,
        installation: String,
        key: SigningKey,
    },
}

#[derive(Deserialize)]
struct Membership {
    state: String,
}

#[derive(Deserialize)]
struct Installation {
    token: SecretString,
    permissions: Permissions,
}

#[derive(Deserialize)]
struct Permissions {
    members: Option<String>,
}

impl Credential {
    /// A member's token, or an App's id, installation and key.
    pub(super) fn parse(
        token: Option<SecretString>,
        app: (Option<Value>, Option<Value>, Option<SecretString>),
    ) -> Result<Self> {
        let (app_id, installation_id, key) = app;
        match (
            token,
            id("app_id", app_id)?,
            id("installation_id", installation_id)?,
            key,
        ) {
            (Some(token), None, None, None) => Ok(Self::Token(token)),
            (None, Some(id), Some(installation), Some(key)) => Ok(Self::App {
                id,
                installation,
                key: SigningKey::parse(&key).ok_or_else(|| invalid("private_key", "is no private RSA key in PEM"))?,
            }),
            _ => Err(invalid(
                "token",
                "is needed, or else app_id, installation_id and private_key",
            )),
        }
    }

    /// A token that sees every member, or the reason why there is none.
    pub(super) async fn token(&self, api: &Api, org: &str, now: Timestamp) -> Result<SecretString> {
        let (id, installation, key) = match self {
            Self::Token(token) => {
                sees_every_member(api, org, token).await?;
                return Ok(token.clone());
            }
            Self::App { id, installation, key } => (id, installation, key),
        };
        let now = now.as_second();
        let claims = json!({"iat": now - AHEAD, "exp": now + ASSERTION, "iss": id});
        let assertion = key.sign(&claims).ok_or_else(|| invalid("private_key", "cannot sign"))?;
        let path = format!("/app/installations/{}/access_tokens", escape(installation));
        let call = api.post(&path, Repeat::Safe).headers(headers()).bearer(&assertion);
        let reply = call.send().await?.ok()?;
        let granted: Installation = reply.json()?;
        match granted.permissions.members.as_deref() {
            Some("read" | "write") => Ok(granted.token),
            _ => Err(reply.error(ErrorKind::Credentials, "the App may not see who is a member")),
        }
    }
}

async fn sees_every_member(api: &Api, org: &str, token: &SecretString) -> Result<()> {
    let path = format!("/user/memberships/orgs/{}", escape(org));
    let reply = api.get(&path).headers(headers()).bearer(token).send().await?;
    if reply.status() == 404 {
        return Err(reply.error(ErrorKind::Credentials, NOT_A_MEMBER));
    }
    let reply = reply.ok()?;
    match reply.json::<Membership>()?.state.as_str() {
        "active" => Ok(()),
        _ => Err(reply.error(ErrorKind::Credentials, NOT_A_MEMBER)),
    }
}

/// An id as GitHub shows it, a number, or as people write it, text.
fn id(field: &str, written: Option<Value>) -> Result<Option<String>> {
    match written {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(invalid(field, "is neither a number nor text")),
    }
}

fn headers() -> HeaderMap {
    let version = HeaderName::from_static("x-github-api-version");
    HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        (version, HeaderValue::from_static("2022-11-28")),
    ])
}
