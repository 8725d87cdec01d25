//! Floor 1: the only modules that touch the network, the file system or AWS.

pub mod aws;
pub mod clock;
pub mod http;
pub mod json;
pub mod jwt;
pub mod ledger;
pub mod queue;
pub mod scheduler;
pub mod secrets;
