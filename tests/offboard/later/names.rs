//! Whose schedule it is: one for each person and caller, whatever the person is called.

use rehearsal::host::UrlRequest;
use rehearsal::providers::State;
use serde_json::{Value, json};

use super::{LATER, expressions, later, moment, names, world};
use crate::offboard::queue::{batch, kept};
use crate::stage::mail;

#[tokio::test]
async fn a_principal_is_the_same_caller_under_every_session() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    for (role, session) in [("Hr", "one"), ("Hr", "two"), ("It", "one")] {
        let arn = format!("arn:aws:sts::123456789012:assumed-role/{role}/{session}");
        let request = UrlRequest::post("/", &later("ada", LATER)).iam(&arn);
        assert_eq!(offboard.request(request).await.status, 202);
    }
    assert_eq!(names(&stage).len(), 2, "one of each role");
}

#[tokio::test]
async fn each_person_of_an_order_has_a_schedule_and_whoever_is_named_twice_has_one() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let asked = json!({"email_addresses": [mail("ada"), mail("bob")], "github_usernames": ["ada-canary", "dan-canary"],
                       "people": [{"email": mail("ada").to_uppercase(), "github_username": "Ada-Canary"}], "effective_at": LATER});
    let answer = offboard.order(&asked).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["schedules"].as_array().unwrap().len(), 3);
    assert_eq!(names(&stage).len(), 3);
    let due = stage.scheduler.due(moment(LATER));
    let of_ada: Vec<&String> = due
        .iter()
        .filter(|input| input.to_lowercase().contains("ada"))
        .collect();
    assert_eq!(of_ada.len(), 1, "all that she is called is in one");
    let message: Value = serde_json::from_str(of_ada[0]).unwrap();
    assert_eq!(message["people"].as_array().unwrap().len(), 3);
    assert_eq!(kept(&offboard.direct(&batch(&due)).await), [""; 0]);
    assert_ne!(stage.state("bilanc", "ada"), Some(State::Active));
    assert_ne!(stage.state("blackbird", "bob"), Some(State::Active));
}

#[tokio::test]
async fn somebody_who_is_named_more_fully_replaces_what_fewer_names_scheduled() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let by_login = json!({"github_usernames": ["ada-canary"], "effective_at": LATER});
    let first = offboard.order(&by_login).await.json();
    let person = json!({"email": mail("ada"), "github_username": "ada-canary"});
    let second = offboard
        .order(&json!({"people": [person], "effective_at": "2083-06-30T12:00:00Z"}))
        .await
        .json();
    assert_eq!(second["cancelled"], json!([first["schedules"][0]["name"]]));
    assert_ne!(second["schedules"][0]["name"], first["schedules"][0]["name"]);
    assert_eq!(expressions(&stage), ["at(2083-06-30T12:00:00)"]);
    // By the address alone it is the same schedule; taken back it is by either, if both are named.
    offboard.order(&later("ada", LATER)).await;
    assert_eq!(expressions(&stage), ["at(2083-12-31T18:00:00)"]);
    offboard.order(&by_login).await;
    let cancelled = offboard
        .order(&json!({"people": [person], "cancel": true}))
        .await
        .json();
    assert_eq!(cancelled["cancelled"].as_array().unwrap().len(), 2);
    assert_eq!(names(&stage), [""; 0]);
}
