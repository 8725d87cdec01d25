//! `offboard` at the time that `ROLLCALL_TEST_SECOND` says, for the test of signatures that were published years ago. It admits,
//! reads and schedules as the function does, and what is due now it does not do.

use std::env;

use jiff::Timestamp;
use shared::bundle::Bundle;
use shared::door::{self, Due, Function, Offboarded, PeopleOrder};
use shared::error::Result;
use shared::tools::clock::Clock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time of a test, and no setting of a function"
    )]
    let second = env::var("ROLLCALL_TEST_SECOND")
        .ok()
        .and_then(|second| second.parse().ok());
    let time = second.and_then(|second| Timestamp::from_second(second).ok());
    let clock = Clock::At(time.unwrap_or(Timestamp::UNIX_EPOCH));
    door::serve_by(
        clock,
        Function::Offboard,
        async |order: PeopleOrder, bundle: &Bundle| -> Result<Offboarded> {
            match order.due {
                Due::At(time) => {
                    let bookings = bundle.schedule(&order.parted(bundle.by()), time).await;
                    bookings.map(Offboarded::Later)
                }
                Due::Now | Due::Never => Ok(Offboarded::Now(bundle.preview(Vec::new()))),
            }
        },
    )
    .await
}
