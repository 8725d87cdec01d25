//! Floor 1, pure: who should have access, who has it, what to change, and whether that may be done.
//!
//! Invariant: no async, no IO, no clock, no environment, no JSON. Equal input gives equal output, byte for byte.

pub mod account;
mod change;
pub mod crowd;
mod digest;
mod groups;
pub mod guard;
pub mod hash;
pub mod identity;
mod index;
mod matching;
pub mod memory;
pub mod merging;
mod mode;
pub mod owners;
pub mod people;
mod person;
pub mod plan;
pub mod report;
pub mod roster;
pub mod sieve;
mod skip;
