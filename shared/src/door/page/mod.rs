//! Pages for a browser: one document each, which loads nothing and works without its script.
//!
//! Invariant: what somebody else wrote is only ever shown as a [`Foreign`] text.

mod cells;
mod held;
mod people;
mod person;
mod rows;
mod table;

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use maud::{DOCTYPE, Escaper, Markup, PreEscaped, Render, html};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::tools::http::escape;

pub(super) use cells::Directory;
pub(super) use held::held;
pub(super) use people::{Column, Company, people};
pub(super) use person::person;
pub(super) use table::table;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The policy by which a browser loads nothing, runs our one script and uses our one style sheet, each known by its hash, so
/// that markup which slipped in would do nothing (<https://www.w3.org/TR/CSP3/#match-element-to-source-list>).
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// The views a page leads to, and what they are called there.
const VIEWS: [(&str, &str); 7] = [
    ("people", "People"),
    ("accounts", "Accounts"),
    ("roles", "Roles"),
    ("identity_providers", "Identity providers"),
    ("held", "Held and planned"),
    ("history", "History"),
    ("doctor", "Doctor"),
];

/// Text that somebody else wrote: escaped, apart from the direction of what is around it, and without the characters that
/// cannot be seen and change how others are shown.
struct Foreign<'a>(&'a str);

impl Render for Foreign<'_> {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str("<bdi>");
        match self.0.contains(is_deceptive) {
            true => _ = Escaper::new(buffer).write_str(&self.0.replace(is_deceptive, "\u{fffd}")),
            false => _ = Escaper::new(buffer).write_str(self.0),
        }
        buffer.push_str("</bdi>");
    }
}

/// Control characters, and those that turn the direction of a text or take no room
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
fn is_deceptive(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hides = matches!(
        c,
        '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || turns || hides
}

/// A link to another answer of this function.
fn link(parameters: &[(&str, &str)]) -> String {
    let mut link = String::new();
    for (name, value) in parameters {
        let sign = if link.is_empty() { '?' } else { '&' };
        _ = write!(link, "{sign}{name}={}", escape(value));
    }
    link
}

/// The same answer as a table for a spreadsheet.
fn csv_link(asked: &Value) -> String {
    let mut parameters = vec![("view", view_of(asked)), ("format", "csv")];
    let filters = asked.as_object().into_iter().flatten();
    for (name, value) in filters.filter(|(name, _)| !matches!(name.as_str(), "view" | "format")) {
        parameters.extend(value.as_str().map(|value| (name.as_str(), value)));
    }
    link(&parameters)
}

fn view_of(asked: &Value) -> &str {
    asked.get("view").and_then(Value::as_str).unwrap_or("people")
}

/// A whole page, around what answers what was `asked`.
pub(super) fn page(asked: &Value, made: Timestamp, body: &Markup) -> String {
    let view = VIEWS.iter().find(|(view, _)| *view == view_of(asked));
    let title = view.map_or("People", |(_, title)| title);
    let csv = csv_link(asked);
    let made = format!("{made:.0}"); // to the second
    let body = html! {
        header {
            h1 { "Rollcall: " (title) }
            p.soft {
                "Made " time datetime=(made) { (made.replace('T', " ").replace('Z', " UTC")) }
                ". " a href=(csv) { "This as CSV" }
            }
            nav aria-label="Views" {
                ul {
                    @for (view, title) in VIEWS {
                        li {
                            @let current = (view == view_of(asked)).then_some("page");
                            a href=(link(&[("view", view), ("format", "html")])) aria-current=[current] { (title) }
                        }
                    }
                }
            }
        }
        main id="main" tabindex="-1" { (body) }
        script { (PreEscaped(SCRIPT)) }
    };
    document(title, &body)
}

/// What went wrong, for a person.
pub(super) fn of_error(error: &Error) -> String {
    let body = html! {
        main id="main" {
            h1 { "Rollcall could not answer" }
            p { strong { (error.kind().name()) } ": " (Foreign(&error.to_string())) }
            p { a href=(link(&[("view", "people"), ("format", "html")])) { "Everybody" } }
        }
    };
    document("Error", &body)
}

fn document(title: &str, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " – Rollcall" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (body)
            }
        }
    };
    document.into_string()
}

/// Says which of `providers` could not be read, so that nobody takes a gap for an answer.
fn unread(providers: &[(&'static str, Result<usize>)], so_that: &str) -> Markup {
    let down: Vec<(&str, &Error)> = providers
        .iter()
        .filter_map(|(name, count)| Some((*name, count.as_ref().err()?)))
        .collect();
    html! {
        @if !down.is_empty() {
            section.banner aria-labelledby="unread" {
                h2 id="unread" { "Not everything could be read" }
                ul {
                    @for (name, error) in down {
                        li { strong { (name) } " could not be read: " (Foreign(&error.to_string())) }
                    }
                }
                p { (so_that) }
            }
        }
    }
}
