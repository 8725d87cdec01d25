//! A function whose work panics, for the test that the next invocation is answered all the same.
#![expect(clippy::panic, reason = "panicking is what this function is for")]

use shared::bundle::Bundle;
use shared::door::{self, Function, Listing, ListingQuery, View};
use shared::error::Result;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(
        Function::List,
        async |query: ListingQuery, _: &Bundle| -> Result<Listing> {
            match query.view {
                View::Doctor => Ok(Listing::doctor(&[])),
                _ => panic!("the work panicked"),
            }
        },
    )
    .await
}
