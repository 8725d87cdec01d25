//! The part of GitHub's GraphQL schema that the contract names, and whether a query keeps to it.

use serde_json::{Value, json};

use super::query::{Declared, Field, Given, Operation};
use crate::checks::Object;

/// The type a query starts at.
pub(super) const QUERY: &str = "Query";

/// One field of a type: whose, its name, what it gives (empty: a scalar), and its arguments with their types.
struct Entry(&'static str, &'static str, &'static str, Arguments);

type Arguments = &'static [(&'static str, &'static str)];

const NONE: Arguments = &[];
const PAGE: Arguments = &[("first", "Int"), ("after", "String")];
const TEAM_PAGE: Arguments = &[("first", "Int"), ("after", "String"), ("membership", MEMBERSHIP)];
const MEMBERSHIP: &str = "TeamMembershipType";
const LOGIN: Arguments = &[("login", "String!")];

const SCHEMA: &[Entry] = &[
    Entry(QUERY, "organization", "Organization", LOGIN),
    Entry("Organization", "login", "", NONE),
    Entry("Organization", "databaseId", "", NONE),
    Entry("Organization", "name", "", NONE),
    Entry("Organization", "membersWithRole", "OrganizationMemberConnection", PAGE),
    Entry("Organization", "team", "Team", &[("slug", "String!")]),
    Entry(
        "Organization",
        "samlIdentityProvider",
        "OrganizationIdentityProvider",
        NONE,
    ),
    Entry("OrganizationMemberConnection", "totalCount", "", NONE),
    Entry("OrganizationMemberConnection", "pageInfo", "PageInfo", NONE),
    Entry("OrganizationMemberConnection", "edges", "OrganizationMemberEdge", NONE),
    Entry("OrganizationMemberConnection", "nodes", "User", NONE),
    Entry("OrganizationMemberEdge", "role", "", NONE),
    Entry("OrganizationMemberEdge", "node", "User", NONE),
    Entry("PageInfo", "hasNextPage", "", NONE),
    Entry("PageInfo", "endCursor", "", NONE),
    Entry("User", "login", "", NONE),
    Entry("User", "databaseId", "", NONE),
    Entry("User", "name", "", NONE),
    Entry("User", "email", "", NONE),
    Entry("User", "organizationVerifiedDomainEmails", "", LOGIN),
    Entry("Team", "slug", "", NONE),
    Entry("Team", "members", "TeamMemberConnection", TEAM_PAGE),
    Entry("TeamMemberConnection", "totalCount", "", NONE),
    Entry("TeamMemberConnection", "pageInfo", "PageInfo", NONE),
    Entry("TeamMemberConnection", "edges", "TeamMemberEdge", NONE),
    Entry("TeamMemberConnection", "nodes", "User", NONE),
    Entry("TeamMemberEdge", "node", "User", NONE),
    Entry(
        "OrganizationIdentityProvider",
        "externalIdentities",
        "ExternalIdentityConnection",
        PAGE,
    ),
    Entry("ExternalIdentityConnection", "totalCount", "", NONE),
    Entry("ExternalIdentityConnection", "pageInfo", "PageInfo", NONE),
    Entry("ExternalIdentityConnection", "edges", "ExternalIdentityEdge", NONE),
    Entry("ExternalIdentityConnection", "nodes", "ExternalIdentity", NONE),
    Entry("ExternalIdentityEdge", "node", "ExternalIdentity", NONE),
    Entry("ExternalIdentity", "guid", "", NONE),
    Entry(
        "ExternalIdentity",
        "samlIdentity",
        "ExternalIdentitySamlAttributes",
        NONE,
    ),
    Entry(
        "ExternalIdentity",
        "scimIdentity",
        "ExternalIdentityScimAttributes",
        NONE,
    ),
    Entry("ExternalIdentity", "user", "User", NONE),
    Entry("ExternalIdentitySamlAttributes", "nameId", "", NONE),
    Entry("ExternalIdentitySamlAttributes", "username", "", NONE),
    Entry("ExternalIdentitySamlAttributes", "emails", "UserEmailMetadata", NONE),
    Entry("ExternalIdentityScimAttributes", "username", "", NONE),
    Entry("ExternalIdentityScimAttributes", "emails", "UserEmailMetadata", NONE),
    Entry("UserEmailMetadata", "value", "", NONE),
];

/// The type of what a field gives; empty for a scalar.
pub(super) fn gives(on: &str, name: &str) -> &'static str {
    entry(on, name).map_or("", |entry| entry.2)
}

fn entry(on: &str, name: &str) -> Option<&'static Entry> {
    SCHEMA.iter().find(|entry| entry.0 == on && entry.1 == name)
}

/// The query's fields, variables put in their places; or the error GitHub answers without looking anything up.
pub(super) fn bound(operation: Operation, variables: &Object) -> Result<Vec<Field>, Value> {
    let mut declared = Vec::new();
    for variable in operation.variables {
        let value = valued(&variable, variables)?;
        declared.push((variable, value, 0));
    }
    let mut binding = Binding { declared };
    let fields = binding.selection(operation.fields, QUERY, &["query"])?;
    match binding.declared.iter().find(|(_, _, uses)| *uses == 0) {
        None => Ok(fields),
        Some((variable, _, _)) => Err(error(
            &["query"],
            "variableNotUsed",
            &format!(
                "Variable ${} is declared by anonymous query but not used",
                variable.name
            ),
        )),
    }
}

/// The value of a variable, which must be of the type its declaration says.
fn valued(variable: &Declared, variables: &Object) -> Result<Given, Value> {
    let given = match variables.get(&variable.name) {
        None => variable.default.clone().unwrap_or(Given::Null),
        Some(Value::Null) => Given::Null,
        Some(Value::String(text)) if variable.kind.trim_end_matches('!') == MEMBERSHIP => Given::Word(text.clone()),
        Some(Value::String(text)) => Given::Text(text.clone()),
        Some(other) => other
            .as_i64()
            .map_or_else(|| Given::Word(other.to_string()), Given::Number),
    };
    match fits(&given, &variable.kind) {
        true => Ok(given),
        false => Err(error(
            &["query"],
            "variableInvalid",
            &format!(
                "Variable ${} of type {} was provided invalid value",
                variable.name, variable.kind
            ),
        )),
    }
}

fn fits(given: &Given, kind: &str) -> bool {
    match (given, kind.trim_end_matches('!')) {
        (Given::Null, _) => !kind.ends_with('!'),
        (Given::Text(_), "String") | (Given::Number(_), "Int") => true,
        // Nobody here is in a team through another one, so that the two lists are the same.
        (Given::Word(word), MEMBERSHIP) => word == "ALL" || word == "IMMEDIATE",
        _ => false,
    }
}

/// The declared variables, their values, and how often each was used.
struct Binding {
    declared: Vec<(Declared, Given, usize)>,
}

impl Binding {
    fn selection(&mut self, fields: Vec<Field>, on: &str, path: &[&str]) -> Result<Vec<Field>, Value> {
        fields.into_iter().map(|field| self.field(field, on, path)).collect()
    }

    fn field(&mut self, mut field: Field, on: &str, path: &[&str]) -> Result<Field, Value> {
        let key = field.key().to_owned();
        let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
        if field.name == "__typename" && field.fields.is_empty() && field.arguments.is_empty() {
            return Ok(field);
        }
        let Some(Entry(_, name, kind, known)) = entry(on, &field.name) else {
            let text = format!("Field '{}' doesn't exist on type '{on}'", field.name);
            let mut error = error(&path, "undefinedField", &text);
            error["extensions"]["typeName"] = json!(on);
            error["extensions"]["fieldName"] = json!(field.name);
            return Err(error);
        };
        for argument in &mut field.arguments {
            argument.1 = self.argument(name, argument, known, &path)?;
        }
        for (argument, kind) in known.iter().filter(|(_, kind)| kind.ends_with('!')) {
            if field.argument(argument).is_none() {
                let text = format!("Field '{name}' is missing required arguments: {argument} ({kind})");
                return Err(error(&path, "missingRequiredArguments", &text));
            }
        }
        match (kind.is_empty(), field.fields.is_empty()) {
            (true, false) => {
                let text = format!("Selections can't be made on scalars (field '{name}')");
                return Err(error(&path, "selectionMismatch", &text));
            }
            (false, true) => {
                let text = format!("Field must have selections (field '{name}' returns {kind} but has no selections)");
                return Err(error(&path, "selectionMismatch", &text));
            }
            _ => {}
        }
        field.fields = self.selection(field.fields, kind, &path)?;
        Ok(field)
    }

    fn argument(
        &mut self,
        field: &str,
        (name, given): &(String, Given),
        known: Arguments,
        path: &[&str],
    ) -> Result<Given, Value> {
        let Some((_, wanted)) = known.iter().find(|(known, _)| known == name) else {
            let text = format!("Field '{field}' doesn't accept argument '{name}'");
            return Err(error(path, "argumentNotAccepted", &text));
        };
        let Given::Variable(variable) = given else {
            return match fits(given, wanted) {
                true => Ok(given.clone()),
                false => {
                    let text =
                        format!("Argument '{name}' on Field '{field}' has an invalid value. Expected type '{wanted}'.");
                    Err(error(path, "argumentLiteralsIncompatible", &text))
                }
            };
        };
        let Some((declared, value, uses)) = self.declared.iter_mut().find(|(d, _, _)| d.name == *variable) else {
            let text = format!("Variable ${variable} is used by anonymous query but not declared");
            return Err(error(path, "variableNotDefined", &text));
        };
        *uses += 1;
        if declared.kind != *wanted && declared.kind.strip_suffix('!') != Some(wanted) {
            let text = format!(
                "Type mismatch on variable ${variable} and argument {name} ({} / {wanted})",
                declared.kind
            );
            return Err(error(path, "variableMismatch", &text));
        }
        Ok(value.clone())
    }
}

fn error(path: &[&str], code: &str, text: &str) -> Value {
    json!({ "path": path, "extensions": { "code": code }, "message": text })
}
