//! Reading an untrusted JSON object field by field, going on after a fault so that all of them are found.

use serde_json::{Map, Value};

use crate::error::Fault;

/// The fields of one object. What was asked for is known; what is left at the end is refused.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>, path: String, faults: &'a mut Vec<Fault>) -> Self {
        Self {
            object,
            path,
            known: Vec::new(),
            faults,
        }
    }

    /// A field's value, if it is there.
    fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object.get(name)
    }

    /// Whether a field is there, well or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// These fields as they were sent, as far as they are there.
    pub(super) fn as_sent(&self, names: &[&str]) -> Map<String, Value> {
        let field = |name: &&str| Some(((*name).to_owned(), self.object.get(*name)?.clone()));
        names.iter().filter_map(field).collect()
    }

    /// The JSON path of a field of this object.
    pub(super) fn path_of(&self, name: &str) -> String {
        match self.path.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.path),
        }
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, path: String, problem: impl Into<String>) {
        let problem = problem.into();
        self.faults.push(Fault { path, problem });
    }

    /// Whether no fault was found yet.
    pub(super) fn are_well(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault_at(&mut self, name: &str, problem: &str) {
        self.fault(self.path_of(name), problem);
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        let text = self.take(name)?.as_str().map(str::trim);
        match text {
            Some("") => self.fault_at(name, "must not be empty"),
            None => self.fault_at(name, "must be text"),
            Some(_) => {}
        }
        text.filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.fault_at(name, "must be true or false");
        }
        value.as_bool()
    }

    /// The texts of a list, each with its path.
    pub(super) fn texts(&mut self, name: &'static str) -> Option<Vec<(String, &'a str)>> {
        let Some(list) = self.take(name)?.as_array() else {
            self.fault_at(name, "must be a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for (i, value) in list.iter().enumerate() {
            let path = format!("{}[{i}]", self.path_of(name));
            match value.as_str().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => texts.push((path, text)),
                None => self.fault(path, "must be text"),
            }
        }
        Some(texts)
    }

    /// Reads each object of a list.
    pub(super) fn objects<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let list = match self.take(name).map(Value::as_array) {
            None => return Vec::new(),
            Some(None) => {
                self.fault_at(name, "must be a list of objects");
                return Vec::new();
            }
            Some(Some(list)) => list,
        };
        let mut found = Vec::new();
        for (i, value) in list.iter().enumerate() {
            let path = format!("{}[{i}]", self.path_of(name));
            match value.as_object() {
                None => self.fault(path, "must be an object"),
                Some(object) => {
                    let mut fields = Fields::new(object, path, self.faults);
                    found.extend(read(&mut fields));
                    fields.refuse_others();
                }
            }
        }
        found
    }

    /// The pairs of an object of texts; whole numbers are taken as text, since ids are often written so.
    pub(super) fn pairs(&mut self, name: &'static str) -> Vec<(&'a str, String)> {
        let object = match self.take(name).map(Value::as_object) {
            None => return Vec::new(),
            Some(None) => {
                self.fault_at(name, "must be an object of texts");
                return Vec::new();
            }
            Some(Some(object)) => object,
        };
        let mut pairs = Vec::new();
        for (key, value) in object {
            match value {
                Value::String(text) if !text.trim().is_empty() => pairs.push((key.as_str(), text.trim().to_owned())),
                Value::Number(number) if number.is_u64() => pairs.push((key.as_str(), number.to_string())),
                _ => self.fault(format!("{}.{key}", self.path_of(name)), "must be text"),
            }
        }
        pairs
    }

    /// Refuses every field that nobody asked for.
    pub(super) fn refuse_others(&mut self) {
        let unknown = |name: &&String| !self.known.contains(&name.as_str());
        let unknown: Vec<String> = self.object.keys().filter(unknown).cloned().collect();
        for name in unknown {
            self.fault_at(&name, "is not a field of this order");
        }
    }
}
