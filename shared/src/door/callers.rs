//! Is this caller allowed? Checked before anything else of a request is read; nothing in a refusal says why.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Function;
use super::event::{Reply, Request};
use crate::bundle::CALLERS;
use crate::error::{Error, ErrorKind};
use crate::tools::secrets::Documents;

/// A caller of the `callers` document. Fields of schemes that are not built yet are known, so that they are no typo.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Caller {
    scheme: Scheme,
    secrets: Vec<SecretString>,
    may: Vec<String>,
    header: Option<String>,
    #[serde(rename = "team_id")]
    _team_id: Option<IgnoredAny>,
    #[serde(rename = "users")]
    _users: Option<IgnoredAny>,
    #[serde(rename = "hash")]
    _hash: Option<IgnoredAny>,
    #[serde(rename = "encoding")]
    _encoding: Option<IgnoredAny>,
    #[serde(rename = "prefix")]
    _prefix: Option<IgnoredAny>,
    #[serde(rename = "message")]
    _message: Option<IgnoredAny>,
}

/// How a caller proves itself.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Scheme {
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// `Authorization: Basic <user:password>`.
    Basic,
    /// The secret in a header that the field `header` names.
    Header,
    /// A signature scheme; nobody is admitted by one yet.
    #[serde(
        alias = "slack",
        alias = "standard_webhooks",
        alias = "github",
        alias = "bamboohr",
        alias = "hibob",
        alias = "okta",
        alias = "deel",
        alias = "gusto",
        alias = "merge",
        alias = "finch",
        alias = "workos",
        alias = "powens",
        alias = "hmac"
    )]
    Signed,
}

/// A sender who proved who they are and may do this.
pub(super) struct Admitted {
    /// The caller's name, or the IAM principal.
    pub(super) caller: String,
}

/// A sender who is not let in. The reason is for our log, never for the answer.
pub(super) struct NotAdmitted {
    pub(super) caller: String,
    pub(super) reason: &'static str,
    kind: ErrorKind,
}

impl NotAdmitted {
    fn new(caller: &str, reason: &'static str, kind: ErrorKind) -> Self {
        Self {
            caller: caller.to_owned(),
            reason,
            kind,
        }
    }

    pub(super) fn reply(&self, function: Function) -> Reply {
        let reply = Reply::error(&Error::new(self.kind, "not admitted"));
        match (self.kind, function) {
            (ErrorKind::Denied, Function::List) => {
                reply.with_header("www-authenticate", "Bearer, Basic realm=\"rollcall\"")
            }
            (ErrorKind::Denied, _) => reply.with_header("www-authenticate", "Bearer"),
            _ => reply,
        }
    }
}

/// Admits a request to `function`, or refuses it.
pub(super) fn admit(request: &Request, function: Function, documents: &Documents) -> Result<Admitted, NotAdmitted> {
    if let Some(principal) = &request.principal {
        return Ok(Admitted {
            caller: principal.clone(),
        });
    }
    let denied = |reason| NotAdmitted::new("-", reason, ErrorKind::Denied);
    let callers: BTreeMap<String, Caller> = documents.read(CALLERS).map_err(|error| {
        tracing::error!(error = %error, "nobody can be admitted");
        denied("the callers are not known")
    })?;
    let path = request.path.trim_start_matches('/');
    let named = path.split('/').next().unwrap_or_default();
    let proved = callers.iter().find(|(name, caller)| match path {
        "" => match caller.scheme {
            Scheme::Bearer => caller.proves(request),
            Scheme::Basic => function == Function::List && caller.proves(request),
            Scheme::Header | Scheme::Signed => false,
        },
        _ => **name == *named && path.split('/').count() <= 2 && caller.proves(request),
    });
    let Some((name, caller)) = proved else {
        return Err(denied("no caller's proof"));
    };
    if !caller.may.iter().any(|may| may == function.name()) {
        return Err(NotAdmitted::new(
            name,
            "the caller may not do this",
            ErrorKind::Forbidden,
        ));
    }
    Ok(Admitted { caller: name.clone() })
}

impl Caller {
    fn proves(&self, request: &Request) -> bool {
        let proof = match self.scheme {
            Scheme::Bearer => credentials(request, "bearer").map(str::to_owned),
            Scheme::Basic => credentials(request, "basic").and_then(|text| {
                let bytes = STANDARD.decode(text).ok()?;
                String::from_utf8(bytes).ok()
            }),
            Scheme::Header => {
                let name = self.header.as_deref().unwrap_or_default().to_ascii_lowercase();
                request.header(name).map(str::to_owned)
            }
            Scheme::Signed => None,
        };
        // Every secret is compared, so that the time does not tell which one was close; an empty one proves nothing.
        proof.filter(|proof| !proof.is_empty()).is_some_and(|proof| {
            let secrets = self.secrets.iter();
            secrets.fold(false, |found, secret| found | same(secret.expose_secret(), &proof))
        })
    }
}

/// What follows the scheme's name in `Authorization` (RFC 9110 §11.4: the name is case-insensitive).
fn credentials<'a>(request: &'a Request, scheme: &str) -> Option<&'a str> {
    let (name, credentials) = request.header(AUTHORIZATION)?.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
}

/// Compares in constant time; hashes, so that the lengths do not show either.
fn same(secret: &str, proof: &str) -> bool {
    Sha256::digest(secret).ct_eq(&Sha256::digest(proof)).into()
}
