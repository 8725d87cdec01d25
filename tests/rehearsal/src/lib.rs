//! Rollcall on one machine: simulated providers, AWS services and directory, built from the contracts and not from our client.
//!
//! - [`server`]: one tiny HTTP server per simulator, which writes every request down
//! - [`faults`], [`gate`]: the one list of everything that can go wrong on the way, and where calls are made to wait
//! - [`checks`], [`people`]: what every contract demands of a request's form, and who a platform knows
//! - [`providers`]: Bilanc, Blackbird, AppXite and Powens, with state and their documented quirks
//! - [`directories`]: where a company keeps who works for it, each with its own pages, permissions and quirks
//! - [`secrets`], [`dynamodb`], [`queues`], [`scheduler`], [`roster`]: four AWS services, and where a roster file is downloaded from
//! - [`senders`], [`slack`]: how HR systems, identity providers and chat sign what they send, and the chat that is answered
//! - [`tls`]: for all of them, where figures are to hold what it costs
//! - [`usage`]: what Linux says of a process
//! - [`host`], [`company`]: the Lambda Runtime API, and the people everything is filled with
//!
//! Nothing here imports the `shared` library: a simulator that shares code with the client agrees with its mistakes.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support: a simulator that is wrong should fail loudly"
)]

pub mod checks;
pub mod company;
pub mod directories;
pub mod dynamodb;
pub mod faults;
pub mod front;
pub mod gate;
pub mod host;
pub mod people;
pub mod providers;
pub mod queues;
pub mod roster;
pub mod scheduler;
pub mod secrets;
pub mod senders;
pub mod server;
pub mod slack;
pub mod tls;
pub mod usage;
