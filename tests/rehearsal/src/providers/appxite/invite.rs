//! AppXite's invitations: everybody in the call is checked before anybody is invited, and each one invited gets a mail.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{AppxitePlatform, Settings, known_organization, no};
use crate::checks::{self, Object, forbidden};
use crate::people::{People, Seed};
use crate::providers::{Platform, State};
use crate::server::{Answer, Refusal, Reply, Request, lock};

/// An invitation lives seven days and cannot be revived.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl AppxitePlatform {
    pub(super) fn invite(&self, request: &Request, settings: &Settings) -> Answer {
        let body = checks::object(request, &["Users", "OrganizationIds"])?;
        let users = body
            .get("Users")
            .and_then(Value::as_array)
            .filter(|users| !users.is_empty());
        let users = users.ok_or_else(|| forbidden("Users is missing, empty or not a list"))?;
        let known = [
            "Email",
            "FirstName",
            "LastName",
            "GroupIds",
            "IdentityProviderId",
            "OrganizationIds",
        ];
        let users: Vec<Object> = users
            .iter()
            .map(|user| checks::members(user, &known))
            .collect::<Result<_, _>>()?;
        let seeds: Vec<Seed> = users.iter().map(seed).collect::<Result<_, _>>()?;
        organizations(&body, &users)?;
        for user in &users {
            permissions(user, settings)?;
        }
        let mut people = lock(&self.people);
        for seed in &seeds {
            self.may_be_invited(&people, seed)?;
        }
        for seed in seeds {
            self.send(&mut people, &seed);
        }
        Ok(match settings.invite_status {
            204 => Reply::empty(204),
            status => Reply::json(status, &json!({})),
        })
    }

    fn may_be_invited(&self, people: &People, seed: &Seed) -> Result<(), Refusal> {
        let email = seed.email.as_deref().unwrap_or_default();
        if self.refuses(email) {
            return Err(no(400, "rejected"));
        }
        match people.find(email) {
            Some(account) if account.state == State::Dormant => Err(no(409, "user is blocked")),
            _ => Ok(()),
        }
    }

    /// Mail goes out in any case, also to somebody who is in already.
    fn send(&self, people: &mut People, seed: &Seed) {
        let email = seed.email.clone().unwrap_or_default();
        *lock(&self.mails).entry(email.to_lowercase()).or_default() += 1;
        match people.find_mut(&email).filter(|account| account.state != State::Gone) {
            None => {
                people.seed(seed, State::Invited, Self::native_id);
            }
            Some(account) if account.state == State::Invited => {
                if Timestamp::now().duration_since(account.since) > LIFE {
                    account.since = Timestamp::now();
                }
            }
            Some(_) => {}
        }
    }
}

fn seed(user: &Object) -> Result<Seed, Refusal> {
    let email = checks::required_email(user, "Email")?;
    let names = [checks::text(user, "FirstName")?, checks::text(user, "LastName")?];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Seed {
        name: (!name.is_empty()).then_some(name),
        ..Seed::with_email(&email)
    })
}

/// The article can be read as per user or per payload; a client sends it at one level.
fn organizations(body: &Object, users: &[Object]) -> Result<(), Refusal> {
    let above = checks::texts(body, "OrganizationIds")?;
    for user in users {
        let own = checks::texts(user, "OrganizationIds")?;
        let ids = match (&above, &own) {
            (Some(ids), None) | (None, Some(ids)) => ids,
            _ => {
                return Err(forbidden(
                    "OrganizationIds belongs at the payload or at every user, not both",
                ));
            }
        };
        for id in ids {
            known_organization(id)?;
        }
    }
    Ok(())
}

fn permissions(user: &Object, settings: &Settings) -> Result<(), Refusal> {
    for id in checks::texts(user, "GroupIds")?.unwrap_or_default() {
        if !settings.roles.iter().any(|role| role.id == id) {
            return Err(no(400, "unknown role"));
        }
    }
    let Some(id) = checks::text(user, "IdentityProviderId")? else {
        return Ok(());
    };
    if settings
        .identity_providers
        .iter()
        .any(|way| way.id == id && way.enabled)
    {
        return Ok(());
    }
    Err(no(400, "unknown or disabled identity provider"))
}
