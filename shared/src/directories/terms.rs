//! What every source says about itself, whatever its kind: its role, who is entitled to what, and who counts as gone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Tools, decode, invalid};
use crate::error::{Error, Result};
use crate::planning::identity::ProviderId;
use crate::planning::merging::Role;
use crate::planning::roster::Standing;

/// Stands for everybody in the source.
pub(super) const EVERYBODY: &str = "*";

/// Declares a source's own fields; beside those of [`Terms`] any other is refused by name.
macro_rules! document {
    ($(#[$meta:meta])* struct $name:ident { $($fields:tt)* }) => {
        $(#[$meta])*
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(rename = "kind")]
            _kind: serde::de::IgnoredAny,
            #[serde(default, rename = "role")]
            _role: serde::de::IgnoredAny,
            #[serde(default, rename = "grants")]
            _grants: serde::de::IgnoredAny,
            #[serde(default, rename = "suspended")]
            _suspended: serde::de::IgnoredAny,
            $($fields)*
        }
    };
}
pub(super) use document;

/// The terms as they are written.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    role: WrittenRole,
    #[serde(default)]
    grants: BTreeMap<String, Vec<String>>,
    suspended: Option<WrittenStanding>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenRole {
    #[default]
    People,
    Identities,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenStanding {
    Kept,
    Left,
}

/// The terms of one source.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) role: Role,
    /// Which group is entitled to what.
    pub(super) grants: BTreeMap<String, Vec<ProviderId>>,
    /// How somebody stands who may not sign in, where the document says.
    pub(super) suspended: Option<Standing>,
}

/// A list of people to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Everybody in the source.
    Everybody,
    /// The members of one group.
    Group(String),
}

impl Terms {
    /// Reads the terms of a source, or names every fault in them.
    pub(super) fn read(tools: &Tools<'_>, text: &str) -> Result<Self, Vec<Error>> {
        let written: Written = decode(text).map_err(|error| vec![error])?;
        let mut faults = Vec::new();
        let mut grants = BTreeMap::new();
        for (group, names) in written.grants {
            match access(tools, &names) {
                Ok(access) => drop(grants.insert(group, access)),
                Err(problem) => faults.push(invalid(&format!("grants.{group}"), &problem)),
            }
        }
        let role = match written.role {
            WrittenRole::People => Role::People,
            WrittenRole::Identities => Role::Identities,
        };
        if role == Role::Identities && !grants.is_empty() {
            faults.push(invalid(
                "grants",
                "has no place here: a source of identities entitles nobody",
            ));
        }
        let suspended = written.suspended.map(|standing| match standing {
            WrittenStanding::Kept => Standing::Suspended,
            WrittenStanding::Left => Standing::Left,
        });
        match faults.is_empty() {
            true => Ok(Self {
                role,
                grants,
                suspended,
            }),
            false => Err(faults),
        }
    }

    /// How somebody stands who may not sign in: kept, unless the document says that they have left.
    pub(super) fn suspended(&self) -> Standing {
        self.suspended.unwrap_or(Standing::Suspended)
    }

    /// The lists that name everybody who counts, each with what it entitles to.
    pub(super) fn lists(&self) -> Result<Vec<(List, Vec<ProviderId>)>> {
        if self.role == Role::Identities {
            return Ok(vec![(List::Everybody, Vec::new())]);
        }
        if self.grants.is_empty() {
            let problem = "is missing: name the groups, or `*` for everybody, and what each may use";
            return Err(invalid("grants", problem));
        }
        let list = |(group, access): (&String, &Vec<ProviderId>)| match group.as_str() {
            EVERYBODY => (List::Everybody, access.clone()),
            _ => (List::Group(group.clone()), access.clone()),
        };
        Ok(self.grants.iter().map(list).collect())
    }
}

/// The providers a list of names stands for; `*` is every one that is on.
fn access(tools: &Tools<'_>, names: &[String]) -> Result<Vec<ProviderId>, String> {
    let mut access = Vec::new();
    for name in names {
        match (name.as_str(), (tools.provider)(name)) {
            ("*", _) => access.extend_from_slice(tools.on),
            (_, Some(id)) => access.push(id),
            (_, None) => return Err("names a provider that Rollcall does not know".to_owned()),
        }
    }
    Ok(access)
}
