//! What Slack sends, as its pages show it, signed and in the form in which Lambda hands it on.

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{ADMIN, SECRET, Slack, Step, TEAM};
use crate::host::UrlRequest;
use crate::senders::sign;
use crate::server::lock;

impl Slack {
    /// The caller `slack` of a `callers` document, with one user on its list.
    pub fn caller(&self, may: &[&str]) -> Value {
        json!({"scheme": "slack", "secrets": [SECRET], "team_id": TEAM, "users": [ADMIN], "may": may, "base_url": self.api()})
    }

    /// A slash command of the admin; `changed` are fields with other values.
    /// <https://docs.slack.dev/interactivity/implementing-slash-commands>
    pub fn command(&self, command: &str, text: &str, changed: &[(&str, &str)]) -> UrlRequest {
        let (response_url, trigger) = (self.response_url(), self.id("trigger"));
        let usual = [
            ("token", "canary-deprecated"),
            ("team_id", TEAM),
            ("team_domain", "acme"),
            ("channel_id", "C0X"),
            ("channel_name", "it-ops"),
            ("user_id", ADMIN),
            ("user_name", "ada"),
            ("command", command),
            ("text", text),
            ("api_app_id", "A0X"),
            ("response_url", &response_url),
            ("trigger_id", &trigger),
        ];
        let value = |(name, usual): &(&'static str, &str)| {
            let other = changed.iter().find(|(other, _)| other == name);
            (*name, other.map_or(*usual, |(_, value)| *value).to_owned())
        };
        let fields: Vec<(&str, String)> = usual.iter().map(value).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form(&fields, Timestamp::now())
    }

    /// A click of this user on a button of a message.
    /// <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>
    pub fn click(&self, user: &str, button: &Value) -> UrlRequest {
        self.interaction(&self.click_payload(user, button))
    }

    /// What such a click says.
    pub fn click_payload(&self, user: &str, button: &Value) -> Value {
        let action = json!({"type": "button", "action_id": button["action_id"], "block_id": "b", "value": button["value"],
                            "text": button["text"], "action_ts": "1795000003.5"});
        json!({"type": "block_actions", "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": user, "username": "ada", "team_id": TEAM}, "api_app_id": "A0X", "trigger_id": self.id("trigger"),
            "response_url": self.response_url(), "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0X"},
            "channel": {"id": "C0X", "name": "it-ops"}, "actions": [action]})
    }

    /// A request of the interactivity URL.
    pub fn interaction(&self, payload: &Value) -> UrlRequest {
        form(&[("payload", &payload.to_string())], Timestamp::now())
    }

    /// A step of a workflow begins. <https://docs.slack.dev/reference/events/function_executed>
    pub fn step(&self, callback_id: &str, inputs: &Value) -> Value {
        let step = Step {
            execution: self.id("Fx"),
            token: format!("xwfp-canary-{}", self.id("token")),
            ended: None,
        };
        let event = json!({"type": "event_callback", "team_id": TEAM, "api_app_id": "A0X", "event_id": self.id("Ev"),
            "event_time": 1_795_000_000, "token": "canary-deprecated",
            "event": {"type": "function_executed",
                "function": {"id": "Fn0X", "callback_id": callback_id, "type": "app", "app_id": "A0X", "input_parameters": []},
                "inputs": inputs, "function_execution_id": step.execution, "workflow_execution_id": "Wx0X",
                "event_ts": "1795000000.0001", "bot_access_token": step.token}});
        lock(&self.team.0).steps.push(step);
        event
    }

    /// A request of the events URL.
    pub fn event(&self, event: &Value) -> UrlRequest {
        signed("application/json", event.to_string().as_bytes(), Timestamp::now())
    }

    fn id(&self, kind: &str) -> String {
        format!("{kind}0CANARY{}", lock(&self.team.0).next())
    }
}

/// A form, signed at this time.
pub fn form(fields: &[(&str, &str)], time: Timestamp) -> UrlRequest {
    let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pair = |(name, value): &(&str, &str)| format!("{}={}", escape(name), escape(value).replace("%20", "+"));
    let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
    signed("application/x-www-form-urlencoded", body.as_bytes(), time).base64()
}

/// The same request, signed at another time.
pub fn signed_at(request: &UrlRequest, time: Timestamp) -> UrlRequest {
    let content_type = request.headers.iter().find(|(name, _)| name == "content-type");
    let content_type = content_type.map_or("", |(_, value)| value);
    let request_again = signed(content_type, &request.body, time);
    UrlRequest {
        base64: request.base64,
        ..request_again
    }
}

fn signed(content_type: &str, body: &[u8], time: Timestamp) -> UrlRequest {
    let request = UrlRequest::new("POST", "/slack")
        .header("content-type", content_type)
        .body(body);
    let headers = sign("slack", SECRET, "/slack", body, time).into_iter();
    headers.fold(request, |request, (name, value)| request.header(&name, &value))
}
