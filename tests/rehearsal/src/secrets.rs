//! Secrets Manager over the AWS JSON 1.1 protocol: the two calls that read a secret.
//!
//! What is wrong with one secret of a batch comes back in `Errors`, beside the others, in a call that succeeded. Signatures are
//! looked at for their form only.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::checks::{self, forbidden};
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

/// The most a batch may ask for.
const MOST: usize = 20;
const MISSING: &str = "Secrets Manager can't find the specified secret.";

/// A running Secrets Manager.
pub struct SecretsManager {
    server: Server,
    vault: Arc<Vault>,
}

#[derive(Default)]
struct Vault(Mutex<Vec<Secret>>);

struct Secret {
    name: String,
    text: String,
    version: usize,
}

watched!(SecretsManager);

impl SecretsManager {
    /// Starts it, empty, on the current tokio runtime.
    pub async fn start() -> Self {
        let vault = Arc::new(Vault::default());
        let site: Arc<dyn Site> = Arc::clone(&vault) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            vault,
        }
    }

    /// Where it listens: the value of `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// Stores a document under its full name, or a new version of it.
    pub fn put(&self, name: &str, document: &Value) {
        self.put_text(name, &document.to_string());
    }

    /// Stores any text, also one that is not JSON.
    pub fn put_text(&self, name: &str, text: &str) {
        let mut secrets = lock(&self.vault.0);
        let version = secrets
            .iter()
            .find(|secret| secret.name == name)
            .map_or(1, |old| old.version + 1);
        secrets.retain(|secret| secret.name != name);
        secrets.push(Secret {
            name: name.to_owned(),
            text: text.to_owned(),
            version,
        });
    }

    /// Deletes a document.
    pub fn remove(&self, name: &str) {
        lock(&self.vault.0).retain(|secret| secret.name != name);
    }
}

impl Site for Vault {
    fn answer(&self, request: &Request) -> Answer {
        if (request.method.as_str(), request.path.as_str()) != ("POST", "/") {
            return Err(checks::unknown_route(request));
        }
        signed(request, "secretsmanager").map_err(|_| no("MissingAuthenticationTokenException", "not signed"))?;
        if request.header("content-type") != Some("application/x-amz-json-1.1") {
            return Err(forbidden("content type is not application/x-amz-json-1.1"));
        }
        let body: Value =
            serde_json::from_slice(&request.body).map_err(|_| no("SerializationException", "not JSON"))?;
        match request.header("x-amz-target") {
            Some("secretsmanager.BatchGetSecretValue") => self.batch(&body),
            Some("secretsmanager.GetSecretValue") => self.single(&body),
            other => Err(forbidden(format!("no such target here: {other:?}"))),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        let kind = match status {
            400 => "ThrottlingException",
            403 => "AccessDeniedException",
            _ => "InternalServiceError",
        };
        json!({ "__type": kind, "message": format!("error {status}") })
    }
}

impl Vault {
    fn batch(&self, body: &Value) -> Answer {
        let ids = body["SecretIdList"]
            .as_array()
            .filter(|ids| !ids.is_empty() && ids.len() <= MOST);
        let ids = ids.ok_or_else(|| no("InvalidParameterException", "SecretIdList holds 1 to 20 ids"))?;
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            match self.value(id.as_str().unwrap_or_default()) {
                Some(value) => values.push(value),
                None => {
                    errors.push(json!({ "SecretId": id, "ErrorCode": "ResourceNotFoundException", "Message": MISSING }))
                }
            }
        }
        Ok(reply(200, &json!({ "SecretValues": values, "Errors": errors })))
    }

    fn single(&self, body: &Value) -> Answer {
        let value = self.value(body["SecretId"].as_str().unwrap_or_default());
        Ok(reply(
            200,
            &value.ok_or_else(|| no("ResourceNotFoundException", MISSING))?,
        ))
    }

    /// A secret goes by its name or its ARN.
    fn value(&self, id: &str) -> Option<Value> {
        let secrets = lock(&self.0);
        let secret = secrets.iter().find(|secret| secret.name == id || secret.arn() == id)?;
        Some(json!({
            "ARN": secret.arn(), "Name": secret.name, "SecretString": secret.text,
            "VersionId": format!("00000000-0000-4000-8000-{:012}", secret.version),
            "VersionStages": ["AWSCURRENT"], "CreatedDate": Timestamp::now().as_second(),
        }))
    }
}

impl Secret {
    fn arn(&self) -> String {
        format!(
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}-AbCdEf",
            self.name
        )
    }
}

fn no(kind: &str, message: &str) -> Refusal {
    Refusal::Plain(reply(400, &json!({ "__type": kind, "message": message })))
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply::text(status, "application/x-amz-json-1.1", body.to_string())
}

/// Whether the request carries a Signature Version 4 for this service; the signature itself is not recomputed.
pub(crate) fn signed(request: &Request, service: &str) -> Result<(), Refusal> {
    let value = checks::authorization(request)?;
    let fields = value
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or_else(|| forbidden("not an AWS signature"))?;
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let scope = field("Credential").is_some_and(|c| c.ends_with(&format!("/{service}/aws4_request")));
    let headers = field("SignedHeaders").unwrap_or_default();
    let covered = ["host", "x-amz-date"]
        .iter()
        .all(|name| headers.split(';').any(|signed| signed == *name));
    let hex = |text: &str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    if scope && covered && field("Signature").is_some_and(hex) && request.header("x-amz-date").is_some() {
        return Ok(());
    }
    Err(forbidden(format!("the signature is not one for {service}")))
}
