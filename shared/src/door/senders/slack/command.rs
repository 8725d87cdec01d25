//! Slash commands (<https://docs.slack.dev/interactivity/implementing-slash-commands>): what a person typed, as an order.

use serde_json::{Value, json};

use super::addressee::Addressee;
use super::telling::Telling;
use super::words::Words;
use super::{Form, Ordered, Room, Said};
use crate::bundle::Delivery;
use crate::door::Function;
use crate::planning::report::Mode;

/// What each command does, and how it is written.
const COMMANDS: [(&str, Function, &str); 4] = [
    (
        "onboard",
        Function::Onboard,
        "jane@example.com github:jane [provider …] [preview]",
    ),
    (
        "offboard",
        Function::Offboard,
        "jane@example.com github:jane [provider …] [preview]",
    ),
    ("whohas", Function::List, "jane@example.com [provider …]"),
    ("reconcile", Function::Reconcile, "[apply] [provider …]"),
];

pub(super) fn read(form: &Form, room: &Room<'_>) -> Said {
    let user = form.field("user_id").unwrap_or_default();
    let mut to = Addressee::of_command(form.field("response_url"), user);
    if let Err(refused) = room.admit(form.field("team_id"), user) {
        return Said::Answer(to, refused);
    }
    let typed = form.field("command").unwrap_or_default();
    let Some((name, function, usage)) = known(typed) else {
        return Said::Answer(
            to,
            Telling::no(&format!("Rollcall has no such command. {}", all_usages())),
        );
    };
    let usage = usage_of(name, usage);
    if let Err(refused) = room.may(function) {
        return Said::Answer(to, refused);
    }
    if function != room.function {
        let message = format!(
            "This is the URL of `{}`, and `/{name}` belongs to the URL of `{}`: set it so in the app's slash commands.",
            room.function.name(),
            function.name()
        );
        return Said::Answer(to, Telling::no(&message));
    }
    let mut words = Words::read(form.field("text").unwrap_or_default(), room.on);
    judge(&mut words, function);
    if !words.faults.is_empty() {
        return Said::Answer(to, Telling::misread(&words.faults, &usage));
    }
    to.names(&words.people);
    Said::Order(Box::new(Ordered {
        function,
        order: order(&words, function),
        by: room.by(user),
        delivery: Delivery::new(
            function.name(),
            room.caller,
            "slack command",
            form.event("trigger_id").as_bytes(),
        ),
        reply: to.to_json(),
    }))
}

/// The command by what it ends in: a workspace that has another `/offboard` calls ours `/rollcall-offboard`.
fn known(command: &str) -> Option<(&'static str, Function, &'static str)> {
    let word = command.trim_start_matches('/').rsplit('-').next()?;
    COMMANDS.into_iter().find(|(name, ..)| name.eq_ignore_ascii_case(word))
}

fn usage_of(name: &str, usage: &str) -> String {
    format!("`/{name} {usage}`")
}

fn all_usages() -> String {
    let usages = COMMANDS.iter().map(|(name, _, usage)| usage_of(name, usage));
    usages.collect::<Vec<_>>().join("\n")
}

/// What a text must say, and must not, for this function.
pub(super) fn judge(words: &mut Words, function: Function) {
    match (function, words.people.count()) {
        (Function::Reconcile, 0) | (Function::List, 1) => {}
        (Function::Reconcile, _) => words.fault("", "reconcile is about everybody: name providers only"),
        (_, 0) if words.faults.is_empty() => {
            words.fault("", "nobody is named: write an e-mail address or github:login")
        }
        (Function::List, 2..) => words.fault("", "one person at a time"),
        _ => {}
    }
    if function == Function::List && words.mode.is_some() {
        words.fault("", "apply and preview have no place here");
    }
}

/// The order a text stands for.
pub(super) fn order(words: &Words, function: Function) -> Value {
    let providers: Vec<&str> = words.providers.iter().map(|id| id.name()).collect();
    let mut order = match function {
        // Merged with the directory, so that an address finds what is kept under the login too.
        Function::List => json!({"view": "people"}),
        Function::Onboard | Function::Offboard => words.people.order(),
        Function::Reconcile => json!({}),
    };
    let Some(fields) = order.as_object_mut() else {
        return order;
    };
    if function == Function::List {
        let email = words.people.emails.first().map(|email| ("email", email));
        let login = words.people.logins.first().map(|login| ("github_username", login));
        let person = email
            .or(login)
            .map(|(name, text)| (name.to_owned(), text.as_str().into()));
        fields.extend(person);
        if !providers.is_empty() {
            fields.insert("provider".to_owned(), providers.join(",").into());
        }
        return order;
    }
    // What is typed about a person is meant; a reconcile is about everybody, and shows first.
    let usual = match function {
        Function::Reconcile => Mode::Preview,
        _ => Mode::Apply,
    };
    fields.insert("mode".to_owned(), words.mode.unwrap_or(usual).name().into());
    if !providers.is_empty() {
        fields.insert("providers".to_owned(), json!(providers));
    }
    order
}
