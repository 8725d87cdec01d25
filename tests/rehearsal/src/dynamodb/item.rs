//! Items: attributes, what makes them valid, their size, and their two JSON forms: DynamoDB's and a plain one for tests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{invalid, malformed};
use crate::checks::forbidden;
use crate::server::Refusal;

pub(super) const PARTITION: &str = "shelf";
pub(super) const SORT: &str = "key";

/// "The maximum item size in DynamoDB is 400 KB, which includes both attribute name binary length (UTF-8 length) and
/// attribute value lengths" (Service, account, and table quotas in Amazon DynamoDB).
const LARGEST: usize = 400 * 1024;

/// The most bytes of a key (same page).
const LONGEST: [(&str, usize); 2] = [(PARTITION, 2048), (SORT, 1024)];

/// A number has up to 38 digits (Supported data types in Amazon DynamoDB).
const DIGITS: u32 = 38;

/// Partition and sort key.
pub(super) type Key = (String, String);

pub(super) type Item = BTreeMap<String, Attribute>;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Text(String),
    Number(i128),
}

impl Attribute {
    pub(super) fn parse(wire: &Value) -> Result<Self, Refusal> {
        let types = wire
            .as_object()
            .ok_or_else(|| malformed("an attribute is not an object"))?;
        let exactly_one = "must contain exactly one of the supported datatypes";
        let mut types = types.iter();
        let Some((kind, value)) = types.next() else {
            return Err(invalid(format!("Supplied AttributeValue is empty, {exactly_one}")));
        };
        if types.next().is_some() {
            let message = format!("Supplied AttributeValue has more than one datatypes set, {exactly_one}");
            return Err(invalid(message));
        }
        match (kind.as_str(), value.as_str()) {
            ("S", Some(text)) => Ok(Self::Text(text.to_owned())),
            ("N", Some(text)) => number(text),
            ("S" | "N", None) => Err(malformed("only text can be converted to String")),
            _ => Err(forbidden(format!("attributes of type {kind} are not simulated"))),
        }
    }

    pub(super) fn wire(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "S": text }),
            Self::Number(number) => json!({ "N": number.to_string() }),
        }
    }

    /// The name of its type.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "S",
            Self::Number(_) => "N",
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    /// A number takes "approximately (1 byte per two significant digits) + 1" (DynamoDB item sizes and formats).
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(number) => number.to_string().len().div_ceil(2) + 1,
        }
    }
}

fn number(text: &str) -> Result<Attribute, Refusal> {
    match text.parse::<i128>() {
        Ok(number) if number.unsigned_abs() < 10_u128.pow(DIGITS) => Ok(Attribute::Number(number)),
        Ok(_) => Err(invalid(
            "Attempting to store more than 38 significant digits in a Number",
        )),
        Err(_) if text.parse::<f64>().is_ok_and(f64::is_finite) => Err(forbidden("only whole numbers are simulated")),
        Err(_) => Err(invalid(format!(
            "The parameter cannot be converted to a numeric value: {text}"
        ))),
    }
}

/// The attributes of a map in DynamoDB's JSON.
pub(super) fn attributes(wire: Option<&Value>, member: &str) -> Result<Item, Refusal> {
    let Some(wire) = wire else {
        return Err(invalid(format!(
            "The parameter '{member}' is required but was not present in the request"
        )));
    };
    let map = wire.as_object().ok_or_else(|| malformed("attributes are not a map"))?;
    let attribute = |(name, value): (&String, &Value)| Ok((name.clone(), Attribute::parse(value)?));
    map.iter().map(attribute).collect()
}

/// An item that is to be stored, and its key.
pub(super) fn stored(wire: Option<&Value>) -> Result<(Key, Item), Refusal> {
    let item = attributes(wire, "Item")?;
    if size(&item) > LARGEST {
        return Err(invalid("Item size has exceeded the maximum allowed size"));
    }
    for name in [PARTITION, SORT] {
        let wrong = match item.get(name) {
            None => format!("Missing the key {name} in the item"),
            Some(Attribute::Number(_)) => format!("Type mismatch for key {name} expected: S actual: N"),
            Some(Attribute::Text(_)) => continue,
        };
        return Err(invalid(format!("One or more parameter values were invalid: {wrong}")));
    }
    check_lengths(&item)?;
    let key = key_in(&item).ok_or_else(no_key)?;
    Ok((key, item))
}

/// A whole key and nothing else.
pub(super) fn key(wire: Option<&Value>, member: &str) -> Result<Key, Refusal> {
    let key = attributes(wire, member)?;
    if key.len() != 2 {
        return Err(no_key());
    }
    let both = key_in(&key).ok_or_else(no_key)?;
    check_lengths(&key)?;
    Ok(both)
}

pub(super) fn key_in(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.text().map(str::to_owned);
    Some((text(PARTITION)?, text(SORT)?))
}

/// The text that is to be compared with a key is a key too.
pub(super) fn check_key_text(name: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        let message = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.";
        return Err(invalid(format!("{message} Key: {name}")));
    }
    let longest = LONGEST.iter().find(|(key, _)| *key == name);
    if longest.is_some_and(|(_, longest)| text.len() > *longest) {
        let message = "One or more parameter values were invalid: Size has exceeded the maximum size limit";
        return Err(invalid(format!("{message}. Key: {name}")));
    }
    Ok(())
}

fn check_lengths(item: &Item) -> Result<(), Refusal> {
    for name in [PARTITION, SORT] {
        check_key_text(name, item.get(name).and_then(Attribute::text).unwrap_or_default())?;
    }
    Ok(())
}

fn no_key() -> Refusal {
    invalid("The provided key element does not match the schema")
}

pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

pub(super) fn wire(item: &Item) -> Value {
    let attributes = item.iter().map(|(name, value)| (name.clone(), value.wire()));
    Value::Object(attributes.collect())
}

/// Text as text, numbers as numbers.
pub(super) fn plain(item: &Item) -> Value {
    let value = |attribute: &Attribute| match attribute {
        Attribute::Text(text) => json!(text),
        Attribute::Number(number) => number.to_string().parse().expect("a JSON number"),
    };
    let attributes = item.iter().map(|(name, attribute)| (name.clone(), value(attribute)));
    Value::Object(attributes.collect::<Map<_, _>>())
}

pub(super) fn from_plain(plain: &Value) -> Item {
    let attribute = |value: &Value| match value {
        Value::String(text) => Attribute::Text(text.clone()),
        other => Attribute::Number(other.to_string().parse().expect("text or a whole number")),
    };
    let attributes = plain.as_object().expect("an object").iter();
    attributes
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect()
}
