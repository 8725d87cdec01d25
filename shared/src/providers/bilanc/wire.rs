//! Bilanc's JSON, in its own spelling.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Fault, Result};
use crate::planning::account::Account;
use crate::planning::identity::{Email, Identity, Login};
use crate::tools::http::{Cut, Reply};
use crate::tools::json::{self, Text};

/// The list without its entries.
#[derive(Deserialize)]
pub(super) struct OnboardedUsersList {
    #[serde(rename = "users")]
    _users: Vec<Cut>,
    pub(super) total_users_found: usize,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow)]
    merged_user_id: Text<'a>,
    name: Option<Text<'a>>,
    email: Option<Text<'a>>,
    github_username: Option<Text<'a>>,
}

/// An entry of the list.
pub(super) fn read_user(entry: &[u8]) -> Result<Account, Fault> {
    json::decode(entry).map(|user: User<'_>| user.account())
}

impl User<'_> {
    fn account(&self) -> Account {
        let email = self.email.as_deref().and_then(Email::parse).map(Identity::Email);
        let login = self.github_username.as_deref().and_then(Login::parse);
        let identities = email.into_iter().chain(login.map(Identity::Github));
        let mut account = Account::new(&self.merged_user_id, identities);
        account.name = self.name.as_deref().map(Into::into);
        account
    }
}

#[derive(Serialize, Default)]
pub(super) struct UserIdentifiers<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")] // whether `[]` counts as given is unknown
    email_addresses: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    github_usernames: Vec<&'a str>,
}

impl<'a> UserIdentifiers<'a> {
    /// Everything Bilanc can look these people up by; `None` when that is nothing.
    pub(super) fn of(people: &'a [Vec<Identity>]) -> Option<Self> {
        let mut body = Self::default();
        for identity in people.iter().flatten() {
            match identity {
                Identity::Email(email) => body.email_addresses.push(email.written()),
                Identity::Github(login) => body.github_usernames.push(login.written()),
                Identity::Native(..) => {}
            }
        }
        let empty = body.email_addresses.is_empty() && body.github_usernames.is_empty();
        (!empty).then_some(body)
    }
}

/// The answer to a write.
#[derive(Deserialize)]
pub(super) struct Changed {
    #[serde(rename = "onboarded_count", alias = "offboarded_count")]
    count: usize,
    #[serde(rename = "onboarded_user_ids", alias = "offboarded_user_ids")]
    pub(super) user_ids: Vec<String>,
    pub(super) not_found: NotFound,
}

impl Changed {
    pub(super) fn read(reply: Reply) -> Result<Self> {
        let reply = reply.ok()?;
        let changed: Self = reply.json()?;
        if changed.count != changed.user_ids.len() {
            let message = "the answer does not name as many people as it says";
            return Err(reply.error(ErrorKind::Protocol, message));
        }
        Ok(changed)
    }
}

/// The identifiers that matched nobody.
#[derive(Deserialize)]
pub(super) struct NotFound {
    #[serde(default)]
    email_addresses: Vec<String>,
    #[serde(default)]
    github_usernames: Vec<String>,
}

impl NotFound {
    /// Whether nobody is known by any of a person's identifiers.
    pub(super) fn holds_all(&self, person: &[Identity]) -> bool {
        person.iter().all(|identity| match identity {
            Identity::Email(email) => {
                let mut texts = self.email_addresses.iter();
                texts.any(|text| Email::parse(text).as_ref() == Some(email))
            }
            Identity::Github(login) => {
                let mut texts = self.github_usernames.iter();
                texts.any(|text| Login::parse(text).as_ref() == Some(login))
            }
            Identity::Native(..) => true,
        })
    }
}

#[derive(Deserialize)]
struct ErrorDetail {
    detail: String,
}

/// What FastAPI, on which Bilanc is built, says of a path it does not have.
const NO_SUCH_PATH: &str = "Not Found";

/// Whether a reply says that nobody matched: a 404 about people, not about the path.
pub(super) fn nobody_matched(reply: &Reply) -> bool {
    let about_people = |error: ErrorDetail| error.detail != NO_SUCH_PATH;
    reply.status() == 404 && reply.try_json().is_some_and(about_people)
}
