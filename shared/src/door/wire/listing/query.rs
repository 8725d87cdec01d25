//! What `list` is asked.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::bundle::Past;
use crate::door::event::Format;
use crate::door::wire::Context;
use crate::door::wire::fields::Fields;
use crate::door::wire::orders::{Order, known};
use crate::error::Result;
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Identity, Login, ProviderId};

/// What is to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every account.
    Accounts,
    /// Accounts and roster, merged into people.
    People,
    /// The roles the providers know.
    Roles,
    /// The ways of signing in the providers know.
    IdentityProviders,
    /// Every change that was made.
    History,
    /// What a reconcile would change now, and which removals would be held.
    Held,
    /// Whether everything needed is there and works.
    Doctor,
    /// Why one person has the access they have.
    Explain,
}

/// Their names.
const VIEWS: [&str; 8] = [
    "accounts",
    "people",
    "roles",
    "identity_providers",
    "history",
    "held",
    "doctor",
    "explain",
];

/// An order of `list`.
#[derive(Debug)]
pub struct ListingQuery {
    /// What to list.
    pub view: View,
    /// Where.
    pub providers: Vec<ProviderId>,
    /// Which entries.
    pub filter: Filter,
    /// Of the history, and of those of whom only it knows: from when, to when, both included.
    pub span: (Option<Timestamp>, Option<Timestamp>),
    format: Format,
}

/// Which entries are wanted; all of them unless something is set.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who has this address.
    pub email: Option<Email>,
    /// Who has this login.
    pub github_username: Option<Login>,
    /// The account with this id.
    pub id: Option<String>,
    /// Accounts that stand so.
    pub status: Option<Status>,
}

impl Order for ListingQuery {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self> {
        let said = fields.text("format");
        let format = match (context.accepts, said) {
            (None, _) => Format::Json, // a caller in code
            (_, Some("html")) => Format::Html,
            (_, Some("csv")) => Format::Csv,
            (_, Some("json")) => Format::Json,
            (Some(accepted), _) => accepted,
        };
        let view = fields.text("view").unwrap_or(match format {
            Format::Html => "people",
            Format::Json | Format::Csv => "accounts",
        });
        let query = Self {
            view: match view {
                "people" => View::People,
                "roles" => View::Roles,
                "identity_providers" => View::IdentityProviders,
                "history" => View::History,
                "held" => View::Held,
                "doctor" => View::Doctor,
                "explain" => View::Explain,
                _ => View::Accounts,
            },
            providers: providers(fields, context),
            filter: filter(fields),
            span: match (view, format) {
                ("history", _) | ("people", Format::Csv) => {
                    (time(fields, "from", Time::MIN), time(fields, "to", Time::MAX))
                }
                _ => (None, None),
            },
            format,
        };
        if !VIEWS.contains(&view) {
            fields.fault(fields.path_of("view"), format!("must be one of {}", VIEWS.join(", ")));
        }
        if !matches!(said, None | Some("json" | "csv" | "html")) {
            fields.fault(fields.path_of("format"), "must be json, csv or html");
        }
        Ok(query)
    }

    fn format(&self) -> Format {
        self.format
    }
}

impl ListingQuery {
    /// How much of the history the answer shows: a page has more to it than JSON, and a spreadsheet is what an auditor asks for.
    pub fn past(&self) -> Past {
        match self.format {
            Format::Html if self.filter.names_somebody() => Past::Everything,
            Format::Html => Past::Last,
            Format::Csv => Past::Everything,
            Format::Json => Past::Nothing,
        }
    }
}

fn providers(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<ProviderId> {
    let Some(names) = fields.text("provider") else {
        return context.on.to_vec();
    };
    let mut chosen = Vec::new();
    for name in names.split(',').map(str::trim) {
        match known(name, context) {
            Ok(id) => chosen.push(id),
            Err(problem) => fields.fault(fields.path_of("provider"), problem),
        }
    }
    context.on.iter().copied().filter(|id| chosen.contains(id)).collect()
}

/// A moment, or a day (UTC) and the time of day that stands for it.
fn time(fields: &mut Fields<'_>, name: &'static str, of_day: Time) -> Option<Timestamp> {
    let text = fields.text(name)?;
    let day = || {
        Some(
            text.parse::<Date>()
                .ok()?
                .to_datetime(of_day)
                .to_zoned(TimeZone::UTC)
                .ok()?
                .timestamp(),
        )
    };
    let time = text.parse().ok().or_else(day);
    if time.is_none() {
        fields.fault(
            fields.path_of(name),
            "must be a time such as 2026-11-25T08:00:00Z, or a day such as 2026-11-25",
        );
    }
    time
}

fn filter(fields: &mut Fields<'_>) -> Filter {
    let mut filter = Filter::default();
    if let Some(text) = fields.text("email") {
        filter.email = Email::parse(text);
        if filter.email.is_none() {
            fields.fault(fields.path_of("email"), "is not an e-mail address");
        }
    }
    if let Some(text) = fields.text("github_username") {
        filter.github_username = Login::parse(text);
        if filter.github_username.is_none() {
            fields.fault(fields.path_of("github_username"), "is not a GitHub login");
        }
    }
    filter.id = fields.text("id").map(str::to_owned);
    if let Some(text) = fields.text("status") {
        filter.status = Status::ALL.into_iter().find(|status| status.name() == text);
        if filter.status.is_none() {
            fields.fault(fields.path_of("status"), "must be active, invited, dormant or unknown");
        }
    }
    filter
}

impl Filter {
    /// The one person it is about, by what they are known by.
    pub fn person(&self) -> Option<Identity> {
        let email = self.email.clone().map(Identity::Email);
        email.or_else(|| self.github_username.clone().map(Identity::Github))
    }

    /// Whether it asks for one person.
    pub(super) fn names_somebody(&self) -> bool {
        self.email.is_some() || self.github_username.is_some() || self.id.is_some()
    }

    /// Whether the change of somebody known by `identities`, at the account `id`, is wanted.
    pub(super) fn wants_change(&self, identities: &[Identity], id: Option<&str>) -> bool {
        let filter = Self {
            id: None,
            status: None,
            ..self.clone()
        };
        filter.wants(identities, &[]) && (self.id.is_none() || self.id.as_deref() == id)
    }

    /// Whether somebody known by `identities` with `accounts` is wanted.
    pub(super) fn wants(&self, identities: &[Identity], accounts: &[&Account]) -> bool {
        let has = |identity: Identity| identities.contains(&identity);
        self.email.clone().is_none_or(|email| has(Identity::Email(email)))
            && self
                .github_username
                .clone()
                .is_none_or(|login| has(Identity::Github(login)))
            && self
                .id
                .as_deref()
                .is_none_or(|id| accounts.iter().any(|a| *a.native_id == *id))
            && self
                .status
                .is_none_or(|status| accounts.iter().any(|a| a.status == status))
    }
}
