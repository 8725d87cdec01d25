//! What a person typed: addresses, logins, providers and a mode, through everything that Slack and a keyboard do to text.
//!
//! <https://docs.slack.dev/interactivity/implementing-slash-commands>, <https://docs.slack.dev/messaging/formatting-message-text>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::planning::identity::{Email, Login, ProviderId};
use crate::planning::report::Mode;
use crate::providers;

/// Whom a text names, as it was written.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct People {
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<String>,
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) logins: Vec<String>,
}

/// Everything a text says.
#[derive(Default)]
pub(super) struct Words {
    pub(super) people: People,
    pub(super) providers: Vec<ProviderId>,
    pub(super) mode: Option<Mode>,
    pub(super) faults: Vec<Misread>,
}

/// Something in a text that is not understood.
pub(super) struct Misread {
    /// The word; empty where it is about the whole text.
    pub(super) word: String,
    pub(super) problem: &'static str,
}

impl People {
    pub(super) fn count(&self) -> usize {
        self.emails.len() + self.logins.len()
    }

    /// Whether it names whoever goes by this address or login.
    pub(super) fn name(&self, text: &str) -> bool {
        let mut all = self.emails.iter().chain(&self.logins);
        all.any(|named| named.eq_ignore_ascii_case(text))
    }

    /// As fields of an order.
    pub(super) fn order(&self) -> Value {
        json!({"email_addresses": self.emails, "github_usernames": self.logins})
    }
}

impl Words {
    /// Reads a text; `on` are the providers that are on.
    pub(super) fn read(text: &str, on: &[ProviderId]) -> Self {
        let mut words = Self::default();
        for word in cut(text) {
            match word {
                Word::Plain(word) => words.plain(&word, on),
                Word::Address { leads_to, shows } => words.link(leads_to, &shows),
                Word::Mention(word) => words.fault(
                    &word,
                    "is somebody in Slack, whom no provider knows: write the e-mail address",
                ),
            }
        }
        words
    }

    /// Notes that something is not understood.
    pub(super) fn fault(&mut self, word: &str, problem: &'static str) {
        let word = word.to_owned();
        self.faults.push(Misread { word, problem });
    }

    fn plain(&mut self, word: &str, on: &[ProviderId]) {
        let lower = word.to_lowercase();
        let named = providers::by_name(&lower);
        match (&*lower, named) {
            ("apply", _) => self.mode(word, Mode::Apply),
            ("preview", _) => self.mode(word, Mode::Preview),
            (_, Some(id)) if on.contains(&id) => add(&mut self.providers, id),
            (_, Some(_)) => self.fault(word, "is a provider that is off"),
            (login, None) if login.starts_with("github:") => match word.get("github:".len()..).and_then(Login::parse) {
                Some(login) => add(&mut self.people.logins, login.written().to_owned()),
                None => self.fault(word, "is not a GitHub login"),
            },
            (address, None) if address.contains('@') => self.address(word),
            _ => self.fault(word, "is no e-mail address, no github:login and no provider"),
        }
    }

    fn address(&mut self, word: &str) {
        match Email::parse(word) {
            Some(email) => add(&mut self.people.emails, email.written().to_owned()),
            None => self.fault(word, "is not an e-mail address"),
        }
    }

    /// A link shows what its writer likes; one that shows another address than it leads to is nobody's honest order.
    fn link(&mut self, leads_to: String, shows: &str) {
        let other = |shown: Email| Email::parse(&leads_to).is_none_or(|email| email != shown);
        match Email::parse(shows).is_some_and(other) {
            true => self.fault(shows, "is a link that leads to another address"),
            false => self.address(&leads_to),
        }
    }

    fn mode(&mut self, word: &str, mode: Mode) {
        match self.mode {
            Some(other) if other != mode => self.fault(word, "contradicts another word"),
            _ => self.mode = Some(mode),
        }
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

enum Word {
    Plain(String),
    Address { leads_to: String, shows: String },
    Mention(String),
}

/// Cuts a text into words. What Slack wrote stands between `<` and `>`, and may hold blanks.
fn cut(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        words.extend(plain(before));
        let Some((inside, after)) = after.split_once('>') else {
            rest = after;
            break;
        };
        words.extend(written_by_slack(inside));
        rest = after;
    }
    words.extend(plain(rest));
    words
}

fn written_by_slack(inside: &str) -> Vec<Word> {
    let (target, label) = inside.split_once('|').unwrap_or((inside, ""));
    match (target.strip_prefix("mailto:"), target.starts_with(['@', '#', '!'])) {
        (Some(address), _) => {
            let address = address.split('?').next().unwrap_or_default();
            vec![Word::Address {
                leads_to: tidy(&as_typed(address)),
                shows: tidy(&as_typed(label)),
            }]
        }
        // The label is the name of the moment, which its bearer chose.
        (None, true) => vec![Word::Mention(target.to_owned())],
        (None, false) => plain(if label.is_empty() { target } else { label }),
    }
}

fn plain(text: &str) -> Vec<Word> {
    let text = as_typed(text);
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let words = words.map(tidy).filter(|word| !word.is_empty());
    words.map(Word::Plain).collect()
}

/// Text before Slack escaped it.
fn as_typed(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A word without what a keyboard, a mail or a page put around and into it.
fn tidy(word: &str) -> String {
    let seen = word.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        '‘' | '’' | 'ʼ' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        other => other,
    });
    let seen: String = seen.collect();
    let mut bare = seen.as_str();
    loop {
        // Only what stands on both sides: `_jane@example.com` is another person than `jane@example.com`.
        let pair = AROUND
            .iter()
            .find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close));
        match pair.or_else(|| bare.strip_suffix(['.', ':', '!', '?'])) {
            Some(inside) => bare = inside,
            None => return bare.to_owned(),
        }
    }
}

/// What is put around a word.
const AROUND: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('(', ')'),
    ('<', '>'),
    ('*', '*'),
    ('_', '_'),
];

/// Characters without width, and those that turn the direction of text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
