//! Graph's answers on the wire: people with the properties that were asked for, and refusals.

use serde_json::{Map, Value, json};

use super::knobs::Settings;
use crate::checks::forbidden;
use crate::directories::{Member, Standing};
use crate::server::Refusal;

/// What may be selected here; Graph knows more, the contract does not.
const KNOWN: [&str; 12] = [
    "id",
    "mail",
    "userPrincipalName",
    "accountEnabled",
    "userType",
    "otherMails",
    "proxyAddresses",
    "employeeId",
    "externalUserState",
    "givenName",
    "surname",
    "displayName",
];

/// What Graph sends of a user when nothing is selected: whether the account is enabled is not part of it.
const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// The properties to send for this `$select`.
pub(super) fn properties(select: Option<&str>) -> Result<Vec<&str>, Refusal> {
    let Some(select) = select else {
        return Ok(DEFAULT.to_vec());
    };
    let properties: Vec<&str> = select.split(',').collect();
    match properties.iter().find(|name| !KNOWN.contains(name)) {
        Some(unknown) => Err(forbidden(format!("$select names the unknown property {unknown:?}"))),
        None => Ok(properties),
    }
}

/// Somebody with these properties and no others; without the permission to read people only the id has a value.
pub(super) fn shown(member: &Member, properties: &[&str], settings: &Settings) -> Value {
    let whole = whole(member, settings);
    let value = |name: &str| match settings.revoked && name != "id" {
        true => Value::Null,
        false => whole[name].clone(),
    };
    let pairs = properties.iter().map(|name| ((*name).to_owned(), value(name)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn whole(member: &Member, settings: &Settings) -> Value {
    let (given, family) = member.name.clone().unzip();
    let full = given.iter().chain(&family).cloned().collect::<Vec<_>>().join(" ");
    json!({
        "id": member.id,
        "mail": member.email,
        "userPrincipalName": principal_name(member),
        "accountEnabled": member.standing != Standing::Suspended,
        "userType": if member.guest { "Guest" } else { "Member" },
        "otherMails": settings.other_mails.get(&member.id).cloned().unwrap_or_default(),
        "proxyAddresses": proxy_addresses(member),
        "employeeId": format!("canary-employee-{}", member.id),
        "externalUserState": member.guest.then_some("PendingAcceptance"),
        "givenName": given,
        "surname": family,
        "displayName": if full.is_empty() { &member.id } else { &full },
        "businessPhones": [],
    })
}

/// A guest's name looks like an address at home, which it need not be: whoever takes it apart gets a wrong one here.
fn principal_name(member: &Member) -> String {
    let id = &member.id;
    if member.guest {
        return format!("{id}_partner.example#EXT#@acme.onmicrosoft.com");
    }
    let name = member.login.as_ref().or(member.email.as_ref());
    name.cloned().unwrap_or_else(|| format!("{id}@acme.onmicrosoft.com"))
}

/// The main address in capitals, the others, and two that are no mail addresses.
fn proxy_addresses(member: &Member) -> Vec<String> {
    let main = member.email.iter().map(|email| format!("SMTP:{email}"));
    let others = member.aliases.iter().map(|alias| format!("smtp:{alias}"));
    let id = &member.id;
    let no_mail = [
        format!("x500:/o=Acme/ou=Exchange/cn=Recipients/cn=canary-{id}"),
        format!("sip:{id}@voice.example.test"),
    ];
    main.chain(others).chain(no_mail).collect()
}

/// Graph's refusal.
pub(super) fn no(status: u16, code: &str, message: &str) -> Refusal {
    Refusal::plain(status, &error(code, message))
}

pub(super) fn error(code: &str, message: &str) -> Value {
    let inner =
        json!({ "date": "2026-11-20T09:00:00", "request-id": "canary-request", "client-request-id": "canary-request" });
    json!({ "error": { "code": code, "message": message, "innerError": inner } })
}

/// The refusal of the desk that issues tokens, which speaks OAuth.
pub(super) fn no_token(status: u16, error: &str, description: &str) -> Refusal {
    let body = json!({
        "error": error, "error_description": format!("{description} Trace ID: canary-trace"),
        "timestamp": "2026-11-20 09:00:00Z", "trace_id": "canary-trace", "correlation_id": "canary-trace",
    });
    Refusal::plain(status, &body)
}
