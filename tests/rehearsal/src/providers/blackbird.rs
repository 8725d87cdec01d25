//! Blackbird's Admin API (`openapi/blackbird.yaml`): one call per person behind OAuth client credentials.
//!
//! Quirks kept: `/admin/admin`, create is a 200, the PUT is a merge patch that repeats the id, and the gateway's 401 has a
//! shape of its own.

mod knobs;
mod user;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::oauth::TokenDesk;
use super::{Platform, State};
use crate::checks::{self, forbidden, unknown_route};
use crate::people::{Account, People, Seed};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use knobs::Settings;
use user::{bad, rename, shown, state};

pub use knobs::{Blackbird, DuplicateCreate};

/// Blackbird's side of the talk.
pub struct BlackbirdPlatform {
    people: Mutex<People>,
    refused: Mutex<Vec<String>>,
    mails: Mutex<HashMap<String, usize>>,
    settings: Mutex<Settings>,
    desk: Mutex<TokenDesk>,
}

impl Default for BlackbirdPlatform {
    fn default() -> Self {
        let lead = ("leadAnalyst".to_owned(), "Lead Analyst".to_owned());
        let settings = Settings {
            duplicate: DuplicateCreate::Conflict409,
            sloppy_filter: false,
            roles: vec![lead],
            bare_arrays: false,
            announces_more: None,
        };
        Self {
            people: Mutex::default(),
            refused: Mutex::default(),
            mails: Mutex::default(),
            settings: Mutex::new(settings),
            desk: Mutex::new(TokenDesk::new("blackbird")),
        }
    }
}

impl Platform for BlackbirdPlatform {
    const ID: &'static str = "blackbird";
    const HAS_STATUS: bool = true;

    fn people(&self) -> MutexGuard<'_, People> {
        lock(&self.people)
    }

    fn refused(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.refused)
    }

    /// The published server already ends in `/admin`, and every path begins with it again.
    fn document(&self, url: &str) -> Value {
        let desk = lock(&self.desk);
        json!({
            "client_id": desk.client_id(), "client_secret": desk.client_secret(),
            "token_url": format!("{url}/auth/oauth2/token"), "base_url": format!("{url}/admin"),
        })
    }

    fn native_id(ordinal: usize) -> String {
        format!("usr-{ordinal:04}")
    }

    fn held(state: State) -> State {
        assert!(state != State::Invited, "blackbird has no invitations");
        state
    }

    fn rotate_key(&self) {
        lock(&self.desk).rotate();
    }

    fn expire_tokens(&self) {
        lock(&self.desk).expire();
    }
}

impl Site for BlackbirdPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", ["auth", "oauth2", "token"]) => lock(&self.desk).answer(request),
            ("GET", ["admin", "admin", "users"]) => {
                self.admit(request, &["email"])?;
                checks::no_body(request)?;
                self.list(request.parameter("email"))
            }
            ("POST", ["admin", "admin", "users"]) => {
                self.admit(request, &[])?;
                self.create(request)
            }
            ("GET", ["admin", "admin", "users", id]) if !id.is_empty() => {
                self.admit(request, &[])?;
                checks::no_body(request)?;
                self.show(id)
            }
            ("PUT", ["admin", "admin", "users", id]) if !id.is_empty() => {
                self.admit(request, &[])?;
                self.update(request, id)
            }
            ("GET", ["admin", "admin", "roles"]) => {
                self.admit(request, &[])?;
                checks::no_body(request)?;
                Ok(self.roles())
            }
            _ => Err(unknown_route(request)),
        }
    }

    /// 401 and 403 come from a gateway in front.
    fn error_body(&self, status: u16) -> Value {
        let text = format!("error {status}");
        if matches!(status, 401 | 403) {
            json!({ "message": text })
        } else {
            json!({ "error": text })
        }
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["body"],
            total: "",
            required: &["id", "access_token", "roleName", "body"],
        }
    }
}

impl BlackbirdPlatform {
    fn admit(&self, request: &Request, query: &[&str]) -> Result<(), Refusal> {
        let token = checks::bearer(request)?;
        checks::only_query(request, query)?;
        if lock(&self.desk).accepts(token) {
            return Ok(());
        }
        Err(Refusal::plain(401, &json!({ "message": "Unauthorized" })))
    }

    /// Everybody, deactivated people too.
    fn list(&self, email: Option<&str>) -> Answer {
        if email.is_some_and(|email| !checks::is_email(email)) {
            return Err(forbidden("query parameter email is not an address: is its + encoded?"));
        }
        let sloppy = lock(&self.settings).sloppy_filter;
        let wanted = |account: &&Account| match email {
            None => true,
            Some(email) if sloppy => {
                let own = account.seed.email.as_deref().unwrap_or_default().to_lowercase();
                own.contains(&email.to_lowercase())
            }
            Some(email) => account.has_email(email),
        };
        let people = lock(&self.people);
        let users = match email {
            Some(email) if !sloppy && !people.have_had(email) => Vec::new(),
            _ => people.present().filter(wanted).map(shown).collect(),
        };
        Ok(lock(&self.settings).listed(users))
    }

    fn show(&self, id: &str) -> Answer {
        let mut people = lock(&self.people);
        let account = people.listed(id).ok_or_else(|| bad(404, "user not found"))?;
        Ok(Reply::json(200, &shown(account)))
    }

    fn create(&self, request: &Request) -> Answer {
        let known = [
            "email",
            "status",
            "firstName",
            "lastName",
            "suppressWelcomeEmail",
            "appRootUrl",
            "pageUrl",
        ];
        let body = checks::object(request, &known)?;
        let email = checks::required_email(&body, "email")?;
        let state = state(checks::text(&body, "status")?.as_deref().unwrap_or("active"))?;
        let names = [checks::text(&body, "firstName")?, checks::text(&body, "lastName")?];
        let silent = checks::boolean(&body, "suppressWelcomeEmail")?.unwrap_or_default();
        checks::text(&body, "appRootUrl")?;
        checks::text(&body, "pageUrl")?;
        if self.refuses(&email) {
            return Err(bad(400, "user could not be created"));
        }
        let mut people = lock(&self.people);
        let existing = match people.have_had(&email) {
            true => people.present().find(|account| account.has_email(&email)),
            false => None,
        };
        if let Some(existing) = existing {
            return match lock(&self.settings).duplicate {
                DuplicateCreate::Conflict409 => Err(bad(409, "user exists")),
                DuplicateCreate::Bad400 => Err(bad(400, "user could not be created")),
                DuplicateCreate::ReturnsExisting => Ok(Reply::json(200, &shown(existing))),
            };
        }
        let name = names.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let seed = Seed {
            name: (!name.is_empty()).then_some(name),
            ..Seed::with_email(&email)
        };
        let id = people.seed(&seed, state, Self::native_id);
        if !silent {
            *lock(&self.mails).entry(email.to_lowercase()).or_default() += 1;
        }
        // Success is 200, not 201.
        let account = people.listed(&id).expect("just created");
        Ok(Reply::json(200, &shown(account)))
    }

    /// Absent members stay as they are; a null would clear one, and is forbidden. Setting the present status again is fine.
    fn update(&self, request: &Request, id: &str) -> Answer {
        let body = checks::object(request, &["id", "status", "firstName", "lastName"])?;
        if checks::required_text(&body, "id")? != id {
            return Err(forbidden("the id of the body is not the id of the path"));
        }
        let state = state(&checks::required_text(&body, "status")?)?;
        let names = [checks::text(&body, "firstName")?, checks::text(&body, "lastName")?];
        let mut people = lock(&self.people);
        let account = people.listed(id).ok_or_else(|| bad(404, "user not found"))?;
        if self.refuses_account(account) {
            return Err(bad(400, "user could not be changed"));
        }
        account.state = state;
        account.word = None;
        rename(&mut account.seed, names);
        Ok(Reply::json(200, &shown(account)))
    }

    fn roles(&self) -> Reply {
        let settings = lock(&self.settings);
        let role = |(name, shown): &(String, String)| json!({ "roleName": name, "displayName": shown });
        settings.listed(settings.roles.iter().map(role).collect())
    }
}
