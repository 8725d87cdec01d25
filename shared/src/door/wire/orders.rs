//! Orders: what a caller asks for.

use serde_json::{Map, Value, json};

use super::Context;
use super::due::{Due, due};
use super::fields::Fields;
use crate::bundle::{Leaving, Pause};
use crate::door::Function;
use crate::door::event::Format;
use crate::error::Result;
use crate::planning::guard::Digest;
use crate::planning::identity::{Email, Identity, Login, Name, ProviderId, Who};
use crate::planning::plan::Change;
use crate::planning::report::{Mode, Unfinished};
use crate::planning::roster::{Person, merged};
use crate::providers;

/// Something a caller can ask for.
pub trait Order: Sized {
    /// Reads it; faults are noted in `fields`, an error is for what is well-formed but cannot be done.
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self>;

    /// The same order about what was left unfinished, and whom that is about; `named` is whom it names, completed. `None` where
    /// an order is not finished later.
    fn narrowed(&self, _left: &Unfinished, _named: &[Person]) -> Option<(Value, Vec<Who>)> {
        None
    }

    /// The form the answer is wanted in.
    fn format(&self) -> Format {
        Format::Json
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
    /// When; `onboard` knows no later.
    pub due: Due,
    /// What it says beside people and time, in its own words.
    terms: Map<String, Value>,
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
        fields.text("reason");
        let mode = mode(fields).unwrap_or(Mode::Apply);
        Ok(Self {
            people,
            providers: providers_of(fields, context),
            mode,
            consent: consent(fields),
            due: match context.function {
                Function::Offboard => due(fields, mode, context.now),
                _ => Due::Now,
            },
            terms: fields.as_sent(&["providers", "reason", "consent"]),
        })
    }

    fn narrowed(&self, left: &Unfinished, named: &[Person]) -> Option<(Value, Vec<Who>)> {
        let share = |one: &[Identity], other: &[Identity]| one.iter().any(|identity| other.contains(identity));
        let is_left = |person: &&Person| {
            let mut completed = named.iter();
            let completed = completed.find(|known| share(known.identities(), person.identities()));
            let known_by = completed.map_or(person.identities(), Person::identities);
            let mut changes = left.changes.iter().flatten().map(Change::identities);
            left.changes.is_none() || changes.any(|those| share(known_by, those))
        };
        let mut those: Vec<&Person> = self.people.iter().filter(is_left).collect();
        if those.is_empty() {
            those = self.people.iter().collect(); // too many rather than too few: who is served already stays so
        }
        let mut order = self.terms.clone();
        order.insert("people".to_owned(), those.iter().map(|person| entry(person)).collect());
        order.insert("providers".to_owned(), json!([left.provider.name()]));
        if let Some(consent) = &left.consent {
            order.insert("consent".to_owned(), json!([consent.to_string()]));
        }
        Some((order.into(), those.iter().map(|person| person.who()).collect()))
    }
}

impl PeopleOrder {
    /// The same order for each person alone, to be worked as soon as it comes from the queue, on behalf of `by`.
    pub fn parted(&self, by: &str) -> Vec<Leaving> {
        let part = |person: Person| {
            let own = |entry: &&Person| {
                let mut known = entry.identities().iter();
                known.any(|identity| person.identities().contains(identity))
            };
            let mut order = self.terms.clone();
            let people = self.people.iter().filter(own).map(entry).collect();
            order.insert("people".to_owned(), people);
            order.insert("_".to_owned(), json!({"by": by}));
            Leaving { person, order }
        };
        merged(&self.people).into_iter().map(part).collect()
    }
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

    fn narrowed(&self, left: &Unfinished, _: &[Person]) -> Option<(Value, Vec<Who>)> {
        let mut order = json!({"mode": self.mode.name(), "providers": [left.provider.name()]});
        let consent = left.consent.as_ref().map_or(&*self.consent, std::slice::from_ref);
        if let (false, Some(order)) = (consent.is_empty(), order.as_object_mut()) {
            order.insert("consent".to_owned(), consent.iter().map(Digest::to_string).collect());
        }
        Some((order, Vec::new()))
    }
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

/// An entry of `people` that names this person, who was read from one entry.
fn entry(person: &Person) -> Value {
    let mut entry = Map::new();
    let mut ids = Map::new();
    for identity in person.identities() {
        match identity {
            Identity::Email(email) => entry.insert("email".to_owned(), email.written().into()),
            Identity::Github(login) => entry.insert("github_username".to_owned(), login.written().into()),
            Identity::Native(source, id) => ids.insert(source.to_string(), (**id).into()),
        };
    }
    if !ids.is_empty() {
        entry.insert("ids".to_owned(), ids.into());
    }
    for (field, text) in [("first_name", &person.name().first), ("last_name", &person.name().last)] {
        if let Some(text) = text {
            entry.insert(field.to_owned(), (**text).into());
        }
    }
    entry.into()
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
