//! Floor 2: what every directory does: name everybody, or fail.

use async_trait::async_trait;

use crate::error::Result;
use crate::planning::crowd::Crowd;

/// A source of truth about people. A function has one thread, so that reading need not be sent to another.
#[async_trait(?Send)]
pub trait Directory: Send + Sync {
    /// Everybody it knows, known leavers too.
    ///
    /// # Behaviour
    /// - connecting makes no call
    /// - names everybody across pages
    /// - a missing page is an error or no statement about anybody
    /// - a looped page is an error
    /// - a page that comes twice is an error
    /// - a call that fails is an error wherever it is
    /// - a wrong total is an error
    /// - a redirect is not followed
    /// - a missing permission is named
    /// - a rejected key is credentials
    /// - an expired token is renewed
    /// - being throttled is waited for
    /// - a long wait is not slept through
    /// - a hanging directory is unavailable
    /// - garbage and a missing field are protocol and extra fields are ignored
    /// - a group that is not there is misconfigured
    /// - a group without members is held
    /// - a source of people has to grant something
    /// - a source of identities names everybody and entitles nobody
    /// - who may not sign in is named and kept unless the document says otherwise
    /// - no secret and no address in debug or errors
    async fn read(&self) -> Result<Read>;
}

/// What a source named, all of it.
#[derive(Debug)]
pub struct Read {
    /// Everybody.
    pub people: Crowd,
    /// How the read shows that it is whole.
    pub proof: &'static str,
    /// What an operator should know besides: whom it names without an address, who is not counted as a member.
    pub remarks: Vec<String>,
}
