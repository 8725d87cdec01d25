//! The REST side: lists of members in pages with links, and what the token's owner is to the organisation.

use serde_json::{Value, json};

use super::credentials::Caller;
use super::knobs::OwnerRole;
use super::{GithubPlatform, Interface, ORG, Sight, is_org, wire};
use crate::checks::{self, forbidden};
use crate::directories::Member;
use crate::server::{Answer, Refusal, Reply, Request, lock};

/// The most members on a page, and how many there are when nothing is said.
const MOST: u64 = 100;
const USUAL: u64 = 30;

/// The two headers every REST call has.
pub(super) fn admit_form(request: &Request) -> Result<(), Refusal> {
    for (name, value) in [
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
    ] {
        if request.header(name) != Some(value) {
            return Err(forbidden(format!("header {name} is not {value}")));
        }
    }
    Ok(())
}

impl GithubPlatform {
    pub(super) fn list_members(&self, request: &Request, org: &str) -> Answer {
        let caller = self.admit(request, &["role", "per_page", "page"])?;
        if request.parameter("role").is_some_and(|role| role != "all") {
            return Err(forbidden("one role alone is not everybody"));
        }
        self.admit_list(caller, org)?;
        match self.sight(caller) {
            Sight::PublicMembers => {
                let to = format!("{}/orgs/{ORG}/public_members", own_url(request));
                Ok(Reply::empty(302).with_header("location", &to))
            }
            sight => self.page(request, &self.listed(sight)),
        }
    }

    pub(super) fn list_public_members(&self, request: &Request, org: &str) -> Answer {
        let caller = self.admit(request, &["per_page", "page"])?;
        self.admit_list(caller, org)?;
        self.page(request, &self.listed(Sight::PublicMembers))
    }

    pub(super) fn list_team(&self, request: &Request, org: &str, slug: &str) -> Answer {
        let caller = self.admit(request, &["per_page", "page"])?;
        self.admit_list(caller, org)?;
        let team = self.team(slug, self.sight(caller));
        self.page(request, &team.ok_or_else(|| wire::no(404, "Not Found"))?)
    }

    /// What the token's owner is to the organisation. Who they are is left out, because nobody is to rely on it.
    pub(super) fn membership(&self, request: &Request, org: &str) -> Answer {
        let caller = self.admit(request, &[])?;
        if caller == Caller::Installation {
            return Err(wire::no(403, "Resource not accessible by integration"));
        }
        let settings = lock(&self.settings).clone();
        if settings.revoked {
            let text = "You need at least read:org scope to view your organization memberships.";
            return Err(wire::no(403, text));
        }
        if settings.only_public || !is_org(org) {
            return Err(wire::no(404, "Not Found"));
        }
        let role = match settings.owner {
            OwnerRole::Admin => "admin",
            OwnerRole::Member => "member",
        };
        let url = own_url(request);
        let body = json!({
            "url": format!("{url}/orgs/{ORG}/memberships/canary-owner"), "state": "active", "role": role,
            "organization_url": format!("{url}/orgs/{ORG}"),
        });
        Ok(Reply::json(200, &body))
    }

    /// The form of every GET here, and who makes it.
    fn admit(&self, request: &Request, parameters: &[&str]) -> Result<Caller, Refusal> {
        admit_form(request)?;
        checks::no_body(request)?;
        checks::only_query(request, parameters)?;
        self.caller(request)
    }

    fn admit_list(&self, caller: Caller, org: &str) -> Result<(), Refusal> {
        self.throttled(Interface::Rest)?;
        if !is_org(org) {
            return Err(wire::no(404, "Not Found"));
        }
        match (self.sight(caller), caller) {
            (Sight::Nothing, Caller::Owner) => Err(wire::no(403, "You need at least read:org scope to list members.")),
            (Sight::Nothing, Caller::Installation) => Err(wire::no(403, "Resource not accessible by integration")),
            _ => Ok(()),
        }
    }

    fn page(&self, request: &Request, list: &[Member]) -> Answer {
        let asked = checks::number(request, "per_page", 1..=MOST)?.unwrap_or(USUAL);
        let page = checks::number(request, "page", 1..=u64::MAX)?.unwrap_or(1);
        let size = usize::try_from(asked).unwrap_or(usize::MAX);
        let pages = lock(&self.members).pages(list, size);
        let shown = usize::try_from(page - 1).ok().and_then(|place| pages.get(place));
        let users: Vec<Value> = shown
            .into_iter()
            .flatten()
            .map(|member| self.simple_user(member))
            .collect();
        let reply = Reply::json(200, &json!(users));
        Ok(match self.links(request, page, pages.len() as u64) {
            links if links.is_empty() => reply,
            links => reply.with_header("link", &links),
        })
    }

    /// The `Link` header, whole URLs in it; empty where there is one page only.
    fn links(&self, request: &Request, page: u64, last: u64) -> String {
        let own = own_url(request);
        let elsewhere = lock(&self.settings).next_links_to.clone();
        let mut query = String::new();
        for (name, value) in request.query.iter().filter(|(name, _)| name != "page") {
            query.push_str(&format!("{name}={value}&"));
        }
        let link = |base: &str, to: u64, rel: &str| format!("<{base}{}?{query}page={to}>; rel=\"{rel}\"", request.path);
        let mut links = Vec::new();
        if page > 1 {
            links.push(link(&own, page - 1, "prev"));
        }
        if page < last {
            links.push(link(elsewhere.as_deref().unwrap_or(&own), page + 1, "next"));
            links.push(link(&own, last, "last"));
        }
        if page > 1 {
            links.push(link(&own, 1, "first"));
        }
        links.join(", ")
    }
}

fn own_url(request: &Request) -> String {
    format!("http://{}", request.header("host").unwrap_or_default())
}
