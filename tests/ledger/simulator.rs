//! Every clause, for the simulated table, whose reads are as stale and whose pages as short as DynamoDB's may be.

use rehearsal::dynamodb::DynamoDb;

use super::process;

macro_rules! test_every_clause {
    ($($module:ident::$clause:ident,)*) => {
        $(
            #[tokio::test]
            async fn $clause() {
                holds(stringify!($clause)).await;
            }
        )*
    };
}

with_every_clause!(test_every_clause!);

async fn holds(clause: &str) {
    let db = DynamoDb::start().await;
    db.pages_of(3);
    process::run(&db, &format!("moto::{clause}")).await;
    assert_ne!(db.calls().len(), 0, "{clause} asked nobody");
    assert_eq!(db.violations(), [""; 0]);
}
