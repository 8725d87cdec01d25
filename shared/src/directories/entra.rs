//! Microsoft Entra ID: the transitive members of the groups that grant access, or every user of the tenant, by Microsoft Graph.
//!
//! API:      <https://learn.microsoft.com/graph/api/group-list-transitivemembers>, <https://learn.microsoft.com/graph/api/user-list>, read 2026-11
//! Auth:     client credentials of an app registration
//! Needs:    the application permissions `GroupMember.Read.All` and `User.Read.All` (`Member.Read.Hidden` for hidden groups)
//! Identity: `mail`, the user principal name, every `smtp:` proxy address, the object id (`entra`); never `otherMails`, which
//!           users write themselves
//! Whole:    `@odata.count` of the first page against what was collected
//! Quirks:
//! - a cast and a count want `ConsistencyLevel: eventual`, on every page (<https://learn.microsoft.com/graph/aad-advanced-queries>)
//! - pages may be empty and not the last
//! - a member whose kind the app may not read comes with an `id` only
//! - disabled users stay in their groups; deleted ones vanish
//! - a guest's principal name is no address, and `mail` is not kept in step: guests are kept where they have an account, and
//!   given nothing new

use std::collections::BTreeSet;

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;

use super::gathered::{Gathered, addresses};
use super::pages::{Page, all, drain};
use super::terms::{List, Terms, document};
use super::{Tools, base_url, decode, needing};
use crate::directory::{Directory, Read};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::{Identity, Name, ProviderId};
use crate::planning::roster::{Access, Person, Standing};
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, escape};

const NAME: &str = "entra";
const GRAPH: &str = "https://graph.microsoft.com";
const LOGIN: &str = "https://login.microsoftonline.com";
const NEEDS: &str = "the application permissions GroupMember.Read.All and User.Read.All, with admin consent";
const PROPERTIES: &str = "id,mail,userPrincipalName,accountEnabled,userType,proxyAddresses,givenName,surname";

document! {
    struct Document {
        tenant: String,
        client_id: String,
        client_secret: SecretString,
        login_url: Option<String>,
        base_url: Option<String>,
    }
}

struct Entra {
    api: Api,
    /// How somebody stands who may not sign in.
    suspended: Standing,
    lists: Vec<(List, Vec<ProviderId>)>,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let base = base_url(document.base_url.as_deref(), GRAPH)?;
    let login = BaseUrl::parse("login_url", document.login_url.as_deref().unwrap_or(LOGIN))?;
    let token_url = login.join(&format!("/{}/oauth2/v2.0/token", escape(&document.tenant)));
    // A national cloud's Graph is asked for by its own name; one on this machine stands for the public one.
    let resource = match base.is_loopback() {
        true => GRAPH,
        false => base.as_str(),
    };
    let auth = Auth::Client(ClientCredentials {
        token_url: BaseUrl::parse("login_url", &token_url)?,
        client_id: document.client_id,
        client_secret: document.client_secret,
        scope: Some(format!("{resource}/.default")),
    });
    Ok(Box::new(Entra {
        lists: terms.lists()?,
        suspended: terms.suspended(),
        api: Api::new(tools.http, NAME, base, auth),
    }))
}

#[derive(Deserialize)]
struct Answer {
    value: Vec<User>,
    #[serde(rename = "@odata.count")]
    count: Option<usize>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    mail: Option<String>,
    user_principal_name: Option<String>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
    #[serde(default)]
    proxy_addresses: Option<Vec<String>>,
    given_name: Option<Box<str>>,
    surname: Option<Box<str>>,
}

#[async_trait(?Send)]
impl Directory for Entra {
    async fn read(&self) -> Result<Read> {
        let mut gathered = Gathered::new(NAME, Access::Stated);
        let (mut guests, mut nameless) = (BTreeSet::new(), BTreeSet::new());
        let listed = all(&self.lists, async |(list, _)| self.users(list).await).await?;
        for ((list, access), users) in self.lists.iter().zip(listed) {
            let mut people = Vec::new();
            for user in users {
                if user.is_guest() && user.mail.is_none() {
                    nameless.insert(user.id);
                    continue;
                }
                if user.is_guest() {
                    guests.insert(user.id.clone());
                }
                people.push((user.id.clone(), self.person(user)?));
            }
            gathered.add(list, people, access)?;
        }
        let mut remarks = Vec::new();
        if !guests.is_empty() {
            remarks.push(format!(
                "{} guests are kept where they have an account, and not joined",
                guests.len()
            ));
        }
        if !nameless.is_empty() {
            remarks.push(format!("{} guests without an address are left out", nameless.len()));
        }
        Ok(Read {
            people: gathered.into_people(),
            proof: "every page was read, and the counts agree",
            remarks,
        })
    }
}

impl Entra {
    async fn users(&self, list: &List) -> Result<Vec<User>> {
        let path = match list {
            List::Everybody => "/v1.0/users".to_owned(),
            List::Group(id) => format!("/v1.0/groups/{}/transitiveMembers/microsoft.graph.user", escape(id)),
        };
        let first = format!("{path}?$select={PROPERTIES}&$top=999&$count=true");
        let read = async |path: &str| {
            let eventual = HeaderMap::from_iter([(
                reqwest::header::HeaderName::from_static("consistencylevel"),
                HeaderValue::from_static("eventual"),
            )]);
            let reply = self.api.get(path).headers(eventual).send().await?.ok()?;
            let answer: Answer = reply.json()?;
            if path == first && answer.count.is_none() {
                return Err(reply.error(ErrorKind::Protocol, "the first page does not say how many there are"));
            }
            Ok(Page {
                items: answer.value,
                next: answer.next.map(|link| self.api.own_path(&link)).transpose()?,
                total: answer.count,
            })
        };
        drain(NAME, first.clone(), |user: &User| &user.id, read)
            .await
            .map_err(needing(NEEDS))
    }

    fn person(&self, user: User) -> Result<Person> {
        let unreadable = || {
            let message = "members come back with an id only: the app may not read them";
            Error::new(ErrorKind::Credentials, message)
                .with("at", NAME)
                .with("needs", NEEDS)
        };
        if user.mail.is_none() && user.user_principal_name.is_none() {
            return Err(unreadable());
        }
        let enabled = user.account_enabled.ok_or_else(unreadable)?;
        let standing = match (enabled, user.is_guest()) {
            (true, false) => Standing::Active,
            (true, true) => Standing::Suspended,
            (false, _) => self.suspended,
        };
        let proxies = user.proxy_addresses.iter().flatten();
        let proxies = proxies.filter_map(|proxy| match proxy.split_once(':') {
            Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => Some(address),
            _ => None,
        });
        let principal = user
            .user_principal_name
            .as_deref()
            .filter(|name| !name.contains("#EXT#"));
        let texts = user.mail.as_deref().into_iter().chain(principal).chain(proxies);
        let identities = addresses(texts).chain([Identity::native(NAME, &user.id)]);
        Ok(Person::new(identities).standing_as(standing).named(Name {
            first: user.given_name.clone(),
            last: user.surname.clone(),
        }))
    }
}

impl User {
    fn is_guest(&self) -> bool {
        self.user_type.as_deref() == Some("Guest")
    }
}
