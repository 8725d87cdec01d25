//! One person: every account and every change.

use maud::{Markup, html};

use super::cells::{Cell, Directory, standing};
use super::people::{Column, Company};
use super::rows::{MOST_BYTES, Rows};
use super::{Foreign, link};
use crate::bundle::Entry;
use crate::error::Result;
use crate::planning::account::Account;
use crate::planning::identity::{Identity, first_email, first_login};
use crate::planning::people::Holder;

/// The part of a page that is for people; the rest is for the history.
const FOR_PEOPLE: usize = MOST_BYTES / 4;

/// Whoever a question about one person found, and what was changed for them.
pub(in crate::door) fn person(company: &Company<'_>) -> Markup {
    let mut found = Rows::within(FOR_PEOPLE);
    for holder in company.holders {
        found.add(|| one(holder, company));
    }
    html! {
        (company.gaps())
        @if company.holders.is_empty() {
            p { "Neither a provider that could be read nor the directory knows somebody by this." }
        }
        @if found.left_out > 0 { p { (found.left_out) " more people do not fit here; the CSV above has them." } }
        (found.markup())
        h2 id="history" { "History" }
        (history(&company.changes))
    }
}

fn one(holder: &Holder<'_>, company: &Company<'_>) -> Markup {
    let name = name_of(holder);
    html! {
        section aria-label="Person" {
            h2 { (Foreign(&name)) }
            ul.facts {
                li { "Directory: " (standing(holder, company.directory)) }
                li { "Entitled to: " (entitled(holder, company.directory)) }
                @for identity in &holder.identities {
                    li {
                        @match identity {
                            Identity::Email(email) => { "E-mail: " (Foreign(email.written())) },
                            Identity::Github(login) => { "GitHub: " (Foreign(login.written())) },
                            Identity::Native(source, id) => { (Foreign(source)) ": " (Foreign(id)) },
                        }
                    }
                }
            }
            div.scroll role="region" aria-label="Accounts" tabindex="0" {
                table {
                    caption { "Accounts" }
                    thead {
                        tr {
                            @for title in ["Provider", "State", "Account", "Roles", "The provider's own word"] {
                                th scope="col" { (title) }
                            }
                        }
                    }
                    tbody {
                        @for (column, cell) in company.columns.iter().zip(company.cells(holder)) {
                            (accounts(holder, column, &cell))
                        }
                    }
                }
            }
        }
    }
}

/// What somebody has at one provider: a row for each account, and one where there is none.
fn accounts(holder: &Holder<'_>, column: &Column, cell: &Cell) -> Markup {
    let of_provider = holder.accounts.iter().filter(|(id, _)| *id == column.id);
    let accounts: Vec<&Account> = of_provider.map(|(_, account)| *account).collect();
    let state = |also: &str| html! { td class=(cell.class()) { (cell.text) (also) } };
    html! {
        @if accounts.is_empty() {
            tr {
                th scope="row" { (column.id.name()) }
                (state(""))
                td {} td {} td {}
            }
        }
        @for account in &accounts {
            tr {
                th scope="row" { (column.id.name()) }
                @if accounts.len() > 1 { (state(&format!(" (this one: {})", account.status.name()))) } @else { (state("")) }
                td { (Foreign(&account.native_id)) }
                td { @for role in &account.roles { (Foreign(role)) " " } }
                td { @if let Some(word) = &account.native_status { (Foreign(word)) } }
            }
        }
    }
}

fn history(changes: &Result<Vec<Entry>>) -> Markup {
    let changes = match changes {
        Ok(changes) if changes.is_empty() => return html! { p { "No change of theirs is known." } },
        Ok(changes) => changes,
        Err(error) => return html! { p.down { "Unknown: " (Foreign(&error.to_string())) } },
    };
    let mut rows = Rows::within(MOST_BYTES - FOR_PEOPLE);
    for change in changes {
        let cells = [
            &*change.provider,
            &*change.action,
            &*change.outcome,
            if change.settled { "yes" } else { "no" },
            &*change.by,
            change.evidence.as_deref().unwrap_or_default(),
        ];
        rows.add(|| {
            html! {
                tr {
                    th scope="row" { time datetime=(change.time) { (change.time) } }
                    @for cell in cells { td { (Foreign(cell)) } }
                }
            }
        });
    }
    html! {
        @if rows.left_out > 0 { p { (rows.left_out) " earlier changes do not fit here; the history as CSV has them." } }
        div.scroll role="region" aria-labelledby="history" tabindex="0" {
            table {
                caption { "Changes, the last one first" }
                thead {
                    tr {
                        @for title in ["Time", "Provider", "Change", "Outcome", "Seen afterwards", "On whose order", "Evidence"] {
                            th scope="col" { (title) }
                        }
                    }
                }
                tbody { (rows.markup()) }
            }
        }
    }
}

fn entitled(holder: &Holder<'_>, directory: Directory) -> String {
    let access = holder.person.as_ref().map(|person| person.access()).unwrap_or_default();
    let names: Vec<&str> = access.iter().map(|id| id.name()).collect();
    match directory {
        Directory::Unknown => "unknown".to_owned(),
        Directory::Read if names.is_empty() => "nothing".to_owned(),
        Directory::Read => names.join(", "),
    }
}

/// What somebody is called: by the directory, by a provider, or by what they are known by.
pub(super) fn name_of(holder: &Holder<'_>) -> String {
    let named = holder.person.as_ref().and_then(|person| person.name().full());
    let shown = || holder.accounts.iter().find_map(|(_, account)| account.name.clone());
    let name = named.or_else(|| shown().map(String::from));
    let name = name.filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| known_as(holder))
}

/// What somebody is known by: addresses and logins, or else ids.
pub(super) fn known_as(holder: &Holder<'_>) -> String {
    let written = holder.identities.iter().filter_map(|identity| match identity {
        Identity::Email(email) => Some(email.written()),
        Identity::Github(login) => Some(login.written()),
        Identity::Native(..) => None,
    });
    let written: Vec<&str> = written.collect();
    if !written.is_empty() {
        return written.join(", ");
    }
    let ids = holder.identities.iter().filter_map(|identity| match identity {
        Identity::Native(source, id) => Some(format!("{source} {id}")),
        _ => None,
    });
    ids.collect::<Vec<_>>().join(", ")
}

/// The page about somebody, where there is something to ask for them by.
pub(super) fn link_to(holder: &Holder<'_>) -> Option<String> {
    let email = first_email(&holder.identities).map(|email| ("email", email.written()));
    let login = || first_login(&holder.identities).map(|login| ("github_username", login.written()));
    let id = || holder.accounts.first().map(|(_, account)| ("id", &*account.native_id));
    let by = email.or_else(login).or_else(id)?;
    Some(link(&[("view", "people"), ("format", "html"), by]))
}
