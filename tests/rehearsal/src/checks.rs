//! What every contract says about a request's form: content type, known members, right types, credentials in their place.
//!
//! Each check fails with [`Refusal::Forbidden`], because our client is never meant to send such a thing.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::server::{Refusal, Request, pairs};

/// The JSON object of a request's body.
pub type Object = Map<String, Value>;

/// A refusal for what the contract forbids.
pub fn forbidden(reason: impl Into<String>) -> Refusal {
    Refusal::Forbidden(reason.into())
}

/// The refusal for a route the contract does not have.
pub fn unknown_route(request: &Request) -> Refusal {
    forbidden(format!("no such route: {} {}", request.method, request.path))
}

/// The value of `Authorization`, which must be there exactly once.
pub fn authorization(request: &Request) -> Result<&str, Refusal> {
    request
        .header("authorization")
        .ok_or_else(|| forbidden("Authorization must be there exactly once"))
}

/// The bearer token of a request.
pub fn bearer(request: &Request) -> Result<&str, Refusal> {
    let value = authorization(request)?;
    value
        .strip_prefix("Bearer ")
        .ok_or_else(|| forbidden("Authorization is not a bearer token"))
}

/// Credentials of this call travel in the body: a header would hand another secret to whoever answers.
pub fn without_header(request: &Request, name: &str) -> Result<(), Refusal> {
    if request.headers.contains_key(name) {
        return Err(forbidden(format!("header {name} has no place in this call")));
    }
    Ok(())
}

/// A call without a body.
pub fn no_body(request: &Request) -> Result<(), Refusal> {
    if request.body.is_empty() {
        Ok(())
    } else {
        Err(forbidden("this call has no body"))
    }
}

/// Only these query parameters, each at most once.
pub fn only_query(request: &Request, allowed: &[&str]) -> Result<(), Refusal> {
    for (name, _) in &request.query {
        let times = request.query.iter().filter(|(other, _)| other == name).count();
        if times > 1 || !allowed.contains(&name.as_str()) {
            return Err(forbidden(format!("query parameter {name} is unknown or repeated")));
        }
    }
    Ok(())
}

/// A whole number from the query.
pub fn number(request: &Request, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, Refusal> {
    let Some(text) = request.parameter(name) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| range.contains(number));
    number
        .map(Some)
        .ok_or_else(|| forbidden(format!("query parameter {name} is not a number in range")))
}

/// The fields of a form body; exactly these, each once.
pub fn form(request: &Request, fields: &[&str]) -> Result<Vec<String>, Refusal> {
    content_type(request, "application/x-www-form-urlencoded")?;
    let text = std::str::from_utf8(&request.body).map_err(|_| forbidden("the form is not text"))?;
    let pairs = pairs(text);
    if pairs.len() != fields.len() {
        return Err(forbidden(format!("the form needs exactly {fields:?}")));
    }
    let value = |field: &&str| {
        let pair = pairs.iter().find(|(name, value)| name == field && !value.is_empty());
        pair.map(|pair| pair.1.clone())
            .ok_or_else(|| forbidden(format!("form field {field} is missing")))
    };
    fields.iter().map(value).collect()
}

/// The JSON object in the body, with no members but these and no null among them.
pub fn object(request: &Request, allowed: &[&str]) -> Result<Object, Refusal> {
    content_type(request, "application/json")?;
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| forbidden("the body is not JSON"))?;
    members(&body, allowed)
}

/// The object itself, with no members but these and no null among them.
pub fn members(value: &Value, allowed: &[&str]) -> Result<Object, Refusal> {
    let object = value.as_object().ok_or_else(|| forbidden("not an object"))?;
    for (name, member) in object {
        if !allowed.contains(&name.as_str()) {
            return Err(forbidden(format!("unknown member {name}")));
        }
        if member.is_null() {
            return Err(forbidden(format!("member {name} is null")));
        }
    }
    Ok(object.clone())
}

/// A member that is text, if it is there.
pub fn text(object: &Object, name: &str) -> Result<Option<String>, Refusal> {
    let Some(member) = object.get(name) else {
        return Ok(None);
    };
    let text = member
        .as_str()
        .ok_or_else(|| forbidden(format!("member {name} is not text")))?;
    Ok(Some(text.to_owned()))
}

/// A member that must be there and be text of at least one character.
pub fn required_text(object: &Object, name: &str) -> Result<String, Refusal> {
    let text = text(object, name)?.filter(|text| !text.is_empty());
    text.ok_or_else(|| forbidden(format!("member {name} is missing or empty")))
}

/// A member that is true or false, if it is there.
pub fn boolean(object: &Object, name: &str) -> Result<Option<bool>, Refusal> {
    let Some(member) = object.get(name) else {
        return Ok(None);
    };
    member
        .as_bool()
        .map(Some)
        .ok_or_else(|| forbidden(format!("member {name} is not true or false")))
}

/// A member that is a list of at least one text, if it is there.
pub fn texts(object: &Object, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(member) = object.get(name) else {
        return Ok(None);
    };
    let items = member.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| forbidden(format!("member {name} is not a list, or empty")))?;
    let text = |item: &Value| item.as_str().filter(|item| !item.is_empty()).map(str::to_owned);
    let texts: Option<Vec<_>> = items.iter().map(text).collect();
    texts
        .map(Some)
        .ok_or_else(|| forbidden(format!("member {name} holds something that is not text")))
}

/// An address as the contracts' `format: email` has it, no finer.
pub fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !local.contains('@') && domain.contains('.'))
}

/// A member that must be there and be an address.
pub fn required_email(object: &Object, name: &str) -> Result<String, Refusal> {
    let email = required_text(object, name)?;
    if is_email(&email) {
        Ok(email)
    } else {
        Err(forbidden(format!("member {name} is not an address")))
    }
}

fn content_type(request: &Request, wanted: &str) -> Result<(), Refusal> {
    let found = request.header("content-type").unwrap_or_default();
    let media_type = found.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(forbidden(format!("content type is {found:?}, not {wanted}")))
}
