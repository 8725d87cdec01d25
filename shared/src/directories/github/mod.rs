//! GitHub: every member of an organisation, entitled by the teams they are in.
//!
//! API:      <https://docs.github.com/en/graphql/reference/objects#organization>,
//!           <https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>, read 2026-11
//! Auth:     a personal access token of a member, or a GitHub App (its private key signs for a token of an hour)
//! Needs:    `read:org`, or the fine-grained or App permission Members: read; for `saml` the token of an owner
//! Identity: the login, the number that stays through a rename (`github`), and by `emails` the addresses in the organisation's
//!           verified domains or those of the SAML link; never the profile's address, which users write themselves
//! Whole:    `totalCount` of every list against what was collected
//! Quirks:
//! - whoever is not a member sees the public members only, as if they were all: so membership is asked for first
//! - GraphQL answers 200 with `errors` beside a part of the data: any of them is a failed read
//! - a suspended managed user stays a member under a made-up login; nothing in the answer says so

mod credential;
mod graphql;

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::gathered::{Gathered, addresses};
use super::pages::drain;
use super::terms::{List, Terms, document};
use super::{Tools, base_url, decode, invalid, needing};
use crate::directory::{Directory, Read};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::{Identity, Login, ProviderId};
use crate::planning::roster::{Access, Person};
use crate::tools::clock::Clock;
use crate::tools::http::{Api, Auth};

use credential::Credential;
use graphql::Node;

const NAME: &str = "github";
const API: &str = "https://api.github.com";
const NEEDS: &str = "read:org, or the permission Members: read";

document! {
    struct Document {
        org: String,
        token: Option<SecretString>,
        app_id: Option<Value>,
        installation_id: Option<Value>,
        private_key: Option<SecretString>,
        #[serde(default)]
        emails: Emails,
        base_url: Option<String>,
    }
}

/// Where addresses come from.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Emails {
    #[default]
    VerifiedDomains,
    Saml,
    None,
}

struct Github {
    api: Api,
    org: String,
    emails: Emails,
    credential: Credential,
    clock: Clock,
    lists: Vec<(List, Vec<ProviderId>)>,
}

pub(super) fn connect(tools: &Tools<'_>, terms: Terms, text: &str) -> Result<Box<dyn Directory>> {
    let document: Document = decode(text)?;
    if terms.suspended.is_some() {
        return Err(invalid(
            "suspended",
            "has no place here: GitHub does not say who is suspended",
        ));
    }
    let app = (document.app_id, document.installation_id, document.private_key);
    let credential = Credential::parse(document.token, app)?;
    Ok(Box::new(Github {
        lists: terms.lists()?,
        api: Api::new(
            tools.http,
            NAME,
            base_url(document.base_url.as_deref(), API)?,
            Auth::None,
        ),
        org: document.org,
        emails: document.emails,
        credential,
        clock: tools.http.clock(),
    }))
}

#[async_trait(?Send)]
impl Directory for Github {
    async fn read(&self) -> Result<Read> {
        let now = self.clock.now();
        let token = self
            .credential
            .token(&self.api, &self.org, now)
            .await
            .map_err(needing(NEEDS))?;
        let mut remarks = Vec::new();
        let (mut linked, unlinked) = match self.emails {
            Emails::Saml => self.saml(&token).await?,
            Emails::VerifiedDomains | Emails::None => (BTreeMap::new(), 0),
        };
        if unlinked > 0 {
            remarks.push(format!(
                "{unlinked} SAML identities belong to no member yet, and are left out"
            ));
        }
        let mut gathered = Gathered::new(NAME, Access::Stated);
        let members = self.members(&token).await?.into_iter();
        let members = members.map(|node| {
            let links = linked.remove(&node.id).unwrap_or_default();
            (node.id.clone(), person(&node, links))
        });
        gathered.add(&List::Everybody, members.collect(), &[])?;
        for (list, access) in &self.lists {
            match list {
                List::Everybody => gathered.entitle_everybody(access),
                List::Group(team) => {
                    let members = self.team(&token, team).await?.into_iter();
                    let ids: Vec<String> = members.map(|node| node.id).collect();
                    gathered.entitle(list, &ids, access)?;
                }
            }
        }
        Ok(Read {
            people: gathered.into_people(),
            proof: "every page was read, and the counts agree",
            remarks,
        })
    }
}

fn person(node: &Node, links: Vec<Identity>) -> Person {
    let verified = addresses(node.emails.iter().map(String::as_str));
    let login = Login::parse(&node.login).map(Identity::Github);
    Person::new(
        links
            .into_iter()
            .chain(verified)
            .chain(login)
            .chain([Identity::native(NAME, &node.id)]),
    )
}

impl Github {
    async fn members(&self, token: &SecretString) -> Result<Vec<Node>> {
        let emails = match self.emails {
            Emails::VerifiedDomains => " organizationVerifiedDomainEmails(login:$org)",
            Emails::Saml | Emails::None => "",
        };
        let list = format!(
            "membersWithRole(first:100,after:$after){{totalCount pageInfo{{hasNextPage endCursor}} edges{{node{{login databaseId{emails}}}}}}}"
        );
        let query = format!("query($org:String!,$after:String){{organization(login:$org){{{list}}}}}");
        let read = async |cursor: &str| {
            let variables = self.variables(cursor, None);
            let organization = graphql::ask(&self.api, token, &query, &variables).await?;
            graphql::page(&organization, "membersWithRole")
        };
        drain(NAME, String::new(), |node: &Node| &node.id, read).await
    }

    async fn team(&self, token: &SecretString, slug: &str) -> Result<Vec<Node>> {
        let list =
            "members(first:100,after:$after){totalCount pageInfo{hasNextPage endCursor} edges{node{login databaseId}}}";
        let query = format!(
            "query($org:String!,$team:String!,$after:String){{organization(login:$org){{team(slug:$team){{{list}}}}}}}"
        );
        let read = async |cursor: &str| {
            let variables = self.variables(cursor, Some(slug));
            let mut organization = graphql::ask(&self.api, token, &query, &variables).await?;
            let team = organization
                .get_mut("team")
                .map(Value::take)
                .filter(|team| !team.is_null());
            let team = team.ok_or_else(|| {
                invalid(
                    &format!("grants.{slug}"),
                    "is no team of this organisation, by its slug, or cannot be seen",
                )
            })?;
            graphql::page(&team, "members")
        };
        drain(NAME, String::new(), |node: &Node| &node.id, read).await
    }

    /// What the identity provider says of members, by their number; and how many of its identities belong to none.
    async fn saml(&self, token: &SecretString) -> Result<(BTreeMap<String, Vec<Identity>>, usize)> {
        let identity = "guid samlIdentity{nameId username emails{value}} scimIdentity{username emails{value}} user{login databaseId}";
        let list = format!(
            "externalIdentities(first:100,after:$after){{totalCount pageInfo{{hasNextPage endCursor}} nodes{{{identity}}}}}"
        );
        let query =
            format!("query($org:String!,$after:String){{organization(login:$org){{samlIdentityProvider{{{list}}}}}}}");
        let read = async |cursor: &str| {
            let variables = self.variables(cursor, None);
            let mut organization = graphql::ask(&self.api, token, &query, &variables).await?;
            let provider = organization.get_mut("samlIdentityProvider").map(Value::take);
            let provider = provider.filter(|provider| !provider.is_null()).ok_or_else(|| {
                let message = "the organisation has no SAML identity provider that this token may see; an enterprise's is not \
                               readable: set `emails` to verified_domains or none";
                Error::new(ErrorKind::Misconfigured, message).with("at", NAME)
            })?;
            graphql::page(&provider, "externalIdentities")
        };
        let all = drain(NAME, String::new(), |one: &graphql::External| &one.guid, read).await?;
        let mut linked: BTreeMap<String, Vec<Identity>> = BTreeMap::new();
        let mut unlinked = 0;
        for one in all {
            match one.user() {
                Some(id) => linked.entry(id).or_default().extend(addresses(one.texts())),
                None => unlinked += 1,
            }
        }
        Ok((linked, unlinked))
    }

    fn variables(&self, cursor: &str, team: Option<&str>) -> Value {
        let after = Some(cursor).filter(|cursor| !cursor.is_empty());
        match team {
            Some(team) => json!({"org": self.org, "team": team, "after": after}),
            None => json!({"org": self.org, "after": after}),
        }
    }
}
