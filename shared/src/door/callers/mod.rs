//! Is this caller allowed? Checked before anything else of a request is read; nothing in a refusal says why.

mod schemes;
mod signature;
mod workspace;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lambda_http::http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::event::{Reply, Request};
use super::{Function, senders};
use crate::bundle::{CALLERS, Delivery};
use crate::error::{Error, ErrorKind};
use crate::tools::secrets::Documents;

use schemes::Row;
use signature::{Encoding, Hash, KeyForm, Signature};
pub(super) use workspace::{Workspace, api_of};

/// A caller of the `callers` document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Caller {
    scheme: Scheme,
    secrets: Vec<SecretString>,
    may: Vec<String>,
    header: Option<String>,
    team_id: Option<String>,
    users: Option<Vec<String>>,
    base_url: Option<String>,
    hash: Option<Hash>,
    encoding: Option<Encoding>,
    prefix: Option<String>,
    message: Option<String>,
}

/// How a caller proves itself.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum Scheme {
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// `Authorization: Basic <user:password>`.
    Basic,
    /// The secret in a header that the field `header` names.
    Header,
    /// The secret as the whole of `Authorization`, or of the header that `header` names.
    Okta,
    /// A signature that the document describes.
    Hmac,
    /// A signature of the table.
    Signed(&'static Row),
}

impl TryFrom<String> for Scheme {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Ok(match name.as_str() {
            "bearer" => Self::Bearer,
            "basic" => Self::Basic,
            "header" => Self::Header,
            "okta" => Self::Okta,
            "hmac" => Self::Hmac,
            name => Self::Signed(schemes::by_name(name).ok_or("is no scheme")?),
        })
    }
}

/// In whose words a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// Our orders.
    Native,
    /// The events of this sender.
    Foreign(&'static str),
}

/// A sender who proved who they are and may do this.
pub(super) struct Admitted {
    /// The caller's name, or the IAM principal.
    pub(super) caller: String,
    pub(super) speaks: Spoken,
    /// Which event it is, where senders send one again.
    pub(super) delivery: Option<Delivery>,
    /// Where the sender is Slack: who of it may ask for what.
    pub(super) workspace: Option<Workspace>,
}

/// A sender who is not let in. The reason is for our log, never for the answer.
pub(super) struct NotAdmitted {
    pub(super) caller: String,
    pub(super) reason: &'static str,
    kind: ErrorKind,
    /// Whether somebody may have been shut out who belongs here: they name a caller, or bring a proof.
    pub(super) may_be_a_caller: bool,
    /// What they said, where their kind begins so.
    pub(super) introduced: Option<Introduction>,
}

/// What a sender says who cannot prove anything yet.
pub(super) struct Introduction {
    /// Whether the operator waits for it: the caller has no secret yet.
    pub(super) is_awaited: bool,
    pub(super) subscription: String,
    pub(super) token: String,
}

impl NotAdmitted {
    fn new(caller: &str, reason: &'static str, kind: ErrorKind) -> Self {
        Self {
            caller: caller.to_owned(),
            reason,
            kind,
            may_be_a_caller: true,
            introduced: None,
        }
    }

    pub(super) fn error(&self) -> Error {
        Error::new(self.kind, "not admitted")
    }

    pub(super) fn reply(&self, function: Function) -> Reply {
        let reply = Reply::error(&self.error());
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
pub(super) fn admit(
    request: &Request,
    function: Function,
    documents: &Documents,
    now: Timestamp,
) -> Result<Admitted, NotAdmitted> {
    if let Some(principal) = &request.principal {
        return Ok(Admitted {
            caller: principal.clone(),
            speaks: Spoken::Native,
            delivery: None,
            workspace: None,
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
            Scheme::Bearer => caller.proves(request, now),
            Scheme::Basic => function == Function::List && caller.proves(request, now),
            _ => false,
        },
        _ => **name == *named && path.split('/').count() <= 2 && caller.proves(request, now),
    });
    let Some((name, caller)) = proved else {
        let introduced = callers.get(named).and_then(|caller| {
            let (subscription, token) = senders::introduction(caller.scheme_name()?, &request.body)?;
            Some(Introduction {
                is_awaited: caller.secrets.is_empty(),
                subscription,
                token,
            })
        });
        // A path is anybody's text: in the log it stands only where it is a caller's name.
        let whose = if introduced.is_some() { named } else { "-" };
        return Err(NotAdmitted {
            may_be_a_caller: callers.contains_key(named) || request.headers.contains_key(AUTHORIZATION),
            introduced,
            ..NotAdmitted::new(whose, "no caller's proof", ErrorKind::Denied)
        });
    };
    let (speaks, id) = match caller.scheme {
        Scheme::Okta => (Spoken::Foreign("okta"), Some("")),
        Scheme::Signed(row) => (row.speaks, Some(row.delivery)),
        Scheme::Bearer | Scheme::Basic | Scheme::Header | Scheme::Hmac => (Spoken::Native, None),
    };
    let workspace = (speaks == Spoken::Foreign("slack")).then(|| caller.workspace());
    // An app has one URL for all its buttons: what a click is about may be another function's business.
    if workspace.is_none() && !caller.may.iter().any(|may| may == function.name()) {
        return Err(NotAdmitted::new(
            name,
            "the caller may not do this",
            ErrorKind::Forbidden,
        ));
    }
    Ok(Admitted {
        caller: name.clone(),
        speaks,
        delivery: id.map(|id| {
            let id = request.header(id).unwrap_or_default();
            Delivery::new(function.name(), name, id, &request.body)
        }),
        workspace,
    })
}

impl Caller {
    fn proves(&self, request: &Request, now: Timestamp) -> bool {
        match self.scheme {
            Scheme::Bearer => self.knows(credentials(request, "bearer")),
            Scheme::Basic => {
                let decoded = credentials(request, "basic").and_then(|text| STANDARD.decode(text).ok());
                self.knows(decoded.and_then(|bytes| String::from_utf8(bytes).ok()).as_deref())
            }
            Scheme::Header => self
                .header
                .as_ref()
                .is_some_and(|name| self.knows(header(request, name))),
            Scheme::Okta => self.knows(header(request, self.header.as_deref().unwrap_or("authorization"))),
            Scheme::Hmac => self
                .described()
                .is_some_and(|signature| signature.proves(request, &self.secrets, now)),
            Scheme::Signed(row) => row.signature.proves(request, &self.secrets, now),
        }
    }

    fn workspace(&self) -> Workspace {
        Workspace {
            team: self.team_id.clone(),
            users: self.users.clone().unwrap_or_default(),
            may: self.may.clone(),
            base_url: self.base_url.clone(),
        }
    }

    fn scheme_name(&self) -> Option<&'static str> {
        match self.scheme {
            Scheme::Signed(row) => Some(row.scheme),
            _ => None,
        }
    }

    /// The signature an operator described; `None` where something is missing.
    fn described(&self) -> Option<Signature<'_>> {
        Some(Signature {
            header: self.header.as_deref()?,
            hash: self.hash?,
            encoding: self.encoding?,
            prefix: self.prefix.as_deref().unwrap_or_default(),
            message: self.message.as_deref()?,
            key: KeyForm::Text,
            fresh: None,
        })
    }

    /// Whether one of our secrets was sent. Every secret is compared, so that the time does not tell which one was close; an
    /// empty one proves nothing.
    fn knows(&self, proof: Option<&str>) -> bool {
        proof.filter(|proof| !proof.is_empty()).is_some_and(|proof| {
            let secrets = self.secrets.iter();
            secrets.fold(false, |found, secret| found | same(secret.expose_secret(), proof))
        })
    }
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.header(name.to_ascii_lowercase())
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
