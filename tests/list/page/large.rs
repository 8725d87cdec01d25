//! A company that does not fit into one answer: what is left out is said.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rehearsal::providers::{IDS, Seed, Simulator, State};
use serde_json::json;

use super::browse;
use crate::stage::{Running, Stage, mail};

/// What a function may answer (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const MOST: usize = 6 * 1024 * 1024;

/// So many people at these providers, and one more account that is nobody's.
pub(super) async fn company(people: usize, providers: &str) -> Stage {
    let stage = Stage::with(&[("PROVIDERS", providers)]).await;
    // The simulator makes all of its list for every page; hundreds of them would be slow.
    let mut document = stage.appxite.document();
    document["page_size"] = json!(1000);
    stage.document("appxite", &document);
    let mut roster = String::from("email,github_username,first_name,last_name,status,access,powens_id\n");
    for number in 0..people {
        let (name, id) = (format!("p{number:05}"), 101 + number);
        writeln!(roster, "{},{name}-canary,{name},Canary,active,*,{id}", mail(&name)).unwrap();
        for simulator in stage
            .simulators()
            .into_iter()
            .filter(|one| providers.contains(one.id()))
        {
            let seed = Seed {
                id: (simulator.id() == "powens").then(|| id.to_string()),
                ..Seed::with_email(&mail(&name))
            };
            simulator.seed(&seed, State::Active);
        }
    }
    stage.seed("bilanc", "zz-nobodys", State::Active);
    stage.directory(&roster);
    stage
}

#[tokio::test]
async fn five_thousand_people_are_one_page() {
    let stage = company(5_000, &IDS.join(",")).await;
    let list = stage.start("list").await;
    let (status, page) = browse(&list, "/").await;
    assert_eq!((status, page.rows.len()), (200, 5_001));
    assert!(page.text.contains("5001 of 5001 people"), "{:.2000}", page.text);
    assert!(!page.text.contains("not shown"), "{:.2000}", page.text);
    assert!(page.html.len() < 3_000_000, "{} bytes", page.html.len());
}

#[tokio::test]
async fn of_twenty_thousand_people_the_page_says_how_many_are_not_shown() {
    let stage = company(20_000, "bilanc,blackbird").await;
    let list = stage.start("list").await;
    let begun = Instant::now();
    let (status, page) = browse(&list, "/").await;
    let (shown, all) = (page.rows.len(), 20_001);
    assert_eq!(status, 200);
    assert!((5_000..all).contains(&shown), "{shown}");
    assert!(
        page.text.contains(&format!("{} people are not shown", all - shown)),
        "{:.2000}",
        page.text
    );
    assert!(
        page.text.contains(&format!("{shown} of {all} people")),
        "{:.2000}",
        page.text
    );
    // What needs a look is shown first, wherever it stands in the alphabet.
    assert!(page.rows[0].join(" ").contains("orphan"), "{:?}", page.rows[0]);
    let payload = json!(page.html).to_string();
    assert!(
        payload.len() < MOST - 64 * 1024,
        "{} bytes as Lambda counts them",
        payload.len()
    );
    assert!(page.all("a", "href").contains(&"?view=people&format=csv"));
    assert!(page.all("input", "name").contains(&"email"));
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());

    // Whoever is not shown is found.
    let (_, page) = browse(&list, &format!("/?email={}", mail("p19999"))).await;
    assert!(page.lines()[0].starts_with("bilanc | active"), "{:?}", page.lines());

    what_does_not_fit_is_refused_in_words(&list).await;

    let (_, page) = browse(&list, "/?view=accounts&format=html").await;
    assert!(page.text.contains("entries are not shown"), "{:.500}", page.text);
    let payload = json!(page.html).to_string();
    assert!(
        payload.len() < MOST - 64 * 1024,
        "{} bytes as Lambda counts them",
        payload.len()
    );
}

/// What would be larger than Lambda takes fails no invocation: whoever asks is told to ask for less, and is given that.
async fn what_does_not_fit_is_refused_in_words(list: &Running) {
    for target in ["/", "/?view=people"] {
        let answer = list.ask(target).await;
        assert_eq!((answer.status, answer.error_type()), (413, None), "{target}");
        let error = &answer.json()["error"];
        assert_eq!(error["kind"], "BadRequest");
        for filter in ["provider", "status", "email", "from and to", "CSV"] {
            assert!(error["message"].as_str().unwrap().contains(filter), "{filter}: {error}");
        }
    }
    let (status, page) = browse(list, "/?format=json&view=people").await;
    assert_eq!(status, 413);
    assert!(page.text.contains("narrow it down"), "{}", page.text);
    let direct = list.direct(&json!({"view": "people"})).await;
    assert_eq!(direct["error"]["kind"], "BadRequest", "{:.300}", direct.to_string());

    let answer = list.ask("/?provider=blackbird").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["accounts"].as_array().unwrap().len(), 20_000);
    let answer = list.ask("/?format=csv").await;
    assert_eq!((answer.status, answer.text().lines().count()), (200, 40_002));
}
