//! Answers in a form that a test can write down: a whole report in a few lines.

use rehearsal::host::UrlAnswer;
use serde_json::Value;

/// A report that was returned and not answered over HTTP.
pub(crate) const ANSWERED: u16 = 0;

/// An answer with a report, line by line:
///
/// ```text
/// 207 partial apply
/// bilanc held 26 too_many_removals 4/3 of 26
///   onboard jan done
///   skip root protected
/// blackbird unreachable Unavailable
/// ```
///
/// The first number of a provider is how many accounts it showed. People go by name, `@login` or `#id`.
pub(crate) fn told(answer: &UrlAnswer) -> Vec<String> {
    report(answer.status, &answer.json())
}

/// The same of a bare report, as if it had this status.
pub(crate) fn report(status: u16, report: &Value) -> Vec<String> {
    let Some(providers) = report["providers"].as_array() else {
        panic!("{status} and no report: {report}");
    };
    let mut lines = vec![format!(
        "{status} {} {}",
        text(&report["status"]),
        text(&report["mode"])
    )];
    if status == ANSWERED {
        lines = vec![format!("{} {}", text(&report["status"]), text(&report["mode"]))];
    }
    for provider in providers {
        let mut line = format!("{} {}", text(&provider["provider"]), text(&provider["ending"]));
        if let Some(error) = provider.get("error") {
            line += &format!(" {}", text(&error["kind"]));
        } else {
            line += &format!(" {}", provider["observed"]);
        }
        if let Some(held) = provider.get("held") {
            let (removals, limit, managed) = (&held["removals"], &held["limit"], &held["managed"]);
            line += &format!(" {} {removals}/{limit} of {managed}", text(&held["rule"]));
        }
        lines.push(line);
        lines.extend(list(provider, "changes").iter().map(change));
        let skip = |skip: &Value| format!("  skip {} {}", who(&skip["who"]), text(&skip["why"]));
        lines.extend(list(provider, "skips").iter().map(skip));
        let unsettled = |left: &Value| format!("  unsettled {} {}", text(&left["action"]), who(&left["who"]));
        lines.extend(list(provider, "unsettled").iter().map(unsettled));
        let queued: Vec<String> = list(provider, "queued").iter().map(who).collect();
        if !queued.is_empty() {
            lines.push(format!("  queued {}", queued.join(" ")));
        }
    }
    lines
}

fn change(change: &Value) -> String {
    let mut line = format!("  {} {}", text(&change["action"]), who(&change["who"]));
    for said in [&change["evidence"], &change["outcome"], &change["error"]["kind"]] {
        if let Some(word) = said.as_str() {
            line += &format!(" {word}");
        }
    }
    line
}

fn who(who: &Value) -> String {
    let name = |email: &Value| Some(email.as_str()?.split(['@', '.']).next()?.to_owned());
    let login = |login: &Value| Some(format!("@{}", login.as_str()?.trim_end_matches("-canary")));
    let id = |id: &Value| Some(format!("#{}", id.as_str()?));
    let known = name(&who["email"]).or_else(|| login(&who["github_username"]));
    known
        .or_else(|| id(&who["id"]))
        .unwrap_or_else(|| "somebody".to_owned())
}

/// The digest of what is held at a provider.
pub(crate) fn digest(answer: &UrlAnswer, provider: &str) -> String {
    let json = answer.json();
    let one = list(&json, "providers").iter().find(|one| one["provider"] == provider);
    let digest = one.and_then(|one| one["held"]["digest"].as_str());
    digest
        .unwrap_or_else(|| panic!("nothing is held at {provider}: {json}"))
        .to_owned()
}

/// Status, kind and message of an answer that is an error.
pub(crate) fn refusal(answer: &UrlAnswer) -> (u16, String, String) {
    let error = &answer.json()["error"];
    (answer.status, text(&error["kind"]), text(&error["message"]))
}

/// The paths of an error's details, in their order.
pub(crate) fn details(json: &Value) -> Vec<String> {
    list(&json["error"], "details")
        .iter()
        .map(|fault| text(&fault["path"]))
        .collect()
}

fn list<'a>(json: &'a Value, name: &str) -> &'a [Value] {
    json[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Value) -> String {
    json.as_str().unwrap_or_else(|| panic!("not text: {json}")).to_owned()
}
