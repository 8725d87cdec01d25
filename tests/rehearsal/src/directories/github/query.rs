//! As much of GraphQL (<https://spec.graphql.org/October2021/>) as the queries of a directory need: one operation, its selection
//! of fields with arguments, and variables.

use serde_json::{Map, Value};

/// A field with its arguments, variables put in, and what is selected below it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
    pub(super) fields: Vec<Field>,
}

/// The fields an operation asks for; `None` where it cannot be read.
pub(super) fn parse(query: &str, variables: &Value) -> Option<Vec<Field>> {
    let mut reader = Reader {
        tokens: tokens(query)?,
        next: 0,
        variables,
    };
    // `query name($a:T!)` before the selection says what the variables are, and nothing that is needed here.
    while reader.peek()? != "{" {
        reader.next += 1;
    }
    let fields = reader.selection()?;
    (reader.next == reader.tokens.len()).then_some(fields)
}

struct Reader<'a> {
    tokens: Vec<String>,
    next: usize,
    variables: &'a Value,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let token = self.tokens.get(self.next)?.clone();
        self.next += 1;
        Some(token)
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        (self.take()? == token).then_some(())
    }

    fn selection(&mut self) -> Option<Vec<Field>> {
        self.expect("{")?;
        let mut fields = Vec::new();
        while self.peek()? != "}" {
            let name = self.take()?;
            let mut arguments = Map::new();
            if self.peek()? == "(" {
                self.next += 1;
                while self.peek()? != ")" {
                    let argument = self.take()?;
                    self.expect(":")?;
                    arguments.insert(argument, self.value()?);
                }
                self.next += 1;
            }
            let fields_below = match self.peek()? {
                "{" => self.selection()?,
                _ => Vec::new(),
            };
            fields.push(Field {
                name,
                arguments,
                fields: fields_below,
            });
        }
        self.next += 1;
        Some(fields)
    }

    fn value(&mut self) -> Option<Value> {
        let token = self.take()?;
        match token.as_str() {
            "$" => {
                let name = self.take()?;
                Some(self.variables.get(&name).cloned().unwrap_or_default())
            }
            text if text.starts_with('"') => serde_json::from_str(text).ok(),
            text => Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))), // a number, or an enum's word
        }
    }
}

/// Words, numbers, texts and signs; commas are blanks.
fn tokens(query: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start_matches(is_blank);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => rest[1..].find('"')? + 2,
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        tokens.push(rest[..end].to_owned());
        rest = rest[end..].trim_start_matches(is_blank);
    }
    Some(tokens)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
