//! From the bytes of a roster to its people: every fault is found, and one is enough to refuse the whole.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ByName, Format, fault};
use crate::directories::gathered::address;
use crate::error::Fault;
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

/// One row: values by column name in lower case; a column that is absent is not in it.
type Row = BTreeMap<String, String>;

impl Reading {
    /// Everybody in the file, or every fault in it.
    pub(super) fn people(&self, bytes: &[u8]) -> Result<Vec<Person>, Vec<Fault>> {
        let text = utf8(bytes)?;
        let rows = match self.format {
            Format::Csv => self.csv_rows(text)?,
            Format::Json => self.json_rows(text)?,
        };
        let mut people = Vec::with_capacity(rows.len());
        let mut faults = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            match self.person(row, i + 1) {
                Ok(person) => people.push(person),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            return Ok(people);
        }
        let more = faults.len().saturating_sub(MAX_FAULTS);
        faults.truncate(MAX_FAULTS);
        if more > 0 {
            faults.push(Fault {
                path: "…".to_owned(),
                problem: format!("and {more} more"),
            });
        }
        Err(faults)
    }

    fn csv_rows(&self, text: &str) -> Result<Vec<Row>, Vec<Fault>> {
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
        let mut rows = Vec::new();
        for record in reader.records() {
            let cut = "has another number of values than the header: is the file cut off?";
            let record = record.map_err(|_| vec![fault(rows.len() + 1, "all columns", cut)])?;
            let values = record.iter().map(str::to_owned);
            rows.push(columns.iter().cloned().zip(values).collect());
        }
        // `bilanc;blackbird` cut to `bilanc` makes a leaver too. A line break, or the trailer after it, shows the whole value.
        let ends_in_access = columns.last().is_some_and(|column| column == "access");
        if ends_in_access && !rows.is_empty() && !text.ends_with(['\n', '\r']) {
            return Err(whole(
                "the file ends in `access` without a line break: is it cut off? End it with one, or set `trailer`",
            ));
        }
        match promised {
            Some(promised) if promised != rows.len() => {
                Err(whole("the trailer says another number of rows than there are"))
            }
            _ => Ok(rows),
        }
    }

    fn json_rows(&self, text: &str) -> Result<Vec<Row>, Vec<Fault>> {
        let document: Value = serde_json::from_str(text).map_err(|_| whole("is not JSON: is the file cut off?"))?;
        let pointer = self.rows_pointer.as_deref().unwrap_or_default();
        let Some(Value::Array(array)) = document.pointer(pointer) else {
            return Err(whole("holds no array of rows at rows_pointer"));
        };
        let mut rows = Vec::with_capacity(array.len());
        for (i, value) in array.iter().enumerate() {
            let not_an_object = || vec![fault(i + 1, "all columns", "is not an object")];
            let object = value.as_object().ok_or_else(not_an_object)?;
            let mut row = Row::new();
            for (name, value) in object {
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
            rows.push(row);
        }
        Ok(rows)
    }

    fn person(&self, row: &Row, number: usize) -> Result<Person, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut identities = Vec::new();
        for (column, value) in row.iter().filter(|(_, value)| !value.is_empty()) {
            match column.as_str() {
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
        let standing = match row.get("status").map(|word| word.to_ascii_lowercase()).as_deref() {
            None | Some("active") => Standing::Active,
            Some("left") => Standing::Left,
            Some("suspended") => Standing::Suspended,
            Some(_) => {
                faults.push(fault(number, "status", "is none of active, left, suspended"));
                Standing::Active
            }
        };
        let access = match row.get("access") {
            None => Ok(self.default_access.clone()),
            Some(list) => self.access(list),
        };
        let access = access.unwrap_or_else(|problem| {
            faults.push(fault(number, "access", problem));
            Vec::new()
        });
        let text = |column: &str| {
            row.get(column)
                .filter(|text| !text.is_empty())
                .map(|text| text.as_str().into())
        };
        let name = Name {
            first: text("first_name"),
            last: text("last_name"),
        };
        match faults.is_empty() {
            true => Ok(Person::new(identities)
                .named(name)
                .with_access(access)
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

/// Whether a column's values identify people.
fn is_identity(column: &str) -> bool {
    matches!(column, "email" | "github_username") || column.len() > 3 && column.ends_with("_id")
}

fn is_ours(column: &str) -> bool {
    is_identity(column) || matches!(column, "status" | "access" | "first_name" | "last_name")
}

fn whole(problem: &str) -> Vec<Fault> {
    vec![Fault {
        path: "the file".to_owned(),
        problem: problem.to_owned(),
    }]
}

/// HR exports from spreadsheets come in other encodings; guessing one could turn a name into another.
fn utf8(bytes: &[u8]) -> Result<&str, Vec<Fault>> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(whole("is UTF-16; export it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| whole("is not UTF-8 (Windows-1252?); export it as UTF-8"))
}

/// The text before the trailer, and the number of rows it promises.
fn cut_trailer(text: &str) -> Result<(&str, Option<usize>), Vec<Fault>> {
    let missing = || whole("the last line is not the trailer `#end,<rows>`: the file is cut off");
    let end = text.trim_end();
    let start = end.rfind('\n').map_or(0, |i| i + 1);
    let (rows, trailer) = (text.get(..start), end.get(start..));
    let promised = trailer.and_then(|line| line.trim().strip_prefix("#end,"));
    let promised = promised
        .and_then(|count| count.trim().parse().ok())
        .ok_or_else(missing)?;
    Ok((rows.unwrap_or_default(), Some(promised)))
}

/// A value as the text that would stand in a CSV cell.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(texts?.join(";"))
        }
        _ => None,
    }
}
