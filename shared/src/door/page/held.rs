//! What a reconcile would change now, as a diff of each provider: what is held stands first, with why and what releases it.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::rows::{MOST_BYTES, Rows};
use super::{Foreign, link, unread};
use crate::door::wire::listing::plain;
use crate::error::Result;

/// A provider by name, and how many changes are planned there or why nobody knows.
type Ending = (&'static str, Result<usize>);

/// The page of these planned changes, and of what is held, which stands `besides` them.
pub(in crate::door) fn held(plan: &[Value], besides: &Map<String, Value>, providers: &[Ending]) -> Markup {
    let holds = besides.get("held").and_then(Value::as_array);
    let room = MOST_BYTES / providers.len().max(1);
    let read = providers.iter().filter(|(_, count)| count.is_ok());
    html! {
        (unread(providers, "What would change there is unknown, and not nothing."))
        p { "What a reconcile would change if it ran now. This page changes nothing." }
        @for (name, _) in read {
            h2 id=(name) { (name) }
            @for hold in holds.into_iter().flatten().filter(|hold| hold["provider"] == *name) { (why_held(name, hold)) }
            (diff(name, plan, room))
        }
    }
}

fn why_held(name: &str, hold: &Value) -> Markup {
    let says = |field: &str| plain(&hold[field]);
    html! {
        section.banner aria-label={ "Held at " (name) } {
            p { strong { "Held, removals: " (says("removals")) } "; " (says("why")) "." }
            ul.facts {
                li { "Rule: " code { (says("rule")) } }
                li { "Limit: " (says("limit")) }
                li { "Accounts managed: " (says("managed")) }
                li { "Consent: " code { (says("digest")) } }
            }
            p { "To release it: " (says("release")) "." }
        }
    }
}

fn diff(name: &str, plan: &[Value], room: usize) -> Markup {
    let mut rows = Rows::within(room);
    for change in plan.iter().filter(|change| change["provider"] == *name) {
        rows.add(|| row(change));
    }
    html! {
        @if rows.left_out > 0 { p { (rows.left_out) " more changes do not fit here; the CSV above has them." } }
        @if rows.shown == 0 { p { "Nothing would change." } } @else {
            div.scroll role="region" aria-labelledby=(name) tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Who" } th scope="col" { "Change" } th scope="col" { "Why" } } }
                    tbody { (rows.markup()) }
                }
            }
        }
    }
}

fn row(change: &Value) -> Markup {
    let (class, words) = match change["verdict"].as_str() {
        Some("add") => ("plus", "add"),
        Some("hold") => ("minus", "remove, held"),
        _ => ("minus", "remove"),
    };
    let known = |field: &'static str| Some((field, change.get("who")?.get(field)?.as_str()?));
    let who = known("email")
        .or_else(|| known("github_username"))
        .or_else(|| known("id"));
    html! {
        tr {
            th scope="row" {
                @if let Some((field, text)) = who {
                    a href=(link(&[("view", "people"), ("format", "html"), (field, text)])) { (Foreign(text)) }
                }
            }
            td class=(class) { (words) }
            td { (plain(&change["why"])) }
        }
    }
}
