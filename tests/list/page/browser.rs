//! The pages for a real browser: `.ci/with_browser` opens what this writes down, with the headers the function gave.

use rehearsal::company::{ADMIN, Company};
use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{IDS, Seed, Simulator, State};
use serde_json::{Map, Value, json};

use super::{CHROME, large};
use crate::list::company;
use crate::stage::{BROWSER, LEDGER, Running, Stage, crowd, csv, mail};

fn variable(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "says where the pages go, and is no setting of a function"
    )]
    std::env::var(name).expect("a file for the pages: see .ci/with_browser")
}

async fn page(list: &Running, target: &str) -> Value {
    let (user, password) = BROWSER;
    let request = UrlRequest::get(target).basic(user, password).header("Accept", CHROME);
    let answer = list.request(request).await;
    json!({"status": answer.status, "headers": answer.headers, "body": answer.text()})
}

/// The rehearsal's company, which is also the picture in the README.
async fn of_the_rehearsal() -> Value {
    let stage = Stage::with(&[LEDGER, ("PROTECTED", ADMIN)]).await;
    let company = Company::new(26);
    company.settle_into(stage.simulators());
    stage.directory(&company.roster_csv());
    page(&stage.start("list").await, "/").await
}

/// As many as have to be shown in a second.
async fn of_five_thousand() -> Value {
    let stage = large::company(5_000, &IDS.join(",")).await;
    page(&stage.start("list").await, "/").await
}

#[tokio::test]
#[ignore = "run by .ci/with_browser"]
async fn pages_are_written_down() {
    let stage = company(&[LEDGER]).await;
    let names = crowd("worker", 200);
    let everybody = csv(names.iter().map(String::as_str).chain(["ada", "bob", "zoe"]));
    stage.directory(&everybody);
    stage.seed_all("bilanc", &names);
    stage.seed_all("blackbird", &names[..150]);
    let evil = Seed {
        name: Some("<script>window.owned=1</script><img src=x onerror=\"window.owned=1\">\u{202e}gnorw".to_owned()),
        ..Seed::with_email(&mail("evil"))
    };
    stage.bilanc.seed(&evil, State::Active);
    let order = json!({"email_addresses": [mail("bob")], "providers": ["bilanc"]});
    assert_eq!(stage.start("offboard").await.order(&order).await.status, 200);

    let list = stage.start("list").await;
    let mut pages = Map::new();
    pages.insert("company".to_owned(), of_the_rehearsal().await);
    pages.insert("crowd".to_owned(), of_five_thousand().await);
    for (name, target) in [
        ("people", "/"),
        ("one", &format!("/?email={}", mail("bob"))),
        ("accounts", "/?view=accounts&provider=appxite"),
        ("history", "/?view=history"),
        ("roles", "/?view=roles"),
        ("doctor", "/?view=doctor"),
        ("error", "/?who=x"),
    ] {
        pages.insert(name.to_owned(), page(&list, target).await);
    }
    let suspicious = stage.start_with("list", &[("MIN_PEOPLE", "1000")]).await;
    stage.directory(&everybody.replace(",ada,Canary,active", ",ada,Canary,left"));
    pages.insert("held".to_owned(), page(&suspicious, "/?view=held").await);
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    pages.insert("down".to_owned(), page(&list, "/").await);
    std::fs::write(variable("ROLLCALL_PAGES"), Value::Object(pages).to_string()).unwrap();
}
