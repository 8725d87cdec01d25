//! A process that is killed at any point of an event's way: nothing is lost, and each effect happens once.

use rehearsal::gate::{Closes, Gate};
use rehearsal::providers::State;
use rehearsal::queues::VISIBILITY;

use super::{inactive, world};
use crate::stage::Stage;

fn shut(stage: &Stage, gate: Option<&Gate>) {
    for id in ["bilanc", "blackbird"] {
        stage.simulator(id).faults().set_gate(gate.cloned());
    }
    stage.ledger.faults().set_gate(gate.cloned());
    stage.queues.faults().set_gate(gate.cloned());
}

/// Takes an event and works it, killed at the n-th call on the way; gives whether there was such a call.
async fn killed_at(n: usize, closes: Closes) -> bool {
    let why = format!("killed at call {n}, {closes:?}");
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let gate = Gate::new("*", n, closes);
    shut(&stage, Some(&gate));
    let mut was_killed = false;
    let answered = tokio::select! {
        answer = offboard.request(inactive("ada")) => Some(answer),
        () = gate.reached() => None,
    };
    if answered.is_none() {
        was_killed = true;
        offboard.kill().await;
        shut(&stage, None);
        offboard.revive().await;
        assert_eq!(
            offboard.request(inactive("ada")).await.status,
            202,
            "{why}: the sender sends it again"
        );
    }
    for _ in 0..4 {
        let ended = tokio::select! {
            _ = stage.queues.deliver("offboard", &offboard) => true,
            () = gate.reached(), if !was_killed => false,
        };
        if !ended {
            was_killed = true;
            offboard.kill().await;
            shut(&stage, None);
            offboard.revive().await;
        }
        stage.let_leases_lapse();
        stage.queues.pass(VISIBILITY);
    }
    assert!(
        stage.queues.waiting("offboard").is_empty(),
        "{why}: the message is worked"
    );
    for id in ["bilanc", "blackbird"] {
        assert_ne!(stage.state(id, "ada"), Some(State::Active), "{why}: {id}");
        assert_eq!(stage.present(id), 2, "{why}: {id}");
        let calls = stage.simulator(id).calls().into_iter();
        let writes = calls.filter(|call| call.method != "GET" && !call.path.ends_with("/token"));
        let done = writes.filter(|call| (200..300).contains(&call.status)).count();
        assert_eq!(done, 1, "{why}: {id} was changed once");
    }
    was_killed
}

#[tokio::test]
async fn at_any_point_nothing_is_lost_and_nothing_is_done_twice() {
    for closes in [Closes::BeforeTheEffect, Closes::AfterTheEffect] {
        let mut n = 1;
        while killed_at(n, closes).await {
            n += 1;
        }
        assert!(n > 10, "a whole way has more than {n} calls");
    }
}
