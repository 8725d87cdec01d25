//! `reconcile`: make every provider match the directory.

use shared::bundle::Bundle;
use shared::door::{self, Function, ReconcileOrder};
use shared::error::Result;
use shared::planning::plan::Desired;
use shared::planning::report::{Mode, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(Function::Reconcile, reconcile).await
}

async fn reconcile(order: ReconcileOrder, bundle: &Bundle) -> Result<Report> {
    if let Some(pause) = order.pause {
        bundle.pause(pause).await?;
    }
    let (roster, found) = bundle.compare(&order.providers, order.mode).await;
    let roster = roster.map_err(|error| match order.pause {
        Some(pause) => error.with("pause", pause.name()), // that much was done
        None => error,
    })?;
    let desired = Desired::Exactly(&roster);
    let decided = bundle.decide(found, desired, &order.consent);
    Ok(match order.mode {
        Mode::Preview => bundle.preview(decided),
        Mode::Apply => bundle.apply(decided, desired).await,
    })
}
