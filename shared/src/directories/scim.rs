//! SCIM 2.0: every user of a server, entitled by the groups they are in.
//!
//! API:      RFC 7643 (the schema), RFC 7644 §3.4.2 (lists, 1-based pages), RFC 9865 (cursors)
//! Auth:     a bearer token
//! Needs:    to read `/Users`, and `/Groups/{id}` for each group that grants access
//! Identity: `emails`, `userName` where it is an address, the server's id (`scim`)
//! Whole:    `totalResults` of `/Users` against what was collected; a group's members must be among the users, but nothing
//!           counts them, so that to be missing from a group is a gap, not a statement
//! Quirks:
//! - servers return fewer than asked for, and an empty page past the end
//! - names of attributes are compared without regard to case (RFC 7643 §2.1)
//! - `active` may be text, or missing, which means unknown: kept, and given nothing new. So the list is not filtered by it

use std::collections::BTreeSet;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::gathered::{Gathered, addresses};
use super::pages::{Page, drain};
use super::terms::{List, Terms, document};
use super::{Tools, base_url, decode, needing};
use crate::directory::{Directory, Read};
use crate::error::{ErrorKind, Result};
use crate::planning::identity::{Identity, Name, ProviderId};
use crate::planning::roster::{Access, Person, Standing};
use crate::tools::http::{Api, Auth, Reply, escape};
use crate::tools::json;

const NAME: &str = "scim";
const NEEDS: &str = "a token that may read users and groups";

/// Users asked for at once; servers may give fewer.
const COUNT: usize = 100;

document! {
    struct Document {
        base_url: String,
        token: SecretString,
    }
}

struct Scim {
    api: Api,
    /// How somebody stands who may not sign in.
    suspended: Standing,
    lists: Vec<(List, Vec<ProviderId>)>,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    let base = base_url(Some(&document.base_url), "")?;
    Ok(Box::new(Scim {
        lists: terms.lists()?,
        suspended: terms.suspended(),
        api: Api::new(tools.http, NAME, base, Auth::Bearer(document.token)),
    }))
}

/// Names of attributes as they stand here: in lower case.
#[derive(Deserialize)]
struct Users {
    totalresults: Option<Number>,
    resources: Option<Vec<User>>,
    nextcursor: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: Option<String>,
    active: Option<Flag>,
    emails: Option<Vec<Mail>>,
    name: Option<UserName>,
}

#[derive(Deserialize)]
struct UserName {
    givenname: Option<Box<str>>,
    familyname: Option<Box<str>>,
}

#[derive(Deserialize)]
struct Mail {
    value: Option<String>,
    primary: Option<Flag>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    members: Option<Vec<Member>>,
}

#[derive(Deserialize)]
struct Member {
    value: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A number, which sloppy servers write as text.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
struct Number(usize);

impl TryFrom<Value> for Number {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let number = match &value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64().and_then(|number| usize::try_from(number).ok()),
        };
        number.map(Self).ok_or("is not a number")
    }
}

/// True or false, which sloppy servers write as text.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
struct Flag(bool);

impl TryFrom<Value> for Flag {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match &value {
            Value::Bool(flag) => Ok(Self(*flag)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Self(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Self(false)),
            _ => Err("is neither true nor false"),
        }
    }
}

#[async_trait(?Send)]
impl Directory for Scim {
    async fn read(&self) -> Result<Read> {
        let users = self.users().await.map_err(needing(NEEDS))?;
        let unsaid = users.iter().filter(|user| user.active.is_none()).count();
        let by_group = self.lists.iter().any(|(list, _)| matches!(list, List::Group(_)));
        let (known, proof) = match by_group {
            true => (
                Access::Gathered,
                "every page was read, and the count agrees; SCIM does not count the members of a group, so that to be missing from one has to be seen twice",
            ),
            false => (Access::Stated, "every page was read, and the count agrees"),
        };
        let mut gathered = Gathered::new(NAME, known);
        let people = users.into_iter().map(|user| (user.id.clone(), self.person(user)));
        gathered.add(&List::Everybody, people.collect(), &[])?;
        for (list, access) in &self.lists {
            match list {
                List::Everybody => gathered.entitle_everybody(access),
                List::Group(group) => {
                    let ids = self.members(group, &gathered).await.map_err(needing(NEEDS))?;
                    gathered.entitle(list, &ids, access)?;
                }
            }
        }
        let remark = format!(
            "{unsaid} users do not say whether they are `active`: kept where they have an account, and not joined"
        );
        Ok(Read {
            people: gathered.into_people(),
            proof,
            remarks: (unsaid > 0).then_some(remark).into_iter().collect(),
        })
    }
}

impl Scim {
    async fn users(&self) -> Result<Vec<User>> {
        let read = async |page: &str| {
            let reply = self.get(&format!("/Users?{page}&count={COUNT}")).await?;
            let users: Users = in_lower_case(&reply)?;
            let items = users.resources.unwrap_or_default();
            let total = users.totalresults.map(|Number(total)| total);
            let start = page
                .strip_prefix("startIndex=")
                .and_then(|start| start.parse::<usize>().ok());
            let next = match (users.nextcursor, start, total) {
                (Some(cursor), ..) => Some(format!("cursor={}", escape(&cursor))),
                (None, Some(start), Some(total)) => {
                    let next = start.saturating_add(items.len());
                    (!items.is_empty() && next <= total).then(|| format!("startIndex={next}"))
                }
                (None, None, _) => None,
                (None, Some(_), None) => {
                    return Err(reply.error(ErrorKind::Protocol, "the list does not say how many users there are"));
                }
            };
            Ok(Page { items, next, total })
        };
        drain(NAME, "startIndex=1".to_owned(), |user: &User| &user.id, read).await
    }

    /// The users in a group and in the groups within it.
    async fn members(&self, group: &str, users: &Gathered) -> Result<Vec<String>> {
        let mut ids = BTreeSet::new();
        let mut asked = BTreeSet::new();
        let mut open = vec![group.to_owned()];
        while let Some(group) = open.pop() {
            if !asked.insert(group.clone()) {
                continue;
            }
            let reply = self.get(&format!("/Groups/{}", escape(&group))).await?;
            let answer: Group = in_lower_case(&reply)?;
            if answer.id != group {
                return Err(reply.error(ErrorKind::Protocol, "another group than the one that was asked for"));
            }
            for member in answer.members.unwrap_or_default() {
                let is_user =
                    users.knows(&member.value) || member.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("user"));
                match is_user {
                    true => drop(ids.insert(member.value)),
                    false => open.push(member.value),
                }
            }
        }
        Ok(ids.into_iter().collect())
    }

    async fn get(&self, path: &str) -> Result<Reply> {
        let scim = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/scim+json"))]);
        self.api.get(path).headers(scim).send().await?.ok()
    }

    fn person(&self, user: User) -> Person {
        let standing = match user.active {
            Some(Flag(true)) => Standing::Active,
            Some(Flag(false)) => self.suspended,
            None => Standing::Suspended,
        };
        let mut mails = user.emails.unwrap_or_default();
        mails.sort_by_key(|mail| !matches!(mail.primary, Some(Flag(true)))); // the primary one first
        let texts = mails
            .iter()
            .filter_map(|mail| mail.value.as_deref())
            .chain(user.username.as_deref());
        let identities = addresses(texts).chain([Identity::native(NAME, &user.id)]);
        let name = user.name.map(|name| Name {
            first: name.givenname,
            last: name.familyname,
        });
        Person::new(identities)
            .standing_as(standing)
            .named(name.unwrap_or_default())
    }
}

/// The answer, with the names of its attributes in lower case.
fn in_lower_case<T: DeserializeOwned>(reply: &Reply) -> Result<T> {
    let text = lower(reply.json()?).to_string();
    json::decode(text.as_bytes()).map_err(|fault| {
        reply
            .error(ErrorKind::Protocol, "the answer is not what the documents say")
            .with_faults(vec![fault])
    })
}

fn lower(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(lower).collect(),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), lower(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}
