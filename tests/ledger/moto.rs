//! Every clause, for the table that the environment names: moto's, or the simulator's of a test that runs these.

macro_rules! test_every_clause {
    ($($module:ident::$clause:ident,)*) => {
        $(
            #[tokio::test]
            #[ignore = "run by .ci/with_moto"]
            async fn $clause() {
                super::$module::$clause(&super::home::Home::in_a_table()).await;
            }
        )*
    };
}

with_every_clause!(test_every_clause!);
