//! The other views: their columns and entries as a plain table.

use maud::{Markup, html};
use serde_json::Value;

use super::rows::{MOST_BYTES, Rows};
use super::{Foreign, unread};
use crate::door::wire::listing::plain;
use crate::error::Result;

/// A table of `entries`, and which of `providers` it lacks.
pub(in crate::door) fn table<'a>(
    columns: &[&str],
    entries: impl Iterator<Item = &'a Value>,
    providers: &[(&'static str, Result<usize>)],
) -> Markup {
    let mut rows = Rows::within(MOST_BYTES);
    for entry in entries {
        rows.add(|| row(columns, entry));
    }
    html! {
        (unread(providers, "What is there is not shown, and not none."))
        @if rows.left_out > 0 {
            section.banner aria-labelledby="cut" {
                h2 id="cut" { (rows.left_out) " entries are not shown" }
                p { "One page holds " (rows.shown) ". The CSV above has all of them; or narrow it down by provider, email or status." }
            }
        }
        @if rows.shown == 0 { p { "There is none." } }
        div.scroll role="region" aria-label="Entries" tabindex="0" {
            table {
                thead {
                    tr { @for column in columns { th scope="col" { (column.replace('_', " ")) } } }
                }
                tbody { (rows.markup()) }
            }
        }
    }
}

fn row(columns: &[&str], entry: &Value) -> Markup {
    html! {
        tr {
            @for column in columns {
                @match entry.get(*column) {
                    Some(Value::Bool(true)) => td { "yes" },
                    Some(Value::Bool(false)) => td.odd { "no" },
                    Some(value) => td { (Foreign(&plain(value))) },
                    None => td {},
                }
            }
        }
    }
}
