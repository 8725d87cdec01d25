//! Orders that are not valid: every fault is named by its path, and nothing is done.

use rehearsal::host::UrlRequest;
use rehearsal::providers::Simulator;
use serde_json::{Value, json};

use crate::stage::{Stage, TOKEN, details, mail, refusal};

/// Orders of `onboard` and `offboard`, and the paths of all that is wrong with each.
fn invalid_for_people() -> Vec<(Value, Vec<&'static str>)> {
    let ada = || mail("ada");
    vec![
        (json!({}), vec!["people"]),
        (
            json!({"email_addresses": [], "github_usernames": [], "people": []}),
            vec!["people"],
        ),
        (json!({"email_addresses": ada()}), vec!["email_addresses"]),
        (
            json!({"email_addresses": null, "people": [{"email": ada()}]}),
            vec!["email_addresses"],
        ),
        (
            json!({"email_addresses": [ada(), null, 7, "", "ada.canary", "@x.y", "a b@x.y", "a@x", "a@b@c.de"]}),
            vec![
                "email_addresses[1]",
                "email_addresses[2]",
                "email_addresses[3]",
                "email_addresses[4]",
                "email_addresses[5]",
                "email_addresses[6]",
                "email_addresses[7]",
                "email_addresses[8]",
            ],
        ),
        (
            json!({"github_usernames": ["ada-canary", "ada canary", {}]}),
            vec!["github_usernames[1]", "github_usernames[2]"],
        ),
        (json!({"people": {"email": ada()}}), vec!["people"]),
        (
            json!({"people": [{"email": ada()}, null, "ada", {}, {"first_name": "canary"}]}),
            vec!["people[1]", "people[2]", "people[3].email", "people[4].email"],
        ),
        (
            json!({"people": [{"email": ada(), "github_username": null, "first_name": 1, "last_name": null, "phone": 1, "ids": []}]}),
            vec![
                "people[0].github_username",
                "people[0].ids",
                "people[0].first_name",
                "people[0].last_name",
                "people[0].phone",
            ],
        ),
        (
            json!({"people": [{"email": ada(), "ids": {"powens": null, "hibob": "", "bamboohr": 1.5}}]}),
            vec!["people[0].ids.powens", "people[0].ids.hibob", "people[0].ids.bamboohr"],
        ),
        (json!({"email_addresses": [ada()], "providers": []}), vec!["providers"]),
        (
            json!({"email_addresses": [ada()], "providers": "bilanc"}),
            vec!["providers"],
        ),
        (
            json!({"email_addresses": [ada()], "providers": ["bilanc", "powens", "canary", "Bilanc", null]}),
            vec!["providers[4]", "providers[1]", "providers[2]", "providers[3]"],
        ),
        (json!({"email_addresses": [ada()], "mode": "destroy"}), vec!["mode"]),
        (
            json!({"email_addresses": [ada()], "mode": null, "reason": null, "consent": null}),
            vec!["mode", "consent", "reason"],
        ),
        (
            json!({"email_addresses": [ada()], "consent": ["x", 1]}),
            vec!["consent[1]"],
        ),
        (
            json!({"email_addresses": [ada()], "dry_run": true, "Mode": "preview"}),
            vec!["dry_run", "Mode"],
        ),
        (
            json!({"email": ada(), "people": [{"email": ada(), "emails": []}]}),
            vec!["people[0].emails", "email"],
        ),
        (json!({"email_addresses": [ada()], "pause": true}), vec!["pause"]),
    ]
}

/// In which order faults are found is nobody's business.
fn sorted<T: AsRef<str>>(paths: Vec<T>) -> Vec<String> {
    let mut paths: Vec<String> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn every_fault_of_an_order_is_named_and_nothing_is_done() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,appxite")]).await;
    for name in ["onboard", "offboard"] {
        let function = stage.start(name).await;
        for (order, faults) in invalid_for_people() {
            let answer = function.order(&order).await;
            assert_eq!(
                (answer.status, &*refusal(&answer).1),
                (400, "BadRequest"),
                "{name} {order}"
            );
            assert_eq!(sorted(details(&answer.json())), sorted(faults), "{name} {order}");
            // A direct invocation is told the same.
            assert_eq!(function.direct(&order).await, answer.json(), "{name} {order}");
        }
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn an_order_for_later_belongs_to_offboard() {
    let stage = Stage::new().await;
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("ada")], "effective_at": "2026-12-31T18:00:00Z", "time_zone": "UTC", "cancel": true});
    let answer = onboard.order(&order).await;
    assert_eq!(
        (answer.status, details(&answer.json())),
        (400, ["effective_at", "time_zone", "cancel"].map(str::to_owned).into())
    );
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn a_body_that_is_no_order_is_400() {
    let stage = Stage::new().await;
    for name in ["onboard", "offboard", "reconcile"] {
        let function = stage.start(name).await;
        for body in [
            "",
            "canary",
            "[]",
            "null",
            "\"text\"",
            "{\"email_addresses\": [\"ada.canary@",
            "{} {}",
        ] {
            let answer = function
                .request(UrlRequest::new("POST", "/").body(body).bearer(TOKEN))
                .await;
            assert_eq!(
                (answer.status, &*refusal(&answer).1),
                (400, "BadRequest"),
                "{name} {body}"
            );
        }
    }
    assert_eq!(stage.calls(), [""; 0]);
}

/// A refusal is logged, and its words are the sender's: an address that stands where a name belongs is not written down.
#[tokio::test]
async fn a_field_that_is_called_like_a_person_is_not_logged() {
    let stage = Stage::new().await;
    let onboard = stage.start("onboard").await;
    let named = mail("ada");
    for (order, path) in [
        (json!({"email_addresses": [named], &named: "onboard"}), named.clone()),
        (
            json!({"people": [{"email": named, "ids": {&named: null}}]}),
            format!("people[0].ids.{named}"),
        ),
    ] {
        let answer = onboard.order(&order).await;
        assert_eq!((answer.status, details(&answer.json())), (400, vec![path]));
        assert_eq!(onboard.direct(&order).await, answer.json());
    }
    let list = stage.start("list").await;
    let answer = list.ask(&format!("/?{named}=1&{named}=2")).await;
    assert_eq!((answer.status, details(&answer.json())), (400, vec![named]));
}

#[tokio::test]
async fn addresses_are_sent_as_they_were_written_and_compared_in_one_form() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": ["  Ada+Club.Canary@Example.COM ", "ada+club.canary@example.com"]});
    assert_eq!(onboard.order(&order).await.status, 200);
    let seeds: Vec<_> = stage
        .blackbird
        .people()
        .into_iter()
        .filter_map(|(_, seed, _)| seed.email)
        .collect();
    assert_eq!(seeds, ["Ada+Club.Canary@Example.COM"]);
}
