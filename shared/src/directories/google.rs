//! Google Workspace: every user of the customer, in all its domains, entitled by the groups they are in, by the Directory API.
//!
//! API:      <https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/list>,
//!           <https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list>, read 2026-11
//! Auth:     a service account with domain-wide delegation, in the name of an administrator (`subject`)
//! Needs:    the scopes `admin.directory.user.readonly` and `admin.directory.group.member.readonly`
//! Identity: the primary address, every alias, the user's id (`google`)
//! Whole:    nothing is counted: pages are read to the last, every member of a group must be among the users, and to be
//!           missing from a group is a gap, not a statement
//! Quirks:
//! - `members` is absent for an empty group
//! - members of nested groups are listed too, and so are those groups
//! - a member `CUSTOMER` is everybody, without an address
//! - addresses from outside have no status: kept where they have an account, and given nothing new
//! - `archived` is not `suspended`: neither may sign in
//! - a request too many is a 403

use std::collections::BTreeSet;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::gathered::{Gathered, addresses};
use super::pages::{Page, all, drain};
use super::terms::{List, Terms, document};
use super::{Tools, base_url, decode, invalid, needing};
use crate::directory::{Directory, Read};
use crate::error::{ErrorKind, Result};
use crate::planning::identity::{Email, Identity, Name, ProviderId};
use crate::planning::roster::{Access, Person, Standing};
use crate::tools::clock::Clock;
use crate::tools::http::{Api, Auth, BaseUrl, Repeat, escape};
use crate::tools::jwt::SigningKey;

const NAME: &str = "google";
const DIRECTORY: &str = "https://admin.googleapis.com";
const TOKENS: &str = "https://oauth2.googleapis.com/token";
const SCOPES: &str = "https://www.googleapis.com/auth/admin.directory.group.member.readonly \
                      https://www.googleapis.com/auth/admin.directory.user.readonly";
const NEEDS: &str = "domain-wide delegation for the scopes admin.directory.user.readonly and \
                     admin.directory.group.member.readonly, and a subject who may read users and groups";

/// How long an assertion is good, in seconds; Google allows an hour.
const ASSERTION: i64 = 600;

document! {
    struct Document {
        service_account: ServiceAccount,
        subject: String,
        domain: String,
        base_url: Option<String>,
    }
}

/// The key file as the console hands it out; the rest of it is not needed.
#[derive(Deserialize)]
struct ServiceAccount {
    client_email: String,
    private_key: SecretString,
    token_uri: Option<String>,
}

struct Google {
    api: Api,
    tokens: Api,
    audience: String,
    issuer: String,
    subject: String,
    domain: String,
    key: SigningKey,
    clock: Clock,
    /// How somebody stands who may not sign in.
    suspended: Standing,
    lists: Vec<(List, Vec<ProviderId>)>,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let account = document.service_account;
    let tokens = BaseUrl::parse(
        "service_account.token_uri",
        account.token_uri.as_deref().unwrap_or(TOKENS),
    )?;
    let key = SigningKey::parse(&account.private_key)
        .ok_or_else(|| invalid("service_account.private_key", "is no private RSA key in PEM"))?;
    Ok(Box::new(Google {
        lists: terms.lists()?,
        suspended: terms.suspended(),
        api: Api::new(
            tools.http,
            NAME,
            base_url(document.base_url.as_deref(), DIRECTORY)?,
            Auth::None,
        ),
        audience: tokens.as_str().to_owned(),
        tokens: Api::new(tools.http, NAME, tokens, Auth::None),
        issuer: account.client_email,
        subject: document.subject,
        domain: document.domain.to_ascii_lowercase(),
        key,
        clock: tools.http.clock(),
    }))
}

#[derive(Deserialize)]
struct Token {
    access_token: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Users {
    #[serde(default)]
    users: Vec<User>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    primary_email: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    non_editable_aliases: Vec<String>,
    suspended: bool,
    #[serde(default)]
    archived: bool,
    name: Option<UserName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserName {
    given_name: Option<Box<str>>,
    family_name: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    #[serde(default)]
    members: Vec<Member>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    email: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    /// Absent for addresses from outside.
    status: Option<String>,
}

#[async_trait(?Send)]
impl Directory for Google {
    async fn read(&self) -> Result<Read> {
        let token = self.token().await.map_err(needing(NEEDS))?;
        let mut gathered = Gathered::new(NAME, Access::Gathered);
        let (users, listed) = tokio::try_join!(
            self.users(&token),
            all(&self.lists, async |(list, _)| match list {
                List::Group(group) => self.members(&token, group).await,
                List::Everybody => Ok(Vec::new()),
            }),
        )?;
        let users = users.into_iter().map(|user| (user.id.clone(), self.person(user)));
        gathered.add(&List::Everybody, users.collect(), &[])?;
        let mut outside = BTreeSet::new();
        for ((list, access), members) in self.lists.iter().zip(listed) {
            let List::Group(group) = list else {
                gathered.entitle_everybody(access);
                continue;
            };
            if members.iter().any(|member| member.kind == "CUSTOMER") {
                let problem = "has everybody as its member: grant `*` instead";
                return Err(invalid(&format!("grants.{group}"), problem));
            }
            let mut ids = Vec::new();
            // Members of nested groups are listed too.
            for member in members.into_iter().filter(|member| member.kind != "GROUP") {
                let unknown = !gathered.knows(&member.id);
                if let Some(guest) = self.guest(&member).filter(|_| unknown) {
                    outside.insert(member.id.clone());
                    gathered.add(&List::Everybody, vec![(member.id.clone(), guest)], &[])?;
                }
                ids.push(member.id);
            }
            gathered.entitle(list, &ids, access)?;
        }
        let remark = format!(
            "{} addresses from outside {} are kept where they have an account, and not joined",
            outside.len(),
            self.domain
        );
        Ok(Read {
            people: gathered.into_people(),
            proof: "every page was read; Google counts nothing, so that to be missing from a group has to be seen twice",
            remarks: (!outside.is_empty()).then_some(remark).into_iter().collect(),
        })
    }
}

impl Google {
    /// A token for this read (RFC 7523 §2.1).
    async fn token(&self) -> Result<SecretString> {
        let now = self.clock.now().as_second();
        let claims = json!({"iss": self.issuer, "sub": self.subject, "scope": SCOPES, "aud": self.audience, "iat": now, "exp": now + ASSERTION});
        let assertion = self
            .key
            .sign(&claims)
            .ok_or_else(|| invalid("service_account.private_key", "cannot sign"))?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.expose_secret()),
        ];
        let reply = self.tokens.post("", Repeat::Safe).form(&form).send().await?;
        if matches!(reply.status(), 400 | 401) {
            return Err(reply.error(
                ErrorKind::Credentials,
                "the token endpoint rejected the service account",
            ));
        }
        let token: Token = reply.ok()?.json()?;
        Ok(token.access_token)
    }

    async fn users(&self, token: &SecretString) -> Result<Vec<User>> {
        let path = "users?customer=my_customer&maxResults=500&projection=basic";
        let page = |page: Users| (page.users, page.next_page_token);
        self.list(token, path, page, |user| &user.id).await
    }

    async fn members(&self, token: &SecretString, group: &str) -> Result<Vec<Member>> {
        let group = escape(group);
        let path = format!("groups/{group}/members?includeDerivedMembership=true&maxResults=200");
        let page = |page: Members| (page.members, page.next_page_token);
        self.list(token, &path, page, |member| &member.id).await
    }

    /// A whole list, whose answers hold items and the mark of the page after.
    async fn list<A: DeserializeOwned, T>(
        &self,
        token: &SecretString,
        path: &str,
        page: impl Fn(A) -> (Vec<T>, Option<String>),
        id: impl Fn(&T) -> &str,
    ) -> Result<Vec<T>> {
        let first = format!("/admin/directory/v1/{path}");
        let read = async |path: &str| {
            let answer = self.api.get(path).bearer(token).send().await?.ok()?.json()?;
            let (items, mark) = page(answer);
            Ok(Page {
                items,
                next: mark.map(|mark| format!("{first}&pageToken={}", escape(&mark))),
                total: None,
            })
        };
        drain(NAME, first.clone(), id, read).await.map_err(needing(NEEDS))
    }

    /// A member from outside: of another domain, and of no status.
    fn guest(&self, member: &Member) -> Option<Person> {
        let email = Email::parse(member.email.as_deref()?)?;
        let outside = member.status.is_none() && email.domain() != self.domain;
        let guest = Person::new([Identity::Email(email), Identity::native(NAME, &member.id)]);
        outside.then(|| guest.standing_as(Standing::Suspended))
    }

    fn person(&self, user: User) -> Person {
        let standing = match user.suspended || user.archived {
            true => self.suspended,
            false => Standing::Active,
        };
        let aliases = user.aliases.iter().chain(&user.non_editable_aliases);
        let texts = [&user.primary_email].into_iter().chain(aliases).map(String::as_str);
        let identities = addresses(texts).chain([Identity::native(NAME, &user.id)]);
        let name = user.name.map(|name| Name {
            first: name.given_name,
            last: name.family_name,
        });
        Person::new(identities)
            .standing_as(standing)
            .named(name.unwrap_or_default())
    }
}
