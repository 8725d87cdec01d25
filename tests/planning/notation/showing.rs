//! What the planner makes of a scene, as text.

use shared::planning::identity::{Email, Identity, Login, Who};
use shared::planning::plan::{Change, Evidence, Plan};

/// A plan as text: one line for each change, in the plan's order, then one for each skip, sorted as text.
pub(crate) fn shown(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter().map(|change| match change {
        Change::Offboard(leaver) => {
            let evidence = match leaver.evidence {
                Evidence::Named => "named",
                Evidence::KnownLeaver => "known leaver",
                Evidence::Absence => "absence",
            };
            format!("offboard {}: {evidence}", leaver.account.native_id)
        }
        Change::Onboard(joiner) => {
            let person: Vec<String> = joiner.person.identities().iter().map(written).collect();
            match &joiner.account {
                Some(account) => format!("revive {} for {}", account.native_id, person.join(" ")),
                None => format!("onboard {}", person.join(" ")),
            }
        }
    });
    let skips = plan
        .skips
        .iter()
        .map(|skip| format!("skip {}: {}", who(&skip.who), skip.why.name()));
    let mut skips: Vec<String> = skips.collect();
    skips.sort();
    changes.chain(skips).collect()
}

/// An identity as the notation writes it.
pub(crate) fn written(identity: &Identity) -> String {
    match identity {
        Identity::Email(email) => email.written().to_owned(),
        Identity::Github(login) => format!("github:{}", login.written()),
        Identity::Native(source, id) => format!("{source}:{id}"),
    }
}

fn who(who: &Who) -> &str {
    let id = who.id.as_deref();
    let email = || who.email.as_ref().map(Email::written);
    let login = || who.github_username.as_ref().map(Login::written);
    id.or_else(email).or_else(login).unwrap_or("?")
}
