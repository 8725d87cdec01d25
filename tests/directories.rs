//! The contract of directories: every clause holds for every kind of source, over real HTTP against its simulator on loopback.

/// Every clause, handed to `$then`. A clause is an async function of a [`Face`] in a module here.
macro_rules! with_every_clause {
    ($then:ident! $($arguments:tt)*) => {
        $then! {
            $($arguments)*
            whole::connecting_makes_no_call,
            whole::names_everybody_across_pages,
            whole::a_missing_page_is_an_error_or_no_statement_about_anybody,
            whole::a_looped_page_is_an_error,
            whole::a_page_that_comes_twice_is_an_error,
            whole::a_call_that_fails_is_an_error_wherever_it_is,
            whole::a_wrong_total_is_an_error,
            trouble::a_redirect_is_not_followed,
            trouble::a_missing_permission_is_named,
            trouble::a_rejected_key_is_credentials,
            trouble::an_expired_token_is_renewed,
            trouble::being_throttled_is_waited_for,
            trouble::a_long_wait_is_not_slept_through,
            trouble::a_hanging_directory_is_unavailable,
            trouble::garbage_and_a_missing_field_are_protocol_and_extra_fields_are_ignored,
            terms::a_group_that_is_not_there_is_misconfigured,
            terms::a_group_without_members_is_held,
            terms::a_source_of_people_has_to_grant_something,
            terms::a_source_of_identities_names_everybody_and_entitles_nobody,
            terms::who_may_not_sign_in_is_named_and_kept_unless_the_document_says_otherwise,
            trouble::no_secret_and_no_address_in_debug_or_errors,
        }
    };
}

/// The tests of one kind, as this module's: `entra::a_looped_page_is_an_error`.
macro_rules! test_every_clause {
    ($face:path; $($module:ident::$clause:ident,)*) => {
        /// The face whose clauses run here: naming it anywhere proves that they do.
        pub(in crate::directories) const TESTED: &crate::directories::face::Face = &$face;

        $(
            #[tokio::test]
            async fn $clause() {
                crate::directories::$module::$clause(TESTED).await;
            }
        )*
    };
}

macro_rules! names {
    ($($module:ident::$clause:ident,)*) => { [$(stringify!($clause)),*] };
}

mod entra;
mod face;
mod github;
mod google;
mod okta;
mod scim;
mod scim_server;
mod terms;
mod traps;
mod trouble;
mod whole;

use std::collections::BTreeSet;

use shared::directories::REGISTRY;

use face::Face;

/// Whose clauses run. A roster file has neither pages nor groups: its tests are in `reconcile::sources` and `reconcile::accidents`.
const TESTED: [&Face; 6] = [
    entra::TESTED,
    github::TESTED,
    github::app::TESTED,
    google::TESTED,
    okta::TESTED,
    scim::TESTED,
];

#[test]
fn every_kind_of_source_is_tested() {
    let registry: BTreeSet<&str> = REGISTRY.iter().map(|registration| registration.kind).collect();
    let tested: BTreeSet<&str> = TESTED.iter().map(|face| face.kind).chain(["roster_file"]).collect();
    assert_eq!(registry, tested);
}

#[test]
fn every_promise_of_the_directory_trait_is_a_clause() {
    let clauses = with_every_clause!(names!);
    let promises = include_str!("../shared/src/directory.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// - "));
    let promised: BTreeSet<String> = promises.map(|promise| promise.replace(' ', "_")).collect();
    let clauses: BTreeSet<String> = clauses.iter().map(|clause| (*clause).to_owned()).collect();
    assert_eq!(promised, clauses);
    assert!(promised.len() > 10);
}
