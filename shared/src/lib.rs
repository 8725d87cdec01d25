//! Rollcall's library: who should have access, who has it, and how to make the two agree without removing the wrong person.
//!
//! A module imports only from lower floors; a test reads every import and fails on one that points upwards.
//!
//! | Floor | Module | What for |
//! |---|---|---|
//! | 0 | [`error`] | the one error; its kind says who has to act |
//! | 1 | [`planning`] | pure: people, accounts, plan, guard, report |
//! | 1 | [`tools`] | the network, the file system and AWS, and nothing else touches them |
//! | 2 | [`provider`], [`directory`] | what a provider and a directory must do |
//! | 3 | [`providers`], [`directories`] | one file or folder each |
//! | 4 | [`settings`], [`bundle`] | the environment; roster → observe → decide → apply |
//! | 5 | [`door`] | Lambda events, callers and our public JSON |

pub mod bundle;
pub mod directories;
pub mod directory;
pub mod door;
pub mod error;
pub mod planning;
pub mod provider;
pub mod providers;
pub mod settings;
pub mod tools;
