//! A process of its own for what needs a table: this program, with one ignored test and an environment that names the table.

use std::process::Command;

use rehearsal::dynamodb::{DynamoDb, TABLE};

/// Runs the ignored test of this name in `ledger`, which has to hold.
pub(super) async fn run(db: &DynamoDb, test: &str) {
    run_with_table(db, TABLE, test).await;
}

/// The same for a table of this name.
pub(super) async fn run_with_table(db: &DynamoDb, table: &str, test: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", &format!("ledger::{test}")])
        .env_clear() // nobody's own region, credentials or proxy
        .env("AWS_ENDPOINT_URL_DYNAMODB", db.url())
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "rehearsal")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("ROLLCALL_MOTO_TABLE", table);
    let ended = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = ended.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("1 passed"),
        "there is no ignored test ledger::{test}: {said}"
    );
}
