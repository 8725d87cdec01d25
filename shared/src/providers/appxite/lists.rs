//! AppXite's lists: how they are wrapped, spelled and cut into pages is not published, so they are read leniently and refused
//! where nothing tells whether they are whole.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{Appxite, ID};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Identity};
use crate::planning::sieve::{Accounts, Sifted};
use crate::provider::{IdentityProvider, Role, Wanted};
use crate::tools::http::{Reply, Window};
use crate::tools::json::Text;

/// How long an invitation lives (<https://support.appxite.com/hc/en-us/articles/23115168664988>).
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A list that ends exactly at one of these, and says no total, may have been cut there.
const ROUND_PAGES: [usize; 5] = [10, 20, 25, 50, 100];

/// The state of somebody who may not sign in, in lower case.
pub(super) const BLOCKED: &str = "blocked";

const SHORT: &str = "the list does not hold as many entries as it says";

/// Pages that are asked for side by side at most; nothing is known about limits, so it begins with a few.
const MAX_IN_FLIGHT: usize = 32;

/// An entry. The spelling of its members' names is not published, so capitals mean nothing.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Item<'a>(#[serde(borrow)] BTreeMap<Text<'a>, Member<'a>>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Member<'a> {
    Text(#[serde(borrow)] Text<'a>),
    Flag(bool),
    Other(IgnoredAny),
}

/// A page of a list, in either of the shapes it may have. Its entries are not read yet: each takes ten times its text.
struct Page<'a> {
    items: Vec<&'a RawValue>,
    total: Option<usize>,
}

impl Appxite {
    /// The users that are wanted, over all the list's pages, or an error: never a part.
    ///
    /// The first page may say how many users there are; then those after it are asked for several at a time.
    pub(super) async fn every_user(&self, wanted: &Wanted<'_>) -> Result<Accounts> {
        let now = self.clock.now();
        let mut begun: Option<Sifted<'_>> = None;
        let mut asked = 0;
        let mut ahead = 1;
        let mut window = Window::new(2, MAX_IN_FLIGHT);
        loop {
            let replies = join_all((1..=ahead).map(|n| self.page(asked + n))).await;
            window.adapt(replies.iter().flatten().any(Reply::was_throttled));
            asked += ahead;
            ahead = 1;
            let mut sifted = match begun.take() {
                Some(sifted) => sifted,
                None => wanted.start(self).await,
            };
            for reply in replies {
                let reply = reply?;
                let page = Page::read(&reply)?;
                let (count, before) = (page.items.len(), sifted.ids());
                for item in page.items {
                    let account = reply.part::<Item<'_>>(item)?.account(now)?;
                    if !sifted.has(&account.native_id) {
                        sifted.take(account);
                    }
                }
                let all = sifted.ids();
                let added = all - before;
                let refused = |message: &str| reply.error(ErrorKind::Protocol, message);
                match page.total {
                    Some(total) if all == total => return Ok(sifted.end()),
                    Some(total) if all > total || added == 0 => return Err(refused(SHORT)),
                    Some(total) => ahead = (total - all).div_ceil(count).min(window.size()),
                    None if count == 0 => return Ok(sifted.end()),
                    // The second page is the first again: the server does not page, and gave everything or cut it.
                    None if added == 0 && !ROUND_PAGES.contains(&count) && count != self.page_size => {
                        return Ok(sifted.end());
                    }
                    None if added == 0 => return Err(refused("nothing tells whether the list is complete")),
                    None => {}
                }
            }
            begun = Some(sifted);
        }
    }

    async fn page(&self, number: usize) -> Result<Reply> {
        let (page, size) = (number.to_string(), self.page_size.to_string());
        let query = [("page", &*page), ("pageSize", &*size)];
        self.api.get(&self.paths.users).query(&query).send().await?.ok()
    }

    /// Everything in a list that is not known to have pages.
    pub(super) async fn whole<T>(&self, path: &str, what: &str, read: fn(&Item<'_>) -> Result<T>) -> Result<Vec<T>> {
        let reply = self.api.get(path).send().await?.ok()?;
        let page = Page::read(&reply)?;
        if page.total.is_some_and(|total| total != page.items.len()) {
            return Err(reply.error(ErrorKind::Protocol, SHORT));
        }
        let one = |item: &RawValue| {
            let item: Item<'_> = reply.part(item)?;
            item.required(what, "Id")?;
            read(&item)
        };
        page.items.into_iter().map(one).collect()
    }
}

impl<'a> Page<'a> {
    /// A bare array, or an object with exactly one array in it.
    fn read(reply: &'a Reply) -> Result<Self> {
        if reply.is_array() {
            let items = reply.json()?;
            return Ok(Self { items, total: None });
        }
        let members: BTreeMap<Text<'a>, &'a RawValue> = reply.json()?;
        let is_array = |value: &&&RawValue| value.get().starts_with('[');
        let mut arrays = members.values().filter(is_array);
        let (Some(array), None) = (arrays.next(), arrays.next()) else {
            let message = "the answer is neither an array nor an object with one";
            return Err(reply.error(ErrorKind::Protocol, message));
        };
        let total = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("TotalCount"));
        Ok(Self {
            items: reply.part(array)?,
            total: total.and_then(|(_, total)| total.get().parse().ok()),
        })
    }
}

impl Item<'_> {
    fn member(&self, name: &str) -> Option<&Member<'_>> {
        let mut members = self.0.iter();
        members.find_map(|(written, member)| written.eq_ignore_ascii_case(name).then_some(member))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.member(name) {
            Some(Member::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn required(&self, what: &str, member: &str) -> Result<String> {
        let text = self.text(member).map(str::to_owned);
        text.ok_or_else(|| {
            let message = format!("appxite lists {what} without `{member}`");
            Error::new(ErrorKind::Protocol, message).with("at", ID)
        })
    }

    /// The entry as a user's account, at this moment.
    fn account(&self, now: Timestamp) -> Result<Account> {
        let email = self.text("email").and_then(Email::parse);
        let mut account = Account::new(&self.required("a user", "Id")?, email.map(Identity::Email));
        let word = self.text("accountstate").unwrap_or_default().to_ascii_lowercase();
        account.status = match word.as_str() {
            "active" => Status::Active,
            "new" if self.has_expired(now) => Status::Dormant,
            "new" => Status::Invited,
            BLOCKED => Status::Dormant,
            _ => Status::Unknown,
        };
        account.native_status = Some(word.into());
        let name = [self.text("firstname"), self.text("lastname")];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        account.name = Some(name).filter(|name| !name.is_empty()).map(Into::into);
        Ok(account)
    }

    /// Whether an invitation is too old to be accepted. With a date that cannot be read it never is: every run would send a
    /// mail.
    fn has_expired(&self, now: Timestamp) -> bool {
        let written = ["inviteddate", "createddate"].iter().filter_map(|name| self.text(name));
        let read: Option<Vec<Timestamp>> = written.map(time).collect();
        let invited = read.unwrap_or_default().into_iter().max();
        invited.is_some_and(|invited| now.duration_since(invited) > INVITATION)
    }

    pub(super) fn role(&self) -> Result<Role> {
        let name = self.required("a role", "Name")?;
        Ok(Role {
            display_name: name.clone(),
            name,
            id: self.text("id").map(str::to_owned),
        })
    }

    pub(super) fn identity_provider(&self) -> Result<IdentityProvider> {
        let what = "an identity provider";
        Ok(IdentityProvider {
            id: self.required(what, "Id")?,
            name: self.required(what, "Name")?,
            prefix: self.text("prefix").map(str::to_owned),
            enabled: match self.member("enabled") {
                Some(Member::Flag(enabled)) => Some(*enabled),
                _ => None,
            },
        })
    }
}

/// A time as AppXite may write it: RFC 3339, or without a zone, which is then taken as UTC.
fn time(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<jiff::civil::DateTime>().ok();
    let utc = || civil()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse().ok().or_else(|| utc().map(|zoned| zoned.timestamp()))
}
