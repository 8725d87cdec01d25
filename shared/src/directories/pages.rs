//! The one way to read a list that comes in pages: to its end, each page once, and never without one.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::error::{Error, ErrorKind, Result};

/// More pages than any directory has: a hundred thousand people in pages of a hundred.
const MAX_PAGES: usize = 1000;

/// Lists that are read side by side; the pages of one list follow each other.
const SIDE_BY_SIDE: usize = 4;

/// One page of a list.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// What asks for the page after this one.
    pub(super) next: Option<String>,
    /// How many entries the whole list has, where the page says.
    pub(super) total: Option<usize>,
}

/// Reads several lists, in their order, or fails.
pub(super) async fn all<L, T>(lists: &[L], read: impl AsyncFn(&L) -> Result<T>) -> Result<Vec<T>> {
    let reads = lists.iter().map(|list| read(list));
    stream::iter(reads).buffered(SIDE_BY_SIDE).try_collect().await
}

/// Reads all pages of a list, from the one that `first` asks for, or fails.
///
/// A page that comes twice, an entry that comes twice, and a total that is not what was collected are `Protocol`: part of a
/// list must not look like a list.
pub(super) async fn drain<T>(
    at: &'static str,
    first: String,
    id: impl Fn(&T) -> &str,
    read: impl AsyncFn(&str) -> Result<Page<T>>,
) -> Result<Vec<T>> {
    let refused = |message: &str| Error::new(ErrorKind::Protocol, message).with("at", at);
    let mut asked = HashSet::new();
    let mut listed = HashSet::new();
    let mut items = Vec::new();
    let mut total = None;
    let mut next = Some(first);
    while let Some(page) = next {
        if asked.len() == MAX_PAGES {
            return Err(refused("the list has more than 1,000 pages"));
        }
        if asked.contains(&page) {
            return Err(refused("the list leads back to a page that was read already"));
        }
        let read = read(&page).await?;
        asked.insert(page);
        for item in read.items {
            if !listed.insert(id(&item).to_owned()) {
                return Err(refused(
                    "the list names an entry twice: it changed while it was read, or a page came twice",
                ));
            }
            items.push(item);
        }
        total = read.total.or(total);
        next = read.next;
    }
    match total {
        Some(total) if total != items.len() => Err(refused("the list does not hold as many entries as it says")
            .with("said", total)
            .with("listed", items.len())),
        _ => Ok(items),
    }
}
