//! From the bytes of a roster to its people: every fault is found, and one is enough to refuse the whole.
//!
//! A row becomes a person before the next one is looked at, so that rows and people are never there together.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde_json::Value;
use serde_json::value::RawValue;

use super::text::{cut_trailer, plain, pointed, utf8, whole};
use super::{ByName, Format, fault};
use crate::directories::gathered::address;
use crate::error::Fault;
use crate::planning::crowd::Crowd;
use crate::planning::identity::{Email, Identity, Login, Name, ProviderId};
use crate::planning::roster::{Person, Standing};

/// Faults that are named; a file of the wrong kind has one in every row.
const MAX_FAULTS: usize = 20;

/// How the rows of one roster are to be read.
pub(super) struct Reading {
    pub(super) format: Format,
    /// Where the array of rows is in a JSON roster (RFC 6901).
    pub(super) rows_pointer: Option<String>,
    /// Whether the last line must be `#end,<rows>`.
    pub(super) trailer: bool,
    /// What a row without an `access` column is entitled to.
    pub(super) default_access: Vec<ProviderId>,
    pub(super) provider: ByName,
    pub(super) on: Vec<ProviderId>,
}

/// What the rows came to so far.
#[derive(Default)]
struct Found {
    rows: usize,
    people: Crowd,
    faults: Vec<Fault>,
}

impl Found {
    fn add(&mut self, row: Result<Person, Vec<Fault>>) {
        self.rows += 1;
        match row {
            Ok(person) => self.people.push(person),
            Err(faults) => self.faults.extend(faults),
        }
    }

    fn everybody(mut self) -> Result<Crowd, Vec<Fault>> {
        if self.faults.is_empty() {
            return Ok(self.people);
        }
        let more = self.faults.len().saturating_sub(MAX_FAULTS);
        self.faults.truncate(MAX_FAULTS);
        if more > 0 {
            self.faults.push(Fault {
                path: "…".to_owned(),
                problem: format!("and {more} more"),
            });
        }
        Err(self.faults)
    }
}

impl Reading {
    /// Everybody in the file, or every fault in it.
    pub(super) fn people(&self, bytes: &[u8]) -> Result<Crowd, Vec<Fault>> {
        let text = utf8(bytes)?;
        match self.format {
            Format::Csv => self.csv(text)?.everybody(),
            Format::Json => self.json(text)?.everybody(),
        }
    }

    fn csv(&self, text: &str) -> Result<Found, Vec<Fault>> {
        let (text, promised) = match self.trailer {
            true => cut_trailer(text)?,
            false => (text, None),
        };
        let header = text.lines().next().unwrap_or_default();
        let delimiter = match header.contains(',') {
            false if header.contains(';') => b';',
            _ => b',',
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| whole("the header is not CSV"))?;
        let columns: Vec<String> = header.iter().map(str::to_ascii_lowercase).collect();
        if !columns.iter().any(|column| is_identity(column)) {
            return Err(whole(
                "the header names no column that identifies people, such as email",
            ));
        }
        for (i, column) in columns.iter().enumerate() {
            if columns.iter().take(i).any(|other| other == column) {
                return Err(whole("the header names a column twice"));
            }
        }
        if !text.ends_with('\n') && text.matches('"').count() % 2 == 1 {
            return Err(whole("the file ends inside a quoted value: it is cut off"));
        }
        // `…,active,` and no line break: an empty `access` makes a leaver of whoever the cut went through.
        let end = text.trim_end_matches([' ', '\t']);
        if end.ends_with([char::from(delimiter), ';']) {
            return Err(whole(
                "the file ends with an open value and no line break: is it cut off?",
            ));
        }
        // In the order of their names, which is that of the faults.
        let columns: BTreeMap<&str, usize> = columns.iter().map(String::as_str).zip(0..).collect();
        let mut found = Found::default();
        let mut record = StringRecord::new();
        loop {
            let number = found.rows + 1;
            let cut = "has another number of values than the header: is the file cut off?";
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {
                    let row = columns
                        .iter()
                        .map(|(name, i)| (*name, record.get(*i).unwrap_or_default()));
                    found.add(self.person(row, number));
                }
                Err(_) => return Err(vec![fault(number, "all columns", cut)]),
            }
        }
        // `bilanc;blackbird` cut to `bilanc` makes a leaver too. A line break, or the trailer after it, shows the whole value.
        let ends_in_access = columns.get("access").is_some_and(|i| i + 1 == columns.len());
        if ends_in_access && found.rows > 0 && !text.ends_with(['\n', '\r']) {
            return Err(whole(
                "the file ends in `access` without a line break: is it cut off? End it with one, or set `trailer`",
            ));
        }
        match promised {
            Some(promised) if promised != found.rows => {
                Err(whole("the trailer says another number of rows than there are"))
            }
            _ => Ok(found),
        }
    }

    fn json(&self, text: &str) -> Result<Found, Vec<Fault>> {
        let not_json = || whole("is not JSON: is the file cut off?");
        let document: &RawValue = serde_json::from_str(text).map_err(|_| not_json())?;
        let pointer = self.rows_pointer.as_deref().unwrap_or_default();
        let array = pointed(document, pointer).and_then(|array| serde_json::from_str(array.get()).ok());
        let array: Vec<&RawValue> = array.ok_or_else(|| whole("holds no array of rows at rows_pointer"))?;
        let mut found = Found::default();
        for (i, value) in array.into_iter().enumerate() {
            let value: Value = serde_json::from_str(value.get()).map_err(|_| not_json())?;
            let Value::Object(object) = value else {
                return Err(vec![fault(i + 1, "all columns", "is not an object")]);
            };
            let mut row: BTreeMap<String, String> = BTreeMap::new();
            for (name, value) in &object {
                let name = name.to_ascii_lowercase();
                match plain(value) {
                    Some(text) => drop(row.insert(name, text)),
                    None if value.is_null() => {}
                    None if is_ours(&name) => {
                        return Err(vec![fault(i + 1, &name, "is neither text nor a list of texts")]);
                    }
                    None => {}
                }
            }
            let row = row.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            found.add(self.person(row, i + 1));
        }
        Ok(found)
    }

    /// The person of one row: values by column name in lower case; a column that is absent is not in it.
    fn person<'a>(&self, row: impl Iterator<Item = (&'a str, &'a str)>, number: usize) -> Result<Person, Vec<Fault>> {
        let mut identities = Vec::new();
        let mut faults = Vec::new();
        let mut others = Vec::new(); // told after those about identities
        let mut standing = Standing::Active;
        let mut access = None;
        let mut name = Name::default();
        for (column, value) in row {
            match column {
                "status" => match standing_of(value) {
                    Some(said) => standing = said,
                    None => others.push(fault(number, column, "is none of active, left, suspended")),
                },
                "access" => match self.access(value) {
                    Ok(list) => access = Some(list),
                    Err(problem) => others.push(fault(number, column, problem)),
                },
                _ if value.is_empty() => {}
                "first_name" => name.first = Some(value.into()),
                "last_name" => name.last = Some(value.into()),
                "email" => {
                    for text in value.split(';').map(str::trim).filter(|text| !text.is_empty()) {
                        match Email::parse(text) {
                            Some(email) => identities.extend(address(email)),
                            None => faults.push(fault(number, column, "is not an e-mail address")),
                        }
                    }
                }
                "github_username" => match Login::parse(value) {
                    Some(login) => identities.push(Identity::Github(login)),
                    None => faults.push(fault(number, column, "is not a GitHub login")),
                },
                _ => {
                    let source = column.strip_suffix("_id").filter(|source| !source.is_empty());
                    identities.extend(source.map(|source| Identity::native(source, value)));
                }
            }
        }
        if identities.is_empty() && faults.is_empty() {
            faults.push(fault(number, "email", "the row identifies nobody"));
        }
        faults.extend(others);
        let access = access.as_ref().unwrap_or(&self.default_access);
        match faults.is_empty() {
            true => Ok(Person::new(identities)
                .named(name)
                .with_access(access.iter().copied())
                .standing_as(standing)),
            false => Err(faults),
        }
    }

    /// `bilanc;blackbird`, `*` for every provider that is on, empty for none.
    fn access(&self, list: &str) -> Result<Vec<ProviderId>, &'static str> {
        let mut access = Vec::new();
        for name in list.split(';').map(str::trim).filter(|name| !name.is_empty()) {
            match (self.provider)(&name.to_ascii_lowercase()) {
                Some(id) => access.push(id),
                None if name == "*" => access.extend_from_slice(&self.on),
                None => return Err("names a provider that Rollcall does not know"),
            }
        }
        Ok(access)
    }
}

fn standing_of(word: &str) -> Option<Standing> {
    let words = [
        ("active", Standing::Active),
        ("left", Standing::Left),
        ("suspended", Standing::Suspended),
    ];
    let said = words.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    said.map(|(_, standing)| standing)
}

/// Whether a column's values identify people.
fn is_identity(column: &str) -> bool {
    matches!(column, "email" | "github_username") || column.len() > 3 && column.ends_with("_id")
}

fn is_ours(column: &str) -> bool {
    is_identity(column) || matches!(column, "status" | "access" | "first_name" | "last_name")
}
