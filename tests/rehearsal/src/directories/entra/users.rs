//! A user as Graph shows one: what was selected, and nothing else.

use serde_json::{Map, Value, json};

use super::{Lack, Settings};
use crate::directories::{Member, Standing};

/// What may be selected, of what a user has.
pub(super) const PROPERTIES: [&str; 12] = [
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

/// What is shown when nothing is selected (<https://learn.microsoft.com/graph/api/resources/user>).
pub(super) const DEFAULT: [&str; 6] = ["id", "mail", "userPrincipalName", "givenName", "surname", "displayName"];

pub(super) fn shown(member: &Member, selected: &[&str], settings: &Settings) -> Value {
    let host = "acme.onmicrosoft.com";
    let principal = match (&member.login, &member.email, member.guest) {
        (_, Some(email), true) => format!("{}#EXT#@{host}", email.replace('@', "_")),
        (Some(login), ..) => login.clone(),
        (None, Some(email), false) => email.clone(),
        (None, None, true) => format!("{}_partner.example#EXT#@{host}", member.id),
        (None, None, false) => format!("{}@{host}", member.id),
    };
    let mut proxies: Vec<String> = member.email.iter().map(|email| format!("SMTP:{email}")).collect();
    proxies.extend(member.aliases.iter().map(|alias| format!("smtp:{alias}")));
    proxies.extend([
        "x500:/o=Acme/cn=canary".to_owned(),
        format!("sip:{}@voice.example", member.id),
    ]);
    let written = settings.other_mails.iter().filter(|(id, _)| *id == member.id);
    let others: Vec<&String> = written.map(|(_, mail)| mail).collect();
    let (given, family) = member.name.clone().unzip();
    let all = json!({
        "id": member.id, "mail": member.email, "userPrincipalName": principal,
        "accountEnabled": member.standing == Standing::Active, "userType": if member.guest { "Guest" } else { "Member" },
        "otherMails": others, "proxyAddresses": proxies, "employeeId": null,
        "externalUserState": member.guest.then_some("PendingAcceptance"),
        "givenName": given, "surname": family, "displayName": given,
    });
    let value = |name: &&str| match settings.lacks {
        Some(Lack::IdsOnly) if *name != "id" => Value::Null,
        _ => all[*name].clone(),
    };
    Value::Object(
        selected
            .iter()
            .map(|name| ((*name).to_owned(), value(name)))
            .collect::<Map<_, _>>(),
    )
}
