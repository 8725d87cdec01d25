//! `roster_file`: a CSV or JSON export of the company's people, in a file, behind https or in S3.
//!
//! Columns:  README.md, "Directory"
//! Complete: the whole body arrives or the read fails; a ragged row, an unknown word or a wrong trailer is an error
//! Proof:    `trailer` (the last line says the number of rows), `max_age_hours` (a stopped export is not "nobody left")

mod rows;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::LAST_MODIFIED;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Grants, Tools, access, decode, invalid};
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::identity::ProviderId;
use crate::planning::roster::Person;
use crate::tools::aws::Aws;
use crate::tools::clock::Clock;
use crate::tools::http::{Api, Auth, BaseUrl, Http};

const NAME: &str = "roster_file";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    grants: Grants,
    url: String,
    format: Option<Format>,
    token: Option<SecretString>,
    rows_pointer: Option<String>,
    max_age_hours: Option<u32>,
    #[serde(default)]
    trailer: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    #[default]
    People,
}

/// How the rows are written.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Csv,
    Json,
}

/// Where the file is.
enum Place {
    File(std::path::PathBuf),
    Web(Box<Api>, String),
    S3 {
        aws: Aws,
        http: Http,
        bucket: String,
        key: String,
    },
}

struct RosterFile {
    place: Place,
    clock: Clock,
    max_age: Option<SignedDuration>,
    reading: rows::Reading,
}

pub(super) fn connect(tools: &Tools<'_>, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let Role::People = document.role;
    let by_name = match document.url.rsplit_once('.') {
        Some((_, "json")) => Format::Json,
        _ => Format::Csv,
    };
    let format = document.format.unwrap_or(by_name);
    if document.trailer && format == Format::Json {
        return Err(invalid("trailer", "is for csv only"));
    }
    let everybody = document.grants.get("*").map(Vec::as_slice).unwrap_or_default();
    if let Some(group) = document.grants.keys().find(|group| *group != "*") {
        let path = format!("grants.{group}");
        return Err(invalid(
            &path,
            "a roster file has no groups; only `*` stands for everybody",
        ));
    }
    let default_access = access(tools, everybody).map_err(|problem| invalid("grants.*", &problem))?;
    Ok(Box::new(RosterFile {
        place: place(tools, &document.url, document.token)?,
        clock: tools.http.clock(),
        max_age: document
            .max_age_hours
            .map(|hours| SignedDuration::from_hours(hours.into())),
        reading: rows::Reading {
            format,
            rows_pointer: document.rows_pointer,
            trailer: document.trailer,
            default_access,
            provider: tools.provider,
            on: tools.on.to_vec(),
        },
    }))
}

fn place(tools: &Tools<'_>, url: &str, token: Option<SecretString>) -> Result<Place> {
    if let Some(path) = url.strip_prefix("file:") {
        return Ok(Place::File(path.strip_prefix("//").unwrap_or(path).into()));
    }
    if let Some(object) = url.strip_prefix("s3://") {
        let Some((bucket, key)) = object.split_once('/').filter(|(b, k)| !b.is_empty() && !k.is_empty()) else {
            return Err(invalid("url", "must be s3://bucket/key"));
        };
        return Ok(Place::S3 {
            aws: tools.aws.clone(),
            http: tools.http.clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        });
    }
    let (base, path) = BaseUrl::parse_document("url", url)?;
    let auth = token.map_or(Auth::None, Auth::Bearer);
    Ok(Place::Web(Box::new(Api::new(tools.http, NAME, base, auth)), path))
}

#[async_trait]
impl Directory for RosterFile {
    async fn people(&self) -> Result<Vec<Person>> {
        let (bytes, modified) = match &self.place {
            Place::File(path) => read_file(path)?,
            Place::Web(api, path) => download(api.get(path)).await?,
            Place::S3 { aws, http, bucket, key } => {
                let (base, path, headers) = aws.s3_object(bucket, key).await?;
                let api = Api::new(http, NAME, base, Auth::None);
                download(api.get(&path).headers(headers)).await?
            }
        };
        if let Some(max_age) = self.max_age {
            let modified = modified.ok_or_else(|| held("the roster does not say when it was written"))?;
            if self.clock.now().duration_since(modified) > max_age {
                return Err(held("the roster is older than max_age_hours: has its export stopped?"));
            }
        }
        self.reading.people(&bytes).map_err(|faults| {
            let message = "the roster cannot be read as a whole";
            Error::new(ErrorKind::Protocol, message)
                .with("at", NAME)
                .with_faults(faults)
        })
    }
}

fn held(message: &str) -> Error {
    Error::new(ErrorKind::Held, message).with("at", NAME)
}

type Read = (Vec<u8>, Option<Timestamp>);

fn read_file(path: &std::path::Path) -> Result<Read> {
    let failed = |error: std::io::Error| {
        let message = "the roster file cannot be read";
        Error::new(ErrorKind::Misconfigured, message)
            .with("at", NAME)
            .because(error)
    };
    let modified = std::fs::metadata(path)
        .and_then(|file| file.modified())
        .map_err(failed)?;
    let bytes = std::fs::read(path).map_err(failed)?;
    Ok((bytes, Timestamp::try_from(modified).ok()))
}

async fn download(call: crate::tools::http::Call<'_>) -> Result<Read> {
    let reply = call.send().await?.ok()?;
    let modified = reply.headers().get(LAST_MODIFIED).and_then(|value| value.to_str().ok());
    let modified = modified.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    Ok((reply.into_body(), modified.map(|date| date.timestamp())))
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
