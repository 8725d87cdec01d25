//! A GraphQL document, read: one query, its variables, its fields and their arguments.
//!
//! Fragments, directives and lists are GraphQL and no part of the contract: whoever sends them is told so.

use std::iter::Peekable;
use std::str::CharIndices;
use std::vec::IntoIter;

/// One query.
#[derive(Debug)]
pub(super) struct Operation {
    /// The variables of its head.
    pub(super) variables: Vec<Declared>,
    /// What it selects.
    pub(super) fields: Vec<Field>,
}

/// A variable of the head.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) name: String,
    /// Its type as written, `String!`.
    pub(super) kind: String,
    pub(super) default: Option<Given>,
}

/// One field of a selection.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) alias: Option<String>,
    pub(super) arguments: Vec<(String, Given)>,
    pub(super) fields: Vec<Field>,
}

/// What an argument is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Null,
    Number(i64),
    Text(String),
    /// A name without quotes: an enum's value, `true` or `false`.
    Word(String),
    Variable(String),
}

impl Field {
    /// What it is called in the answer.
    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    /// The argument of this name; a null is none.
    pub(super) fn argument(&self, name: &str) -> Option<&Given> {
        let argument = self.arguments.iter().find(|(other, _)| other == name)?;
        Some(&argument.1).filter(|given| **given != Given::Null)
    }

    /// The argument of this name, if it is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.argument(name)? {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a document; the error says what is wrong with it or what this reader does not know.
pub(super) fn read(text: &str) -> Result<Operation, String> {
    let mut reader = Reader {
        tokens: tokens(text)?.into_iter().peekable(),
    };
    let mut variables = Vec::new();
    if let Some(Token::Word(word)) = reader.tokens.peek() {
        if word != "query" {
            return Err(format!("{word} is not simulated, only a query is"));
        }
        reader.tokens.next();
        if matches!(reader.tokens.peek(), Some(Token::Word(_))) {
            reader.tokens.next();
        }
        if reader.takes('(') {
            variables = reader.declarations()?;
        }
    }
    let fields = reader.selection()?;
    match reader.tokens.next() {
        None => Ok(Operation { variables, fields }),
        Some(token) => Err(format!("{token:?} after the query's end")),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Mark(char),
    Word(String),
    Number(i64),
    Text(String),
}

struct Reader {
    tokens: Peekable<IntoIter<Token>>,
}

impl Reader {
    /// Takes this mark if it is next, and says whether it was.
    fn takes(&mut self, mark: char) -> bool {
        self.tokens.next_if_eq(&Token::Mark(mark)).is_some()
    }

    fn must_take(&mut self, mark: char) -> Result<(), String> {
        match self.takes(mark) {
            true => Ok(()),
            false => Err(format!("expected {mark}, found {:?}", self.tokens.peek())),
        }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(word),
            other => Err(format!("expected a name, found {other:?}")),
        }
    }

    /// The head's variables, after their opening bracket.
    fn declarations(&mut self) -> Result<Vec<Declared>, String> {
        let mut declared = Vec::new();
        while !self.takes(')') {
            self.must_take('$')?;
            let name = self.word()?;
            self.must_take(':')?;
            let mut kind = self.word()?;
            if self.takes('!') {
                kind.push('!');
            }
            let default = match self.takes('=') {
                true => Some(self.given()?),
                false => None,
            };
            declared.push(Declared { name, kind, default });
        }
        Ok(declared)
    }

    fn selection(&mut self) -> Result<Vec<Field>, String> {
        self.must_take('{')?;
        let mut fields = Vec::new();
        while !self.takes('}') {
            fields.push(self.field()?);
        }
        match fields.is_empty() {
            true => Err("a selection of nothing".to_owned()),
            false => Ok(fields),
        }
    }

    fn field(&mut self) -> Result<Field, String> {
        let mut name = self.word()?;
        let mut alias = None;
        if self.takes(':') {
            alias = Some(name);
            name = self.word()?;
        }
        let mut arguments = Vec::new();
        if self.takes('(') {
            while !self.takes(')') {
                let name = self.word()?;
                self.must_take(':')?;
                arguments.push((name, self.given()?));
            }
        }
        let fields = match self.tokens.peek() {
            Some(Token::Mark('{')) => self.selection()?,
            _ => Vec::new(),
        };
        Ok(Field {
            name,
            alias,
            arguments,
            fields,
        })
    }

    fn given(&mut self) -> Result<Given, String> {
        Ok(match self.tokens.next() {
            Some(Token::Mark('$')) => Given::Variable(self.word()?),
            Some(Token::Number(number)) => Given::Number(number),
            Some(Token::Text(text)) => Given::Text(text),
            Some(Token::Word(word)) if word == "null" => Given::Null,
            Some(Token::Word(word)) => Given::Word(word),
            other => return Err(format!("expected a value, found {other:?}")),
        })
    }
}

/// The document's tokens; white space, commas and comments are none (GraphQL 2.1.7).
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        match first {
            ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => {}
            '#' => while rest.next_if(|(_, c)| !matches!(c, '\r' | '\n')).is_some() {},
            '{' | '}' | '(' | ')' | ':' | '$' | '!' | '=' => tokens.push(Token::Mark(first)),
            '"' => tokens.push(Token::Text(quoted(text, start, &mut rest)?)),
            '-' | '0'..='9' => {
                let number = run(text, start, &mut rest, |c| c.is_ascii_digit());
                let number = number.parse().map_err(|_| format!("{number} is no number"))?;
                tokens.push(Token::Number(number));
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let word = run(text, start, &mut rest, |c| c == '_' || c.is_ascii_alphanumeric());
                tokens.push(Token::Word(word.to_owned()));
            }
            other => return Err(format!("{other:?} is not simulated")),
        }
    }
    Ok(tokens)
}

/// The text from `start` on over the characters that belong to it.
fn run<'a>(
    text: &'a str,
    start: usize,
    rest: &mut Peekable<CharIndices<'_>>,
    belongs: impl Fn(char) -> bool,
) -> &'a str {
    while rest.next_if(|(_, c)| belongs(*c)).is_some() {}
    let end = rest.peek().map_or(text.len(), |(end, _)| *end);
    &text[start..end]
}

/// A string after its first quote; its escapes are JSON's.
fn quoted(text: &str, start: usize, rest: &mut Peekable<CharIndices<'_>>) -> Result<String, String> {
    if text[start..].starts_with("\"\"\"") {
        return Err("a block string is not simulated".to_owned());
    }
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => return serde_json::from_str(&text[start..=at]).map_err(|error| error.to_string()),
            '\\' => drop(rest.next()),
            _ => {}
        }
    }
    Err("a string without an end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_whatever_its_layout() {
        let wide = "query Members($org:String!, $after: String = null) {\n # who\n organization(login: $org) {\n \
                    all: membersWithRole(first: 100, after: $after) { totalCount } } }";
        let wide = read(wide).expect("a query");
        assert_eq!(wide.variables[0].kind, "String!");
        assert_eq!(wide.variables[1].default, Some(Given::Null));
        let connection = &wide.fields[0].fields[0];
        assert_eq!((connection.key(), connection.name.as_str()), ("all", "membersWithRole"));
        assert_eq!(connection.argument("first"), Some(&Given::Number(100)));
        let narrow = read(r#"{organization(login:"a\"\u0062"){login}}"#).expect("a query");
        assert_eq!(narrow.fields[0].text("login"), Some("a\"b"));
    }

    #[test]
    fn what_is_no_query_is_refused_with_a_reason() {
        for (text, reason) in [
            ("mutation { x }", "mutation is not simulated"),
            ("{ ...F }", "'.' is not simulated"),
            ("{ a @skip(if: true) }", "'@' is not simulated"),
            ("{ a { } }", "a selection of nothing"),
            ("{ a", "expected a name, found None"),
            ("{ a } { b }", "after the query's end"),
            ("{ a(b: ) }", "expected a value"),
            ("{ a(b: \"c) }", "a string without an end"),
            ("{ a(b: \"\"\"c\"\"\") }", "a block string"),
            ("query($a String) { a }", "expected :"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
