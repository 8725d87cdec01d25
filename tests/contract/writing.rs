//! Clauses about every kind of write: what is sent again, and what is not.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use shared::error::ErrorKind;
use shared::planning::account::Account;
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::provider::Provider;
use shared::tools::http::Repeat;

use super::face::{Face, Write};
use super::stage::{Stage, failures};

/// What a write is part of.
#[derive(Clone)]
enum Order {
    Join(Joiner),
    Leave(Account),
}

impl Order {
    async fn give(&self, provider: &dyn Provider) -> Outcome {
        let mut outcomes = match self {
            Self::Join(joiner) => provider.onboard(std::slice::from_ref(joiner)).await,
            Self::Leave(account) => provider.offboard(std::slice::from_ref(account)).await,
        };
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }

    /// Whether the order took effect on Ada.
    fn is_obeyed(&self, stage: &Stage) -> bool {
        let present = matches!(stage.state("ada"), Some(State::Active | State::Invited));
        present == matches!(self, Self::Join(_))
    }
}

/// Every kind of write with a stage on which it is the next thing to come.
async fn every_write(face: &Face) -> Vec<(Write, Stage, Order)> {
    let mut all = Vec::new();
    for write in face.onboarding {
        let stage = face.stage().await;
        stage.seed("ada", State::Gone);
        let order = Order::Join(stage.joiner("ada"));
        all.push((*write, stage, order));
    }
    for write in face.offboarding {
        let stage = face.stage().await;
        let order = Order::Leave(stage.active(&["ada"]).await.remove(0));
        stage.simulator.clear_calls();
        all.push((*write, stage, order));
    }
    assert!(!all.is_empty(), "{} writes nothing at all", face.id);
    all
}

fn is_good(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done | Outcome::Pending | Outcome::Unchanged)
}

/// Of every kind of write: a safe one is never uncertain.
pub(super) async fn a_lost_answer_to_an_unsafe_write_is_uncertain_and_not_resent(face: &Face) {
    let lost = [
        Fault::CutAfter,
        Fault::CutBefore,
        Fault::Hang,
        Fault::Status(500),
        Fault::Status(503),
    ];
    for fault in lost {
        for (write, stage, order) in every_write(face).await {
            let client = match fault {
                Fault::Hang => stage.impatient(),
                _ => stage.reconnected(),
            };
            stage.inject(write.method, write.target, fault.clone(), When::Once);
            let outcome = order.give(&*client).await;
            let sent = stage.calls(write.method, write.target);
            match write.repeat {
                Repeat::Unsafe => {
                    assert_eq!(
                        failures(&[outcome]),
                        [Some(ErrorKind::Uncertain)],
                        "{} {fault:?}",
                        write.target
                    );
                    assert_eq!(sent, 1, "{} {fault:?}", write.target);
                    assert_eq!(order.is_obeyed(&stage), fault == Fault::CutAfter);
                }
                Repeat::Safe => {
                    assert!(is_good(&outcome), "{} {fault:?}: {outcome:?}", write.target);
                    assert_eq!(sent, 2, "{} {fault:?}", write.target);
                }
            }
        }
    }
}

/// Of every kind of write: the order that was uncertain, given again, ends right too, and by looking.
pub(super) async fn a_lost_answer_to_a_safe_write_is_repeated_and_ends_right(face: &Face) {
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Status(504)] {
        for (write, stage, order) in every_write(face).await {
            stage.inject(write.method, write.target, fault.clone(), When::Once);
            let mut outcome = order.give(&*stage.provider).await;
            if write.repeat == Repeat::Unsafe {
                outcome = order.give(&*stage.provider).await;
            }
            assert!(is_good(&outcome), "{} {fault:?}: {outcome:?}", write.target);
            assert!(order.is_obeyed(&stage), "{} {fault:?}", write.target);
            let sent = match (write.repeat, &fault) {
                (Repeat::Unsafe, Fault::CutAfter) => 1,
                _ => 2,
            };
            assert_eq!(
                stage.calls(write.method, write.target),
                sent,
                "{} {fault:?}",
                write.target
            );
        }
    }
}

pub(super) async fn a_write_whose_answer_is_not_read_right_is_protocol_and_not_resent(face: &Face) {
    for fault in [Fault::Garbage, Fault::MissingField] {
        for (write, stage, order) in every_write(face).await {
            stage.inject(write.method, write.target, fault.clone(), When::Once);
            let outcome = order.give(&*stage.provider).await;
            match write.answer_is_read {
                true => assert_eq!(failures(&[outcome]), [Some(ErrorKind::Protocol)], "{fault:?}"),
                false => assert!(is_good(&outcome), "{fault:?}: {outcome:?}"),
            }
            assert_eq!(stage.calls(write.method, write.target), 1);
        }
    }
}

pub(super) async fn a_throttled_write_is_sent_again_and_takes_effect_once(face: &Face) {
    for (write, stage, order) in every_write(face).await {
        let soon = Fault::StatusWithRetryAfter(429, "0".to_owned());
        stage.inject(write.method, write.target, soon, When::Once);
        stage.inject(write.method, write.target, Fault::Status(429), When::Once);
        let outcome = order.give(&*stage.provider).await;
        assert!(is_good(&outcome), "{}: {outcome:?}", write.target);
        assert!(!matches!(outcome, Outcome::Unchanged), "it was this order that did it");
        assert!(order.is_obeyed(&stage));
        assert_eq!(stage.calls(write.method, write.target), 3);
    }
    for (write, stage, order) in every_write(face).await {
        stage.inject(write.method, write.target, Fault::Status(429), When::Always);
        let outcome = order.give(&*stage.provider).await;
        assert_eq!(
            failures(&[outcome]),
            [Some(ErrorKind::Unavailable)],
            "it was never worked on"
        );
        assert!(!order.is_obeyed(&stage));
    }
}

/// A 401 was refused before it was worked on, so a write with a new token is no second write.
pub(super) async fn a_write_whose_token_expired_is_sent_again_with_a_new_one(face: &Face) {
    for (write, stage, order) in every_write(face).await {
        stage.inject(write.method, write.target, Fault::Status(401), When::Once);
        let outcome = order.give(&*stage.provider).await;
        let sent = stage.calls(write.method, write.target);
        match face.tokens {
            Some(_) => {
                assert!(is_good(&outcome), "{}: {outcome:?}", write.target);
                assert_eq!((sent, order.is_obeyed(&stage)), (2, true));
            }
            None => {
                assert!(matches!(outcome, Outcome::Failed(_)), "{}: {outcome:?}", write.target);
                assert_eq!((sent, order.is_obeyed(&stage)), (1, false));
            }
        }
    }
}
