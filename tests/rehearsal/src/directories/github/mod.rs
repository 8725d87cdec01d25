//! GitHub: the parts of REST and GraphQL that show who is a member of an organisation.
//!
//! Quirks kept: GraphQL answers 200 with `errors`, whoever is not a member sees the public members as if they were all, an App
//! proves itself by a signed assertion for a token of an hour, limits are told by a 403.

mod graphql;
mod query;

use std::sync::{Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Members, Platform, SigningKey, Simulated};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

/// A simulated GitHub.
pub type Github = Simulated<GithubPlatform>;

const ORG: &str = "acme";
const APP: &str = "4711";
const INSTALLATION: &str = "815";

/// GitHub's side of the talk.
#[derive(Default)]
pub struct GithubPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    generation: usize,
    app: Option<SigningKey>,
    emails: Option<&'static str>,
    issued: Vec<String>,
    lacks: Vec<Lack>,
    throttle: Option<Throttle>,
    unlinked: usize,
    profile_emails: Vec<(String, String)>,
    hidden: Vec<String>,
}

/// What a token cannot do, or an answer does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The permission to see members.
    Members,
    /// Membership of the token's owner: only public members are seen.
    Membership,
    /// A part of the data, with `errors` beside it.
    Part,
    /// A SAML identity provider.
    Saml,
}

/// The ways in which GitHub says "too often".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// 403, nothing remaining until now.
    Primary,
    /// 403 with `Retry-After`.
    Secondary,
    /// 403 that names the second limit, and no time.
    Nameless,
    /// 200 with an error of type `RATE_LIMITED`.
    Graphql,
}

impl GithubPlatform {
    /// Lets the document be an App's, whose key is PKCS#1 as GitHub hands it out.
    pub fn use_app(&self) {
        lock(&self.settings).app = Some(SigningKey::default());
    }

    /// Lets the document ask for addresses from there.
    pub fn set_emails(&self, emails: &'static str) {
        lock(&self.settings).emails = Some(emails);
    }

    /// Takes something away.
    pub fn lack(&self, lack: Lack) {
        lock(&self.settings).lacks.push(lack);
    }

    /// Answers the next list so.
    pub fn throttle(&self, throttle: Throttle) {
        lock(&self.settings).throttle = Some(throttle);
    }

    /// Adds SAML identities that belong to no member.
    pub fn add_unlinked(&self, count: usize) {
        lock(&self.settings).unlinked = count;
    }

    /// Lets a member have written an address into their profile.
    pub fn write_profile_email(&self, id: &str, email: &str) {
        lock(&self.settings)
            .profile_emails
            .push((id.to_owned(), email.to_owned()));
    }

    /// Lets a member be a node that is null.
    pub fn hide(&self, id: &str) {
        lock(&self.settings).hidden.push(id.to_owned());
    }

    fn personal_token(&self) -> String {
        format!("ghp_canary{}", lock(&self.settings).generation)
    }

    /// Asks for the headers GitHub wants, and for a token that it gave out.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        if request.header("user-agent").is_none_or(str::is_empty) {
            return Err(forbidden("User-Agent is required"));
        }
        let token = checks::bearer(request)?.to_owned();
        let good = token == self.personal_token() || lock(&self.settings).issued.contains(&token);
        if good {
            Ok(())
        } else {
            Err(refused(401, "Bad credentials"))
        }
    }

    fn membership(&self, request: &Request) -> Answer {
        rest(request)?;
        checks::only_query(request, &[])?;
        self.admit(request)?;
        let settings = lock(&self.settings);
        if settings.app.is_some() {
            return Err(refused(403, "Resource not accessible by integration"));
        }
        if settings.lacks.contains(&Lack::Members) {
            return Err(refused(403, "You need the read:org scope"));
        }
        match settings.lacks.contains(&Lack::Membership) {
            true => Err(refused(404, "Not Found")),
            false => Ok(Reply::json(
                200,
                &json!({"state": "active", "role": "member", "organization": {"login": ORG}}),
            )),
        }
    }

    fn installation_token(&self, request: &Request) -> Answer {
        rest(request)?;
        let assertion = checks::bearer(request)?;
        let mut settings = lock(&self.settings);
        let Some((_, claims)) = settings.app.as_ref().and_then(|key| key.claims(assertion)) else {
            return Err(refused(401, "A JSON web token could not be decoded"));
        };
        let now = Timestamp::now().as_second();
        let times = claims["iat"].as_i64().zip(claims["exp"].as_i64());
        let timely = times.is_some_and(|(issued, end)| issued <= now && now < end && end <= issued + 600);
        let ours = claims["iss"] == APP || claims["iss"].as_u64().is_some_and(|id| id.to_string() == APP);
        if !timely || !ours {
            return Err(forbidden(format!("an assertion that says {claims}")));
        }
        let token = format!("ghs_canary{}", settings.issued.len());
        settings.issued.push(token.clone());
        let permissions = match settings.lacks.contains(&Lack::Members) {
            true => json!({"metadata": "read"}),
            false => json!({"metadata": "read", "members": "read"}),
        };
        let end = (Timestamp::now() + SignedDuration::from_hours(1)).to_string();
        let body =
            json!({"token": token, "expires_at": end, "permissions": permissions, "repository_selection": "all"});
        Ok(Reply::json(201, &body))
    }
}

/// What every REST call has to say.
fn rest(request: &Request) -> Result<(), Refusal> {
    checks::no_body(request)?;
    let accepts = request.header("accept") == Some("application/vnd.github+json");
    match accepts && request.header("x-github-api-version") == Some("2022-11-28") {
        true => Ok(()),
        false => Err(forbidden("Accept and X-GitHub-Api-Version are required")),
    }
}

fn error(message: &str) -> Value {
    json!({"message": message, "documentation_url": "https://docs.github.com/rest"})
}

fn refused(status: u16, message: &str) -> Refusal {
    Refusal::plain(status, &error(message))
}

impl Site for GithubPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("GET", ["user", "memberships", "orgs", ORG]) => self.membership(request),
            ("POST", ["app", "installations", INSTALLATION, "access_tokens"]) => self.installation_token(request),
            ("POST", ["graphql"]) => self.graphql(request),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        error(&format!("error {status}"))
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["edges", "nodes"],
            total: "totalCount",
            required: &["databaseId", "token", "state"],
        }
    }
}

impl Platform for GithubPlatform {
    const KIND: &'static str = "github";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        let token = self.personal_token();
        let settings = lock(&self.settings);
        let mut document = json!({"kind": "github", "base_url": url, "org": ORG});
        match &settings.app {
            None => document["token"] = json!(token),
            Some(key) => {
                document["app_id"] = json!(APP);
                document["installation_id"] = json!(INSTALLATION.parse::<u64>().expect("a number"));
                document["private_key"] = json!(key.pkcs1_pem());
            }
        }
        if let Some(emails) = settings.emails {
            document["emails"] = json!(emails);
        }
        document
    }

    fn rotate_key(&self) {
        let mut settings = lock(&self.settings);
        settings.generation += 1;
        if settings.app.is_some() {
            settings.app = Some(SigningKey::default());
        }
    }

    fn expire_tokens(&self) {
        lock(&self.settings).issued.clear();
    }

    fn revoke(&self) {
        self.lack(Lack::Members);
    }

    fn throttle_once(&self) {
        self.throttle(Throttle::Primary);
    }
}
