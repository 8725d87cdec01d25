//! Floor 3: the sources of truth. None sees another; a further one is one file here and one line in `REGISTRY`.

mod entra;
mod gathered;
mod github;
mod google;
mod okta;
mod pages;
mod roster_file;
mod scim;
mod terms;

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::identity::ProviderId;
use crate::planning::merging::Role;
use crate::tools::aws::Aws;
use crate::tools::http::{BaseUrl, Http};
use crate::tools::json;
use crate::tools::secrets::Documents;

use terms::Terms;

/// The name of the secret document that names the sources.
pub const DOCUMENT: &str = "directory";

/// The kind of source that is a file: what it says of a person, ids too, somebody wrote there.
pub const ROSTER_FILE: &str = "roster_file";

/// The fields of a source that hold its secrets.
const SECRETS: [&str; 5] = [
    "token",
    "client_secret",
    "private_key",
    "private_key_id",
    "service_account",
];

/// The fields of a source that say which one it is.
const PLACES: [&str; 4] = ["org", "tenant", "domain", "base_url"];

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

/// A source, connected.
pub struct Source {
    /// What kind it is.
    pub kind: &'static str,
    /// What it is asked for.
    pub role: Role,
    /// Reads it.
    pub directory: Box<dyn Directory>,
}

/// A kind of source.
pub struct Registration {
    /// Its name in documents.
    pub kind: &'static str,
    connect: fn(&Tools<'_>, Terms, &str) -> Result<Box<dyn Directory>>,
}

/// Every kind there is.
pub const REGISTRY: &[Registration] = &[
    Registration {
        kind: ROSTER_FILE,
        connect: roster_file::connect,
    },
    Registration {
        kind: "github",
        connect: github::connect,
    },
    Registration {
        kind: "entra",
        connect: entra::connect,
    },
    Registration {
        kind: "okta",
        connect: okta::connect,
    },
    Registration {
        kind: "google",
        connect: google::connect,
    },
    Registration {
        kind: "scim",
        connect: scim::connect,
    },
];

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// Makes the sources from their document; no call is made. Every fault in every source is named.
pub fn connect(tools: &Tools<'_>, documents: &Documents) -> Result<Vec<Source>> {
    let text = documents.text(DOCUMENT)?;
    let text = text.expose_secret();
    // A source's text is borrowed, so that no second copy of its secrets is made.
    let Ok(texts) = json::borrow::<Vec<&RawValue>>(text) else {
        return Ok(vec![connect_one(tools, text).map_err(all_of)?]);
    };
    if texts.is_empty() {
        return Err(invalid(".", "names no source"));
    }
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        match connect_one(tools, text.get()) {
            Ok(source) => sources.push(source),
            Err(found) if texts.len() == 1 => errors.extend(found),
            Err(found) => errors.extend(found.into_iter().map(|error| error.under(&format!("[{i}]")))),
        }
    }
    if errors.is_empty() && !sources.iter().any(|source| source.role == Role::People) {
        errors.push(invalid(
            ".",
            "names no source of people: all of them have the role identities",
        ));
    }
    match errors.is_empty() {
        true => Ok(sources),
        false => Err(all_of(errors)),
    }
}

fn connect_one(tools: &Tools<'_>, text: &str) -> Result<Source, Vec<Error>> {
    let Kind { kind } = decode(text).map_err(|error| vec![error])?;
    let Some(registration) = REGISTRY.iter().find(|registration| registration.kind == kind) else {
        let kinds: Vec<&str> = REGISTRY.iter().map(|registration| registration.kind).collect();
        return Err(vec![invalid("kind", &format!("is none of {}", kinds.join(", ")))]);
    };
    let terms = Terms::read(tools, text)?;
    let role = terms.role;
    let directory = (registration.connect)(tools, terms, text).map_err(|error| vec![error])?;
    Ok(Source {
        kind: registration.kind,
        role,
        directory,
    })
}

/// One error of many about the document.
fn all_of(errors: Vec<Error>) -> Error {
    let faults = errors.iter().flat_map(|error| error.faults().to_vec()).collect();
    document_error().with_faults(faults)
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

/// Where the sources of each kind are: the fields by which one tenant or organisation is told from another.
pub fn places(documents: &Documents) -> BTreeMap<String, String> {
    let sources = match documents.read::<Value>(DOCUMENT) {
        Ok(Value::Array(sources)) => sources,
        Ok(source) => vec![source],
        Err(_) => Vec::new(),
    };
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for source in sources {
        let fields = PLACES.iter().filter_map(|name| source.get(name));
        let place: String = fields.map(Value::to_string).collect();
        let kind = source.get("kind").and_then(Value::as_str).unwrap_or_default();
        places.entry(kind.to_owned()).or_default().push_str(&place);
    }
    places
}

/// A source's own document; unknown fields are refused by name.
fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    json::decode(text.as_bytes()).map_err(|fault| invalid(&fault.path, &fault.problem))
}

/// Where a source's API is: as the document says, or where the vendor has it.
fn base_url(given: Option<&str>, usual: &str) -> Result<BaseUrl> {
    BaseUrl::parse("base_url", given.unwrap_or(usual))
}

fn invalid(path: &str, problem: &str) -> Error {
    document_error().with_faults(vec![Fault {
        path: path.to_owned(),
        problem: problem.to_owned(),
    }])
}

fn document_error() -> Error {
    Error::new(ErrorKind::Misconfigured, "the secret document is not valid").with("document", DOCUMENT)
}

/// The same error with the permission whose lack would explain it.
fn needing(permission: &'static str) -> impl Fn(Error) -> Error {
    move |error| match error.kind() {
        ErrorKind::Credentials => error.with("needs", permission),
        _ => error,
    }
}
