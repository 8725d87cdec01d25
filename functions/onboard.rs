//! `onboard`: give these people access. Nobody is removed, whatever else is seen.

use shared::bundle::{Bundle, Patience};
use shared::door::{self, Function, PeopleOrder};
use shared::error::Result;
use shared::planning::plan::Desired;
use shared::planning::report::{Mode, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(Function::Onboard, onboard).await
}

async fn onboard(order: PeopleOrder, bundle: &Bundle) -> Result<Report> {
    let found = bundle.observe_and_recall(&order.providers, order.mode, Patience::Wait);
    let (joiners, found) = tokio::join!(bundle.complete(&order.people), found);
    bundle.accept_owners(&joiners, order.mode);
    let desired = Desired::Including(&joiners);
    let decided = bundle.decide(found, desired, &order.consent);
    Ok(match order.mode {
        Mode::Preview => bundle.preview(decided),
        Mode::Apply => bundle.apply(decided, desired).await,
    })
}
