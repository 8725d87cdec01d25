//! Orders: what a caller asks for.

use serde_json::{Value, json};

use super::Context;
use super::fields::Fields;
use crate::bundle::Pause;
use crate::door::Function;
use crate::door::event::Format;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::guard::Digest;
use crate::planning::identity::{Email, Identity, Login, Name, ProviderId, Who};
use crate::planning::plan::Change;
use crate::planning::report::{Mode, Unfinished};
use crate::planning::roster::Person;
use crate::providers;

/// Something a caller can ask for.
pub trait Order: Sized {
    /// Reads it; faults are noted in `fields`, an error is for what is well-formed but cannot be done.
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self>;

    /// The same order about what was left unfinished, and whom that is about; `asked` is the order as it came, `named` whom it
    /// names, completed. `None` where an order is not finished later.
    fn narrowed(&self, _asked: &Value, _left: &Unfinished, _named: &[Person]) -> Option<(Value, Vec<Who>)> {
        None
    }

    /// The form the answer is wanted in, where the order says so.
    fn format(&self) -> Option<Format> {
        None
    }
}

/// An order of `onboard` or `offboard`: about the people it names.
#[derive(Debug)]
pub struct PeopleOrder {
    /// Whom it names.
    pub people: Vec<Person>,
    /// Where.
    pub providers: Vec<ProviderId>,
    /// Whether to do it or to show it.
    pub mode: Mode,
    /// Digests of held removals that somebody approved.
    pub consent: Vec<Digest>,
}

impl Order for PeopleOrder {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self> {
        let mut people: Vec<Person> = Vec::new();
        for (path, text) in fields.texts("email_addresses").unwrap_or_default() {
            match Email::parse(text) {
                Some(email) => people.push(Person::new([Identity::Email(email)])),
                None => fields.fault(path, "is not an e-mail address"),
            }
        }
        for (path, text) in fields.texts("github_usernames").unwrap_or_default() {
            match Login::parse(text) {
                Some(login) => people.push(Person::new([Identity::Github(login)])),
                None => fields.fault(path, "is not a GitHub login"),
            }
        }
        people.extend(fields.objects("people", person));
        // Somebody who is named wrongly is named all the same.
        if people.is_empty() && fields.are_well() {
            fields.fault(
                "people".to_owned(),
                "the order names nobody: give email_addresses, github_usernames or people",
            );
        }
        let order = Self {
            people,
            providers: providers_of(fields, context),
            mode: mode(fields).unwrap_or(Mode::Apply),
            consent: consent(fields),
        };
        fields.text("reason");
        if context.function == Function::Offboard {
            let dated = [fields.text("effective_at"), fields.text("time_zone")];
            let cancelled = fields.flag("cancel") == Some(true);
            if cancelled || dated.iter().any(Option::is_some) {
                // Acting at once on an order for later would remove somebody who still works here.
                return Err(unsupported(
                    "orders for a later time are not built yet; nothing was done",
                ));
            }
        }
        Ok(order)
    }

    fn narrowed(&self, asked: &Value, left: &Unfinished, named: &[Person]) -> Option<(Value, Vec<Who>)> {
        let share = |one: &[Identity], other: &[Identity]| one.iter().any(|identity| other.contains(identity));
        let is_left = |person: &Person| {
            let completed = named
                .iter()
                .find(|known| share(known.identities(), person.identities()));
            let known_by = completed.map_or(person.identities(), Person::identities);
            let changes = left.changes.iter().flatten();
            left.changes.is_none() || changes.map(Change::identities).any(|those| share(known_by, those))
        };
        let entries = entries(asked);
        let each = || self.people.iter().zip(&entries);
        let mut those: Vec<_> = each().filter(|(person, _)| is_left(person)).collect();
        if those.is_empty() {
            those = each().collect(); // too many rather than too few: who is served already is served so again
        }
        let mut order = json!({
            "people": those.iter().map(|(_, entry)| (*entry).clone()).collect::<Vec<_>>(),
            "providers": [left.provider.name()],
        });
        for kept in ["reason", "consent"] {
            if let (Some(value), Some(order)) = (asked.get(kept), order.as_object_mut()) {
                order.insert(kept.to_owned(), value.clone());
            }
        }
        Some((order, those.iter().map(|(person, _)| person.who()).collect()))
    }
}

/// The people of an order, each as an entry of `people`, in the order in which they are read.
fn entries(order: &Value) -> Vec<Value> {
    let listed = |name: &str| order.get(name).and_then(Value::as_array).into_iter().flatten();
    let emails = listed("email_addresses").map(|email| json!({"email": email}));
    let logins = listed("github_usernames").map(|login| json!({"github_username": login}));
    emails.chain(logins).chain(listed("people").cloned()).collect()
}

/// An order of `reconcile`.
#[derive(Debug)]
pub struct ReconcileOrder {
    /// Where.
    pub providers: Vec<ProviderId>,
    /// Whether to do it or to show it.
    pub mode: Mode,
    /// Digests of held removals that somebody approved.
    pub consent: Vec<Digest>,
    /// Whether to stop removals from now on, or to let them go on again; `None` leaves it as it is.
    pub pause: Option<Pause>,
}

impl Order for ReconcileOrder {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self> {
        let order = Self {
            providers: providers_of(fields, context),
            mode: mode(fields).unwrap_or(Mode::Preview),
            consent: consent(fields),
            pause: fields.flag("pause").map(|pressed| match pressed {
                true => Pause::Press,
                false => Pause::Lift,
            }),
        };
        fields.text("schedule");
        Ok(order)
    }

    fn narrowed(&self, asked: &Value, left: &Unfinished, _: &[Person]) -> Option<(Value, Vec<Who>)> {
        let mut order = json!({"mode": self.mode.name(), "providers": [left.provider.name()]});
        if let (Some(consent), Some(order)) = (asked.get("consent"), order.as_object_mut()) {
            order.insert("consent".to_owned(), consent.clone());
        }
        Some((order, Vec::new()))
    }
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

fn person(fields: &mut Fields<'_>) -> Option<Person> {
    let mut identities = Vec::new();
    if let Some(text) = fields.text("email") {
        match Email::parse(text) {
            Some(email) => identities.push(Identity::Email(email)),
            None => fields.fault(fields.path_of("email"), "is not an e-mail address"),
        }
    }
    if let Some(text) = fields.text("github_username") {
        match Login::parse(text) {
            Some(login) => identities.push(Identity::Github(login)),
            None => fields.fault(fields.path_of("github_username"), "is not a GitHub login"),
        }
    }
    let ids = fields.pairs("ids");
    identities.extend(ids.iter().map(|(source, id)| Identity::native(source, id)));
    let name = Name {
        first: fields.text("first_name").map(Into::into),
        last: fields.text("last_name").map(Into::into),
    };
    if identities.is_empty() {
        fields.fault(
            fields.path_of("email"),
            "the entry identifies nobody: give email, github_username or ids",
        );
        return None;
    }
    Some(Person::new(identities).named(name))
}

/// The chosen providers, in the registry's order; all that are on unless some are named.
pub(super) fn providers_of(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<ProviderId> {
    let Some(named) = fields.texts("providers") else {
        return context.on.to_vec();
    };
    if named.is_empty() {
        fields.fault(fields.path_of("providers"), "names no provider");
    }
    let mut chosen = Vec::new();
    for (path, name) in named {
        match known(name, context) {
            Ok(id) => chosen.push(id),
            Err(problem) => fields.fault(path, problem),
        }
    }
    context.on.iter().copied().filter(|id| chosen.contains(id)).collect()
}

/// A provider that is on, by its name.
pub(super) fn known(name: &str, context: &Context<'_>) -> Result<ProviderId, &'static str> {
    match providers::by_name(name) {
        Some(id) if context.on.contains(&id) => Ok(id),
        Some(_) => Err("is a provider that is off"),
        None => Err("is no provider that Rollcall knows"),
    }
}

fn mode(fields: &mut Fields<'_>) -> Option<Mode> {
    match fields.text("mode")? {
        "apply" => Some(Mode::Apply),
        "preview" => Some(Mode::Preview),
        _ => {
            fields.fault(fields.path_of("mode"), "must be apply or preview");
            None
        }
    }
}

fn consent(fields: &mut Fields<'_>) -> Vec<Digest> {
    let digests = fields.texts("consent").unwrap_or_default();
    digests.into_iter().map(|(_, text)| Digest::parse(text)).collect()
}
