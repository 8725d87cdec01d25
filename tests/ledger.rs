//! The ledger: every clause holds in each of its homes, the file, the simulated table and moto's.
//!
//! The SDK finds its endpoint in the environment, which no test changes under the others: what needs a table is an ignored test
//! here, and runs in a process of its own.

/// Every clause, handed to `$then`. A clause is an async function of a [`home::Home`] in a module here.
macro_rules! with_every_clause {
    ($then:ident!) => {
        $then! {
            reading::what_is_written_is_read,
            reading::records_come_in_the_order_of_their_keys,
            reading::a_range_includes_both_its_ends,
            reading::shelves_are_apart,
            reading::an_expired_record_is_not_read_and_its_place_is_free,
            reading::any_text_comes_back_as_it_was,
            reading::a_long_shelf_is_read_whole,
            writing::a_refused_write_changes_nothing,
            writing::each_write_gives_another_version,
            writing::of_many_writers_who_saw_one_version_one_succeeds,
            writing::nothing_is_written_over_what_was_removed_meanwhile,
            writing::what_has_changed_is_not_removed,
            writing::any_number_of_records_is_appended,
            writing::of_two_appended_under_one_key_the_last_stays,
        }
    };
}

macro_rules! names {
    ($($module:ident::$clause:ident,)*) => { [$(stringify!($clause)),*] };
}

mod file;
mod home;
mod moto;
mod process;
mod reading;
mod simulator;
mod trouble;
mod writing;

#[test]
fn every_promise_of_the_ledger_trait_is_a_clause() {
    let mut clauses = with_every_clause!(names!).to_vec();
    clauses.push(trouble::SENT_TWICE);
    let promises = include_str!("../shared/src/tools/ledger/mod.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("/// - "));
    let mut named = Vec::new();
    for promise in promises {
        let words: Vec<_> = promise.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        named.push(words.join("_").to_ascii_lowercase());
    }
    named.sort_unstable();
    clauses.sort_unstable();
    assert_eq!(named, clauses);
}
