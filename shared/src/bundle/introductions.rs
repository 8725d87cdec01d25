//! Introductions: what a sender who cannot prove anything yet says once, kept for the operator to look at.
//!
//! Gusto posts the token that it will sign with, unsigned, to the URL of a new subscription
//! (<https://docs.gusto.com/embedded-payroll/docs/webhooks>). Anybody could post one, so nothing takes it as a secret by itself.

use jiff::SignedDuration;

use super::{Bundle, Process};
use crate::error::Result;
use crate::tools::ledger::{Record, When};

/// The shelf of introductions.
const INTRODUCTIONS: &str = "introductions";

/// So long an operator has to look.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Process {
    /// Keeps the token that somebody posted as `caller`, for a subscription of this id.
    pub async fn introduce(&self, caller: &str, subscription: &str, token: &str) -> Result<()> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        let key = format!("{caller}/{subscription}");
        let record = Record::new(INTRODUCTIONS, key, token.to_owned()).kept_for(KEPT, self.now());
        ledger.write(&record, When::Always).await.map(drop)
    }
}

impl Bundle {
    /// Who introduced themselves lately: caller and subscription, and the token.
    pub(super) async fn introductions(&self) -> Result<Vec<(String, String)>> {
        let Some(ledger) = &self.process.ledger else {
            return Ok(Vec::new());
        };
        let records = ledger.read(INTRODUCTIONS, "", "~").await?;
        Ok(records.into_iter().map(|record| (record.key, record.text)).collect())
    }
}
