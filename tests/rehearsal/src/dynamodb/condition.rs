//! What an expression says: whether it holds for an item, and whether a query may ask by it.

use super::invalid;
use super::item::{Attribute, Item, PARTITION, SORT, check_key_text};
use crate::checks::forbidden;
use crate::server::Refusal;

#[derive(Debug)]
pub(super) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Exists(String),
    NotExists(String),
    Compare(Operand, Comparator, Operand),
    Between(Operand, Operand, Operand),
    BeginsWith(Operand, Operand),
}

#[derive(Debug)]
pub(super) enum Operand {
    /// An attribute's name.
    Path(String),
    Value(Attribute),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// A comparison with what is not there, or is of another type, does not hold; only "not equal" does.
    pub(super) fn holds(&self, item: &Item) -> bool {
        match self {
            Self::And(left, right) => left.holds(item) && right.holds(item),
            Self::Or(left, right) => left.holds(item) || right.holds(item),
            Self::Exists(path) => item.contains_key(path),
            Self::NotExists(path) => !item.contains_key(path),
            Self::Compare(left, comparator, right) => comparator.holds(left.of(item), right.of(item)),
            Self::Between(value, from, to) => {
                let at_most = Comparator::LessOrEqual;
                at_most.holds(from.of(item), value.of(item)) && at_most.holds(value.of(item), to.of(item))
            }
            Self::BeginsWith(value, start) => {
                let text = |operand: &Operand| operand.of(item).and_then(Attribute::text).map(str::to_owned);
                text(value)
                    .zip(text(start))
                    .is_some_and(|(value, start)| value.starts_with(&start))
            }
        }
    }

    /// A query asks for one shelf by equality, and for its keys by at most one condition.
    pub(super) fn check_for_query(&self) -> Result<(), Refusal> {
        let both = match self {
            Self::And(left, right) => vec![&**left, &**right],
            other => vec![other],
        };
        let (mut shelf, mut key) = (None, None);
        for condition in both {
            let one = match condition.checked_key()? {
                PARTITION => &mut shelf,
                SORT => &mut key,
                _ => {
                    return Err(invalid(format!(
                        "Query condition missed key schema element: {PARTITION}"
                    )));
                }
            };
            if one.replace(condition).is_some() {
                return Err(invalid(
                    "KeyConditionExpressions must only contain one condition per key",
                ));
            }
        }
        match shelf {
            Some(Self::Compare(_, Comparator::Equal, _)) => Ok(()),
            Some(_) => Err(invalid("Query key condition not supported")),
            None => Err(invalid(format!(
                "Query condition missed key schema element: {PARTITION}"
            ))),
        }
    }

    /// The attribute that one condition of a query is about, once it is clear that it compares with texts a key may be.
    fn checked_key(&self) -> Result<&str, Refusal> {
        let operator = |name: &str| invalid(format!("Invalid operator used in KeyConditionExpression: {name}"));
        let (path, values) = match self {
            Self::And(..) => return Err(invalid("Conditions can be of length 1 or 2 only")),
            Self::Or(..) => return Err(operator("OR")),
            Self::Exists(_) => return Err(operator("attribute_exists")),
            Self::NotExists(_) => return Err(operator("attribute_not_exists")),
            Self::Compare(_, Comparator::NotEqual, _) => return Err(operator("<>")),
            Self::Compare(path, _, value) | Self::BeginsWith(path, value) => (path, vec![value]),
            Self::Between(path, from, to) => (path, vec![from, to]),
        };
        let Operand::Path(name) = path else {
            return Err(forbidden(
                "a key condition that does not begin with the key is not simulated",
            ));
        };
        for value in values {
            match value {
                Operand::Value(Attribute::Text(text)) => check_key_text(name, text)?,
                Operand::Value(Attribute::Number(_)) => {
                    let message = "Condition parameter type does not match schema type";
                    return Err(invalid(format!("One or more parameter values were invalid: {message}")));
                }
                Operand::Path(_) => {
                    let message = "Multiple attribute names used in one condition";
                    return Err(invalid(format!(
                        "Invalid condition in KeyConditionExpression: {message}"
                    )));
                }
            }
        }
        Ok(name)
    }
}

impl Operand {
    fn of<'a>(&'a self, item: &'a Item) -> Option<&'a Attribute> {
        match self {
            Self::Path(name) => item.get(name),
            Self::Value(value) => Some(value),
        }
    }
}

impl Comparator {
    /// Text compares by its UTF-8 bytes, as `str` does.
    pub(super) fn holds(self, left: Option<&Attribute>, right: Option<&Attribute>) -> bool {
        let order = match (left, right) {
            (Some(Attribute::Text(left)), Some(Attribute::Text(right))) => left.cmp(right),
            (Some(Attribute::Number(left)), Some(Attribute::Number(right))) => left.cmp(right),
            _ => return self == Self::NotEqual,
        };
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
