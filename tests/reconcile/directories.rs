//! The directories a company has, read by the real binary: merged, cut, throttled, and with people who change.

mod changing;
mod dropped;
mod merged;
mod seen;

use rehearsal::directories::{Directory, Entra, Github, Google, Member, Okta, Scim};
use serde_json::{Value, json};

use crate::stage::{Running, Stage, mail, told};

use super::apply;

/// A member of this id, with the address of the stage's person of this name.
fn member(id: &str, name: &str) -> Member {
    Member {
        id: id.to_owned(),
        email: Some(mail(name)),
        login: Some(format!("{name}-canary")),
        name: Some((name.to_owned(), "Canary".to_owned())),
        ..Member::default()
    }
}

/// The same with a login that is an address too, as directories other than GitHub have.
fn user(id: &str, name: &str) -> Member {
    Member {
        login: None,
        ..member(id, name)
    }
}

/// The source with these terms.
fn source(directory: &dyn Directory, terms: &Value) -> Value {
    let mut source = directory.document();
    for (name, value) in terms.as_object().unwrap() {
        source[name] = value.clone();
    }
    source
}

/// Puts everybody of these names into the directory and its group `staff`.
fn fill(directory: &dyn Directory, names: &[String]) {
    let mut members = directory.members();
    let ids: Vec<String> = (0..names.len()).map(|number| (1000 + number).to_string()).collect();
    for (id, name) in ids.iter().zip(names) {
        members.put(match directory.kind() {
            "github" => member(id, name),
            _ => user(id, name),
        });
    }
    members.set_group("staff", &ids.iter().map(String::as_str).collect::<Vec<_>>());
}

/// One of each, running.
async fn all() -> [Box<dyn Directory>; 5] {
    [
        Box::new(Entra::start().await),
        Box::new(Github::start().await),
        Box::new(Google::start().await),
        Box::new(Okta::start().await),
        Box::new(Scim::start().await),
    ]
}

fn staff(providers: &[&str]) -> Value {
    json!({"grants": {"staff": providers}})
}

async fn run(reconcile: &Running) -> Vec<String> {
    told(&reconcile.order(&apply(&json!({}))).await)
}

fn lawful(directory: &dyn Directory) {
    assert_eq!(
        directory.violations(),
        [""; 0],
        "{} was asked what it forbids",
        directory.kind()
    );
}

/// Lets the directory be these sources.
fn publish(stage: &Stage, sources: &[Value]) {
    stage.document("directory", &json!(sources));
}
