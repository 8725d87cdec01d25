//! A GitHub organisation as far as a reader of people meets it: two REST lists, the token owner's membership, an App's tokens,
//! and three connections of the GraphQL API (`integrations.md` §7.2).
//!
//! Quirks kept: a stranger's token sees public members only and nothing says so, GraphQL answers 200 to everything, an empty
//! public address is `""`, an unknown team is `null` without an error, and three ways to say "too often".

mod credentials;
mod graph;
mod knobs;
mod query;
mod rest;
mod schema;
mod wire;

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Member, Members, Platform, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use credentials::{Caller, Credentials};
use knobs::Settings;

pub use knobs::{Emails, Github, KeyForm, NameIds, OwnerRole, Throttle};

/// The organisation's login.
const ORG: &str = "acme";

/// Where the numbers of members begin whose id is none.
const FIRST_NUMBER: u64 = 9_000_000;

/// GitHub's side of the talk.
#[derive(Default)]
pub struct GithubPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
    credentials: Mutex<Credentials>,
    /// The ids that are no numbers, in the order they were first shown: their place is their number, whoever leaves.
    numbered: Mutex<Vec<String>>,
}

/// What a caller may see of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Every member.
    Everybody,
    /// What a stranger sees.
    PublicMembers,
    /// A credential without the permission.
    Nothing,
}

/// Which of the two interfaces answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interface {
    Rest,
    Graph,
}

impl Platform for GithubPlatform {
    const KIND: &'static str = "github";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        let settings = lock(&self.settings).clone();
        let mut document = json!({ "kind": Self::KIND, "base_url": url, "org": ORG });
        lock(&self.credentials).describe(settings.app, &mut document);
        if let Some(emails) = settings.emails {
            document["emails"] = json!(emails.word());
        }
        document
    }

    fn rotate_key(&self) {
        lock(&self.credentials).rotate();
    }

    fn expire_tokens(&self) {
        lock(&self.credentials).expire();
    }

    fn revoke(&self) {
        lock(&self.settings).revoked = true;
    }

    fn throttle_once(&self) {
        let mut settings = lock(&self.settings);
        let turn = settings.throttled % Throttle::IN_TURN.len();
        settings.throttle = Some(Throttle::IN_TURN[turn]);
        settings.throttled += 1;
    }
}

impl Site for GithubPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let agent = request.header("user-agent").unwrap_or_default();
        if agent.is_empty() {
            return Err(forbidden("User-Agent is required"));
        }
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", ["graphql"]) => self.graph(request),
            ("GET", ["orgs", org, "members"]) => self.list_members(request, org),
            ("GET", ["orgs", org, "public_members"]) => self.list_public_members(request, org),
            ("GET", ["orgs", org, "teams", slug, "members"]) => self.list_team(request, org, slug),
            ("GET", ["user", "memberships", "orgs", org]) => self.membership(request, org),
            ("POST", ["app", "installations", id, "access_tokens"]) => self.installation_token(request, id),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        wire::message(status, &format!("error {status}"))
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["edges", "nodes"],
            total: "totalCount",
            required: &["login", "token", "state", "totalCount", "data"],
        }
    }
}

impl GithubPlatform {
    /// Who calls with this bearer token; any other is answered 401.
    fn caller(&self, request: &Request) -> Result<Caller, Refusal> {
        let token = checks::bearer(request)?;
        let caller = lock(&self.credentials).caller(token);
        caller.ok_or_else(|| wire::no(401, "Bad credentials"))
    }

    fn sight(&self, caller: Caller) -> Sight {
        let settings = lock(&self.settings);
        match caller {
            _ if settings.revoked => Sight::Nothing,
            Caller::Owner if settings.only_public => Sight::PublicMembers,
            Caller::Owner | Caller::Installation => Sight::Everybody,
        }
    }

    /// The organisation's members as this caller sees them. Whoever has left is no member, nor is an outside collaborator.
    fn listed(&self, sight: Sight) -> Vec<Member> {
        let all = lock(&self.members).all();
        let members = all.into_iter().filter(is_member);
        match sight {
            Sight::Everybody => members.collect(),
            // Every second one shows the membership publicly, and never all of them.
            Sight::PublicMembers => members.skip(1).step_by(2).collect(),
            Sight::Nothing => Vec::new(),
        }
    }

    /// A team's members; `None` for a team that is not there or that this caller must not know of.
    fn team(&self, slug: &str, sight: Sight) -> Option<Vec<Member>> {
        if sight != Sight::Everybody {
            return None;
        }
        let team = lock(&self.members).group(slug)?;
        Some(team.into_iter().filter(is_member).collect())
    }

    /// The number GitHub knows somebody by for ever.
    fn number(&self, member: &Member) -> u64 {
        if let Ok(number) = member.id.parse() {
            return number;
        }
        let mut numbered = lock(&self.numbered);
        let place = numbered.iter().position(|id| *id == member.id).unwrap_or_else(|| {
            numbered.push(member.id.clone());
            numbered.len() - 1
        });
        FIRST_NUMBER + place as u64
    }

    /// The refusal of one list too many, if a test asked for one.
    fn throttled(&self, interface: Interface) -> Result<(), Refusal> {
        let throttle = {
            let mut settings = lock(&self.settings);
            let due = |throttle: &Throttle| *throttle != Throttle::InTheErrors || interface == Interface::Graph;
            settings.throttle.take_if(|throttle| due(throttle))
        };
        let Some(throttle) = throttle else { return Ok(()) };
        let exhausted = |reply: Reply| {
            let now = Timestamp::now().as_second().to_string();
            reply
                .with_header("x-ratelimit-remaining", "0")
                .with_header("x-ratelimit-reset", &now)
        };
        let refused = |status, text: &str| Reply::json(status, &wire::message(status, text));
        let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let primary = "API rate limit exceeded for user ID 4242.";
        Err(Refusal::Plain(match throttle {
            Throttle::PrimaryLimit => exhausted(refused(403, primary)),
            Throttle::SecondaryLimit => refused(403, secondary).with_header("retry-after", "0"),
            Throttle::TooManyRequests => refused(429, secondary).with_header("retry-after", "0"),
            Throttle::InTheErrors => {
                let error = json!({ "type": "RATE_LIMITED", "message": primary });
                exhausted(Reply::json(200, &json!({ "errors": [error] })))
            }
        }))
    }
}

fn is_member(member: &Member) -> bool {
    member.standing != Standing::Gone && !member.guest
}

/// Whether this is the organisation; logins have no case.
fn is_org(login: &str) -> bool {
    login.eq_ignore_ascii_case(ORG)
}
