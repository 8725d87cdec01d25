//! Floor 2: what every directory does: name everybody, or fail.

use async_trait::async_trait;

use crate::error::Result;
use crate::planning::roster::Person;

/// A source of truth about people.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Everybody it knows, known leavers too.
    ///
    /// # Behaviour
    /// - everybody or an error, never a part: pages drained, totals compared, nothing cut off
    async fn people(&self) -> Result<Vec<Person>>;
}
