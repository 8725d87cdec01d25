//! Expressions: read as text, with the names and values that a request gives for its placeholders.
//!
//! From "Condition and filter expressions, operators, and functions" of the developer guide; `NOT`, `IN`, nested attributes and
//! some functions are not simulated.

use std::collections::BTreeSet;

use super::condition::{Comparator, Condition, Operand};
use super::invalid;
use super::item::Attribute;
use super::placeholders::{Placeholders, is_part};
use crate::checks::{self, Object, forbidden};
use crate::server::Refusal;

/// "Reserved words in DynamoDB" of the developer guide; they may not be attribute names in expressions.
const RESERVED: &str = include_str!("reserved.txt");

/// The request's expression, if it has one; every placeholder has to be defined, and of use.
pub(super) fn read(fields: &Object, member: &str) -> Result<Option<Condition>, Refusal> {
    let Some(text) = checks::text(fields, member)? else {
        Placeholders::check_none(fields)?;
        return Ok(None);
    };
    let mut parser = Parser {
        member,
        tokens: tokens(&text).map_err(|what| invalid(format!("Invalid {member}: Syntax error; token: {what}")))?,
        at: 0,
        placeholders: Placeholders::read(fields)?,
    };
    let condition = parser.whole()?;
    parser.placeholders.check_all_used()?;
    Ok(Some(condition))
}

/// Words with their `#` or `:`, comparators, parentheses and commas.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | ',' | '=' => 1,
            '<' | '>' => 1 + usize::from(rest[1..].starts_with('=') || rest.starts_with("<>")),
            '#' | ':' | '_' | 'a'..='z' | 'A'..='Z' => 1 + rest[1..].chars().take_while(|c| is_part(*c)).count(),
            _ => return Err(first.to_string()),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    Ok(tokens)
}

struct Parser<'a> {
    member: &'a str,
    tokens: Vec<String>,
    at: usize,
    placeholders: Placeholders,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Condition, Refusal> {
        if self.tokens.is_empty() {
            return Err(self.wrong("The expression can not be empty;"));
        }
        if self.has_redundant_parentheses() {
            return Err(self.wrong("The expression has redundant parentheses;"));
        }
        let condition = self.any_of()?;
        match self.at == self.tokens.len() {
            true => Ok(condition),
            false => Err(self.syntax()),
        }
    }

    /// `((…))`.
    fn has_redundant_parentheses(&self) -> bool {
        let (mut open, mut pairs) = (Vec::new(), BTreeSet::new());
        for (at, token) in self.tokens.iter().enumerate() {
            match token.as_str() {
                "(" => open.push(at),
                ")" => pairs.extend(open.pop().map(|from| (from, at))),
                _ => {}
            }
        }
        pairs.iter().any(|(from, to)| pairs.contains(&(from + 1, to - 1)))
    }

    /// `OR` binds loosest.
    fn any_of(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.all_of()?;
        while self.take("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.all_of()?));
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.one()?;
        while self.take("AND") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, Refusal> {
        if self.take("NOT") {
            return Err(forbidden("NOT is not simulated"));
        }
        if self.take("(") {
            let inner = self.any_of()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.tokens.get(self.at + 1).is_some_and(|token| token == "(") {
            return self.function();
        }
        let left = self.operand()?;
        if self.take("BETWEEN") {
            let from = self.operand()?;
            self.expect("AND")?;
            let to = self.operand()?;
            self.check_bounds(&from, &to)?;
            return Ok(Condition::Between(left, from, to));
        }
        let comparator = match self.next()?.as_str() {
            "=" => Comparator::Equal,
            "<>" => Comparator::NotEqual,
            "<" => Comparator::Less,
            "<=" => Comparator::LessOrEqual,
            ">" => Comparator::Greater,
            ">=" => Comparator::GreaterOrEqual,
            word if word.eq_ignore_ascii_case("IN") => return Err(forbidden("IN is not simulated")),
            _ => return Err(self.syntax_before()),
        };
        Ok(Condition::Compare(left, comparator, self.operand()?))
    }

    fn function(&mut self) -> Result<Condition, Refusal> {
        let name = self.next()?;
        self.expect("(")?;
        let first = self.operand()?;
        let condition = match (name.as_str(), first) {
            ("attribute_exists", Operand::Path(path)) => Condition::Exists(path),
            ("attribute_not_exists", Operand::Path(path)) => Condition::NotExists(path),
            ("attribute_exists" | "attribute_not_exists", Operand::Value(_)) => {
                let message = "Operator or function requires a document path; operator or function";
                return Err(self.wrong(&format!("{message}: {name}")));
            }
            ("begins_with", first) => {
                self.expect(",")?;
                let start = self.operand()?;
                if let Operand::Value(Attribute::Number(_)) = start {
                    let message = "Incorrect operand type for operator or function; operator or function";
                    return Err(self.wrong(&format!("{message}: begins_with, operand type: N")));
                }
                Condition::BeginsWith(first, start)
            }
            ("attribute_type" | "contains" | "size", _) => return Err(forbidden(format!("{name} is not simulated"))),
            _ => return Err(self.wrong(&format!("Invalid function name; function: {name}"))),
        };
        self.expect(")")?;
        Ok(condition)
    }

    fn operand(&mut self) -> Result<Operand, Refusal> {
        let token = self.next()?;
        let undefined = |what: &str| format!("An expression attribute {what} is not defined: {token}");
        match token.chars().next() {
            Some('#') => {
                let name = self.placeholders.name(&token);
                name.map(Operand::Path)
                    .ok_or_else(|| self.wrong(&undefined("name used in the document path")))
            }
            Some(':') => {
                let value = self.placeholders.value(&token);
                value
                    .map(Operand::Value)
                    .ok_or_else(|| self.wrong(&undefined("value used in expression")))
            }
            Some(first) if is_part(first) => {
                let is_reserved = |name: &str| RESERVED.split_whitespace().any(|word| word.eq_ignore_ascii_case(name));
                match is_reserved(&token) {
                    true => {
                        let message = "Attribute name is a reserved keyword; reserved keyword";
                        Err(self.wrong(&format!("{message}: {token}")))
                    }
                    false => Ok(Operand::Path(token)),
                }
            }
            _ => Err(self.syntax_before()),
        }
    }

    fn check_bounds(&self, from: &Operand, to: &Operand) -> Result<(), Refusal> {
        let (Operand::Value(from), Operand::Value(to)) = (from, to) else {
            return Ok(());
        };
        if from.kind() != to.kind() {
            return Err(self.wrong("The BETWEEN operator requires same data type for lower and upper bounds"));
        }
        if Comparator::Greater.holds(Some(from), Some(to)) {
            let message = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound";
            return Err(self.wrong(message));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<String, Refusal> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.syntax())?;
        self.at += 1;
        Ok(token)
    }

    /// Steps over this token, if it is the next.
    fn take(&mut self, wanted: &str) -> bool {
        let found = self
            .tokens
            .get(self.at)
            .is_some_and(|token| token.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Refusal> {
        match self.take(wanted) {
            true => Ok(()),
            false => Err(self.syntax()),
        }
    }

    fn syntax(&self) -> Refusal {
        let token = self.tokens.get(self.at).map_or("<EOF>", String::as_str);
        self.wrong(&format!("Syntax error; token: {token:?}"))
    }

    /// The token that was just taken has no place there.
    fn syntax_before(&mut self) -> Refusal {
        self.at -= 1;
        self.syntax()
    }

    fn wrong(&self, reason: &str) -> Refusal {
        invalid(format!("Invalid {}: {reason}", self.member))
    }
}
