//! Addresses of other systems: https, or http to this very machine; nothing else.

use std::fmt;

use crate::error::{Error, ErrorKind, Fault, Result};

/// Where an API lives: a URL without query or fragment, and without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads untrusted text; `field` is what to name when it is refused.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let refused = |problem: &str| {
            let fault = Fault {
                path: field.to_owned(),
                problem: problem.to_owned(),
            };
            Error::new(ErrorKind::Misconfigured, "a URL is not usable").with_faults(vec![fault])
        };
        let url = reqwest::Url::parse(text.trim()).map_err(|_| refused("is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("must not carry a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("must not carry a query or a fragment"));
        }
        if url.host_str().is_none() {
            return Err(refused("has no host"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(refused("must be https, or http to this machine")),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Reads the address of one document: its host, and the path with the query it may carry (a signed URL).
    pub fn parse_document(field: &str, text: &str) -> Result<(Self, String)> {
        let (address, query) = match text.trim().split_once('?') {
            Some((address, query)) => (address, format!("?{query}")),
            None => (text.trim(), String::new()),
        };
        let whole = Self::parse(field, address)?.0;
        let path = whole
            .splitn(4, '/')
            .nth(3)
            .map_or_else(String::new, |path| format!("/{path}"));
        let host = whole.strip_suffix(&path).unwrap_or(&whole).to_owned();
        Ok((Self(host), format!("{path}{query}")))
    }

    /// The URL with `path` after it, joined as text: a doubled segment (Blackbird's `/admin/admin`) stays.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Whether it leads to this very machine.
    pub fn is_loopback(&self) -> bool {
        reqwest::Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path and query of a link that stays on this host; `None` for one that would leave it.
    pub fn own_path(&self, link: &str) -> Option<String> {
        let own = reqwest::Url::parse(&self.0).ok()?;
        let link = own.join(link).ok()?;
        let same = own.scheme() == link.scheme()
            && own.host() == link.host()
            && own.port_or_known_default() == link.port_or_known_default();
        let base = own.path().trim_end_matches('/');
        let path = link.path().strip_prefix(base)?;
        let query = link.query().map(|q| format!("?{q}")).unwrap_or_default();
        (same && path.starts_with('/')).then(|| format!("{path}{query}"))
    }
}

fn is_loopback(url: &reqwest::Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
