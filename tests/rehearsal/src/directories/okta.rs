//! Okta's users and groups.
//!
//! Quirks kept: `Link` comes as several header lines, nothing is counted, the list of all users leaves the deactivated out, and a
//! limit that is used up is told by `X-Rate-Limit-Reset` alone.

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Member, Members, Platform, Simulated, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

/// A simulated organisation.
pub type Okta = Simulated<OktaPlatform>;

/// Okta's side of the talk.
#[derive(Default)]
pub struct OktaPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    generation: usize,
    revoked: bool,
    throttled: bool,
    one_line: bool,
    next_host: Option<String>,
    words: Vec<(String, String)>,
    second_mails: Vec<(String, String)>,
}

impl OktaPlatform {
    /// Shows this word as somebody's status.
    pub fn set_status(&self, id: &str, word: &str) {
        let mut settings = lock(&self.settings);
        settings.words.retain(|(other, _)| other != id);
        settings.words.push((id.to_owned(), word.to_owned()));
    }

    /// Lets somebody have written down an address of their own.
    pub fn write_second_mail(&self, id: &str, mail: &str) {
        lock(&self.settings).second_mails.push((id.to_owned(), mail.to_owned()));
    }

    /// Sends both links in one line, as RFC 8288 allows.
    pub fn with_one_link_line(&self) {
        lock(&self.settings).one_line = true;
    }

    /// Lets next links lead to this origin.
    pub fn lead_to(&self, origin: &str) {
        lock(&self.settings).next_host = Some(origin.to_owned());
    }

    fn token(&self) -> String {
        format!("00canary-okta-{}", lock(&self.settings).generation)
    }

    fn list(&self, request: &Request, group: Option<&str>) -> Answer {
        checks::no_body(request)?;
        checks::only_query(request, &["limit", "after"])?;
        let limit = checks::number(request, "limit", 1..=200)?.unwrap_or(200);
        if request.header("accept") != Some("application/json") {
            return Err(forbidden("Accept must be application/json"));
        }
        let key = checks::authorization(request)?
            .strip_prefix("SSWS ")
            .ok_or_else(|| forbidden("not an SSWS token"))?;
        if key != self.token() {
            return Err(refused(401, "E0000011"));
        }
        let mut settings = lock(&self.settings);
        if std::mem::take(&mut settings.throttled) {
            let reply = Reply::json(429, &error("E0000047"))
                .with_header("x-rate-limit-limit", "600")
                .with_header("x-rate-limit-remaining", "0")
                .with_header("x-rate-limit-reset", &Timestamp::now().as_second().to_string());
            return Err(Refusal::Plain(reply));
        }
        if settings.revoked {
            return Err(refused(403, "E0000006"));
        }
        let members = lock(&self.members);
        let people = match group {
            None => members
                .all()
                .into_iter()
                .filter(|member| status(member, &settings) != "DEPROVISIONED")
                .collect(),
            Some(group) => members.group(group).ok_or_else(|| refused(404, "E0000007"))?,
        };
        let pages = members.pages(&people, usize::try_from(limit).unwrap_or(usize::MAX));
        let number = match request.parameter("after") {
            None => 0,
            Some(mark) => mark
                .strip_prefix("canary")
                .and_then(|number| number.parse().ok())
                .ok_or_else(|| refused(400, "E0000031"))?,
        };
        let page: &Vec<Member> = pages.get(number).ok_or_else(|| refused(400, "E0000031"))?;
        let users: Vec<Value> = page.iter().map(|member| shown(member, &settings)).collect();
        let own = format!("http://{}", request.header("host").ok_or_else(|| forbidden("no Host"))?);
        let this = format!("<{own}{}>; rel=\"self\"", request.target);
        let origin = settings.next_host.as_ref().unwrap_or(&own);
        let next = format!(
            "<{origin}{}?limit={limit}&after=canary{}>; rel=\"next\"",
            request.path,
            number + 1
        );
        let reply = Reply::json(200, &json!(users));
        Ok(match (number + 1 < pages.len(), settings.one_line) {
            (false, _) => reply.with_header("link", &this),
            (true, true) => reply.with_header("link", &format!("{this}, {next}")),
            (true, false) => reply.with_header("link", &this).with_header("link", &next),
        })
    }
}

fn status<'a>(member: &Member, settings: &'a Settings) -> &'a str {
    let word = settings.words.iter().find(|(id, _)| *id == member.id);
    word.map_or_else(
        || match member.standing {
            Standing::Active => "ACTIVE",
            Standing::Suspended => "SUSPENDED",
            Standing::Gone => "DEPROVISIONED",
        },
        |(_, word)| word,
    )
}

fn shown(member: &Member, settings: &Settings) -> Value {
    let (given, family) = member.name.clone().unzip();
    let second = settings.second_mails.iter().find(|(id, _)| *id == member.id);
    let login = member.login.as_ref().or(member.email.as_ref()).unwrap_or(&member.id);
    json!({
        "id": member.id, "status": status(member, settings), "created": "2026-01-01T09:00:00.000Z",
        "lastUpdated": "2026-11-20T09:00:00.000Z",
        "profile": {
            "login": login, "email": member.email, "secondEmail": second.map(|(_, mail)| mail), "firstName": given,
            "lastName": family, "employeeNumber": null,
        },
    })
}

fn error(code: &str) -> Value {
    json!({"errorCode": code, "errorSummary": format!("{code}, says Okta"), "errorLink": code, "errorId": "oae-canary", "errorCauses": []})
}

fn refused(status: u16, code: &str) -> Refusal {
    Refusal::plain(status, &error(code))
}

impl Site for OktaPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("GET", ["api", "v1", "users"]) => self.list(request, None),
            ("GET", ["api", "v1", "groups", id, "users"]) => self.list(request, Some(id)),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        error(&format!("E{status}"))
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &[],
            total: "",
            required: &["login", "id"],
        }
    }
}

impl Platform for OktaPlatform {
    const KIND: &'static str = "okta";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({"kind": "okta", "base_url": url, "domain": "acme.okta.example", "token": self.token()})
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
    }

    fn revoke(&self) {
        lock(&self.settings).revoked = true;
    }

    fn throttle_once(&self) {
        lock(&self.settings).throttled = true;
    }
}
