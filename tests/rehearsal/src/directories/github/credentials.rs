//! A personal token, an App's private key, and the installation tokens that its assertions are exchanged for.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::knobs::KeyForm;
use super::{GithubPlatform, wire};
use crate::checks::{self, Object, forbidden};
use crate::directories::SigningKey;
use crate::server::{Answer, Refusal, Reply, Request, lock};

const APP_ID: &str = "424242";
const INSTALLATION_ID: &str = "77001";

/// The most seconds between an assertion's `iat` and its `exp`.
const ASSERTION_LIFE: i64 = 600;

/// What an installation token is good for: an hour.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// What the App asked for when it was installed.
const PERMISSIONS: [&str; 2] = ["members", "metadata"];

/// Every credential, and the tokens issued.
pub(super) struct Credentials {
    generation: usize,
    /// Made when a test first wants an App: making one takes a while.
    pub(super) key: Option<SigningKey>,
    issued: Vec<(String, Timestamp)>,
    count: usize,
}

/// Whose token a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// The owner of the personal token.
    Owner,
    /// The installation of the App.
    Installation,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            generation: 1,
            key: None,
            issued: Vec::new(),
            count: 0,
        }
    }
}

impl Credentials {
    /// Writes the credential into the document.
    pub(super) fn describe(&self, app: Option<KeyForm>, document: &mut Value) {
        let (Some(form), Some(key)) = (app, &self.key) else {
            document["token"] = json!(self.personal_token());
            return;
        };
        document["app_id"] = json!(APP_ID);
        document["installation_id"] = json!(INSTALLATION_ID);
        document["private_key"] = json!(match form {
            KeyForm::Pkcs1 => key.pkcs1_pem(),
            KeyForm::Pkcs8 => key.pkcs8_pem(),
        });
    }

    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let now = Timestamp::now();
        let issued = self.issued.iter().any(|(issued, end)| issued == token && now < *end);
        match token {
            _ if issued => Some(Caller::Installation),
            _ if token == self.personal_token() => Some(Caller::Owner),
            _ => None,
        }
    }

    pub(super) fn expire(&mut self) {
        self.issued.clear();
    }

    pub(super) fn rotate(&mut self) {
        self.generation += 1;
        self.key = self.key.take().map(|_| SigningKey::default());
        self.expire();
    }

    fn personal_token(&self) -> String {
        format!("ghp_canary{:032}", self.generation)
    }

    fn issue(&mut self) -> (String, Timestamp) {
        self.count += 1;
        let token = format!("ghs_canary{:032}", self.count);
        let end = (Timestamp::now() + TOKEN_LIFE).as_second();
        let end = Timestamp::from_second(end).expect("an hour from now is a time");
        self.issued.push((token.clone(), end));
        (token, end)
    }

    /// Whether the App signed this and lets it be good now. What another key signed is an old or a wrong credential; what
    /// ours signed with the wrong claims is the client's mistake.
    fn admit(&self, assertion: &str) -> Result<(), Refusal> {
        let claims = self.key.as_ref().and_then(|key| key.claims(assertion));
        let (_, claims) = claims.ok_or_else(|| wire::no(401, "A JSON web token could not be decoded"))?;
        let seconds = |name: &str| claims[name].as_i64();
        let now = Timestamp::now().as_second();
        let wrong = match (seconds("iat"), seconds("exp")) {
            (None, _) => Some("'Issued at' claim ('iat') must be an Integer"),
            (_, None) => Some("'Expiration time' claim ('exp') must be an Integer"),
            (Some(iat), _) if iat > now => Some("'Issued at' claim ('iat') is in the future"),
            (_, Some(exp)) if exp <= now => Some("'Expiration time' claim ('exp') is in the past"),
            (Some(iat), Some(exp)) if exp > iat + ASSERTION_LIFE => {
                Some("'Expiration time' claim ('exp') is too far in the future")
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            let reply = Reply::json(401, &wire::message(401, wrong));
            return Err(Refusal::Recorded(wrong.to_owned(), reply));
        }
        let issuer = match &claims["iss"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match issuer == APP_ID {
            true => Ok(()),
            false => Err(wire::no(401, "'Issuer' claim ('iss') is no known App")),
        }
    }
}

impl GithubPlatform {
    /// Exchanges an assertion for an installation token.
    pub(super) fn installation_token(&self, request: &Request, id: &str) -> Answer {
        super::rest::admit_form(request)?;
        checks::only_query(request, &[])?;
        let assertion = checks::bearer(request)?;
        let asked = asked(request)?;
        lock(&self.credentials).admit(assertion)?;
        if id != INSTALLATION_ID {
            return Err(wire::no(404, "Not Found"));
        }
        let revoked = lock(&self.settings).revoked;
        let granted = |name: &str| !(revoked && name == "members");
        let wanted: Vec<&str> = match &asked {
            Some(asked) => asked.keys().map(String::as_str).collect(),
            None => PERMISSIONS.into_iter().filter(|name| granted(name)).collect(),
        };
        if !wanted.iter().all(|name| granted(name)) {
            let text = "The permissions requested are not granted to this installation.";
            return Err(wire::no(422, text));
        }
        let permissions: Object = wanted
            .into_iter()
            .map(|name| (name.to_owned(), json!("read")))
            .collect();
        let (token, end) = lock(&self.credentials).issue();
        let body = json!({
            "token": token, "expires_at": end.to_string(), "permissions": permissions, "repository_selection": "all",
        });
        Ok(Reply::json(201, &body))
    }
}

/// The permissions a token is to be cut down to, if the request says so.
fn asked(request: &Request) -> Result<Option<Object>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let body = checks::object(request, &["permissions"])?;
    let Some(asked) = body.get("permissions") else {
        return Ok(None);
    };
    let asked = checks::members(asked, &PERMISSIONS)?;
    if asked.values().any(|level| level != "read") {
        return Err(forbidden("a reader asks for read"));
    }
    Ok(Some(asked))
}
