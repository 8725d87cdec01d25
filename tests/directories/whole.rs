//! Clauses about completeness: everybody, or an error, and never a part that looks like a whole.

use rehearsal::faults::{Fault, When};
use shared::error::ErrorKind;

use super::face::{Counts, Face, NAMES, bilanc, everybody, find, kind, staff};

pub(super) async fn connecting_makes_no_call(face: &Face) {
    let stage = face.stage().await;
    let source = stage.connect(&staff()).unwrap();
    assert_eq!((source.kind, stage.sent()), (face.kind, 0));
}

pub(super) async fn names_everybody_across_pages(face: &Face) {
    let stage = face.stage().await;
    for terms in [staff(), everybody()] {
        let read = stage.read(&terms).await.unwrap();
        assert_eq!(read.people.len(), NAMES.len());
        for name in NAMES {
            let person = find(&read, &format!("{name}@example.test"));
            assert_eq!(person.access(), [bilanc()], "{name}");
            let id = person
                .identities()
                .iter()
                .find(|key| format!("{key:?}").starts_with(face.kind));
            assert!(id.is_some(), "{name} has no id that stays");
        }
        assert!(!read.proof.is_empty());
    }
    assert!(stage.sent() >= 6, "pages of three");
    // Twice the same is twice the same.
    assert_eq!(stage.staff().await.unwrap().people, stage.staff().await.unwrap().people);
}

pub(super) async fn a_missing_page_is_an_error_or_no_statement_about_anybody(face: &Face) {
    let stage = face.stage().await;
    for page in 0..3 {
        stage.simulator.members().drop_page(Some(page));
        for terms in [staff(), everybody()] {
            match stage.read(&terms).await {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Protocol, "{error}"),
                Ok(read) => {
                    assert!(face.counts != Counts::Everything, "page {page} is missed by nobody");
                    // Who is missing is an absence; who is there and not entitled is none the more a leaver.
                    for person in read.people.iter().filter(|person| !person.is_entitled_to(bilanc())) {
                        assert!(!person.is_stated(), "page {page}");
                    }
                }
            }
        }
    }
    stage.simulator.members().drop_page(None);
    assert_eq!(stage.staff().await.unwrap().people.len(), NAMES.len());
}

pub(super) async fn a_looped_page_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.inject(Fault::LoopedCursor, When::Always);
    for terms in [staff(), everybody()] {
        stage.simulator.clear_calls();
        assert_eq!(kind(stage.read(&terms).await), ErrorKind::Protocol);
        assert!(stage.sent() < 8, "{} calls", stage.sent());
    }
}

pub(super) async fn a_page_that_comes_twice_is_an_error(face: &Face) {
    let stage = face.stage().await;
    for page in 0..3 {
        stage.simulator.members().repeat_page(Some(page));
        for terms in [staff(), everybody()] {
            assert_eq!(kind(stage.read(&terms).await), ErrorKind::Protocol, "page {page}");
        }
    }
}

pub(super) async fn a_call_that_fails_is_an_error_wherever_it_is(face: &Face) {
    let stage = face.stage().await;
    let calls = stage.calls_of_a_read().await;
    assert!(calls >= 3);
    for fault in [Fault::Status(418), Fault::ShortPage] {
        for n in 0..calls {
            stage.inject_after(n, fault.clone());
            match (stage.staff().await, &fault) {
                // Who was on the page is missing, where nothing counts them; a token's answer has no page.
                (Ok(read), Fault::ShortPage) => {
                    let left_out = |person: &shared::planning::roster::Person| !person.is_entitled_to(bilanc());
                    let gaps: Vec<_> = read.people.iter().filter(left_out).collect();
                    assert!(gaps.iter().all(|person| !person.is_stated()), "call {n}");
                    assert!(
                        read.people.len() == NAMES.len() || face.counts != Counts::Everything,
                        "call {n}"
                    );
                }
                (result, _) => assert_eq!(kind(result), ErrorKind::Protocol, "{fault:?} at call {n}"),
            }
        }
    }
    // A 5xx that passes is asked again; one that stays is the end.
    for n in 0..calls {
        stage.inject_after(n, Fault::Status(503));
        assert_eq!(stage.staff().await.unwrap().people.len(), NAMES.len(), "call {n}");
    }
    stage.inject(Fault::Status(503), When::Always);
    assert_eq!(kind(stage.staff().await), ErrorKind::Unavailable);
}

pub(super) async fn a_wrong_total_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.inject(Fault::WrongTotal, When::Always);
    for terms in [staff(), everybody()] {
        match (stage.read(&terms).await, face.counts) {
            (Ok(read), Counts::Nothing) => assert_eq!(read.people.len(), NAMES.len()),
            (result, _) => assert_eq!(kind(result), ErrorKind::Protocol),
        }
    }
}
