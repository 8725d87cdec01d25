//! Events: the question with which an events URL is set up, and the custom step of a workflow
//! (<https://docs.slack.dev/reference/events/function_executed>).
//!
//! A step has no user: whoever may build or start the workflow acts through it, which Slack's own settings decide. It is admitted
//! by the workspace, and by `may`.

use serde_json::{Value, json};

use super::addressee::Addressee;
use super::telling::Telling;
use super::words::Words;
use super::{Ordered, Room, Said, command};
use crate::bundle::Delivery;
use crate::door::Function;
use crate::door::senders::text;
use crate::error::{Error, ErrorKind, Result};

/// Longer than any challenge of Slack's.
const MAX_CHALLENGE: usize = 512;

pub(super) fn read(event: &Value, room: &Room<'_>) -> Result<Said> {
    let documented = || Error::new(ErrorKind::BadRequest, "the event is not what its sender documents");
    let kind = text(event, "/type").ok_or_else(documented)?;
    if kind == "url_verification" {
        let challenge = text(event, "/challenge").filter(|challenge| challenge.len() <= MAX_CHALLENGE);
        let challenge = challenge.ok_or_else(documented)?;
        return Ok(Said::Echo(json!({ "challenge": challenge })));
    }
    let kind = text(event, "/event/type").unwrap_or(kind);
    if kind != "function_executed" {
        return Ok(Said::Ignored(kind.to_owned()));
    }
    let execution = text(event, "/event/function_execution_id").ok_or_else(documented)?;
    let token = text(event, "/event/bot_access_token").ok_or_else(documented)?;
    room.workspace.api()?; // one that is wrong is said before anything is done
    let mut to = Addressee::of_step(execution, token, room.caller);
    if !room.workspace.is(text(event, "/team_id")) {
        // Nothing is sent: the token is another workspace's.
        return Ok(Said::Ignored(kind.to_owned()));
    }
    let function = match text(event, "/event/function/callback_id") {
        Some("onboard_user") => Function::Onboard,
        Some("offboard_user") => Function::Offboard,
        _ => {
            return Ok(Said::Answer(
                to,
                Telling::no("Rollcall has no such step: it has onboard_user and offboard_user."),
            ));
        }
    };
    if let Err(refused) = room.may(function) {
        return Ok(Said::Answer(to, refused));
    }
    let mut words = Words::read(&inputs(event), room.on);
    command::judge(&mut words, function);
    if words.mode.take().is_some() {
        // Whoever fills in a form could else let the workflow go on as if it were done.
        words.fault("", "a step is always done: apply and preview have no place here");
    }
    if !words.faults.is_empty() {
        return Ok(Said::Answer(
            to,
            Telling::misread(&words.faults, "the inputs email, github_username, providers"),
        ));
    }
    to.names(&words.people);
    let workflow = text(event, "/event/workflow_execution_id").unwrap_or("-");
    Ok(Said::Order(Box::new(Ordered {
        function,
        order: command::order(&words, function),
        by: room.by(&format!("workflow {workflow}")),
        delivery: Delivery::new(
            function.name(),
            room.caller,
            "slack event",
            super::event(event, "/event_id").as_bytes(),
        ),
        reply: to.to_json(),
    })))
}

/// The inputs as somebody would type them.
fn inputs(event: &Value) -> String {
    let input = |name: &str| text(event, &format!("/event/inputs/{name}")).unwrap_or_default().trim();
    let login = match input("github_username") {
        "" => String::new(),
        login => format!("github:{}", login.trim_start_matches("github:")),
    };
    format!("{} {login} {}", input("email"), input("providers"))
}
