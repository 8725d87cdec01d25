//! Links that lead from one page of a list to the next, by marks that only the directory itself understands.

use std::sync::Mutex;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::server::{Request, lock};

/// What a query's value may hold as it is (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where the link to the next page leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NextLink {
    /// To the next page, where there is one.
    #[default]
    Honest,
    /// As before, but at this base URL: path and query are kept.
    Elsewhere(String),
    /// To the second page, from every page of every list, the last one too.
    SameForever,
}

/// The marks handed out so far: each stands for a page of a list.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<Vec<(String, usize)>>);

impl Marks {
    /// The mark for this page of this list, the same whenever it is asked for. It holds what a query must encode.
    fn mark(&self, list: &str, page: usize) -> String {
        let wanted = (list.to_owned(), page);
        let mut given = lock(&self.0);
        let place = given.iter().position(|other| *other == wanted);
        let place = place.unwrap_or(given.len());
        if place == given.len() {
            given.push(wanted);
        }
        format!("RFNwdA+/{place}=")
    }

    /// The list and the page that a mark stands for; `None` for one that was never handed out.
    pub(super) fn meant(&self, mark: &str) -> Option<(String, usize)> {
        let place: usize = mark.strip_prefix("RFNwdA+/")?.strip_suffix('=')?.parse().ok()?;
        lock(&self.0).get(place).cloned()
    }

    /// The link to stand on this page (from 0), which was asked for by `request`; its mark is in the parameter `cursor`.
    pub(super) fn next(
        &self,
        request: &Request,
        cursor: &str,
        next: &NextLink,
        page: usize,
        pages: usize,
    ) -> Option<String> {
        let base = match next {
            NextLink::Elsewhere(base) => base.clone(),
            NextLink::Honest | NextLink::SameForever => own(request),
        };
        let to = match next {
            NextLink::SameForever => 1,
            NextLink::Honest | NextLink::Elsewhere(_) => Some(page + 1).filter(|to| *to < pages)?,
        };
        let mark = self.mark(&list(request, cursor), to);
        let mark = utf8_percent_encode(&mark, ENCODED);
        Some(format!(
            "{base}{}?{cursor}={mark}{}",
            request.path,
            others(request, cursor)
        ))
    }
}

/// What a list is known by: the path and the whole query but for the mark.
pub(super) fn list(request: &Request, cursor: &str) -> String {
    format!("{}?{}", request.path, others(request, cursor))
}

/// The base URL that the client asked.
pub(super) fn own(request: &Request) -> String {
    format!("http://{}", request.header("host").unwrap_or_default())
}

fn others(request: &Request, cursor: &str) -> String {
    let kept = request.query.iter().filter(|(name, _)| name != cursor);
    kept.map(|(name, value)| format!("&{name}={}", utf8_percent_encode(value, ENCODED)))
        .collect()
}
