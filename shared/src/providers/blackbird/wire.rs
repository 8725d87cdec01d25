//! Blackbird's JSON, in its own spelling.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Fault, Result};
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Identity, Name};
use crate::provider::Role;
use crate::tools::http::Reply;
use crate::tools::json::{self, Text};

pub(super) const ACTIVE: &str = "active";
pub(super) const DEACTIVATED: &str = "deactivated";

#[derive(Deserialize)]
struct List<T> {
    body: T,
    /// No paging is documented; a member of such a name would say that this is not everybody.
    #[serde(
        default,
        alias = "nextCursor",
        alias = "nextToken",
        alias = "cursor",
        alias = "nextPage",
        alias = "_links"
    )]
    next: Option<IgnoredAny>,
}

/// Everything in a list, which is wrapped in `body` (a bare array is taken too).
pub(super) fn read_list<'a, T: Deserialize<'a>>(reply: &'a Reply) -> Result<T> {
    if reply.is_array() {
        return reply.json();
    }
    let list: List<T> = reply.json()?;
    if list.next.is_some() {
        let message = "the list announces more pages, which the documents do not name";
        return Err(reply.error(ErrorKind::Protocol, message));
    }
    Ok(list.body)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    email: Text<'a>,
    roles: Vec<Box<str>>,
    status: Text<'a>,
    first_name: Option<Box<str>>,
    last_name: Option<Box<str>>,
}

/// The users of a list that is short.
pub(super) fn read_users(reply: &Reply) -> Result<Vec<Account>> {
    let users: Vec<User<'_>> = read_list(reply)?;
    Ok(users.into_iter().map(User::account).collect())
}

/// The one user of an answer.
pub(super) fn read_user(reply: Reply) -> Result<Account> {
    let reply = reply.ok()?;
    reply.json().map(User::account)
}

/// An entry of the list of users.
pub(super) fn read_entry(entry: &[u8]) -> Result<Account, Fault> {
    json::decode(entry).map(User::account)
}

impl User<'_> {
    fn account(self) -> Account {
        let email = Email::parse(&self.email).map(Identity::Email);
        let mut account = Account::new(&self.id, email);
        account.status = match &*self.status {
            ACTIVE => Status::Active,
            DEACTIVATED => Status::Dormant,
            _ => Status::Unknown,
        };
        if account.status == Status::Unknown {
            account.native_status = Some((*self.status).into());
        }
        let name = Name {
            first: self.first_name,
            last: self.last_name,
        };
        account.name = name.full().map(Into::into);
        account.roles = self.roles;
        account
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserCreate<'a> {
    pub(super) email: &'a str,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<&'a str>,
    #[serde(flatten)]
    pub(super) welcome: &'a Welcome,
}

/// How a new user is greeted: what the operator set, and nothing else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppress_welcome_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_root_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct UserUpdate<'a> {
    pub(super) id: &'a str,
    pub(super) status: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleResource {
    role_name: String,
    display_name: String,
}

impl From<RoleResource> for Role {
    fn from(role: RoleResource) -> Self {
        Self {
            name: role.role_name,
            display_name: role.display_name,
            id: None,
        }
    }
}
