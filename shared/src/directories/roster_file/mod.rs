//! `roster_file`: a CSV or JSON export of the company's people, in a file, behind https or in S3.
//!
//! Columns:  README.md, "A roster file"
//! Complete: the whole body arrives or the read fails; a ragged row, an unknown word or a wrong trailer is an error
//! Proof:    `trailer` (the last line says the number of rows), `sidecar` (`<url>.sha256` says the hash of the file),
//!           `max_age_hours` (a stopped export is not "nobody left")

mod place;
mod rows;
mod text;

use async_trait::async_trait;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::terms::{EVERYBODY, Terms, document};
use super::{Tools, decode, invalid};
use crate::directory::{Directory, Read};
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::hash;
use crate::planning::identity::ProviderId;
use crate::tools::clock::Clock;

use place::{Found, Place};

const NAME: &str = "roster_file";

document! {
    struct Document {
        url: String,
        format: Option<Format>,
        token: Option<SecretString>,
        rows_pointer: Option<String>,
        max_age_hours: Option<u32>,
        #[serde(default)]
        trailer: bool,
        #[serde(default)]
        sidecar: bool,
    }
}

/// How the rows are written.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Csv,
    Json,
}

struct RosterFile {
    place: Place,
    clock: Clock,
    max_age: Option<SignedDuration>,
    sidecar: bool,
    reading: rows::Reading,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let by_name = match document.url.rsplit_once('.') {
        Some((_, "json")) => Format::Json,
        _ => Format::Csv,
    };
    let format = document.format.unwrap_or(by_name);
    if document.trailer && format == Format::Json {
        return Err(invalid("trailer", "is for csv only; `sidecar` is for both"));
    }
    if terms.suspended.is_some() {
        return Err(invalid(
            "suspended",
            "has no place here: the column `status` says who has left",
        ));
    }
    if let Some(group) = terms.grants.keys().find(|group| *group != EVERYBODY) {
        let path = format!("grants.{group}");
        return Err(invalid(
            &path,
            "a roster file has no groups; only `*` stands for everybody",
        ));
    }
    Ok(Box::new(RosterFile {
        place: Place::parse(tools, &document.url, document.token)?,
        clock: tools.http.clock(),
        max_age: document
            .max_age_hours
            .map(|hours| SignedDuration::from_hours(hours.into())),
        sidecar: document.sidecar,
        reading: rows::Reading {
            format,
            rows_pointer: document.rows_pointer,
            trailer: document.trailer,
            default_access: terms.grants.get(EVERYBODY).cloned().unwrap_or_default(),
            provider: tools.provider,
            on: tools.on.to_vec(),
        },
    }))
}

#[async_trait(?Send)]
impl Directory for RosterFile {
    async fn read(&self) -> Result<Read> {
        let (Found { bytes, modified }, sidecar) = tokio::try_join!(self.place.read(""), self.read_sidecar())?;
        if let Some(max_age) = self.max_age {
            let modified = modified.ok_or_else(|| held("the roster does not say when it was written"))?;
            if self.clock.now().duration_since(modified) > max_age {
                return Err(held("the roster is older than max_age_hours: has its export stopped?"));
            }
        }
        if sidecar.is_some_and(|sidecar| !is_hash_of(&sidecar, &bytes)) {
            let message = "the roster is not the file its sidecar speaks of: it is cut off, or being written";
            return Err(Error::new(ErrorKind::Protocol, message).with("at", NAME));
        }
        let people = self.reading.people(&bytes).map_err(|faults| {
            let message = "the roster cannot be read as a whole";
            Error::new(ErrorKind::Protocol, message)
                .with("at", NAME)
                .with_faults(faults)
        })?;
        Ok(Read {
            people,
            proof: match (self.reading.trailer, self.sidecar) {
                (_, true) => "the file is the one its sidecar speaks of",
                (true, false) => "the trailer's number of rows agrees",
                (false, false) => {
                    "every row is whole; only `trailer` or `sidecar` shows that no row is missing at the end"
                }
            },
            remarks: Vec::new(),
        })
    }
}

impl RosterFile {
    async fn read_sidecar(&self) -> Result<Option<Vec<u8>>> {
        match self.sidecar {
            true => Ok(Some(self.place.read(".sha256").await?.bytes)),
            false => Ok(None),
        }
    }
}

/// Whether a sidecar, as `sha256sum` writes one, speaks of these bytes.
fn is_hash_of(sidecar: &[u8], bytes: &[u8]) -> bool {
    let hash = hash::hex(&Sha256::digest(bytes));
    let first = sidecar.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
    first.is_some_and(|word| word.eq_ignore_ascii_case(hash.as_bytes()))
}

fn held(message: &str) -> Error {
    Error::new(ErrorKind::Held, message).with("at", NAME)
}

/// A fault in a row, counted from 1 without the header.
fn fault(row: usize, column: &str, problem: &str) -> Fault {
    Fault {
        path: format!("row {row}, {column}"),
        problem: problem.to_owned(),
    }
}

/// Finds a provider by name.
type ByName = fn(&str) -> Option<ProviderId>;
