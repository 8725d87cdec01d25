//! Floor 3: the sources of truth. None sees another; a further one is one file here and one line in `REGISTRY`.

mod roster_file;

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::identity::ProviderId;
use crate::tools::aws::Aws;
use crate::tools::http::Http;
use crate::tools::json;
use crate::tools::secrets::Documents;

/// The name of the secret document that names the sources.
pub const DOCUMENT: &str = "directory";

/// The fields of a source that hold its secrets.
const SECRETS: [&str; 5] = [
    "token",
    "client_secret",
    "private_key",
    "private_key_id",
    "service_account",
];

/// What a source is made with.
pub struct Tools<'a> {
    /// For sources that are read over HTTP.
    pub http: &'a Http,
    /// For sources in S3.
    pub aws: &'a Aws,
    /// Finds a provider by its name, on or off.
    pub provider: fn(&str) -> Option<ProviderId>,
    /// The providers that are on: what `*` grants.
    pub on: &'a [ProviderId],
}

/// A kind of source.
struct Registration {
    kind: &'static str,
    connect: fn(&Tools<'_>, &str) -> Result<Box<dyn Directory>>,
}

const REGISTRY: &[Registration] = &[Registration {
    kind: "roster_file",
    connect: roster_file::connect,
}];

/// Which group is entitled to which providers; `*` stands for everybody in the source.
type Grants = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// Makes the directory from its document; no call is made.
pub fn connect(tools: &Tools<'_>, documents: &Documents) -> Result<Box<dyn Directory>> {
    let text = documents.text(DOCUMENT)?;
    let text = text.expose_secret();
    // A source's text is borrowed, so that no second copy of its secrets is made.
    let source = match json::borrow::<Vec<&RawValue>>(text) {
        Ok(sources) => match sources.as_slice() {
            [one] => one.get(),
            [] => return Err(invalid(".", "names no source")),
            _ => return Err(invalid(".", "names several sources, which cannot be merged yet")),
        },
        Err(_) => text,
    };
    let kind: Kind = decode(source)?;
    let known = REGISTRY.iter().find(|registration| registration.kind == kind.kind);
    let Some(registration) = known else {
        let kinds: Vec<&str> = REGISTRY.iter().map(|registration| registration.kind).collect();
        return Err(invalid("kind", &format!("is none of {}", kinds.join(", "))));
    };
    (registration.connect)(tools, source)
}

/// The directory document without what a rotation changes, so that a new key is no edit of the settings.
pub fn without_secrets(documents: &Documents) -> String {
    let document = documents.read::<Value>(DOCUMENT).map(bare);
    document.map(|document| document.to_string()).unwrap_or_default()
}

fn bare(document: Value) -> Value {
    match document {
        Value::Array(sources) => sources.into_iter().map(bare).collect(),
        Value::Object(fields) => {
            let open = fields.into_iter().filter(|(name, _)| !SECRETS.contains(&name.as_str()));
            open.map(|(name, field)| (name, bare(field))).collect()
        }
        other => other,
    }
}

/// A source's own document; unknown fields are refused by name.
fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    json::decode(text.as_bytes()).map_err(|fault| invalid(&fault.path, &fault.problem))
}

fn invalid(path: &str, problem: &str) -> Error {
    let fault = Fault {
        path: path.to_owned(),
        problem: problem.to_owned(),
    };
    Error::new(ErrorKind::Misconfigured, "the secret document is not valid")
        .with("document", DOCUMENT)
        .with_faults(vec![fault])
}

/// The providers a list of names stands for; `*` is every one that is on.
fn access(tools: &Tools<'_>, names: &[String]) -> Result<Vec<ProviderId>, String> {
    let mut access = Vec::new();
    for name in names {
        match (name.as_str(), (tools.provider)(name)) {
            ("*", _) => access.extend_from_slice(tools.on),
            (_, Some(id)) => access.push(id),
            (_, None) => return Err("names a provider that Rollcall does not know".to_owned()),
        }
    }
    Ok(access)
}
