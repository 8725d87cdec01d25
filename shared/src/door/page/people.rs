//! The access page: everybody, at every provider.

use maud::{Markup, html};

use super::cells::{Cell, Directory, MARKS, standing};
use super::person::{known_as, link_to, name_of};
use super::rows::{MOST_BYTES, Rows};
use super::{Foreign, link, unread};
use crate::bundle::Entry;
use crate::error::Result;
use crate::planning::account::Status;
use crate::planning::guard::Policy;
use crate::planning::identity::ProviderId;
use crate::planning::people::Holder;

/// A provider that was asked for.
pub(in crate::door) struct Column {
    pub(in crate::door) id: ProviderId,
    pub(in crate::door) is_down: bool,
}

/// Whom a page is about, and what is known of them.
pub(in crate::door) struct Company<'a> {
    pub(in crate::door) holders: &'a [Holder<'a>],
    pub(in crate::door) columns: &'a [Column],
    /// How the providers and the directory came out.
    pub(in crate::door) endings: &'a [(&'static str, Result<usize>)],
    pub(in crate::door) directory: Directory,
    /// Whom nothing removes.
    pub(in crate::door) policy: &'a Policy,
    /// Changes that were made, the last one first.
    pub(in crate::door) changes: Result<Vec<Entry>>,
}

impl Company<'_> {
    /// What `holder` has at each provider.
    pub(super) fn cells(&self, holder: &Holder<'_>) -> Vec<Cell> {
        let cell = |column: &Column| match column.is_down {
            true => Cell::unknown(),
            false => Cell::of(holder, column.id, self.directory, self.policy),
        };
        self.columns.iter().map(cell).collect()
    }

    /// What is not known, and what follows from it.
    pub(super) fn gaps(&self) -> Markup {
        let is_down = self.endings.iter().any(|(_, count)| count.is_err());
        html! {
            (unread(self.endings, "What depends on it is unknown and not none; who has an account only there is not shown."))
            @if self.directory == Directory::Unknown && !is_down {
                section.banner aria-labelledby="undirected" {
                    h2 id="undirected" { "There is no directory" }
                    p { "Who is entitled to what is unknown, and so are missing access and orphans." }
                }
            } @else if self.directory == Directory::Unknown {
                p { "Without the directory, who is entitled to what is unknown." }
            }
            @if self.policy.protected.is_none() {
                p.down { "PROTECTED cannot be read: who is protected is unknown, and nobody is removed." }
            }
        }
    }
}

/// Somebody's row before it is written.
struct Line<'a> {
    rank: u8,
    name: String,
    holder: &'a Holder<'a>,
    cells: Vec<Cell>,
}

/// Everybody: what needs a look first, the others by name.
pub(in crate::door) fn people(company: &Company<'_>) -> Markup {
    let line = |holder| {
        let cells = company.cells(holder);
        Line {
            rank: cells.iter().map(Cell::rank).min().unwrap_or(u8::MAX),
            name: name_of(holder),
            holder,
            cells,
        }
    };
    let mut lines: Vec<Line<'_>> = company.holders.iter().map(line).collect();
    lines.sort_by_cached_key(|line| (line.rank, line.name.to_lowercase()));
    let mut rows = Rows::within(MOST_BYTES);
    for line in &lines {
        rows.add(|| row(line, company.directory));
    }
    html! {
        (last_change(&company.changes))
        (company.gaps())
        @if rows.left_out > 0 {
            section.banner aria-labelledby="cut" {
                h2 id="cut" { (rows.left_out) " people are not shown" }
                p {
                    "One page holds " (rows.shown) " of these " (lines.len()) ", those that need a look first. The CSV above has all of them; or ask for one person, one provider or one status below."
                }
            }
        }
        h2 { "At a glance" }
        (glance(&lines, company))
        (questions(company))
        (sieve(company))
        div.scroll role="region" aria-labelledby="everybody" tabindex="0" {
            table id="people" {
                caption id="everybody" { "Everybody with an account or in the directory; what needs a look comes first. " (rows.shown) " of " (lines.len()) " people." }
                thead {
                    tr {
                        th scope="col" { "Person" }
                        th scope="col" { "Directory" }
                        @for column in company.columns {
                            th scope="col" { (column.id.name()) @if column.is_down { " (unknown)" } }
                        }
                    }
                }
                tbody { (rows.markup()) }
            }
        }
    }
}

fn row(line: &Line<'_>, directory: Directory) -> Markup {
    let known_as = known_as(line.holder);
    html! {
        tr {
            th scope="row" {
                @match link_to(line.holder) {
                    Some(link) => a href=(link) { (Foreign(&line.name)) },
                    None => (Foreign(&line.name)),
                }
                @if known_as != line.name { small { (Foreign(&known_as)) } }
            }
            td { (standing(line.holder, directory)) }
            @for cell in &line.cells {
                td class=(cell.class()) { (cell.text) }
            }
        }
    }
}

fn last_change(changes: &Result<Vec<Entry>>) -> Markup {
    html! {
        p {
            "Last change known: "
            @match changes.as_ref().map(|changes| changes.first()) {
                Ok(Some(change)) => {
                    time datetime=(change.time) { (change.time) } ", " (change.action) " at " (change.provider) ", " (change.outcome)
                },
                Ok(None) => "none, the history is empty",
                Err(error) => { "unknown: " (Foreign(&error.to_string())) },
            }
            "."
        }
    }
}

/// How many people each mark has, and each provider accounts.
fn glance(lines: &[Line<'_>], company: &Company<'_>) -> Markup {
    let marked = MARKS.iter().map(|(mark, words)| {
        let has = |line: &&Line<'_>| line.cells.iter().any(|cell| cell.marks.contains(mark));
        (mark.class(), *words, lines.iter().filter(has).count())
    });
    let of_providers = company.endings.iter().filter(|(name, _)| {
        let mut columns = company.columns.iter();
        columns.any(|column| column.id.name() == *name)
    });
    html! {
        ul.facts {
            li { "people: " (lines.len()) }
            @for (class, words, count) in marked.filter(|(class, _, count)| *count > 0 && *class != "down") {
                li class=(class) { (words) ": " (count) }
            }
        }
        ul.facts {
            @for (name, count) in of_providers {
                li {
                    "accounts at " (name) ": "
                    @match count {
                        Ok(count) => (count),
                        Err(_) => span.down { "unknown" },
                    }
                }
            }
        }
    }
}

/// What can be asked for instead: needs no script.
fn questions(company: &Company<'_>) -> Markup {
    let everybody = [("view", "people"), ("format", "html")];
    let only = |name, value| link(&[("view", "people"), ("format", "html"), (name, value)]);
    html! {
        form method="get" {
            input type="hidden" name="view" value="people";
            input type="hidden" name="format" value="html";
            label for="email" { "One person, by e-mail address" }
            input id="email" name="email" type="search" inputmode="email" autocomplete="off" required;
            " " button { "Show" }
        }
        details {
            summary { "Ask for one provider or one status" }
            nav aria-label="Other questions" { ul {
                li { a href=(link(&everybody)) { "Everybody" } }
                @for column in company.columns {
                    li { a href=(only("provider", column.id.name())) { "Only " (column.id.name()) } }
                }
                @for status in Status::ALL {
                    li { a href=(only("status", status.name())) { "Only with a status " (status.name()) } }
                }
            } }
        }
    }
}

/// Searches what is shown; the script brings it to light, since it does nothing without.
fn sieve(company: &Company<'_>) -> Markup {
    html! {
        form id="sift" role="search" aria-label="Search this page" hidden {
            label for="text" { "Text" }
            input id="text" name="text" type="search" autocomplete="off";
            " " label for="at" { "Provider" }
            select id="at" name="at" {
                option value="" { "any" }
                @for (n, column) in company.columns.iter().enumerate() {
                    option value=(n + 2) { (column.id.name()) }
                }
            }
            " " label for="state" { "State" }
            select id="state" name="state" {
                option value="" { "any" }
                @for (mark, words) in MARKS {
                    option value=(mark.class()) { (words) }
                }
            }
            " "
            button type="reset" { "Clear" }
            p id="sifted" role="status" {}
        }
    }
}
