//! AppXite's lists: how they are wrapped, spelled and cut into pages is not published, so they are read leniently and refused
//! where nothing tells whether they are whole.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{Appxite, ID};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Identity};
use crate::provider::{IdentityProvider, Role};
use crate::tools::http::Reply;

/// How long an invitation lives (<https://support.appxite.com/hc/en-us/articles/23115168664988>).
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A list that ends exactly at one of these, and says no total, may have been cut there.
const ROUND_PAGES: [usize; 5] = [10, 20, 25, 50, 100];

/// The state of somebody who may not sign in, in lower case.
pub(super) const BLOCKED: &str = "blocked";

const SHORT: &str = "the list does not hold as many entries as it says";

/// An entry with its members' names in lower case: their spelling is not published.
pub(super) struct Item(Map<String, Value>);

/// A page of a list, in either of the shapes it may have.
struct Page {
    items: Vec<Item>,
    total: Option<usize>,
}

impl Appxite {
    /// Every user, over all the list's pages, or an error: never a part.
    pub(super) async fn every_user(&self) -> Result<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for number in 1_u64.. {
            let (page, size) = (number.to_string(), self.page_size.to_string());
            let query = [("page", &*page), ("pageSize", &*size)];
            let reply = self.api.get(&self.paths.users).query(&query).send().await?.ok()?;
            let page = Page::read(&reply)?;
            let count = page.items.len();
            let mut added = 0;
            for item in page.items {
                if ids.insert(item.required("a user", "Id")?) {
                    items.push(item);
                    added += 1;
                }
            }
            let refused = |message: &str| reply.error(ErrorKind::Protocol, message);
            match page.total {
                Some(total) if items.len() == total => return Ok(items),
                Some(total) if items.len() > total || added == 0 => return Err(refused(SHORT)),
                Some(_) => {}
                None if count == 0 => return Ok(items),
                // The second page is the first again: the server does not page, and gave everything or cut it.
                None if added == 0 && !ROUND_PAGES.contains(&count) && count != self.page_size => return Ok(items),
                None if added == 0 => return Err(refused("nothing tells whether the list is complete")),
                None => {}
            }
        }
        Ok(items)
    }

    /// Everything in a list that is not known to have pages.
    pub(super) async fn whole(&self, path: &str, what: &str) -> Result<Vec<Item>> {
        let reply = self.api.get(path).send().await?.ok()?;
        let page = Page::read(&reply)?;
        if page.total.is_some_and(|total| total != page.items.len()) {
            return Err(reply.error(ErrorKind::Protocol, SHORT));
        }
        for item in &page.items {
            item.required(what, "Id")?;
        }
        Ok(page.items)
    }
}

impl Page {
    /// A bare array, or an object with exactly one array in it.
    fn read(reply: &Reply) -> Result<Self> {
        let unexpected = || {
            reply.error(
                ErrorKind::Protocol,
                "the answer is neither an array nor an object with one",
            )
        };
        let (array, total) = match reply.json()? {
            Value::Array(array) => (array, None),
            Value::Object(object) => {
                let object = lower_case(object);
                let total = object.get("totalcount").and_then(Value::as_u64);
                let total = total.and_then(|total| usize::try_from(total).ok());
                let mut arrays = object.into_iter().filter_map(|(_, value)| match value {
                    Value::Array(array) => Some(array),
                    _ => None,
                });
                match (arrays.next(), arrays.next()) {
                    (Some(array), None) => (array, total),
                    _ => return Err(unexpected()),
                }
            }
            _ => return Err(unexpected()),
        };
        let item = |value| match value {
            Value::Object(object) => Ok(Item(lower_case(object))),
            _ => Err(unexpected()),
        };
        let items = array.into_iter().map(item).collect::<Result<_>>()?;
        Ok(Self { items, total })
    }
}

impl Item {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn required(&self, what: &str, member: &str) -> Result<String> {
        let text = self.text(&member.to_ascii_lowercase()).map(str::to_owned);
        text.ok_or_else(|| {
            let message = format!("appxite lists {what} without `{member}`");
            Error::new(ErrorKind::Protocol, message).with("at", ID)
        })
    }

    /// The entry as a user's account, at this moment.
    pub(super) fn account(&self, now: Timestamp) -> Result<Account> {
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
            enabled: self.0.get("enabled").and_then(Value::as_bool),
        })
    }
}

fn lower_case(object: Map<String, Value>) -> Map<String, Value> {
    let lower = |(name, value): (String, Value)| (name.to_ascii_lowercase(), value);
    object.into_iter().map(lower).collect()
}

/// A time as AppXite may write it: RFC 3339, or without a zone, which is then taken as UTC.
fn time(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<jiff::civil::DateTime>().ok();
    let utc = || civil()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse().ok().or_else(|| utc().map(|zoned| zoned.timestamp()))
}
