//! A page as a test reads it: its markup is checked to the last tag, then taken apart.

use rehearsal::host::UrlAnswer;

/// Elements without an end.
const VOID: [&str; 5] = ["meta", "input", "link", "br", "img"];

/// A well-formed page.
pub(crate) struct Page {
    /// As it was sent.
    pub(crate) html: String,
    /// Every element, in order: its name and attributes.
    pub(crate) elements: Vec<(String, Vec<(String, String)>)>,
    /// The body rows of every table: each cell's text.
    pub(crate) rows: Vec<Vec<String>>,
    /// All text but style and script, with single spaces.
    pub(crate) text: String,
    pub(crate) style: String,
    pub(crate) script: String,
}

impl Page {
    /// Reads an answer; panics where it is no well-formed page.
    pub(crate) fn of(answer: &UrlAnswer) -> Self {
        let html = answer.text();
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("text/html; charset=utf-8"), "{html:.500}");
        let mut page = Self {
            elements: Vec::new(),
            rows: Vec::new(),
            text: String::new(),
            style: String::new(),
            script: String::new(),
            html: html.clone(),
        };
        let mut open: Vec<String> = Vec::new();
        let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a doctype");
        while let Some(start) = rest.find('<') {
            page.say(&open, &rest[..start]);
            let end = rest.find('>').expect("a tag that ends");
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "</{name}> ends another element");
                continue;
            }
            let (name, attributes) = read(tag);
            if name == "tr" && open.last().is_some_and(|parent| parent == "tbody") {
                page.rows.push(Vec::new());
            }
            let in_body = open.iter().any(|parent| parent == "tbody");
            if in_body && (name == "td" || name == "th") {
                page.rows.last_mut().unwrap().push(String::new());
            }
            page.elements.push((name.clone(), attributes));
            if name == "style" || name == "script" {
                let close = format!("</{name}>");
                let (raw, after) = rest.split_once(&close).expect("an end of what is raw");
                let place = if name == "style" {
                    &mut page.style
                } else {
                    &mut page.script
                };
                place.push_str(raw);
                rest = after;
            } else if !VOID.contains(&&*name) {
                open.push(name);
            }
        }
        page.say(&open, rest);
        assert_eq!(open, [""; 0], "elements that do not end");
        page.check_ids();
        page.check_that_nothing_is_loaded();
        page
    }

    fn say(&mut self, open: &[String], text: &str) {
        assert!(!text.contains('>'), "a bracket that is not escaped: {text:.200}");
        let text = unescaped(text);
        let in_cell = open.iter().any(|name| name == "td" || name == "th") && open.iter().any(|name| name == "tbody");
        if in_cell {
            self.rows.last_mut().unwrap().last_mut().unwrap().push_str(&text);
        }
        if !text.trim().is_empty() {
            self.text.push_str(&text);
        }
    }

    fn check_ids(&self) {
        let attributes: Vec<&(String, String)> = self.elements.iter().flat_map(|(_, attributes)| attributes).collect();
        let mut ids: Vec<&str> = Vec::new();
        for (_, id) in attributes.iter().filter(|(name, _)| name == "id") {
            assert!(!ids.contains(&&**id), "the id {id} stands twice");
            ids.push(id);
        }
        let refers = |name: &str| matches!(name, "for" | "aria-labelledby");
        for (name, id) in attributes.iter().filter(|(name, _)| refers(name)) {
            assert!(ids.contains(&&**id), "{name}={id} is nobody's");
        }
    }

    /// Nothing comes from elsewhere or leads there, and nothing runs but the one script.
    fn check_that_nothing_is_loaded(&self) {
        let names: Vec<&str> = self.elements.iter().map(|(name, _)| &**name).collect();
        let count = |name: &str| names.iter().filter(|other| **other == name).count();
        assert_eq!(count("style"), 1);
        assert!(count("script") <= 1);
        for (name, attributes) in &self.elements {
            let foreign = [
                "img", "link", "iframe", "object", "embed", "base", "svg", "video", "audio",
            ];
            assert!(!foreign.contains(&&**name), "<{name}>");
            for (attribute, value) in attributes {
                assert!(!attribute.starts_with("on"), "{attribute}={value}");
                assert!(
                    !["src", "style", "srcset", "action", "formaction"].contains(&&**attribute),
                    "{attribute}={value}"
                );
                if attribute == "href" {
                    assert!(value.starts_with('?') || value == "#main", "{value}");
                }
            }
        }
        for text in [&self.style, &self.script] {
            assert!(
                !text.contains("http") && !text.contains("//") && !text.contains("url("),
                "{text}"
            );
        }
    }

    /// The values of an attribute, in order.
    pub(crate) fn all(&self, element: &str, attribute: &str) -> Vec<&str> {
        let of_name = self.elements.iter().filter(|(name, _)| name == element);
        let attributes = of_name.flat_map(|(_, attributes)| attributes);
        let wanted = attributes.filter(|(name, _)| name == attribute);
        wanted.map(|(_, value)| &**value).collect()
    }

    /// The rows, each in a line with ` | ` between its cells.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.join(" | ")).collect()
    }
}

/// A tag's name and attributes; every value is quoted.
fn read(tag: &str) -> (String, Vec<(String, String)>) {
    let name_end = tag.find(' ').unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    assert!(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
        "<{tag}>"
    );
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix(' ').unwrap_or_else(|| panic!("<{tag}>"));
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "<{tag}>");
        match after.strip_prefix("=\"") {
            Some(value) => {
                let (value, after) = value.split_once('"').unwrap_or_else(|| panic!("<{tag}>"));
                attributes.push((name.to_owned(), unescaped(value)));
                rest = after;
            }
            None => {
                attributes.push((name.to_owned(), String::new()));
                rest = after;
            }
        }
    }
    (name.to_owned(), attributes)
}

/// The text that markup stands for; panics at an ampersand that is none of the four.
fn unescaped(markup: &str) -> String {
    let mut parts = markup.split('&');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part
            .split_once(';')
            .unwrap_or_else(|| panic!("a bare ampersand: {part:.100}"));
        text.push_str(match entity {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            other => panic!("&{other};"),
        });
        text.push_str(after);
    }
    text
}
