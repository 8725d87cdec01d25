//! BambooHR (<https://documentation.bamboohr.com/docs/webhooks>): events with an id only, or legacy ones with the fields that
//! were asked for.
//!
//! A leaver is an update of the status; a deleted record is a duplicate or a privacy request, and says nothing about anybody.

use serde_json::Value;

use super::{Event, by_email, text};

/// Fields whose change may mean that somebody left, as the events spell them, in lower case.
const STATUS: [&str; 4] = [
    "status",
    "employmenthistorystatus",
    "employment status",
    "employmentstatus",
];

pub(super) fn read(body: &Value) -> Option<Event> {
    match body.get("employees") {
        Some(employees) => with_fields(employees.as_array()?),
        None => by_id(body),
    }
}

fn by_id(body: &Value) -> Option<Event> {
    let kind = text(body, "/type")?;
    Some(match (kind, body.pointer("/data/changedFields")) {
        ("employee.created", _) => Event::Changed,
        ("employee.updated", Some(fields)) if names_status(fields) => Event::Changed,
        _ => Event::Other(kind.to_owned()),
    })
}

fn with_fields(employees: &[Value]) -> Option<Event> {
    let mut people = Vec::new();
    let mut changed = false;
    for employee in employees {
        if text(employee, "/action").is_some_and(|action| action != "Updated") {
            continue;
        }
        if !names_status(employee.get("changedFields")?) {
            continue;
        }
        let status = text(employee, "/fields/Status/value");
        match (status, text(employee, "/fields/Work Email/value")) {
            (Some("Inactive"), Some(email)) if !email.is_empty() => people.push(by_email(email)),
            _ => changed = true,
        }
    }
    Some(Event::of_several(people, changed, "employee_with_fields"))
}

fn names_status(fields: &Value) -> bool {
    let names = fields.as_array().into_iter().flatten().filter_map(Value::as_str);
    names
        .map(str::to_ascii_lowercase)
        .any(|name| STATUS.contains(&name.as_str()))
}
