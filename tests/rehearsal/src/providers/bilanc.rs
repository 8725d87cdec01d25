//! Bilanc's Admin API (`openapi/bilanc.yaml`): three calls over the people its data sources have seen.
//!
//! Quirks kept: onboarding never invites, none matched is a 404 about people, counts are people and not identifiers, an alias
//! matches but is never shown.

mod identifiers;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{Platform, Simulated, State};
use crate::checks::{self, unknown_route};
use crate::people::{Account, People};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use identifiers::{Identifiers, list, malformed, unprocessable, warnings};

const ONBOARDED: &str = "/users/onboarded-users-by-attributes";
const OFFBOARDED: &str = "/users/offboarded-users-by-attributes";
const LISTS: [&str; 2] = ["email_addresses", "github_usernames"];

/// A running Bilanc.
pub type Bilanc = Simulated<BilancPlatform>;

/// How the key stands in `Authorization`; the seed shows both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthScheme {
    /// The bare key.
    Raw,
    /// `Bearer` and the key.
    Bearer,
}

impl Bilanc {
    /// Accepts the key in this form only, and says so in the document.
    pub fn auth_scheme(&self, scheme: AuthScheme) {
        lock(&self.platform.settings).scheme = scheme;
    }

    /// Answers 413 to more identifiers than this in one call.
    pub fn max_identifiers(&self, most: usize) {
        lock(&self.platform.settings).max_identifiers = most;
    }

    /// Lets somebody also be found by another address, which the list never shows.
    pub fn alias(&self, email: &str, alias: &str) {
        self.change(email, |account| account.aliases.push(alias.to_owned()));
    }
}

/// Bilanc's side of the talk.
#[derive(Default)]
pub struct BilancPlatform {
    people: Mutex<People>,
    refused: Mutex<Vec<String>>,
    settings: Mutex<Settings>,
}

#[derive(Clone)]
struct Settings {
    generation: usize,
    scheme: AuthScheme,
    max_identifiers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            generation: 1,
            scheme: AuthScheme::Raw,
            max_identifiers: usize::MAX,
        }
    }
}

impl Settings {
    fn key(&self) -> String {
        format!("canary-bilanc-key-{}", self.generation)
    }
}

impl Platform for BilancPlatform {
    const ID: &'static str = "bilanc";
    const HAS_STATUS: bool = false;

    fn people(&self) -> MutexGuard<'_, People> {
        lock(&self.people)
    }

    fn refused(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.refused)
    }

    fn document(&self, url: &str) -> Value {
        let settings = lock(&self.settings);
        let scheme = if settings.scheme == AuthScheme::Raw {
            "raw"
        } else {
            "bearer"
        };
        json!({ "api_key": settings.key(), "auth_scheme": scheme, "base_url": url })
    }

    fn native_id(ordinal: usize) -> String {
        format!("0d0f6a52-6c0e-4a39-9c0b-{ordinal:012x}")
    }

    /// Somebody offboarded is somebody known and not onboarded.
    fn held(state: State) -> State {
        match state {
            State::Active => State::Active,
            State::Dormant | State::Gone => State::Gone,
            State::Invited => panic!("bilanc has no invitations"),
        }
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
    }
}

impl Site for BilancPlatform {
    fn answer(&self, request: &Request) -> Answer {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", ONBOARDED) => {
                self.admit(request)?;
                checks::no_body(request)?;
                Ok(self.list())
            }
            ("POST", ONBOARDED) => {
                self.admit(request)?;
                self.onboard(&self.identifiers(request)?)
            }
            ("POST", OFFBOARDED) => {
                self.admit(request)?;
                self.offboard(&self.identifiers(request)?)
            }
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({ "detail": format!("error {status}") })
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["users"],
            total: "total_users_found",
            required: &["merged_user_id", "users", "onboarded_count", "offboarded_count"],
        }
    }
}

impl BilancPlatform {
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        let sent = checks::authorization(request)?;
        checks::only_query(request, &[])?;
        let settings = lock(&self.settings);
        let key = match settings.scheme {
            AuthScheme::Raw => settings.key(),
            AuthScheme::Bearer => format!("Bearer {}", settings.key()),
        };
        if sent == key {
            return Ok(());
        }
        Err(Refusal::plain(401, &json!({ "detail": "Not authenticated" })))
    }

    fn list(&self) -> Reply {
        let people = lock(&self.people);
        let shown = |account: &Account| {
            json!({
                "merged_user_id": account.id, "name": account.seed.name,
                "email": account.seed.email, "github_username": account.seed.github,
            })
        };
        let users: Vec<_> = people.present().map(shown).collect();
        Reply::json(200, &json!({ "total_users_found": users.len(), "users": users }))
    }

    fn identifiers(&self, request: &Request) -> Result<Identifiers, Refusal> {
        let body = checks::object(request, &LISTS)?;
        if body.is_empty() {
            let reply = Reply::json(400, &json!({ "detail": "At least one identifier list is needed" }));
            return Err(Refusal::Recorded("neither list was given".to_owned(), reply));
        }
        let identifiers = Identifiers {
            emails: list(&body, LISTS[0])?,
            logins: list(&body, LISTS[1])?,
        };
        if identifiers.emails.len() + identifiers.logins.len() > lock(&self.settings).max_identifiers {
            return Err(Refusal::plain(413, &json!({ "detail": "Request entity too large" })));
        }
        for (name, list) in LISTS.into_iter().zip([&identifiers.emails, &identifiers.logins]) {
            if let Some(place) = list.iter().position(|item| self.refuses(item)) {
                return Err(Refusal::Plain(unprocessable(name, Some(place))));
            }
        }
        match identifiers.emails.iter().position(|email| !checks::is_email(email)) {
            None => Ok(identifiers),
            Some(place) => Err(malformed(LISTS[0], Some(place))),
        }
    }

    fn onboard(&self, identifiers: &Identifiers) -> Answer {
        let mut people = lock(&self.people);
        let not_found = identifiers.not_found(people.all());
        let mut onboarded = Vec::new();
        let mut matched = 0;
        for account in people.all_mut().iter_mut().filter(|account| identifiers.mean(account)) {
            matched += 1;
            // `onboarded_count` counts newly onboarded people only.
            if account.state != State::Active {
                account.state = State::Active;
                onboarded.push(account.id.clone());
            }
        }
        if matched == 0 {
            return Err(identifiers.nobody());
        }
        let message = match onboarded.len() {
            0 => "All users are already onboarded",
            _ => "Users were successfully onboarded",
        };
        Ok(Reply::json(
            200,
            &json!({
                "message": message, "onboarded_count": onboarded.len(), "onboarded_user_ids": onboarded,
                "total_users_found": matched, "warnings": warnings(&not_found), "not_found": not_found,
            }),
        ))
    }

    /// Matches onboarded people only, so that a second offboarding finds nobody. There is no `total_users_found`.
    fn offboard(&self, identifiers: &Identifiers) -> Answer {
        let mut people = lock(&self.people);
        let onboarded: Vec<_> = people.present().cloned().collect();
        let not_found = identifiers.not_found(&onboarded);
        let mut offboarded = Vec::new();
        for account in people
            .all_mut()
            .iter_mut()
            .filter(|account| account.state == State::Active)
        {
            if identifiers.mean(account) {
                account.state = State::Gone;
                offboarded.push(account.id.clone());
            }
        }
        if offboarded.is_empty() {
            return Err(identifiers.nobody());
        }
        Ok(Reply::json(
            200,
            &json!({
                "message": "Users were successfully offboarded", "offboarded_count": offboarded.len(),
                "offboarded_user_ids": offboarded, "warnings": warnings(&not_found), "not_found": not_found,
            }),
        ))
    }
}
