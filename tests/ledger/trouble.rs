//! The simulated table in trouble: lost answers, half-done batches, outages, and operators who have to act.
//!
//! Each trouble is made by a test here and met by the ignored test of [`beside`] that it names, in a process of its own.

mod beside;

use rehearsal::dynamodb::DynamoDb;
use rehearsal::faults::{Fault, When};
use serde_json::json;

use super::process;

/// The promise of the trait that is kept here, and not by a clause: a file has no network.
pub(super) const SENT_TWICE: &str = "the_same_write_sent_twice_by_the_network_is_one_write";

/// A table with one record, `shelf/key` of version 7, and these faults on the way to it.
async fn table(faults: &[(Fault, When)]) -> DynamoDb {
    let db = DynamoDb::start().await;
    db.put(&json!({ "shelf": "shelf", "key": "key", "text": "there", "version": 7 }));
    for (fault, when) in faults {
        db.faults().inject("POST", "/", fault.clone(), *when);
    }
    db
}

fn statuses(db: &DynamoDb) -> Vec<u16> {
    db.calls().iter().map(|call| call.status).collect()
}

/// The text of the record at this key.
fn text(db: &DynamoDb, key: &str) -> Option<String> {
    let items = db.items();
    let item = items.iter().find(|item| item["key"] == key)?;
    item["text"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn the_same_write_sent_twice_by_the_network_is_one_write() {
    for (test, key) in [
        ("a_free_place_is_taken", "free"),
        ("an_unchanged_record_is_written", "key"),
    ] {
        let db = table(&[(Fault::CutAfter, When::Once)]).await;
        process::run(&db, &format!("trouble::beside::{test}")).await;
        // The second one's condition failed, on account of the first.
        assert_eq!(statuses(&db)[..2], [0, 400], "{test}");
        assert_eq!(text(&db, key).as_deref(), Some("written"), "{test}");
    }
}

#[tokio::test]
async fn a_write_that_was_lost_on_the_way_is_sent_again() {
    let db = table(&[(Fault::CutBefore, When::Once), (Fault::Status(500), When::Once)]).await;
    process::run(&db, "trouble::beside::an_unchanged_record_is_written").await;
    assert_eq!(statuses(&db)[..3], [0, 500, 200]);
}

#[tokio::test]
async fn a_lost_answer_does_not_make_somebody_elses_record_ours() {
    let db = table(&[(Fault::CutBefore, When::Once)]).await;
    process::run(&db, "trouble::beside::a_taken_place_is_refused").await;
    assert_eq!(statuses(&db), [0, 400, 400]);
    assert_eq!(text(&db, "key").as_deref(), Some("there"));
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_a_removal() {
    let db = table(&[(Fault::CutAfter, When::Once)]).await;
    process::run(&db, "trouble::beside::an_unchanged_record_is_removed").await;
    assert_eq!(statuses(&db), [0, 400]);
    assert_eq!(db.items(), [json!(null); 0]);
}

#[tokio::test]
async fn a_batch_is_finished_that_was_left_half_done() {
    for left in [1, 10, 24] {
        let db = table(&[]).await;
        db.leave_unprocessed(left);
        process::run(&db, "trouble::beside::many_records_are_appended").await;
        assert_eq!(db.items().len(), 1 + 60);
        assert_eq!(statuses(&db), [200; 4], "three batches, and what was left of the first");
        assert_eq!(db.violations(), [""; 0]);
    }
}

#[tokio::test]
async fn a_throttled_batch_and_one_whose_answer_was_lost_are_sent_again() {
    let db = table(&[(Fault::Status(400), When::Once), (Fault::CutAfter, When::Once)]).await;
    db.leave_unprocessed(25);
    process::run(&db, "trouble::beside::many_records_are_appended").await;
    assert_eq!(db.items().len(), 1 + 60);
    // The lost one was all of the knob's 25: a throttled call too.
    assert_eq!(statuses(&db), [400, 0, 200, 200, 200]);
}

#[tokio::test]
async fn a_table_that_is_down_is_unavailable_to_every_call() {
    for fault in [Fault::Status(500), Fault::Status(400), Fault::CutBefore, Fault::Garbage] {
        let db = table(&[(fault.clone(), When::Always)]).await;
        process::run(&db, "trouble::beside::every_call_is_unavailable").await;
        let calls = db.calls().len();
        assert!(
            (4..=16).contains(&calls),
            "{fault:?}: four operations were {calls} calls"
        );
        assert_eq!(db.violations(), [""; 0]);
    }
}

#[tokio::test]
async fn a_table_that_never_answers_is_unavailable_in_time() {
    let db = table(&[(Fault::Hang, When::Always)]).await;
    process::run(&db, "trouble::beside::every_call_is_unavailable").await;
}

#[tokio::test]
async fn a_read_that_breaks_off_is_an_error_and_no_part() {
    let db = table(&[]).await;
    for key in 0..6 {
        db.put(&json!({ "shelf": "shelf", "key": key.to_string(), "text": "t", "version": 1 }));
    }
    db.pages_of(2);
    process::run(&db, "trouble::beside::seven_records_are_read").await;
    // The first page comes, the others never do.
    db.fail_after("Query", 1);
    process::run(&db, "trouble::beside::every_read_is_unavailable").await;
}

#[tokio::test]
async fn what_the_operator_has_to_mend_is_misconfigured() {
    let db = table(&[(Fault::Status(403), When::Always)]).await;
    process::run(&db, "trouble::beside::every_call_is_misconfigured").await;
    assert_eq!(statuses(&db), [403; 4], "nothing is sent again");
    let db = table(&[]).await;
    process::run_with_table(&db, "no-such-table", "trouble::beside::every_call_is_misconfigured").await;
    assert_eq!(statuses(&db), [400; 4]);
}

#[tokio::test]
async fn what_is_no_record_is_an_error() {
    for item in [
        json!({ "shelf": "shelf", "key": "key", "version": 7 }),
        json!({ "shelf": "shelf", "key": "key", "text": 1, "version": 7 }),
        json!({ "shelf": "shelf", "key": "key", "text": "there" }),
        json!({ "shelf": "shelf", "key": "key", "text": "there", "version": "7" }),
        json!({ "shelf": "shelf", "key": "key", "text": "there", "version": -7 }),
        json!({ "shelf": "shelf", "key": "key", "text": "there", "version": 7, "expires": i64::MAX }),
        json!({ "shelf": "shelf", "key": "key", "text": "there", "version": 7, "expires": "2033-05-18" }),
    ] {
        let db = table(&[]).await;
        db.put(&item);
        process::run(&db, "trouble::beside::the_shelf_holds_what_is_no_record").await;
    }
}
