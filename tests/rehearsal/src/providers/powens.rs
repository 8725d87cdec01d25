//! Powens' user administration (`openapi/powens.yaml`): a list for one token, a deletion for another, and nothing about people.
//!
//! Quirks kept: accounts are integers without an address, a renewal without an id makes a user, a token opens its own user
//! only, times are naive local text.

mod knobs;
mod wire;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{Platform, State};
use crate::checks::{self, Object, forbidden, unknown_route};
use crate::people::{People, Seed};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use knobs::Settings;
use wire::{exchange, links, no, not_found, shown};

pub use knobs::Powens;

/// The API design page's maximum for `limit`.
const MAX_LIMIT: u64 = 1000;

/// Powens' side of the talk.
#[derive(Default)]
pub struct PowensPlatform {
    people: Mutex<People>,
    refused: Mutex<Vec<String>>,
    settings: Mutex<Settings>,
    tokens: Mutex<Tokens>,
}

/// The tokens of single users: the token and the user's id.
#[derive(Default)]
struct Tokens {
    issued: Vec<(String, String)>,
    count: usize,
}

const CLIENT_ID: &str = "00000000";

impl Platform for PowensPlatform {
    const ID: &'static str = "powens";
    const HAS_STATUS: bool = false;

    fn people(&self) -> MutexGuard<'_, People> {
        lock(&self.people)
    }

    fn refused(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.refused)
    }

    fn document(&self, url: &str) -> Value {
        let settings = lock(&self.settings);
        json!({
            "base_url": format!("{url}/2.0"), "users_token": settings.users_token(), "client_id": CLIENT_ID,
            "client_secret": settings.client_secret(), "allow_delete": settings.allow_delete,
        })
    }

    fn native_id(ordinal: usize) -> String {
        (100 + ordinal).to_string()
    }

    /// A user exists or does not; nobody is invited or disabled.
    fn held(state: State) -> State {
        assert!(
            matches!(state, State::Active | State::Gone),
            "powens users exist or do not"
        );
        state
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
    }

    fn expire_tokens(&self) {
        lock(&self.tokens).issued.clear();
    }
}

impl Site for PowensPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("GET", ["2.0", "users"]) => {
                checks::only_query(request, &["limit", "offset"])?;
                self.list(request)
            }
            ("GET", ["2.0", "users", id]) => {
                self.admit_user(request, id)?;
                let mut people = lock(&self.people);
                let account = people.listed(id).ok_or_else(not_found)?;
                Ok(Reply::json(200, &shown(account)))
            }
            ("DELETE", ["2.0", "users", id]) => {
                self.admit_user(request, id)?;
                self.delete(id)
            }
            ("POST", ["2.0", "auth", "init"]) => self.init(request),
            ("POST", ["2.0", "auth", "renew"]) => self.renew(request),
            ("DELETE", ["2.0", "auth", "token"]) => {
                checks::no_body(request)?;
                checks::only_query(request, &[])?;
                let token = checks::bearer(request)?;
                self.owner(token)?;
                lock(&self.tokens).issued.retain(|(issued, _)| issued != token);
                Ok(Reply::empty(204))
            }
            // `/webhooks/auth` is there too, but for set-up only.
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({ "code": "bug", "description": format!("error {status}"), "message": null, "request_id": 900_000 })
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["users"],
            total: "total",
            required: &["id", "access_token", "auth_token", "users"],
        }
    }
}

impl PowensPlatform {
    fn list(&self, request: &Request) -> Answer {
        checks::no_body(request)?;
        let settings = lock(&self.settings).clone();
        let token = checks::bearer(request)?;
        if token != settings.users_token() {
            // A user's own token is good, only not for this.
            self.owner(token)?;
            return Err(no(403, "forbidden", "scope too small"));
        }
        let limit = checks::number(request, "limit", 1..=MAX_LIMIT)?.unwrap_or(MAX_LIMIT);
        let limit = limit.min(settings.max_page_size);
        let offset = checks::number(request, "offset", 0..=u64::MAX)?.unwrap_or(0);
        let people = lock(&self.people);
        let total = people.present().count() as u64;
        let (from, most) = match settings.ignore_paging {
            true => (0, usize::MAX),
            false => (
                usize::try_from(offset).unwrap_or(usize::MAX),
                usize::try_from(limit).unwrap_or(usize::MAX),
            ),
        };
        let users: Vec<_> = people.present().skip(from).take(most).map(shown).collect();
        let null = settings.empty_as_null && total == 0;
        let mut body = json!({ "users": if null { Value::Null } else { json!(users) } });
        if !settings.without_total {
            body["total"] = json!(total);
        }
        if settings.with_links {
            body["_links"] = links(request, &settings, limit, offset, total);
        }
        Ok(Reply::json(200, &body))
    }

    /// Who a user's token belongs to.
    fn owner(&self, token: &str) -> Result<String, Refusal> {
        let tokens = lock(&self.tokens);
        let issued = tokens.issued.iter().find(|(issued, _)| issued == token);
        issued
            .map(|(_, id)| id.clone())
            .ok_or_else(|| no(401, "unauthorized", "token unknown"))
    }

    /// Only that very user's token opens a user; whether the users token may delete is unknown, so it may not here.
    fn admit_user(&self, request: &Request, id: &str) -> Result<(), Refusal> {
        if !id
            .parse::<i64>()
            .is_ok_and(|number| number > 0 && number.to_string() == id)
        {
            return Err(forbidden("a user's id is a positive integer, never `me` or `all`"));
        }
        checks::no_body(request)?;
        checks::only_query(request, &[])?;
        let token = checks::bearer(request)?;
        if token == lock(&self.settings).users_token() || self.owner(token)? != id {
            return Err(no(403, "forbidden", "token of another kind or user"));
        }
        Ok(())
    }

    /// All of a user's tokens end with it.
    fn delete(&self, id: &str) -> Answer {
        let mut people = lock(&self.people);
        let account = people.listed(id).ok_or_else(not_found)?;
        if self.refuses_account(account) {
            return Err(no(409, "connectionLocked", "read-only for now"));
        }
        account.state = State::Gone;
        let last = shown(account);
        lock(&self.tokens).issued.retain(|(_, owner)| owner != id);
        let older = lock(&self.settings).emit_200_on_delete;
        Ok(if older {
            Reply::json(200, &last)
        } else {
            Reply::empty(204)
        })
    }

    /// Each call is a new user.
    fn init(&self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let body = checks::object(request, &["client_id", "client_secret"])?;
        self.admit_client(&body)?;
        let id = self.new_user();
        let number: i64 = id.parse().expect("ids are numbers");
        let token = self.issue(&id);
        Ok(Reply::json(
            200,
            &json!({ "auth_token": token, "type": "permanent", "id_user": number }),
        ))
    }

    fn renew(&self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let known = ["grant_type", "client_id", "client_secret", "id_user", "revoke_previous"];
        let body = checks::object(request, &known)?;
        if checks::required_text(&body, "grant_type")? != "client_credentials" {
            return Err(forbidden("grant_type is not client_credentials"));
        }
        let revoke = checks::boolean(&body, "revoke_previous")?.unwrap_or_default();
        self.admit_client(&body)?;
        let Some(wanted) = body.get("id_user") else {
            // The documented trap, faithfully: the user is made.
            let reply = exchange(&self.issue(&self.new_user()));
            return Err(Refusal::Recorded(
                "a renewal without id_user makes a user".to_owned(),
                reply,
            ));
        };
        let wanted = wanted.as_i64().filter(|id| *id > 0);
        let wanted = wanted
            .ok_or_else(|| forbidden("id_user is not a positive integer"))?
            .to_string();
        lock(&self.people).listed(&wanted).ok_or_else(not_found)?;
        if revoke {
            lock(&self.tokens).issued.retain(|(_, owner)| *owner != wanted);
        }
        let stray = lock(&self.settings).renew_gives_stray_user;
        let id = if stray { self.new_user() } else { wanted };
        Ok(exchange(&self.issue(&id)))
    }

    fn admit_client(&self, body: &Object) -> Result<(), Refusal> {
        let id = checks::required_text(body, "client_id")?;
        let secret = checks::required_text(body, "client_secret")?;
        if id == CLIENT_ID && secret == lock(&self.settings).client_secret() {
            return Ok(());
        }
        Err(no(401, "unauthorized", "client unknown"))
    }

    fn new_user(&self) -> String {
        lock(&self.people).seed(&Seed::default(), State::Active, Self::native_id)
    }

    fn issue(&self, id: &str) -> String {
        let mut tokens = lock(&self.tokens);
        tokens.count += 1;
        let token = format!("canary-powens-user-token-{}", tokens.count);
        tokens.issued.push((token.clone(), id.to_owned()));
        token
    }
}
