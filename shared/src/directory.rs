//! Floor 2: what every directory does: name everybody, or fail.

use async_trait::async_trait;

use crate::error::Result;
use crate::planning::roster::Person;

/// A source of truth about people. A function has one thread, so that reading need not be sent to another.
#[async_trait(?Send)]
pub trait Directory: Send + Sync {
    /// Everybody it knows, known leavers too.
    ///
    /// # Behaviour
    /// - names everybody across pages
    /// - a page that is missing is an error or is never a statement
    /// - a looped page is an error
    /// - a page that fails is an error wherever it is
    /// - a wrong total is an error
    /// - a link to another host is not followed
    /// - a missing permission is named
    /// - a rejected key is credentials
    /// - an expired token is renewed or its end is an error
    /// - being throttled is waited for
    /// - garbage and missing fields are protocol
    /// - a group that is not there is misconfigured
    /// - a group without members is held
    /// - who may not sign in is named and suspended
    /// - a source of identities is asked for everybody
    /// - no secret and no address in debug or errors
    async fn read(&self) -> Result<Read>;
}

/// What a source named, all of it.
#[derive(Debug)]
pub struct Read {
    /// Everybody.
    pub people: Vec<Person>,
    /// How the read shows that it is whole.
    pub proof: &'static str,
    /// What an operator should know besides: whom it names without an address, who is not counted as a member.
    pub remarks: Vec<String>,
}
