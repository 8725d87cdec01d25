//! A process that is killed at any point of a run: the next run finishes the work, and nothing is done twice.

use rehearsal::gate::{Closes, Gate};
use rehearsal::providers::State;
use serde_json::{Value, json};

use super::apply;
use crate::stage::{LEDGER, Running, Stage, crowd, csv, mail, told};

const ON: [&str; 3] = ["bilanc", "blackbird", "appxite"];

/// Two leavers and two joiners at each of three providers.
async fn stage() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,appxite"), LEDGER]).await;
    stage.appxite.allow_block(true);
    stage.publish();
    let people = crowd("p", 12);
    for provider in ON {
        stage.seed_all(provider, &people);
    }
    for name in ["new0", "new1"] {
        stage.seed("bilanc", name, State::Dormant); // Bilanc brings in only whom it has seen
    }
    stage.directory(&roster());
    stage
}

/// The people and two more; the last two of the people have left.
fn roster() -> String {
    let everybody = [crowd("p", 12), crowd("new", 2)].concat();
    left(&left(&csv(everybody), "p10"), "p11")
}

fn left(roster: &str, name: &str) -> String {
    roster.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"))
}

/// What was written and took effect at each provider, in an order of its own.
fn effects(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    for provider in ON {
        let calls = stage.simulator(provider).calls().into_iter();
        let writes = calls.filter(|call| call.method != "GET" && !call.path.ends_with("/token"));
        let done = writes.filter(|call| (200..300).contains(&call.status));
        // Whom an invitation or a new user is for stands in the body, and keys in the order of a run's own.
        all.extend(done.map(|call| {
            let body = String::from_utf8_lossy(&call.body).into_owned();
            let mut named: Vec<&str> = ["p10", "p11", "new0", "new1"].into();
            named.retain(|name| body.contains(&mail(name)) || body.contains(&format!("{name}-canary")));
            format!("{provider} {} {} {named:?}", call.method, call.path)
        }));
    }
    all.sort();
    all
}

fn shut(stage: &Stage, gate: Option<&Gate>) {
    for provider in ON {
        stage.simulator(provider).faults().set_gate(gate.cloned());
    }
    stage.ledger.faults().set_gate(gate.cloned());
}

/// Everybody is where the directory says, and a further run finds nothing to do.
async fn converged(stage: &Stage, reconcile: &Running, why: &str) {
    for provider in ON {
        for gone in ["p10", "p11"] {
            let state = stage.state(provider, gone);
            assert!(
                !matches!(state, Some(State::Active | State::Invited)),
                "{why}: {gone} is at {provider}"
            );
        }
        assert_eq!(stage.present(provider), 12, "{why}: {provider}");
    }
    let again = told(&reconcile.order(&apply(&json!({}))).await);
    assert_eq!(again.len(), 1 + ON.len(), "{why}: {again:?}");
}

/// Each removal counts once: of three that may go in a week, two are used up and one is left.
async fn counted_once(stage: &Stage, reconcile: &Running, why: &str) {
    let one_more = left(&roster(), "p9");
    for (roster, rule) in [
        (&one_more, ""),
        (&left(&one_more, "p8"), " too_many_removals 2/3 of 12"),
    ] {
        stage.directory(roster);
        let lines = told(&reconcile.order(&json!({})).await);
        let previews = lines.iter().filter_map(|line| line.split_once(" previewed "));
        let rules: Vec<&str> = previews
            .map(|(_, rest)| rest.trim_start_matches(|c: char| c.is_ascii_digit()))
            .collect();
        assert_eq!(rules, [rule; 3], "{why}: {lines:?}");
    }
}

/// What the history tells as done, by provider, action and person; each once.
async fn history(stage: &Stage, why: &str) -> Vec<String> {
    let list = stage.start("list").await;
    let answer = list.ask("/?view=history").await.json();
    let told = |change: &Value| {
        let done = ["done", "pending"].contains(&change["outcome"].as_str().unwrap());
        assert_ne!(change["outcome"], "intended", "{why}: {change}");
        done.then(|| format!("{} {} {}", change["provider"], change["action"], change["who"]["email"]))
    };
    let mut all: Vec<String> = answer["history"].as_array().unwrap().iter().filter_map(told).collect();
    all.sort();
    all
}

/// Kills the run at its n-th call, for every n; gives the number of calls of a whole run.
async fn killed_at_every_call(closes: Closes) -> usize {
    let whole = stage().await;
    let reconcile = whole.start("reconcile").await;
    reconcile.order(&apply(&json!({}))).await;
    let (expected, expected_history) = (effects(&whole), history(&whole, "a whole run").await);
    assert_eq!(expected_history.len(), ON.len() * 4, "{expected_history:?}");
    for n in 1.. {
        let why = format!("killed at call {n}, {closes:?}");
        let stage = stage().await;
        let gate = Gate::new("*", n, closes);
        shut(&stage, Some(&gate));
        let first = stage.start("reconcile").await;
        let order = apply(&json!({}));
        let ended = tokio::select! {
            answer = first.order(&order) => Some(answer),
            () = gate.reached() => None,
        };
        if let Some(answer) = ended {
            assert_eq!(told(&answer)[0], "200 done apply", "{why}");
            return n - 1;
        }
        first.kill().await;
        shut(&stage, None);
        stage.let_leases_lapse();
        let second = stage.start("reconcile").await;
        let answer = second.order(&apply(&json!({}))).await;
        assert_eq!(told(&answer)[0], "200 done apply", "{why}: {:?}", told(&answer));
        converged(&stage, &second, &why).await;
        // A bulk call may be split over the two runs, and is then two.
        let effects = effects(&stage);
        let people = |effects: &[String], name: &str| effects.iter().filter(|effect| effect.contains(name)).count();
        for name in ["p10", "p11", "new0", "new1"] {
            assert_eq!(
                people(&effects, name),
                people(&expected, name),
                "{why}: {name} in {effects:#?}"
            );
        }
        assert_eq!(effects.len(), expected.len(), "{why}: {effects:#?}\n{expected:#?}");
        assert_eq!(history(&stage, &why).await, expected_history, "{why}");
        counted_once(&stage, &second, &why).await;
    }
    unreachable!()
}

#[tokio::test]
async fn killed_before_any_call_takes_effect() {
    let calls = killed_at_every_call(Closes::BeforeTheEffect).await;
    assert!(calls > 30, "a whole run is {calls} calls");
}

#[tokio::test]
async fn killed_after_any_call_took_effect() {
    let calls = killed_at_every_call(Closes::AfterTheEffect).await;
    assert!(calls > 30, "a whole run is {calls} calls");
}

#[tokio::test]
async fn killed_twice_in_a_row() {
    let whole = stage().await;
    let reconcile = whole.start("reconcile").await;
    reconcile.order(&apply(&json!({}))).await;
    let (expected, expected_history) = (effects(&whole), history(&whole, "a whole run").await);
    let mut killed = 0;
    for first in (2..44).step_by(6) {
        for second in [8, 17, 25, 33] {
            let closes = [Closes::BeforeTheEffect, Closes::AfterTheEffect];
            let (one, other) = (closes[(first / 2) % 2], closes[second % 2]);
            let why = format!("killed at call {first}, {one:?}, and at {second}, {other:?}");
            let stage = stage().await;
            for (n, closes) in [(first, one), (second, other)] {
                let gate = Gate::new("*", n, closes);
                shut(&stage, Some(&gate));
                let run = stage.start("reconcile").await;
                let order = apply(&json!({}));
                tokio::select! {
                    _ = run.order(&order) => {}
                    () = gate.reached() => killed += 1,
                }
                run.kill().await;
                shut(&stage, None);
                stage.let_leases_lapse();
            }
            let last = stage.start("reconcile").await;
            let answer = last.order(&apply(&json!({}))).await;
            assert_eq!(told(&answer)[0], "200 done apply", "{why}: {:?}", told(&answer));
            converged(&stage, &last, &why).await;
            let effects = effects(&stage);
            let people = |effects: &[String], name: &str| effects.iter().filter(|effect| effect.contains(name)).count();
            for name in ["p10", "p11", "new0", "new1"] {
                assert_eq!(
                    people(&effects, name),
                    people(&expected, name),
                    "{why}: {name} in {effects:#?}"
                );
            }
            assert_eq!(effects.len(), expected.len(), "{why}: {effects:#?}");
            assert_eq!(history(&stage, &why).await, expected_history, "{why}");
            counted_once(&stage, &last, &why).await;
        }
    }
    assert!(killed > 40, "{killed}");
}
