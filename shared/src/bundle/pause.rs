//! Pause: the button that stops `reconcile` from removing anybody, also in a run that is under way.

use super::Bundle;
use super::entries::{moment, written};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::ledger::{Record, When};

/// The shelf of what concerns every provider.
const SHELF: &str = "all";
const KEY: &str = "pause";

/// What to do with the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Stop removals.
    Press,
    /// Let them go on.
    Lift,
}

impl Pause {
    /// What was done, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Press => "pressed",
            Self::Lift => "lifted",
        }
    }
}

impl Bundle {
    /// Presses pause or lifts it, for every provider.
    pub async fn pause(&self, pause: Pause) -> Result<()> {
        let Some(ledger) = &self.process.ledger else {
            let message = "pausing needs a ledger: set LEDGER";
            return Err(Error::new(ErrorKind::Misconfigured, message));
        };
        match pause {
            Pause::Press => {
                let pressed = serde_json::json!({"by": self.origin.by, "time": moment(self.clock.now())});
                let record = Record::new(SHELF, KEY, written(&pressed));
                ledger.write(&record, When::Always).await?;
            }
            Pause::Lift => ledger.remove(SHELF, KEY, When::Always).await?,
        }
        tracing::warn!(by = %self.origin.by, "pause was {}", pause.name());
        Ok(())
    }

    /// Whether removals are stopped.
    pub(super) async fn is_paused(&self) -> Result<bool> {
        match &self.process.ledger {
            Some(ledger) => Ok(!ledger.read(SHELF, KEY, KEY).await?.is_empty()),
            None => Ok(false),
        }
    }
}
