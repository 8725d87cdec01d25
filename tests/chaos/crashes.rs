//! A process that dies, once or twice in a row, at every step there is; and an answer that is lost.

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{IDS, State};

use super::acts::Act;
use super::call::Call;
use super::chain::{Chain, Told, runtime};
use super::company::{Person, Standing};
use super::faults::Weather;
use super::reckoning::{books, calm, converge};

/// More steps than a run of this company has: with that many nobody dies any more.
const STEPS: usize = 100;

/// Two who stay, one who left, one who is not named any more, and one who joins.
fn company(chain: &Chain) {
    let world = &chain.world;
    let mut people: Vec<Person> = (0..5).map(Person::new).collect();
    for person in &people[..4] {
        for id in ["bilanc", "blackbird", "appxite"] {
            world.simulator(id).seed(&person.seed(id), State::Active);
        }
    }
    let joiner = people[4].seed("bilanc");
    world.simulator("bilanc").seed(&joiner, State::Gone);
    people[2].standing = Standing::Left;
    people[3].standing = Standing::Absent;
    *world.people.lock().unwrap() = people;
}

/// A run that dies at a step; whether it did.
async fn dies(chain: &mut Chain, act: Act, step: usize) -> bool {
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    let call = chain.call(act, Weather::default());
    let call = Arc::new(Call {
        crash_at: Some(step),
        ..Arc::into_inner(call).unwrap()
    });
    let ended = chain.run(&call).await;
    chain.ended(&call, &ended, false);
    ended.is_none()
}

fn wrongs(chain: &Chain) -> Vec<String> {
    let mut wrong = chain.world.oracle.lock().unwrap().wrongs.clone();
    wrong.extend(books(chain));
    wrong
}

#[test]
fn a_run_that_dies_at_any_step_is_made_good() {
    let offboard = Act::Offboard(vec!["person1@example.com".to_owned()]);
    for act in [Act::Reconcile, offboard] {
        let die = |step: &usize| {
            runtime().block_on(async {
                let mut chain = Chain::new(1, Told::Quietly);
                company(&chain);
                let died = dies(&mut chain, act.clone(), *step).await;
                converge(&mut chain).await;
                assert_eq!(wrongs(&chain), [""; 0], "{act:?}, step {step}");
                died
            })
        };
        let died = (0..STEPS).take_while(die).count();
        assert!(died > 20 && died < STEPS, "{act:?} died at {died} steps of {STEPS}");
    }
}

#[test]
fn two_runs_that_die_one_after_the_other_remove_and_tell_a_removal_once() {
    for first in (0..STEPS).step_by(4) {
        for second in (0..STEPS).step_by(3) {
            let both = runtime().block_on(async {
                let mut chain = Chain::new(1, Told::Quietly);
                company(&chain);
                let died = dies(&mut chain, Act::Reconcile, first).await;
                let both = died && dies(&mut chain, Act::Reconcile, second).await;
                calm(&mut chain, Act::Reconcile).await;
                assert_eq!(wrongs(&chain), [""; 0], "dying at {first} and {second}");
                both
            });
            if !both {
                break;
            }
        }
    }
}

#[test]
fn a_removal_whose_answer_was_lost_counts_and_is_told() {
    for id in IDS.into_iter().filter(|id| *id != "powens") {
        runtime().block_on(async {
            let mut chain = Chain::new(1, Told::Quietly);
            company(&chain);
            let method = if id == "blackbird" { "PUT" } else { "POST" };
            let path = ["/offboarded", "/admin/admin/users/", "/block"];
            let path = path[IDS.iter().position(|one| *one == id).unwrap()];
            chain
                .world
                .simulator(id)
                .faults()
                .inject(method, path, Fault::CutAfter, When::Once);
            calm(&mut chain, Act::Reconcile).await;
            assert_eq!(wrongs(&chain), [""; 0], "{id}");
            assert_eq!(chain.world.oracle.lock().unwrap().removals.len(), 3, "one at each");
        });
    }
}
