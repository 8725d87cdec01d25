//! Where a roster file is: on this machine, behind https, or in S3.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use reqwest::header::LAST_MODIFIED;
use secrecy::SecretString;

use super::NAME;
use crate::directories::{Tools, invalid};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::aws::{Aws, Endpoint};
use crate::tools::http::{Api, Auth, BaseUrl, Call, Http, escape};

/// Where the file is.
pub(super) enum Place {
    File(PathBuf),
    Web(Box<Api>, String),
    S3 {
        aws: Aws,
        http: Http,
        bucket: String,
        key: String,
    },
}

/// What was read there.
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) modified: Option<Timestamp>,
}

impl Place {
    pub(super) fn parse(tools: &Tools<'_>, url: &str, token: Option<SecretString>) -> Result<Self> {
        if let Some(path) = url.strip_prefix("file:") {
            return Ok(Self::File(path.strip_prefix("//").unwrap_or(path).into()));
        }
        if let Some(object) = url.strip_prefix("s3://") {
            let Some((bucket, key)) = object.split_once('/').filter(|(b, k)| !b.is_empty() && !k.is_empty()) else {
                return Err(invalid("url", "must be s3://bucket/key"));
            };
            return Ok(Self::S3 {
                aws: tools.aws.clone(),
                http: tools.http.clone(),
                bucket: bucket.to_owned(),
                key: key.to_owned(),
            });
        }
        let (base, path) = BaseUrl::parse_document("url", url)?;
        let auth = token.map_or(Auth::None, Auth::Bearer);
        Ok(Self::Web(Box::new(Api::new(tools.http, NAME, base, auth)), path))
    }

    /// Reads the file, or the one beside it whose name goes on with `suffix`.
    pub(super) async fn read(&self, suffix: &str) -> Result<Found> {
        match self {
            Self::File(path) => {
                let mut path = path.clone().into_os_string();
                path.push(suffix);
                read_file(Path::new(&path))
            }
            Self::Web(api, path) => {
                let (path, query) = path
                    .split_once('?')
                    .map_or((path.as_str(), None), |(path, query)| (path, Some(query)));
                let query = query.map(|query| format!("?{query}")).unwrap_or_default();
                download(api.get(&format!("{path}{suffix}{query}"))).await
            }
            Self::S3 { aws, http, bucket, key } => {
                let segments: Vec<String> = format!("{bucket}/{key}{suffix}").split('/').map(escape).collect();
                let path = format!("/{}", segments.join("/"));
                let base = aws.base(Endpoint::S3)?;
                let headers = aws.authorise(Endpoint::S3, "GET", &base.join(&path), &[])?;
                let api = Api::new(http, NAME, base, Auth::None);
                download(api.get(&path).headers(headers)).await
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Found> {
    let failed = |error: std::io::Error| {
        let message = "the roster file cannot be read";
        Error::new(ErrorKind::Misconfigured, message)
            .with("at", NAME)
            .because(error)
    };
    let modified = std::fs::metadata(path)
        .and_then(|file| file.modified())
        .map_err(failed)?;
    Ok(Found {
        bytes: std::fs::read(path).map_err(failed)?,
        modified: Timestamp::try_from(modified).ok(),
    })
}

async fn download(call: Call<'_>) -> Result<Found> {
    let reply = call.send().await?.ok()?;
    let modified = reply.headers().get(LAST_MODIFIED).and_then(|value| value.to_str().ok());
    let modified = modified.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    Ok(Found {
        modified: modified.map(|date| date.timestamp()),
        bytes: reply.into_body(),
    })
}
