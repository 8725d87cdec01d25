//! Okta: bare arrays whose next page stands in one of several `Link` lines, statuses, and its refusals.

use rehearsal::directories::{Directory, LinkForm, Member, NextLink, Okta, Standing};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use crate::client::{Got, get, post};

const PEOPLE: &str = "/api/v1/groups/team/users";
const ALL: &str = "/api/v1/users";

/// Five people in a group, two on a page.
async fn okta() -> (Okta, String, Vec<String>) {
    let okta = Okta::start().await;
    let ids = ["ada", "bo", "cy", "di", "ed"];
    for id in ids {
        okta.members().put(Member::new(id));
    }
    okta.members().set_group("team", &ids);
    okta.members().set_page_size(2);
    let url = okta.document()["base_url"].as_str().unwrap().to_owned();
    let headers = headers(&okta);
    (okta, url, headers)
}

fn headers(okta: &Okta) -> Vec<String> {
    let token = okta.document()["token"].as_str().unwrap().to_owned();
    vec![
        format!("authorization: SSWS {token}"),
        "accept: application/json".to_owned(),
    ]
}

/// The values of the lines of `Link`, in order.
fn links(got: &Got) -> Vec<&str> {
    got.head
        .lines()
        .filter_map(|line| line.strip_prefix("link: "))
        .collect()
}

/// The target of the link that is alone in its line and leads to the next page.
fn next(got: &Got) -> Option<String> {
    let link = links(got)
        .into_iter()
        .find_map(|link| link.strip_suffix(">; rel=\"next\""))?;
    Some(link.strip_prefix('<').unwrap().to_owned())
}

/// Every page from here to the end, at most nine.
async fn walk(url: &str, first: &str, headers: &[String]) -> Vec<Value> {
    let (mut pages, mut path) = (Vec::new(), first.to_owned());
    while pages.len() < 9 {
        let got = get(url, &path, headers).await;
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.bytes));
        pages.push(got.json());
        match next(&got) {
            Some(link) => path = link.strip_prefix(url).unwrap().to_owned(),
            None => break,
        }
    }
    pages
}

fn ids(pages: &[Value]) -> Vec<Vec<&str>> {
    let mut ids = Vec::new();
    for page in pages {
        let people = page.as_array().unwrap();
        ids.push(people.iter().map(|person| person["id"].as_str().unwrap()).collect());
    }
    ids
}

#[tokio::test]
async fn okta_lists_page_by_page_with_links_in_lines_of_their_own() {
    let (okta, url, headers) = okta().await;
    let first = format!("{PEOPLE}?limit=200");
    let got = get(&url, &first, &headers).await;
    assert_eq!(links(&got)[0], format!("<{url}{first}>; rel=\"self\""));
    let link = next(&got).unwrap();
    assert!(link.starts_with(&format!("{url}{PEOPLE}?after=")) && link.ends_with("&limit=200"));
    assert_eq!(links(&got).len(), 2);

    let pages = walk(&url, &first, &headers).await;
    assert_eq!(ids(&pages), [vec!["ada", "bo"], vec!["cy", "di"], vec!["ed"]]);
    okta.members().drop_page(Some(1));
    assert_eq!(
        ids(&walk(&url, &first, &headers).await),
        [vec!["ada", "bo"], vec!["ed"]]
    );
    okta.members().drop_page(None);
    okta.members().set_page_size(usize::MAX);
    assert_eq!(
        ids(&walk(&url, &format!("{ALL}?limit=3"), &headers).await)[1],
        ["di", "ed"]
    );
    assert_eq!(walk(&url, ALL, &headers).await.len(), 1);

    okta.members().set_group("nobody", &[]);
    let empty = get(&url, "/api/v1/groups/nobody/users", &headers).await;
    assert_eq!((empty.json(), links(&empty).len(), next(&empty)), (json!([]), 1, None));
    let group = get(&url, "/api/v1/groups/team", &headers).await.json();
    assert_eq!((&group["id"], &group["type"]), (&json!("team"), &json!("OKTA_GROUP")));
    assert!(okta.violations().is_empty());
}

#[tokio::test]
async fn okta_shows_people_and_how_they_stand() {
    let (okta, url, headers) = okta().await;
    okta.members().set_page_size(usize::MAX);
    okta.members().put(Member {
        login: Some("lovelace".into()),
        standing: Standing::Suspended,
        ..Member::new("ada")
    });
    okta.members().put(Member {
        standing: Standing::Gone,
        ..Member::new("bo")
    });
    okta.members().put(Member {
        email: None,
        name: None,
        ..Member::new("cy")
    });
    okta.set_status("di", "LOCKED_OUT");
    okta.set_status("ed", "DEPROVISIONED");
    okta.set_second_email("di", "di@home.example");
    let people = get(&url, PEOPLE, &headers).await.json();
    let ada = json!({
        "id": "ada", "status": "SUSPENDED", "created": "2025-03-01T09:30:00.000Z",
        "lastUpdated": "2026-11-20T09:00:00.000Z",
        "profile": { "login": "lovelace", "email": "ada@example.test", "secondEmail": null, "firstName": "ada",
            "lastName": "Canary", "employeeNumber": "canary-employee-ada" },
    });
    assert_eq!(people[0], ada);
    let statuses: Vec<_> = people.as_array().unwrap().iter().map(|user| &user["status"]).collect();
    assert_eq!(
        statuses,
        ["SUSPENDED", "DEPROVISIONED", "ACTIVE", "LOCKED_OUT", "DEPROVISIONED"]
    );
    let profile = &people[2]["profile"];
    assert_eq!((&profile["login"], &profile["email"]), (&json!("cy"), &Value::Null));
    assert_eq!(people[3]["profile"]["secondEmail"], "di@home.example");
    assert_eq!(people[3]["profile"]["login"], "di@example.test");
    assert_eq!(ids(&walk(&url, ALL, &headers).await), [["ada", "cy", "di"]]);
}

#[tokio::test]
async fn okta_refuses_what_its_contract_forbids() {
    let (okta, url, headers) = okta().await;
    let with = |place: usize, header: &str| {
        let mut headers = headers.clone();
        headers[place] = header.to_owned();
        headers
    };
    let bearer = with(0, &headers[0].replace("SSWS", "Bearer"));
    for (path, headers) in [
        (PEOPLE, &bearer),
        (PEOPLE, &with(0, "x-nothing: here")),
        (PEOPLE, &with(1, "accept: */*")),
        (PEOPLE, &with(1, "x-nothing: here")),
        ("/api/v1/groups/team", &bearer),
        ("/api/v1/groups/team?expand=stats", &headers),
        (&format!("{PEOPLE}?limit=0"), &headers),
        (&format!("{ALL}?limit=201"), &headers),
        (&format!("{ALL}?search=status"), &headers),
        ("/api/v1/groups", &headers),
    ] {
        let before = okta.violations().len();
        assert_eq!(get(&url, path, headers).await.status, 501, "{path}");
        assert_eq!(okta.violations().len(), before + 1);
    }
    assert_eq!(post(&url, "GET", PEOPLE, &headers, json!({})).await.status, 501);
    assert_eq!(
        post(&url, "DELETE", "/api/v1/users/ada", &headers, json!({}))
            .await
            .status,
        501
    );
}

#[tokio::test]
async fn okta_says_no_as_okta_does() {
    let (okta, url, headers) = okta().await;
    let refused = async |path: &str, headers: &[String]| {
        let got = get(&url, path, headers).await;
        (got.status, got.json()["errorCode"].as_str().unwrap().to_owned())
    };
    let no = |status: u16, code: &str| (status, code.to_owned());
    for path in ["/api/v1/groups/none/users", "/api/v1/groups/none"] {
        assert_eq!(refused(path, &headers).await, no(404, "E0000007"));
    }
    let invented = format!("{PEOPLE}?after=abc");
    assert_eq!(refused(&invented, &headers).await, no(400, "E0000001"));
    let foreign = next(&get(&url, ALL, &headers).await).unwrap();
    let foreign = foreign.strip_prefix(&url).unwrap().replace(ALL, PEOPLE);
    assert_eq!(refused(&foreign, &headers).await, no(400, "E0000001"));

    okta.throttle_once();
    let now = jiff::Timestamp::now().as_second();
    let got = get(&url, PEOPLE, &headers).await;
    let header = |name: &str| {
        let line = got
            .head
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.map(str::to_owned)
    };
    assert_eq!(
        (got.status, header("x-rate-limit-limit").as_deref()),
        (429, Some("600"))
    );
    assert_eq!(header("x-rate-limit-remaining").as_deref(), Some("0"));
    let reset: i64 = header("x-rate-limit-reset").unwrap().parse().unwrap();
    assert!((now..=now + 5).contains(&reset) && header("retry-after").is_none());
    assert_eq!(get(&url, PEOPLE, &headers).await.status, 200);

    okta.rotate_key();
    assert_eq!(refused(PEOPLE, &headers).await, no(401, "E0000011"));
    let headers = self::headers(&okta);
    okta.expire_tokens();
    assert_eq!(get(&url, PEOPLE, &headers).await.status, 200);
    okta.revoke();
    for path in [PEOPLE, ALL, "/api/v1/groups/team"] {
        assert_eq!(refused(path, &headers).await, no(403, "E0000006"));
    }
    assert!(okta.violations().is_empty());
}

#[tokio::test]
async fn okta_leads_astray_when_told_to() {
    let (okta, url, headers) = okta().await;
    okta.set_link_form(LinkForm::OneLine);
    let got = get(&url, PEOPLE, &headers).await;
    let line = links(&got).concat();
    let (this, other) = line.split_once(", ").unwrap();
    assert_eq!(this, format!("<{url}{PEOPLE}>; rel=\"self\""));
    assert!(other.starts_with(&format!("<{url}{PEOPLE}?after=")) && other.ends_with(">; rel=\"next\""));
    okta.set_link_form(LinkForm::Lines);

    okta.set_next_link(NextLink::Elsewhere("http://127.0.0.1:9".into()));
    let away = next(&get(&url, PEOPLE, &headers).await).unwrap();
    assert!(away.starts_with(&format!("http://127.0.0.1:9{PEOPLE}?after=")));
    okta.set_next_link(NextLink::SameForever);
    let pages = walk(&url, PEOPLE, &headers).await;
    assert_eq!((pages.len(), ids(&pages)[8].clone()), (9, vec!["cy", "di"]));
    okta.set_next_link(NextLink::Honest);

    okta.faults().inject("GET", "after", Fault::LoopedCursor, When::Once);
    let looped = walk(&url, PEOPLE, &headers).await;
    assert_eq!(looped[0], looped[1]);
    let bent = async |fault: Fault| {
        okta.faults().inject("GET", "", fault, When::Once);
        get(&url, PEOPLE, &headers).await.json()
    };
    assert_eq!(bent(Fault::ShortPage).await.as_array().unwrap().len(), 1);
    let missing = bent(Fault::MissingField).await;
    assert!(missing[0].get("id").is_none() && missing[1].get("id").is_some());
    assert_eq!(bent(Fault::Status(403)).await["errorCode"], "E0000006");
    assert!(okta.violations().is_empty());
}
