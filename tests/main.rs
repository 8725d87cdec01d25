//! Every test of the workspace's functions and library: one program, so that it links once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should fail where it stands"
)]

mod architecture;
mod chaos;
mod contract;
mod directories;
mod faults;
mod guard;
mod json;
mod ledger;
mod list;
mod logs;
mod offboard;
mod onboard;
mod openapi;
mod planning;
mod queues;
mod reconcile;
mod scheduler;
mod senders;
mod slack;
mod stack;
mod stage;
