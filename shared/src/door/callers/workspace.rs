//! Who of a Slack workspace may ask for what. The signature proves "Slack" and no more: everybody in the workspace can type a
//! command, and in a shared channel so can people of another company.

use std::collections::BTreeMap;

use super::Caller;
use crate::bundle::CALLERS;
use crate::door::Function;
use crate::error::{Error, ErrorKind, Result};
use crate::tools::http::BaseUrl;
use crate::tools::secrets::Documents;

/// Slack's Web API.
const API: &str = "https://slack.com/api";

/// A workspace of the `callers` document. What is not written there is nobody: a list that was forgotten lets nobody in.
pub(in crate::door) struct Workspace {
    pub(super) team: Option<String>,
    pub(super) users: Vec<String>,
    pub(super) may: Vec<String>,
    pub(super) base_url: Option<String>,
}

impl Workspace {
    /// Whether this is the workspace.
    pub(in crate::door) fn is(&self, team: Option<&str>) -> bool {
        team.is_some() && self.team.as_deref() == team
    }

    /// Whether this user of it is on the list. A user goes by the id: names can be changed by whoever bears them.
    pub(in crate::door) fn lists(&self, user: &str) -> bool {
        self.users.iter().any(|listed| listed == user)
    }

    /// Whether it may ask for this function.
    pub(in crate::door) fn may(&self, function: Function) -> bool {
        self.may.iter().any(|may| may == function.name())
    }

    /// Where its Web API is.
    pub(in crate::door) fn api(&self) -> Result<BaseUrl> {
        BaseUrl::parse("base_url", self.base_url.as_deref().unwrap_or(API))
    }
}

/// Where the Web API of a caller's workspace is, by the document: what comes from a queue does not say where answers go.
pub(in crate::door) fn api_of(documents: &Documents, caller: &str) -> Result<BaseUrl> {
    let callers: BTreeMap<String, Caller> = documents.read(CALLERS)?;
    let slack = callers
        .get(caller)
        .filter(|caller| caller.scheme_name() == Some("slack"));
    let slack = slack.ok_or_else(|| Error::new(ErrorKind::Misconfigured, "no caller of this name is Slack"))?;
    slack.workspace().api()
}
