//! What the ledger makes of a table in trouble. Each of these is run by a test of the module above, which makes the trouble.

use std::fmt::Debug;
use std::time::Duration;

use shared::error::{ErrorKind, Result};
use shared::tools::ledger::{Ledger, Record, When};

use crate::ledger::home::{END, Home, moment};

fn record(key: &str) -> Record {
    Record::new("shelf", key, "written").until(moment(60))
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn a_free_place_is_taken() {
    let home = Home::in_a_table();
    let version = home.ledger().write(&record("free"), When::Free).await.unwrap();
    let read = home.ledger().read("shelf", "free", "free").await.unwrap();
    assert_eq!(Some(read[0].version), version);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn an_unchanged_record_is_written() {
    let home = Home::in_a_table();
    let version = home.ledger().write(&record("key"), When::Unchanged(7)).await.unwrap();
    let read = home.ledger().read("shelf", "key", "key").await.unwrap();
    assert_eq!(Some(read[0].version), version);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn a_taken_place_is_refused() {
    let ledger = Home::in_a_table().ledger();
    assert_eq!(ledger.write(&record("key"), When::Free).await.unwrap(), None);
    assert_eq!(ledger.write(&record("key"), When::Unchanged(6)).await.unwrap(), None);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn an_unchanged_record_is_removed() {
    let ledger = Home::in_a_table().ledger();
    ledger.remove("shelf", "key", When::Unchanged(7)).await.unwrap();
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn many_records_are_appended() {
    let records: Vec<Record> = (0..60).map(|number| record(&number.to_string())).collect();
    Home::in_a_table().ledger().append(&records).await.unwrap();
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn seven_records_are_read() {
    let read = Home::in_a_table().shelf("shelf").await;
    assert_eq!(read.len(), 7);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn every_read_is_unavailable() {
    let read = Home::in_a_table().ledger().read("shelf", "", END).await;
    assert_eq!(kind(read), ErrorKind::Unavailable);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn every_call_is_unavailable() {
    let home = Home::in_a_table_within(Duration::from_millis(200));
    assert_eq!(every_call(&*home.ledger()).await, [ErrorKind::Unavailable; 4]);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn every_call_is_misconfigured() {
    let home = Home::in_a_table();
    assert_eq!(every_call(&*home.ledger()).await, [ErrorKind::Misconfigured; 4]);
}

#[tokio::test]
#[ignore = "run by a test of ledger::trouble"]
async fn the_shelf_holds_what_is_no_record() {
    let read = Home::in_a_table().ledger().read("shelf", "", END).await;
    assert_eq!(kind(read), ErrorKind::Protocol);
}

async fn every_call(ledger: &dyn Ledger) -> [ErrorKind; 4] {
    [
        kind(ledger.read("shelf", "", END).await),
        kind(ledger.write(&record("key"), When::Always).await),
        kind(ledger.append(&[record("key")]).await),
        kind(ledger.remove("shelf", "key", When::Always).await),
    ]
}

fn kind<T: Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}
