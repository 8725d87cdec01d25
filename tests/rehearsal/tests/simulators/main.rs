//! The simulators themselves: the happy line of each, what each refuses, and that faults do what they are called.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod appxite;
mod bilanc;
mod blackbird;
mod client;
mod dynamodb;
mod entra;
mod every;
mod faults;
mod github;
mod google;
mod okta;
mod powens;
mod scheduler;
mod scim;
mod services;
mod slack;
