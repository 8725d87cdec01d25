//! Okta: the members of the groups that grant access, or every user of the organisation.
//!
//! API:      <https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/#tag/Group/operation/listGroupUsers>, read 2026-11
//! Auth:     an API token, `SSWS`; it has its creator's rights, and dies with that account or after 30 days without use
//! Needs:    a read-only administrator (or one who may view these groups and users)
//! Identity: `profile.email`, `profile.login` where it is an address, the user's id (`okta`); never `secondEmail`, which users
//!           write themselves
//! Whole:    nothing is counted: pages are read to the last, and to be missing from a group is a gap, not a statement
//! Quirks:
//! - `Link` comes as several header lines, and the cursor is opaque
//! - a user who is locked out or whose password expired works here
//! - the list of all users leaves `DEPROVISIONED` out

use async_trait::async_trait;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::gathered::{Gathered, addresses};
use super::pages::{Page, all, drain};
use super::terms::{List, Terms, document};
use super::{Tools, base_url, decode, needing};
use crate::directory::{Directory, Read};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::{Identity, Name, ProviderId};
use crate::planning::roster::{Access, Person, Standing};
use crate::tools::http::{Api, Auth, escape};

const NAME: &str = "okta";
const NEEDS: &str = "a token whose creator may view users and groups";

document! {
    struct Document {
        domain: String,
        token: SecretString,
        base_url: Option<String>,
    }
}

struct Okta {
    api: Api,
    /// How somebody stands who may not sign in.
    suspended: Standing,
    lists: Vec<(List, Vec<ProviderId>)>,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let base = base_url(document.base_url.as_deref(), &format!("https://{}", document.domain))?;
    let key = format!("SSWS {}", document.token.expose_secret());
    Ok(Box::new(Okta {
        lists: terms.lists()?,
        suspended: terms.suspended(),
        api: Api::new(tools.http, NAME, base, Auth::Raw(key.into())),
    }))
}

#[derive(Deserialize)]
struct User {
    id: String,
    status: String,
    profile: Profile,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    login: String,
    email: Option<String>,
    first_name: Option<Box<str>>,
    last_name: Option<Box<str>>,
}

#[async_trait(?Send)]
impl Directory for Okta {
    async fn read(&self) -> Result<Read> {
        let mut gathered = Gathered::new(NAME, Access::Gathered);
        let listed = all(&self.lists, async |(list, _)| self.users(list).await).await?;
        for ((list, access), users) in self.lists.iter().zip(listed) {
            let users = users.into_iter();
            let person = |user: User| Ok((user.id.clone(), self.person(user)?));
            gathered.add(list, users.map(person).collect::<Result<_>>()?, access)?;
        }
        Ok(Read {
            people: gathered.into_people(),
            proof: "every page was read; Okta counts nothing, so that to be missing from a group has to be seen twice",
            remarks: Vec::new(),
        })
    }
}

impl Okta {
    async fn users(&self, list: &List) -> Result<Vec<User>> {
        let first = match list {
            List::Everybody => "/api/v1/users?limit=200".to_owned(),
            List::Group(id) => format!("/api/v1/groups/{}/users?limit=200", escape(id)),
        };
        let read = async |path: &str| {
            let json = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
            let reply = self.api.get(path).headers(json).send().await?.ok()?;
            Ok(Page {
                next: reply.next_page().map(|link| self.api.own_path(&link)).transpose()?,
                items: reply.json()?,
                total: None,
            })
        };
        drain(NAME, first, |user: &User| &user.id, read)
            .await
            .map_err(needing(NEEDS))
    }

    fn person(&self, user: User) -> Result<Person> {
        let standing = match user.status.as_str() {
            "ACTIVE" | "STAGED" | "PROVISIONED" | "RECOVERY" | "PASSWORD_EXPIRED" | "LOCKED_OUT" => Standing::Active,
            "SUSPENDED" => self.suspended,
            "DEPROVISIONED" => Standing::Left,
            _ => {
                let message = "a user has a status that the documents do not name";
                return Err(Error::new(ErrorKind::Protocol, message).with("at", NAME));
            }
        };
        let texts = user
            .profile
            .email
            .as_deref()
            .into_iter()
            .chain([user.profile.login.as_str()]);
        let identities = addresses(texts).chain([Identity::native(NAME, &user.id)]);
        Ok(Person::new(identities).standing_as(standing).named(Name {
            first: user.profile.first_name.clone(),
            last: user.profile.last_name.clone(),
        }))
    }
}
