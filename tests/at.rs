//! `offboard` at the time that `ROLLCALL_TEST_SECOND` says, for the test of signatures that were published years ago. It admits and
//! reads as the function does, and then does nothing.

use std::env;

use jiff::Timestamp;
use shared::bundle::Bundle;
use shared::door::{self, Function, PeopleOrder};
use shared::error::Result;
use shared::planning::report::Report;
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
        async |_: PeopleOrder, bundle: &Bundle| -> Result<Report> { Ok(bundle.preview(Vec::new())) },
    )
    .await
}
