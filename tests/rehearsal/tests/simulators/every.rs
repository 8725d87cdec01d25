//! What all four platforms have in common.

use rehearsal::providers::{IDS, Seed, State, start};

use crate::client::{get, person};

#[tokio::test]
async fn every_platform_starts_and_keeps_people() {
    for id in IDS {
        let simulator = start(id).await;
        let first = simulator.seed(&person("Ada@example.test", "ada"), State::Active);
        assert_eq!(
            simulator.seed(&Seed::with_email("ada@EXAMPLE.test"), State::Gone),
            first
        );
        assert_eq!(simulator.state_of("ADA@example.test"), Some(State::Gone));
        assert_eq!(simulator.state_of("nobody@example.test"), None);
        assert_eq!(simulator.people().len(), 1);
        assert!(
            simulator.document()["base_url"]
                .as_str()
                .unwrap()
                .starts_with(&simulator.url())
        );
        assert_eq!(get(&simulator.url(), "/nowhere", &[]).await.status, 501);
        assert_eq!(simulator.violations().len(), 1);
    }
}
