//! `offboard`: take these people's access away. Nobody else is touched, and a directory that is down does not stop it.

use shared::bundle::Bundle;
use shared::door::{self, Function, PeopleOrder};
use shared::error::Result;
use shared::planning::plan::Desired;
use shared::planning::report::{Mode, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(Function::Offboard, offboard).await
}

async fn offboard(order: PeopleOrder, bundle: Bundle) -> Result<Report> {
    let (leavers, seen) = tokio::join!(bundle.complete(&order.people), bundle.observe(&order.providers));
    let desired = Desired::Excluding(&leavers);
    let decided = bundle.decide(seen, desired, &order.consent);
    Ok(match order.mode {
        Mode::Preview => bundle.preview(decided),
        Mode::Apply => bundle.apply(decided, desired).await,
    })
}
