//! `offboard`: take these people's access away, now or at a later time. Nobody else is touched, and a directory that is down does
//! not stop it.

use shared::bundle::{Bundle, Patience};
use shared::door::{self, Due, Function, Offboarded, PeopleOrder};
use shared::error::Result;
use shared::planning::plan::Desired;
use shared::planning::report::{Mode, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(Function::Offboard, offboard).await
}

async fn offboard(order: PeopleOrder, bundle: &Bundle) -> Result<Offboarded> {
    let each = || order.parted(bundle.by());
    match (order.due, order.mode) {
        (Due::At(time), Mode::Apply) => bundle.schedule(&each(), time).await.map(Offboarded::Later),
        (Due::Never, Mode::Apply) => bundle.rescind(&each()).await.map(Offboarded::Later),
        (_, Mode::Preview) | (Due::Now, _) => Ok(Offboarded::Now(now(&order, bundle).await)),
    }
}

async fn now(order: &PeopleOrder, bundle: &Bundle) -> Report {
    let found = bundle.observe_and_recall(&order.providers, order.mode, Patience::Wait);
    let (leavers, found) = tokio::join!(bundle.complete(&order.people), found);
    let desired = Desired::Excluding(&leavers);
    let decided = bundle.decide(found, desired, &order.consent);
    match order.mode {
        Mode::Preview => bundle.preview(decided),
        Mode::Apply => bundle.apply(decided, desired).await,
    }
}
