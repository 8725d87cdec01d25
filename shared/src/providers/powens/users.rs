//! Powens' users: an integer each, and a list whose paging is not documented.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU64;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::{ID, Powens};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::Account;
use crate::tools::http::{Reply, Window};

/// The most a page may hold (<https://docs.powens.com/api-reference/overview/api-design>).
const PAGE: usize = 1000;

/// Pages that are asked for side by side at most: the sandbox takes thirty calls a minute, and nothing is said of production.
const MAX_IN_FLIGHT: usize = 8;

/// A user's id: never `me`, never `all`, never absent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct UserId(NonZeroU64);

impl UserId {
    pub(super) fn of(account: &Account) -> Result<Self> {
        account.native_id.parse().map(Self).map_err(|_| {
            let message = "a powens account has an id that is no positive integer";
            Error::new(ErrorKind::Protocol, message).with("at", ID)
        })
    }

    pub(super) fn path(self) -> String {
        format!("/users/{self}")
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Deserialize)]
struct UsersList {
    /// May be null, but not absent.
    #[serde(deserialize_with = "Option::deserialize")]
    users: Option<Vec<User>>,
    total: Option<usize>,
    #[serde(rename = "_links")]
    links: Option<Links>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: UserId,
}

impl Powens {
    /// Every user's id, or an error: never a part. The end is where the total is reached, where links end, or, where there is
    /// neither, a page that adds nothing: a shorter page may be a server that gives less than it was asked for.
    ///
    /// Where the first page says how many users there are, those after it are asked for several at a time, as long as each is
    /// as long as the one before.
    pub(super) async fn user_ids(&self) -> Result<BTreeSet<UserId>> {
        let mut ids: BTreeSet<UserId> = BTreeSet::new();
        let mut next: Option<String> = None;
        let mut step = PAGE;
        let mut ahead = 1;
        let mut window = Window::new(2, MAX_IN_FLIGHT);
        loop {
            let begin = ids.len();
            let offsets = (0..ahead).map(|n| begin + n * step);
            let replies = join_all(offsets.map(|offset| self.page(next.as_deref(), offset))).await;
            window.adapt(replies.iter().flatten().any(Reply::was_throttled));
            ahead = 1;
            for reply in replies {
                let reply = reply?;
                let page: UsersList = reply.json()?;
                let refused = |message: &str| Err(reply.error(ErrorKind::Protocol, message));
                let users = match (page.users, page.total) {
                    (Some(users), _) => users,
                    (None, Some(0)) => Vec::new(),
                    (None, _) => return refused("the list is null without saying that the domain is empty"),
                };
                let before = ids.len();
                ids.extend(users.iter().map(|user| user.id));
                let nothing_new = ids.len() == before;
                let has_links = page.links.is_some();
                let link = page.links.and_then(|links| links.next);
                next = link.map(|link| self.api.own_path(&link.href)).transpose()?;
                match page.total {
                    _ if nothing_new && next.is_some() => return refused("the list's pages go in a circle"),
                    _ if next.is_some() => {}
                    Some(total) if ids.len() == total => return Ok(ids),
                    Some(total) if ids.len() > total || nothing_new => {
                        return refused("the list does not hold as many users as it says");
                    }
                    Some(total) => ahead = (total - ids.len()).div_ceil(users.len()).min(window.size()),
                    // The very page that was asked for, once more: the server ignores the offset and may have cut it there.
                    None if nothing_new && users.len() == PAGE => {
                        return refused("nothing tells whether the list is complete");
                    }
                    None if nothing_new || has_links => return Ok(ids),
                    None => {}
                }
                // Where the pages asked for beside this one do not follow on it, they are asked for again.
                if std::mem::replace(&mut step, users.len()) != users.len() {
                    break;
                }
            }
        }
    }

    async fn page(&self, link: Option<&str>, offset: usize) -> Result<Reply> {
        let (limit, offset) = (PAGE.to_string(), offset.to_string());
        let call = match link {
            Some(path) => self.api.get(path),
            None => self.api.get("/users").query(&[("limit", &limit), ("offset", &offset)]),
        };
        call.send().await?.ok()
    }
}
