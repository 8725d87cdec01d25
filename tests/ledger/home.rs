//! A home of the ledger, empty or with a table of its own, at any time a test wants it to be.

use std::time::Duration;

use jiff::Timestamp;
use shared::tools::clock::Clock;
use shared::tools::http::{Http, Limits};
use shared::tools::ledger::{Ledger, LedgerFile, Record, Table};

use crate::scheduler::moto::aws;
use crate::stage::Folder;

/// When tests begin. It is years ahead: nothing here has expired by the machine's clock.
const BEGIN: i64 = 2_000_000_000;

/// Sorts behind every key.
pub(super) const END: &str = "~";

pub(super) enum Home {
    File(Folder),
    Table(Limits, String),
}

impl Home {
    pub(super) fn in_a_file() -> Self {
        Self::File(Folder::new())
    }

    /// The table that the environment names.
    pub(super) fn in_a_table() -> Self {
        Self::in_a_table_within(Duration::from_secs(10))
    }

    /// The same, where a call takes no longer than this.
    pub(super) fn in_a_table_within(call_timeout: Duration) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "says which table the tests are for, and is no setting of a function"
        )]
        let name = std::env::var("ROLLCALL_MOTO_TABLE").expect("a table to test with: see .ci/with_moto");
        let retry_base = Duration::from_millis(1);
        let limits = Limits {
            call_timeout,
            retry_base,
        };
        Self::Table(limits, name)
    }

    /// The ledger there, as somebody else opens it, so many seconds after the beginning.
    pub(super) fn after(&self, seconds: i64) -> Box<dyn Ledger> {
        let clock = Clock::At(moment(seconds));
        match self {
            Self::File(folder) => Box::new(LedgerFile::new(folder.path().join("ledger.json"), clock)),
            Self::Table(limits, name) => {
                let http = Http::new(*limits, clock, None).unwrap();
                Box::new(Table::new(aws(), http, name.clone()))
            }
        }
    }

    /// The ledger there at the beginning.
    pub(super) fn ledger(&self) -> Box<dyn Ledger> {
        self.after(0)
    }

    /// What is on a shelf at the beginning.
    pub(super) async fn shelf(&self, shelf: &str) -> Vec<Record> {
        self.ledger().read(shelf, "", END).await.unwrap()
    }
}

/// So many seconds after the beginning.
pub(super) fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds).unwrap()
}

/// The records without their versions, which the ledger gives.
pub(super) fn bare(records: Vec<Record>) -> Vec<Record> {
    let bare = |record| Record { version: 0, ..record };
    records.into_iter().map(bare).collect()
}
