//! Clicks on our buttons (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>): somebody approves or
//! rejects removals that are held.

use serde_json::Value;

use super::addressee::Addressee;
use super::approval::{APPROVE, Approval, REJECT};
use super::telling::Telling;
use super::{Ordered, Room, Said};
use crate::bundle::Delivery;
use crate::door::senders::text;

pub(super) fn read(payload: &Value, room: &Room<'_>) -> Said {
    let actions = payload.pointer("/actions").and_then(Value::as_array);
    let ours = |action: &&Value| matches!(text(action, "/action_id"), Some(APPROVE | REJECT));
    let action = actions.into_iter().flatten().find(ours);
    let (Some("block_actions"), Some(action)) = (text(payload, "/type"), action) else {
        return Said::Nothing; // a button with a link, a dialog, a shortcut: acknowledged, and that is all
    };
    let user = text(payload, "/user/id").unwrap_or_default();
    let mut to = Addressee::of_click(text(payload, "/response_url"), user);
    // In a channel shared with another company the message is in our workspace, and who clicks may be of theirs.
    let team = text(payload, "/team/id");
    let guest = text(payload, "/user/team_id").is_some_and(|of_user| Some(of_user) != team);
    if let Err(refused) = room.admit(team.filter(|_| !guest), user) {
        return Said::Answer(to, refused);
    }
    let approval = text(action, "/value").and_then(Approval::read);
    let Some((function, approval)) = approval.and_then(|approval| Some((approval.function()?, approval))) else {
        return Said::Answer(to, Telling::no("This button cannot be read. Ask again."));
    };
    if let Err(refused) = room.may(function) {
        return Said::Answer(to, refused);
    }
    if !approval.is_good(room.now) {
        let message = "This has expired, and nothing was done. Ask again: the removals may be others by now.";
        return Said::Answer(to, Telling::no(message).in_place());
    }
    if text(action, "/action_id") == Some(REJECT) {
        return Said::Answer(to, Telling::rejected(&approval.provider, user));
    }
    to.names(&approval.people);
    Said::Order(Box::new(Ordered {
        function,
        order: approval.order(),
        by: match approval.asker.as_deref().filter(|asker| *asker != user) {
            Some(asker) => format!("{}, asked for by {asker}", room.by(user)),
            None => room.by(user),
        },
        delivery: Delivery::new(
            function.name(),
            room.caller,
            "slack click",
            super::event(payload, "/trigger_id").as_bytes(),
        ),
        reply: to.to_json(),
    }))
}
