//! SCIM: lists by index and by cursor, groups, and what sloppy servers do.

use rehearsal::directories::scim::Sloppy;
use rehearsal::directories::{Directory, Member, Scim, Standing};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, send};

const USERS: &str = "/scim/v2/Users";
const ACTIVE: &str = "/scim/v2/Users?filter=active%20eq%20true";

async fn scim() -> (Scim, String, Vec<String>) {
    let scim = Scim::start().await;
    for id in ["ada", "bo", "cy", "di", "eve"] {
        scim.members().put(Member::new(id));
    }
    scim.members().set_group("team", &["ada", "bo"]);
    let document = scim.document();
    let base = document["base_url"].as_str().unwrap();
    let url = base.strip_suffix("/scim/v2").unwrap().to_owned();
    let mut key = bearer(&document["token"]);
    key.push("accept: application/scim+json".to_owned());
    (scim, url, key)
}

fn ids(page: &Value) -> Vec<&str> {
    let resources = page["Resources"].as_array().unwrap();
    resources.iter().map(|user| user["id"].as_str().unwrap()).collect()
}

fn kind(got: &Got) -> (u16, Value) {
    let body = got.json();
    let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
    assert_eq!(
        (&body["schemas"][0], &body["status"]),
        (&json!(schema), &json!(got.status.to_string()))
    );
    (got.status, body["scimType"].clone())
}

#[tokio::test]
async fn scim_cuts_lists_by_index() {
    let (scim, url, key) = scim().await;
    let page = async |query: &str| get(&url, &format!("{USERS}?{query}"), &key).await.json();
    let first = page("startIndex=1&count=2").await;
    assert_eq!(ids(&first), ["ada", "bo"]);
    assert_eq!(
        [&first["totalResults"], &first["startIndex"], &first["itemsPerPage"]],
        [5, 1, 2]
    );
    assert_eq!(page("startIndex=-3&count=2").await["startIndex"], 1);
    assert_eq!(ids(&page("startIndex=5&count=2").await), ["eve"]);
    let past = page("startIndex=6&count=2").await;
    assert_eq!((&past["totalResults"], &past["Resources"]), (&json!(5), &json!([])));
    let none = page("count=0").await;
    assert_eq!((&none["totalResults"], ids(&none).len()), (&json!(5), 0));

    scim.members().set_page_size(2);
    assert_eq!(ids(&page("startIndex=2&count=100").await), ["bo", "cy"]);
    scim.members().drop_page(Some(1));
    assert_eq!(ids(&page("startIndex=3&count=100").await), ["eve"]);
    let past = page("startIndex=4&count=100").await;
    assert_eq!((&past["totalResults"], ids(&past).len()), (&json!(5), 0));
    scim.faults()
        .inject("GET", "startIndex=3", Fault::LoopedCursor, When::Once);
    assert_eq!(ids(&page("startIndex=3&count=100").await), ["ada", "bo"]);
    scim.faults().inject("GET", "Users", Fault::WrongTotal, When::Once);
    assert_eq!(page("count=1").await["totalResults"], 6);
    scim.faults().inject("GET", "Users", Fault::MissingField, When::Once);
    assert!(page("count=1").await["Resources"][0].get("id").is_none());
    let cursor = get(&url, &format!("{USERS}?cursor="), &key).await;
    assert_eq!(kind(&cursor), (501, Value::Null));
    assert_eq!(scim.violations(), Vec::<String>::new());
    for forbidden in ["startIndex=one", "sortBy=id"] {
        assert_eq!(get(&url, &format!("{USERS}?{forbidden}"), &key).await.status, 501);
    }
}

#[tokio::test]
async fn scim_cuts_lists_by_cursor() {
    let (scim, url, key) = scim().await;
    scim.cursors_only();
    scim.members().set_page_size(2);
    let config = get(&url, "/scim/v2/ServiceProviderConfig", &key).await.json();
    assert_eq!(config["pagination"], json!({ "cursor": true, "index": false }));
    let first = get(&url, &format!("{USERS}?startIndex=3&count=100"), &key).await.json();
    assert_eq!(ids(&first), ["ada", "bo"]);
    assert!(first.get("startIndex").is_none());
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&url, &format!("{USERS}?cursor={cursor}&count=100"), &key)
            .await
            .json();
        assert_eq!(page["totalResults"], 5);
        found.extend(ids(&page).iter().map(|id| (*id).to_owned()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        assert!(next.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)));
        cursor = next.to_owned();
    }
    assert_eq!(found, ["ada", "bo", "cy", "di", "eve"]);
    for other in [format!("cursor={cursor}&count=50"), "cursor=x".to_owned()] {
        let got = get(&url, &format!("{USERS}?{other}"), &key).await;
        assert_eq!(kind(&got), (400, json!("invalidCursor")));
    }
}

#[tokio::test]
async fn scim_shows_users_and_groups() {
    let (scim, url, key) = scim().await;
    scim.members().put(Member {
        login: Some("bo.canary".into()),
        aliases: vec!["b@example.test".into()],
        standing: Standing::Suspended,
        ..Member::new("bo")
    });
    scim.members().put(Member {
        standing: Standing::Gone,
        ..Member::new("cy")
    });
    let bo = get(&url, "/scim/v2/Users/bo", &key).await;
    assert!(bo.head.contains("application/scim+json"));
    let bo = bo.json();
    assert_eq!((&bo["userName"], &bo["active"]), (&json!("bo.canary"), &json!(false)));
    assert!(bo["emails"][0].get("primary").is_none() && bo["emails"][1]["primary"] == true);
    assert_eq!(bo["emails"][1]["value"], "bo@example.test");
    let active = get(&url, ACTIVE, &key).await.json();
    assert_eq!(
        (ids(&active), &active["totalResults"]),
        (vec!["ada", "di", "eve"], &json!(3))
    );

    scim.members().set_group("empty", &[]);
    scim.display_group("team", "The Team");
    scim.nest("team", "empty");
    let team = get(&url, "/scim/v2/Groups/team", &key).await.json();
    assert_eq!(
        (&team["displayName"], team["members"].as_array().unwrap().len()),
        (&json!("The Team"), 3)
    );
    assert_eq!(team["members"][0]["$ref"], format!("{url}/scim/v2/Users/ada"));
    assert_eq!(
        (&team["members"][2]["type"], &team["members"][2]["value"]),
        (&json!("Group"), &json!("empty"))
    );
    let empty = get(&url, "/scim/v2/Groups/empty", &key).await.json();
    assert!(empty.get("members").is_none());
    let named = "/scim/v2/Groups?startIndex=1&count=10&filter=displayName%20eq%20%22the%20team%22";
    assert_eq!(ids(&get(&url, named, &key).await.json()), ["team"]);
    assert_eq!(ids(&get(&url, "/scim/v2/Groups", &key).await.json()), ["empty", "team"]);
    for unknown in ["/scim/v2/Groups/nobody", "/scim/v2/Users/nobody"] {
        assert_eq!(kind(&get(&url, unknown, &key).await), (404, Value::Null));
    }
    for filter in ["active%20eq%20false", "userName%20sw%20%22a%22", "x"] {
        for list in ["Users", "Groups"] {
            let got = get(&url, &format!("/scim/v2/{list}?filter={filter}"), &key).await;
            assert_eq!(kind(&got), (400, json!("invalidFilter")), "{filter}");
        }
    }
    assert_eq!(scim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn scim_is_as_sloppy_as_asked() {
    let (scim, url, key) = scim().await;
    let user = async |id: &str| get(&url, &format!("{USERS}/{id}"), &key).await.json();
    scim.without_active("ada");
    assert!(user("ada").await.get("active").is_none() && user("bo").await["active"] == true);
    assert_eq!(ids(&get(&url, ACTIVE, &key).await.json()), ["bo", "cy", "di", "eve"]);
    scim.be_sloppy(Sloppy::ActiveAsText);
    assert_eq!(user("bo").await["active"], "True");
    scim.members().put(Member {
        email: None,
        ..Member::new("bo")
    });
    assert!(user("bo").await.get("emails").is_none());
    scim.be_sloppy(Sloppy::NullEmails);
    let bo = user("bo").await;
    assert!(bo.get("emails") == Some(&Value::Null) && bo["userName"] == "bo");
    scim.be_sloppy(Sloppy::TotalAsText);
    scim.be_sloppy(Sloppy::EmptyWithoutResources);
    let past = get(&url, &format!("{USERS}?startIndex=9"), &key).await.json();
    assert!(past["totalResults"] == "5" && past.get("Resources").is_none());
    scim.be_sloppy(Sloppy::MembersByValue);
    let team = get(&url, "/scim/v2/Groups/team", &key).await.json();
    assert_eq!(team["members"], json!([{ "value": "ada" }, { "value": "bo" }]));
    scim.be_sloppy(Sloppy::OtherCase);
    let list = get(&url, USERS, &key).await.json();
    assert_eq!(list["resources"][2]["UserName"], "cy@example.test");
    assert_eq!(list["resources"][2]["Emails"][0]["Value"], "cy@example.test");
    assert_eq!(list["TotalResults"], "5");
}

#[tokio::test]
async fn scim_says_no() {
    let (scim, url, key) = scim().await;
    scim.throttle_once();
    assert_eq!(get(&url, "/scim/v2/ServiceProviderConfig", &key).await.status, 200);
    let got = get(&url, USERS, &key).await;
    assert!(kind(&got).0 == 429 && got.head.contains("retry-after: 0"));
    assert_eq!(get(&url, USERS, &key).await.status, 200);
    scim.revoke();
    for path in [USERS, "/scim/v2/Groups/team"] {
        assert_eq!(kind(&get(&url, path, &key).await).0, 403);
    }
    scim.rotate_key();
    assert_eq!(kind(&get(&url, USERS, &key).await).0, 401);
    let renewed = bearer(&scim.document()["token"]);
    assert_ne!(renewed[0], key[0]);
    assert_eq!(scim.violations(), Vec::<String>::new());
    assert_eq!(get(&url, USERS, &renewed).await.status, 501, "no Accept");
    assert_eq!(
        send(&url, "DELETE", "/scim/v2/Users/ada", &key, "")
            .await
            .unwrap()
            .status,
        501
    );
    assert_eq!(scim.violations().len(), 2);
}
