//! Where an answer goes: into the answer of the request, to a message's `response_url`, or to the workflow that waits for its step.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::telling::{Ending, Place, Telling};
use super::words::People;
use crate::door::callers::api_of;
use crate::error::{Error, ErrorKind, Result};
use crate::tools::http::{Api, Auth, BaseUrl, Http, Repeat};
use crate::tools::secrets::Documents;

/// The only host that response URLs are on.
const HOOKS: &str = "hooks.slack.com";

/// Where an answer goes, and what is needed to word it. It has no `Debug`: whoever has it can write in its place.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::door) struct Addressee {
    to: To,
    /// The user who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asker: Option<String>,
    /// Whom they named.
    #[serde(default)]
    pub(super) typed: People,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Command {
        response_url: Option<String>,
    },
    Click {
        response_url: Option<String>,
    },
    Step {
        execution_id: String,
        token: String,
        /// The caller, whose workspace it is.
        caller: String,
    },
}

/// What Slack's Web API says (<https://docs.slack.dev/apis/web-api>): always 200, and whether it was so.
#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    error: String,
}

impl Addressee {
    pub(super) fn of_command(response_url: Option<&str>, user: &str) -> Self {
        let response_url = response_url.map(str::to_owned);
        Self::new(To::Command { response_url }, Some(user))
    }

    pub(super) fn of_click(response_url: Option<&str>, user: &str) -> Self {
        let response_url = response_url.map(str::to_owned);
        Self::new(To::Click { response_url }, Some(user))
    }

    pub(super) fn of_step(execution_id: &str, token: &str, caller: &str) -> Self {
        let to = To::Step {
            execution_id: execution_id.to_owned(),
            token: token.to_owned(),
            caller: caller.to_owned(),
        };
        Self::new(to, None)
    }

    /// A channel, in which nobody asked.
    pub(super) fn of_channel() -> Self {
        Self::new(To::Click { response_url: None }, None)
    }

    fn new(to: To, asker: Option<&str>) -> Self {
        Self {
            to,
            asker: asker.map(str::to_owned),
            typed: People::default(),
        }
    }

    pub(super) fn names(&mut self, people: &People) {
        self.typed = people.clone();
    }

    /// As JSON, for an order that is worked later.
    pub(in crate::door) fn to_json(&self) -> Value {
        json!({ "slack": self })
    }

    /// What [`to_json`](Self::to_json) made.
    pub(in crate::door) fn from_json(reply: &Value) -> Option<Self> {
        serde_json::from_value(reply.get("slack")?.clone()).ok()
    }

    /// The message that the answer of the request may be itself; only who typed a command reads it.
    pub(in crate::door) fn message_in_answer(&self, telling: &Telling) -> Option<Value> {
        matches!(self.to, To::Command { .. }).then(|| telling.message())
    }

    /// Tells whoever waits.
    pub(in crate::door) async fn tell(&self, http: &Http, telling: &Telling, documents: &Documents) -> Result<()> {
        match &self.to {
            To::Command { response_url } => {
                post(http, response_url.as_deref(), telling.message(), Repeat::Unsafe).await
            }
            To::Click { response_url } => {
                let mut message = telling.message();
                if let (Place::Original, Some(message)) = (telling.place, message.as_object_mut()) {
                    message.remove("response_type");
                }
                let repeat = match telling.place {
                    Place::Original => Repeat::Safe,
                    Place::Beside => Repeat::Unsafe, // twice would be two messages
                };
                if let Some(message) = message.as_object_mut() {
                    message.insert("replace_original".to_owned(), (telling.place == Place::Original).into());
                }
                post(http, response_url.as_deref(), message, repeat).await
            }
            To::Step {
                execution_id,
                token,
                caller,
            } => {
                let base = api_of(documents, caller)?;
                complete(http, base, execution_id, &SecretString::from(token.as_str()), telling).await
            }
        }
    }
}

/// Posts a message where Slack said that it may be posted
/// (<https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>): five times within half an hour.
pub(super) async fn post(http: &Http, url: Option<&str>, message: Value, repeat: Repeat) -> Result<()> {
    let url = url.and_then(hook).ok_or_else(|| {
        let message = "the message has no address on hooks.slack.com, and nothing is sent anywhere else";
        Error::new(ErrorKind::Protocol, message).with("at", "slack")
    })?;
    // All of the address is the base, so that no part of it stands in an error: it lets anybody answer.
    let api = Api::new(http, "slack", url, Auth::None);
    api.post("", repeat).json(&message).send().await?.ok().map(drop)
}

/// An address that messages may be posted to.
fn hook(url: &str) -> Option<BaseUrl> {
    let base = BaseUrl::parse("response_url", url).ok()?;
    let url = reqwest::Url::parse(base.as_str()).ok()?;
    let of_slack = url.scheme() == "https" && url.host_str() == Some(HOOKS) && url.port().is_none();
    (of_slack || base.is_loopback()).then_some(base)
}

/// Ends a step (<https://docs.slack.dev/reference/methods/functions.completeSuccess>,
/// <https://docs.slack.dev/reference/methods/functions.completeError>). The workflow goes on only where all of it was done.
async fn complete(http: &Http, base: BaseUrl, execution: &str, token: &SecretString, telling: &Telling) -> Result<()> {
    let (path, body) = match &telling.ending {
        Ending::Well(status) => {
            let outputs = json!({"status": status, "summary": telling.text});
            (
                "/functions.completeSuccess",
                json!({"function_execution_id": execution, "outputs": outputs}),
            )
        }
        Ending::Badly => (
            "/functions.completeError",
            json!({"function_execution_id": execution, "error": telling.text}),
        ),
    };
    let api = Api::new(http, "slack", base, Auth::None);
    let reply = api
        .post(path, Repeat::Safe)
        .bearer(token)
        .json(&body)
        .send()
        .await?
        .ok()?;
    let said: Said = reply.json()?;
    // A call that was repeated finds what its first attempt did.
    match said.ok || said.error == "execution_not_in_running_state" {
        true => Ok(()),
        false => {
            let code: String = said
                .error
                .chars()
                .filter(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            Err(reply
                .error(ErrorKind::Protocol, "the workflow could not be told how its step ended")
                .with("code", code))
        }
    }
}
