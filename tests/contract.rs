//! The contract: every clause holds for every provider, over real HTTP against its simulator on loopback.
//!
//! A clause that makes no sense for a provider is there too: it then proves that the operation sends nothing and says so.

/// Every clause, handed to `$then`. A clause is an async function of a [`Face`] in a module here.
macro_rules! with_every_clause {
    ($then:ident! $($arguments:tt)*) => {
        $then! {
            $($arguments)*
            reading::it_says_what_it_can_do,
            reading::lists_every_account_across_pages,
            reading::a_short_list_is_an_error,
            reading::a_wrong_total_is_an_error,
            reading::a_looped_cursor_is_an_error,
            reading::a_list_that_is_not_found_is_an_error,
            reading::extra_fields_are_ignored_a_missing_one_is_protocol,
            reading::one_account_by_its_id_none_when_there_is_none,
            joining::onboarding_makes_the_person_listed_or_pending,
            joining::a_dormant_account_is_revived,
            joining::one_outcome_per_person_in_order,
            joining::one_bad_person_does_not_stop_the_rest,
            joining::a_person_without_a_usable_identity_fails_alone,
            joining::plus_and_upper_case_survive_the_round_trip,
            leaving::offboarding_ends_access,
            leaving::touches_nobody_else,
            leaving::somebody_already_gone_is_unchanged,
            leaving::one_outcome_per_account_in_order,
            leaving::twice_is_unchanged,
            leaving::an_unsupported_operation_sends_nothing_and_says_so,
            writing::a_lost_answer_to_an_unsafe_write_is_uncertain_and_not_resent,
            writing::a_lost_answer_to_a_safe_write_is_repeated_and_ends_right,
            writing::a_write_whose_answer_is_not_read_right_is_protocol_and_not_resent,
            writing::a_throttled_write_is_sent_again_and_takes_effect_once,
            writing::a_write_whose_token_expired_is_sent_again_with_a_new_one,
            trouble::a_throttled_read_succeeds_when_asked_again,
            trouble::a_long_wait_is_not_cut_short,
            trouble::a_5xx_on_a_read_is_retried,
            trouble::a_garbage_body_is_protocol,
            trouble::redirects_are_not_followed,
            trouble::a_hanging_provider_ends_in_unavailable_in_bounded_calls,
            trouble::nothing_is_sent_after_the_deadline,
            credentials::a_rejected_key_is_credentials_once,
            credentials::a_key_rejected_between_reading_and_writing_stops_the_provider,
            credentials::an_expired_token_is_renewed_once,
            credentials::no_secret_in_debug_errors_or_outcomes,
            settling::apply_then_plan_again_nothing_left,
            settling::an_order_applied_leaves_nothing_of_it,
        }
    };
}

/// The tests of one provider, as this module's: `bilanc::offboarding_ends_access`.
macro_rules! test_every_clause {
    ($face:path; $($module:ident::$clause:ident,)*) => {
        /// The face whose clauses run here: naming it anywhere proves that they do.
        pub(in crate::contract) const TESTED: &crate::contract::face::Face = &$face;

        $(
            #[tokio::test]
            async fn $clause() {
                crate::contract::$module::$clause(TESTED).await;
            }
        )*
    };
}

macro_rules! names {
    ($($module:ident::$clause:ident,)*) => { [$(stringify!($clause)),*] };
}

mod appxite;
mod arriving;
mod bilanc;
mod blackbird;
mod credentials;
mod cutting;
mod face;
mod joining;
mod leaving;
mod powens;
mod reading;
mod settling;
mod stage;
mod trouble;
mod versions;
mod writing;

use std::collections::BTreeSet;

use rehearsal::providers;
use shared::providers::REGISTRY;

use face::Face;

/// Whose clauses run; AppXite twice, for it is configured in two very different ways.
const TESTED: [&Face; 5] = [
    bilanc::TESTED,
    blackbird::TESTED,
    appxite::TESTED,
    appxite::extended::TESTED,
    powens::TESTED,
];

#[tokio::test]
async fn registry_contract_and_simulators_name_the_same_providers() {
    let registry: BTreeSet<&str> = REGISTRY.iter().map(|registration| registration.id.name()).collect();
    let contract: BTreeSet<&str> = TESTED.iter().map(|face| face.id).collect();
    let listed = BTreeSet::from(providers::IDS);
    let mut started = BTreeSet::new();
    for id in providers::IDS {
        started.insert(providers::start(id).await.id());
    }
    assert_eq!(registry, contract);
    assert_eq!(registry, listed);
    assert_eq!(registry, started);
    for face in TESTED {
        let stage = face.stage().await;
        assert_eq!((stage.provider.id().name(), stage.simulator.id()), (face.id, face.id));
    }
}

#[test]
fn every_promise_of_the_provider_trait_is_a_clause() {
    let clauses = with_every_clause!(names!);
    let promises = include_str!("../shared/src/provider.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// - "));
    let mut count = 0;
    for promise in promises {
        let words: Vec<_> = promise
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let clause = words.join("_").to_ascii_lowercase();
        assert!(clauses.contains(&&*clause), "no clause is called {clause}");
        count += 1;
    }
    assert!(count > 10, "the trait's promises were not found: {count}");
}
