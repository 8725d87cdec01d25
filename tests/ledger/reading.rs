//! Clauses about reading: everything that was written, in order, and nothing else.

use shared::tools::ledger::{Record, When};

use super::home::{END, Home, bare, moment};

pub(super) async fn what_is_written_is_read(home: &Home) {
    let shelf = "written";
    assert_eq!(home.shelf(shelf).await, [], "nothing is there yet");
    let first = Record::new(shelf, "a", "one").until(moment(60));
    let version = home.ledger().write(&first, When::Free).await.unwrap().unwrap();
    assert_eq!(home.shelf(shelf).await, [Record { version, ..first }]);
    let second = Record::new(shelf, "a", "two");
    let version = home.ledger().write(&second, When::Always).await.unwrap().unwrap();
    assert_eq!(home.shelf(shelf).await, [Record { version, ..second }]);
    let third = Record::new(shelf, "a", "three").until(moment(90));
    let changed = home.ledger().write(&third, When::Unchanged(version)).await.unwrap();
    let version = changed.unwrap();
    assert_eq!(home.shelf(shelf).await, [Record { version, ..third }]);
    home.ledger().remove(shelf, "a", When::Always).await.unwrap();
    assert_eq!(home.shelf(shelf).await, []);
}

pub(super) async fn records_come_in_the_order_of_their_keys(home: &Home) {
    for key in ["b", "ä", "a/9", "Z", "a/10", "a"] {
        let record = Record::new("ordered", key, "");
        home.ledger().write(&record, When::Free).await.unwrap().unwrap();
    }
    let all = home.ledger().read("ordered", "", "é").await.unwrap();
    assert_eq!(keys(&all), ["Z", "a", "a/10", "a/9", "b", "ä"]);
}

pub(super) async fn a_range_includes_both_its_ends(home: &Home) {
    let records = ["a", "b", "c", "d"].map(|key| Record::new("ranged", key, key));
    home.ledger().append(&records).await.unwrap();
    for (from, to, expected) in [
        ("b", "c", vec!["b", "c"]),
        ("b", "b", vec!["b"]),
        ("bb", "cc", vec!["c"]),
        ("bb", "bc", vec![]),
        ("", "b", vec!["a", "b"]),
        ("c", END, vec!["c", "d"]),
        ("c", "b", vec![]),
        ("", "", vec![]),
    ] {
        let found = home.ledger().read("ranged", from, to).await.unwrap();
        assert_eq!(keys(&found), expected, "{from:?} to {to:?}");
    }
}

pub(super) async fn shelves_are_apart(home: &Home) {
    let (one, other) = (Record::new("apart", "k", "one"), Record::new("apart-too", "k", "other"));
    home.ledger().append(&[one.clone(), other.clone()]).await.unwrap();
    assert_eq!(bare(home.shelf("apart").await), [one]);
    home.ledger().remove("apart", "k", When::Always).await.unwrap();
    assert_eq!(home.shelf("apart").await, []);
    assert_eq!(bare(home.shelf("apart-too").await), [other]);
}

pub(super) async fn an_expired_record_is_not_read_and_its_place_is_free(home: &Home) {
    let record = Record::new("expired", "k", "old").until(moment(10));
    let version = home.ledger().write(&record, When::Free).await.unwrap().unwrap();
    let next = Record::new("expired", "k", "new").until(moment(20));

    let just_before = home.after(9);
    assert_eq!(just_before.read("expired", "k", "k").await.unwrap().len(), 1);
    assert_eq!(just_before.write(&next, When::Free).await.unwrap(), None);
    let then = home.after(10);
    assert_eq!(then.read("expired", "k", "k").await.unwrap(), []);
    let late = then.write(&next, When::Unchanged(version)).await.unwrap();
    assert_eq!(late, None, "whose record has expired has nothing to change");
    let version = then.write(&next, When::Free).await.unwrap().unwrap();
    assert_eq!(
        then.read("expired", "k", "k").await.unwrap(),
        [Record { version, ..next }]
    );
}

pub(super) async fn any_text_comes_back_as_it_was(home: &Home) {
    let texts = [
        "x".repeat(300 * 1024),
        "ä€😀".repeat(10_000),
        "\"quoted\" 'twice' \\ {\"S\": \"json\"}\r\n\t\u{0}\u{7f}\u{2028}".to_owned(),
        String::new(),
    ];
    for (number, text) in texts.iter().enumerate() {
        let record = Record::new("texts", format!("{number} \"ä\"/#:"), text);
        home.ledger().write(&record, When::Free).await.unwrap().unwrap();
    }
    let read = home.shelf("texts").await;
    assert!(read.iter().map(|record| &record.text).eq(&texts));
    assert_eq!(read[0].key, "0 \"ä\"/#:");
}

pub(super) async fn a_long_shelf_is_read_whole(home: &Home) {
    // DynamoDB's pages end before 1 MB.
    let record = |number: usize| Record::new("long", format!("{number}"), number.to_string().repeat(300 * 1024));
    let records: Vec<Record> = (0..8).map(record).collect();
    home.ledger().append(&records).await.unwrap();
    assert!(bare(home.shelf("long").await) == records);
}

fn keys(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.key.as_str()).collect()
}
