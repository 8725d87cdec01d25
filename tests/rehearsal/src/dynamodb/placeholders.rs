//! The names and values that a request gives for the placeholders of its expression; each has to be of use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{self, Attribute, Item};
use super::{invalid, malformed};
use crate::checks::Object;
use crate::server::Refusal;

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";

pub(super) struct Placeholders {
    names: BTreeMap<String, String>,
    values: Item,
    used: BTreeSet<String>,
}

impl Placeholders {
    pub(super) fn read(fields: &Object) -> Result<Self, Refusal> {
        Ok(Self {
            names: names(fields)?,
            values: values(fields)?,
            used: BTreeSet::new(),
        })
    }

    /// The attribute that `#x` stands for.
    pub(super) fn name(&mut self, placeholder: &str) -> Option<String> {
        self.used.insert(placeholder.to_owned());
        self.names.get(placeholder).cloned()
    }

    /// What `:x` stands for.
    pub(super) fn value(&mut self, placeholder: &str) -> Option<Attribute> {
        self.used.insert(placeholder.to_owned());
        self.values.get(placeholder).cloned()
    }

    pub(super) fn check_all_used(&self) -> Result<(), Refusal> {
        let unused = |placeholder: &&String| !self.used.contains(*placeholder);
        for (member, idle) in [
            (NAMES, self.names.keys().find(unused)),
            (VALUES, self.values.keys().find(unused)),
        ] {
            if let Some(idle) = idle {
                let message = format!("Value provided in {member} unused in expressions: keys: {{{idle}}}");
                return Err(invalid(message));
            }
        }
        Ok(())
    }

    /// A request without an expression has no use for any.
    pub(super) fn check_none(fields: &Object) -> Result<(), Refusal> {
        match [NAMES, VALUES].into_iter().find(|member| fields.contains_key(*member)) {
            Some(stray) => Err(invalid(format!("{stray} can only be specified when using expressions"))),
            None => Ok(()),
        }
    }
}

fn names(fields: &Object) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(names) = fields.get(NAMES) else {
        return Ok(BTreeMap::new());
    };
    let names = names.as_object().ok_or_else(|| malformed("names are not a map"))?;
    check_placeholders(NAMES, '#', names.keys())?;
    let name = |(placeholder, name): (&String, &Value)| {
        let name = name.as_str().ok_or_else(|| malformed("a name is not text"))?;
        Ok((placeholder.clone(), name.to_owned()))
    };
    names.iter().map(name).collect()
}

fn values(fields: &Object) -> Result<Item, Refusal> {
    let Some(values) = fields.get(VALUES) else {
        return Ok(Item::new());
    };
    let values = item::attributes(Some(values), VALUES)?;
    check_placeholders(VALUES, ':', values.keys())?;
    Ok(values)
}

fn check_placeholders<'a>(member: &str, first: char, given: impl Iterator<Item = &'a String>) -> Result<(), Refusal> {
    let mut given = given.peekable();
    if given.peek().is_none() {
        return Err(invalid(format!("{member} must not be empty")));
    }
    let named = |rest: &str| !rest.is_empty() && rest.chars().all(is_part);
    match given.find(|placeholder| !placeholder.strip_prefix(first).is_some_and(named)) {
        Some(wrong) => Err(invalid(format!(
            "{member} contains invalid key: Syntax error; key: {wrong:?}"
        ))),
        None => Ok(()),
    }
}

/// What names and placeholders are made of.
pub(super) fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
