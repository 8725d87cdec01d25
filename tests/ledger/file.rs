//! Every clause for the file, and what only a file can go through: crashes, other processes, and somebody's editor.

use std::fs;
use std::path::PathBuf;

use shared::error::ErrorKind;
use shared::tools::ledger::{Record, When};

use super::home::{END, Home, bare, moment};
use super::writing::count;

macro_rules! test_every_clause {
    ($($module:ident::$clause:ident,)*) => {
        $(
            #[tokio::test]
            async fn $clause() {
                super::$module::$clause(&Home::in_a_file()).await;
            }
        )*
    };
}

with_every_clause!(test_every_clause!);

fn path(home: &Home, ending: &str) -> PathBuf {
    let Home::File(folder) = home else {
        unreachable!("these homes are files")
    };
    folder.path().join(format!("ledger.json{ending}"))
}

/// A home with one record in it.
async fn home() -> Home {
    let home = Home::in_a_file();
    let record = Record::new("shelf", "key", "there");
    home.ledger().write(&record, When::Free).await.unwrap().unwrap();
    home
}

#[tokio::test]
async fn what_is_no_ledger_is_unavailable_and_left_as_it_is() {
    let home = Home::in_a_file();
    let broken = [
        "",
        "{",
        "[]",
        "null",
        r#"{"shelf": {"key": {"text": "t"}}}"#,
        r#"{"shelf": {"key": {"text": "t", "version": 1, "of_a_newer_version": true}}}"#,
        r#"{"shelf": {"key": {"text": "t", "version": 1}}} and more"#,
    ];
    for text in broken {
        fs::write(path(&home, ""), text).unwrap();
        every_call_is_unavailable(&home).await;
        assert_eq!(fs::read_to_string(path(&home, "")).unwrap(), text);
    }
}

#[tokio::test]
async fn a_folder_in_its_place_is_unavailable() {
    let home = Home::in_a_file();
    fs::create_dir(path(&home, "")).unwrap();
    every_call_is_unavailable(&home).await;
}

async fn every_call_is_unavailable(home: &Home) {
    let ledger = home.ledger();
    let record = Record::new("shelf", "key", "t");
    let errors = [
        ledger.read("shelf", "", END).await.unwrap_err(),
        ledger.write(&record, When::Always).await.unwrap_err(),
        ledger.append(&[record]).await.unwrap_err(),
        ledger.remove("shelf", "key", When::Always).await.unwrap_err(),
    ];
    assert!(
        errors.iter().all(|error| error.kind() == ErrorKind::Unavailable),
        "{errors:?}"
    );
}

#[tokio::test]
async fn without_a_folder_nothing_is_written_and_that_is_said() {
    let home = home().await;
    fs::remove_dir_all(path(&home, "").parent().unwrap()).unwrap();
    let written = home.ledger().write(&Record::new("shelf", "key", "t"), When::Free).await;
    assert_eq!(written.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_crash_before_the_new_file_is_in_place_leaves_the_old_one() {
    let home = home().await;
    fs::write(path(&home, ".next"), r#"{"shelf": {"key": {"te"#).unwrap();
    fs::write(path(&home, ".lock"), "").unwrap();
    assert_eq!(bare(home.shelf("shelf").await), [Record::new("shelf", "key", "there")]);
    let next = Record::new("shelf", "next", "too");
    home.ledger().write(&next, When::Free).await.unwrap().unwrap();
    assert_eq!(home.shelf("shelf").await.len(), 2);

    // A disk on which the new file cannot be written.
    fs::create_dir(path(&home, ".next")).unwrap();
    let failed = home.ledger().write(&next, When::Always).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unavailable);
    assert_eq!(home.shelf("shelf").await.len(), 2);
}

#[tokio::test]
async fn those_who_share_it_take_turns() {
    let home = Home::in_a_file();
    let counter = Record::new("raced", "counter", "0");
    home.ledger().write(&counter, When::Free).await.unwrap().unwrap();
    // Each opens the lock file anew, as another process does.
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let home = &home;
            scope.spawn(move || {
                let own = |number: usize| Record::new("own", format!("{writer}/{number}"), "t");
                let work = async {
                    for number in 0..10 {
                        home.ledger().append(&[own(number)]).await.unwrap();
                    }
                    count(home.ledger(), 10).await;
                };
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(work);
            });
        }
    });
    assert_eq!(home.shelf("own").await.len(), 40, "nobody wrote over another's record");
    assert_eq!(home.shelf("raced").await[0].text, "40");
}

#[tokio::test]
async fn what_has_expired_leaves_the_file_with_the_next_write() {
    let home = home().await;
    let record = Record::new("shelf", "gone", "somebody").until(moment(10));
    home.ledger().write(&record, When::Free).await.unwrap().unwrap();
    let text = || fs::read_to_string(path(&home, "")).unwrap();
    assert!(text().contains("somebody"));
    home.after(10)
        .append(&[Record::new("shelf", "new", "t")])
        .await
        .unwrap();
    assert!(!text().contains("somebody") && text().contains("there"));
}
