//! How lists are read: pages side by side, and once more only where somebody is in one twice.

use rehearsal::providers::{Appxite, Blackbird, Powens, Seed, Simulator, State};
use shared::planning::plan::SkipReason;

use super::{Warm, at_powens, roster};
use crate::stage::{crowd, mail, person};

#[tokio::test(start_paused = true)]
async fn appxites_pages_are_read_several_at_a_time() {
    let appxite = Appxite::offline("http://127.0.0.1:1003");
    appxite.max_page_size(10);
    let names = crowd("p", 300);
    for name in &names {
        appxite.seed(&person(name), State::Active);
    }
    let platforms: Vec<Box<dyn Simulator>> = vec![Box::new(appxite)];
    let roster = roster(&names, &platforms);
    let warm = Warm::new(platforms);
    let (report, took) = warm.run(&roster).await;
    assert_eq!(
        (report.providers[0].observed, report.providers[0].changes.len()),
        (300, 0)
    );
    assert_eq!(warm.platforms[0].calls().len(), 30);
    assert!(took < 6.0, "{took} calls after each other"); // 1, 4, 8, 16, 1
}

#[tokio::test(start_paused = true)]
async fn powenss_pages_are_read_several_at_a_time() {
    let powens = Powens::offline("http://127.0.0.1:1004");
    powens.max_page_size(10);
    let names = crowd("p", 300);
    for n in 0..names.len() {
        powens.seed(&at_powens(n), State::Active);
    }
    let platforms: Vec<Box<dyn Simulator>> = vec![Box::new(powens)];
    let roster = roster(&names, &platforms);
    let warm = Warm::new(platforms);
    let (report, took) = warm.run(&roster).await;
    let powens = &report.providers[0];
    assert_eq!((powens.observed, powens.changes.len()), (300, 0));
    assert_eq!(warm.platforms[0].calls().len(), 30);
    assert!(took < 6.0, "{took} calls after each other"); // 1, 4, 8, 8, 8, 1, beside the roster
}

/// Two accounts of one person, and of both only what shows once both are there: the list is read again, and nothing is let go.
#[tokio::test(start_paused = true)]
async fn a_list_that_holds_somebody_twice_is_read_twice() {
    for (twice, calls) in [(false, 1), (true, 2)] {
        let platform = Blackbird::offline("http://127.0.0.1:1002");
        let names = crowd("p", 20);
        for name in &names {
            platform.seed(&person(name), State::Active);
        }
        if twice {
            let spaced = Seed::with_email(&format!("{} ", mail(&names[7])));
            platform.seed(&spaced, State::Active);
        }
        let platforms: Vec<Box<dyn Simulator>> = vec![Box::new(platform)];
        let roster = roster(&names, &platforms);
        let warm = Warm::new(platforms);
        let (report, _) = warm.run(&roster).await;
        let blackbird = &report.providers[0];
        let told: Vec<(SkipReason, usize)> = blackbird
            .skips
            .iter()
            .map(|skip| (skip.why, skip.between.len()))
            .collect();
        let doubts = if twice { 2 } else { 0 };
        assert_eq!(told, vec![(SkipReason::Ambiguous, 1); doubts]);
        assert_eq!((blackbird.observed, blackbird.changes.len()), (20 + doubts / 2, 0));
        let lists = warm.platforms[0]
            .calls()
            .into_iter()
            .filter(|call| call.method == "GET");
        assert_eq!(lists.count(), calls);
    }
}
