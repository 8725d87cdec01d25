//! Clauses about writing: conditions hold for one writer at a time, and nothing gets lost.

use std::collections::BTreeSet;

use shared::tools::ledger::{Ledger, Record, When};
use tokio::task::JoinSet;

use super::home::{Home, bare, moment};

/// Enough to be in each other's way.
const WRITERS: usize = 12;

pub(super) async fn a_refused_write_changes_nothing(home: &Home) {
    let (shelf, ledger) = ("refused", home.ledger());
    let there = Record::new(shelf, "k", "there").until(moment(60));
    let version = ledger.write(&there, When::Free).await.unwrap().unwrap();
    let other = Record::new(shelf, "k", "other");
    for when in [When::Free, When::Unchanged(version + 1), When::Unchanged(0)] {
        assert_eq!(ledger.write(&other, when).await.unwrap(), None, "{when:?}");
        // Not even the one who wrote it may write it again.
        assert_eq!(ledger.write(&there, when).await.unwrap(), None, "{when:?}");
        assert_eq!(
            home.shelf(shelf).await,
            [Record {
                version,
                ..there.clone()
            }]
        );
    }
    let nowhere = Record::new(shelf, "nowhere", "");
    assert_eq!(ledger.write(&nowhere, When::Unchanged(version)).await.unwrap(), None);
    assert_eq!(home.shelf(shelf).await.len(), 1);
}

pub(super) async fn each_write_gives_another_version(home: &Home) {
    let ledger = home.ledger();
    let record = Record::new("versions", "k", "the same each time");
    let mut versions = vec![ledger.write(&record, When::Free).await.unwrap().unwrap()];
    for round in 0..10 {
        let when = match round % 2 {
            0 => When::Unchanged(versions[round]),
            _ => When::Always,
        };
        versions.push(ledger.write(&record, when).await.unwrap().unwrap());
        assert_eq!(home.shelf("versions").await[0].version, versions[round + 1]);
    }
    let different: BTreeSet<u64> = versions.iter().copied().collect();
    assert_eq!(different.len(), versions.len());
    ledger.append(std::slice::from_ref(&record)).await.unwrap();
    assert!(!different.contains(&home.shelf("versions").await[0].version));
}

pub(super) async fn of_many_writers_who_saw_one_version_one_succeeds(home: &Home) {
    // Records that are alike to the letter: whoever lost must not take the winner's for its own.
    let mut when = When::Free;
    for _ in 0..3 {
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let ledger = home.ledger();
            let record = Record::new("raced", "k", "alike");
            writers.spawn(async move { ledger.write(&record, when).await.unwrap() });
        }
        let versions: Vec<u64> = writers.join_all().await.into_iter().flatten().collect();
        assert_eq!(versions.len(), 1, "{when:?}");
        assert_eq!(home.shelf("raced").await[0].version, versions[0]);
        when = When::Unchanged(versions[0]);
    }

    let counter = Record::new("raced", "counter", "0");
    home.ledger().write(&counter, When::Free).await.unwrap().unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        writers.spawn(count(home.ledger(), 5));
    }
    writers.join_all().await;
    assert_eq!(home.shelf("raced").await[0].text, "20");
}

/// Adds one so many times, each time to what is there.
pub(super) async fn count(ledger: Box<dyn Ledger>, times: usize) {
    for _ in 0..times {
        loop {
            let there = ledger.read("raced", "counter", "counter").await.unwrap().remove(0);
            let sum = there.text.parse::<usize>().unwrap() + 1;
            let next = Record::new("raced", "counter", sum.to_string());
            let written = ledger.write(&next, When::Unchanged(there.version)).await.unwrap();
            if written.is_some() {
                break;
            }
        }
    }
}

pub(super) async fn nothing_is_written_over_what_was_removed_meanwhile(home: &Home) {
    let ledger = home.ledger();
    let record = Record::new("removed", "k", "t");
    let version = ledger.write(&record, When::Free).await.unwrap().unwrap();
    home.ledger()
        .remove("removed", "k", When::Unchanged(version))
        .await
        .unwrap();
    assert_eq!(ledger.write(&record, When::Unchanged(version)).await.unwrap(), None);
    assert_eq!(home.shelf("removed").await, []);
    // Nor over what took its place.
    let other = Record::new("removed", "k", "other");
    home.ledger().write(&other, When::Free).await.unwrap().unwrap();
    assert_eq!(ledger.write(&record, When::Unchanged(version)).await.unwrap(), None);
    assert_eq!(bare(home.shelf("removed").await), [other]);
}

pub(super) async fn what_has_changed_is_not_removed(home: &Home) {
    let (shelf, ledger) = ("kept", home.ledger());
    let record = Record::new(shelf, "k", "t");
    let old = ledger.write(&record, When::Free).await.unwrap().unwrap();
    let new = ledger.write(&record, When::Unchanged(old)).await.unwrap().unwrap();
    for when in [When::Unchanged(old), When::Free] {
        ledger.remove(shelf, "k", when).await.unwrap();
        assert_eq!(home.shelf(shelf).await.len(), 1, "{when:?}");
    }
    ledger.remove(shelf, "k", When::Unchanged(new)).await.unwrap();
    assert_eq!(home.shelf(shelf).await, []);
    for when in [When::Always, When::Unchanged(new), When::Free] {
        ledger.remove(shelf, "k", when).await.unwrap();
        ledger.remove("no such shelf", "k", when).await.unwrap();
    }
}

pub(super) async fn any_number_of_records_is_appended(home: &Home) {
    for count in [0, 1, 25, 26, 130] {
        let shelf = format!("appended-{count}");
        let record = |number: usize| {
            let record = Record::new(&*shelf, format!("{number:04}"), format!("text {number}"));
            if number.is_multiple_of(2) {
                record.until(moment(60))
            } else {
                record
            }
        };
        let records: Vec<Record> = (0..count).map(record).collect();
        home.ledger().append(&records).await.unwrap();
        assert!(bare(home.shelf(&shelf).await) == records, "{count}");
    }
    // Whatever is there.
    let other = Record::new("appended-1", "0000", "other");
    home.ledger().append(std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(bare(home.shelf("appended-1").await), [other]);
}

pub(super) async fn of_two_appended_under_one_key_the_last_stays(home: &Home) {
    let record = |key: &str, text: &str| Record::new("twice", key, text);
    let records = [record("k", "first"), record("other", "t"), record("k", "last")];
    home.ledger().append(&records).await.unwrap();
    assert_eq!(
        bare(home.shelf("twice").await),
        [record("k", "last"), record("other", "t")]
    );
}
