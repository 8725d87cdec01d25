//! Entra: a token, people page by page, and what Graph does when it is not asked rightly.

mod refusals;

use rehearsal::directories::{Directory, Entra, Member, NextLink, Standing};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, send};

const TOKEN: &str = "/canary-tenant/oauth2/v2.0/token";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const PEOPLE: &str = "/v1.0/groups/team/transitiveMembers/microsoft.graph.user";
const EVENTUAL: &str = "ConsistencyLevel: eventual";

/// Five people in a group, two on a page.
async fn entra() -> (Entra, String) {
    let entra = Entra::start().await;
    let ids = ["ada", "bo", "cy", "di", "ed"];
    for id in ids {
        entra.members().put(Member::new(id));
    }
    entra.members().set_group("team", &ids);
    entra.members().set_page_size(2);
    let url = entra.document()["base_url"].as_str().unwrap().to_owned();
    (entra, url)
}

async fn token_for(url: &str, path: &str, fields: &[(&str, &str)]) -> Got {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    send(url, "POST", path, &form, &pairs.join("&")).await.unwrap()
}

fn fields(document: &Value) -> [(&str, &str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", document["client_id"].as_str().unwrap()),
        ("client_secret", document["client_secret"].as_str().unwrap()),
        ("scope", SCOPE),
    ]
}

/// The headers of a good call.
async fn headers(entra: &Entra, url: &str) -> Vec<String> {
    let got = token_for(url, TOKEN, &fields(&entra.document())).await;
    assert_eq!(got.status, 200);
    let mut headers = bearer(&got.json()["access_token"]);
    headers.push(EVENTUAL.to_owned());
    headers
}

/// Every page from here to the end, at most nine.
async fn walk(url: &str, first: &str, headers: &[String]) -> Vec<Value> {
    let (mut pages, mut path) = (Vec::new(), first.to_owned());
    while pages.len() < 9 {
        let got = get(url, &path, headers).await;
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.bytes));
        pages.push(got.json());
        match got.json()["@odata.nextLink"].as_str() {
            Some(link) => path = link.strip_prefix(url).unwrap().to_owned(),
            None => break,
        }
    }
    pages
}

fn ids(pages: &[Value]) -> Vec<Vec<&str>> {
    let mut ids = Vec::new();
    for page in pages {
        let people = page["value"].as_array().unwrap();
        ids.push(people.iter().map(|person| person["id"].as_str().unwrap()).collect());
    }
    ids
}

#[tokio::test]
async fn entra_lists_a_group_page_by_page_and_counts_on_the_first() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    let first = format!("{PEOPLE}?$select=id,mail&$top=999&$count=true");
    let pages = walk(&url, &first, &headers).await;
    assert_eq!(ids(&pages), [vec!["ada", "bo"], vec!["cy", "di"], vec!["ed"]]);
    assert_eq!(pages[0]["@odata.count"], 5);
    assert!(pages[1..].iter().all(|page| page.get("@odata.count").is_none()));
    assert_eq!(pages[2]["value"][0], json!({ "id": "ed", "mail": "ed@example.test" }));
    let link = pages[0]["@odata.nextLink"].as_str().unwrap();
    assert!(link.contains("&$select=id%2Cmail&$top=999&$count=true") && link.contains("?$skiptoken="));

    entra.members().drop_page(Some(1));
    let short = walk(&url, &first, &headers).await;
    assert_eq!(
        (ids(&short).concat(), &short[0]["@odata.count"]),
        (vec!["ada", "bo", "ed"], &json!(5))
    );
    entra.members().drop_page(Some(0));
    let headless = walk(&url, &first, &headers).await;
    assert_eq!(ids(&headless).concat(), ["cy", "di", "ed"]);
    assert!(headless[0].get("@odata.count").is_none());

    entra.members().drop_page(None);
    entra.members().set_group("nobody", &[]);
    let empty = walk(&url, &first.replace("team", "nobody"), &headers).await;
    assert_eq!(
        (empty.len(), &empty[0]["@odata.count"], &empty[0]["value"]),
        (1, &json!(0), &json!([]))
    );
    assert!(entra.violations().is_empty());
}

#[tokio::test]
async fn entra_lists_everybody_counted_or_not() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    entra.members().set_page_size(usize::MAX);
    let plain = walk(&url, "/v1.0/users?$top=3", &headers[..1]).await;
    assert_eq!(ids(&plain), [vec!["ada", "bo", "cy"], vec!["di", "ed"]]);
    assert!(plain[0].get("@odata.count").is_none());
    let ada = plain[0]["value"][0].as_object().unwrap();
    assert!(ada.contains_key("mail") && !ada.contains_key("accountEnabled"));
    let counted = walk(&url, "/v1.0/users?$count=true&$select=id", &headers).await;
    assert_eq!((counted.len(), &counted[0]["@odata.count"]), (1, &json!(5)));
    assert!(entra.violations().is_empty());
}

#[tokio::test]
async fn entra_shows_people_as_graph_does() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    entra.members().put(Member {
        aliases: vec!["lovelace@example.test".into()],
        login: Some("al@corp.example".into()),
        standing: Standing::Suspended,
        ..Member::new("ada")
    });
    entra.members().put(Member {
        guest: true,
        ..Member::new("bo")
    });
    entra.members().put(Member {
        email: None,
        name: None,
        ..Member::new("cy")
    });
    entra.members().put(Member {
        standing: Standing::Gone,
        ..Member::new("di")
    });
    entra.set_other_mails("bo", &["bo@home.example"]);
    let all = "id,mail,userPrincipalName,accountEnabled,userType,otherMails,proxyAddresses,employeeId,externalUserState,\
               givenName,surname,displayName";
    let path = format!("{PEOPLE}?$select={all}&$count=true");
    let pages = walk(&url, &path, &headers).await;
    assert_eq!(
        (ids(&pages).concat(), &pages[0]["@odata.count"]),
        (vec!["ada", "bo", "cy", "ed"], &json!(4))
    );
    let ada = json!({
        "id": "ada", "mail": "ada@example.test", "userPrincipalName": "al@corp.example", "accountEnabled": false,
        "userType": "Member", "otherMails": [], "employeeId": "canary-employee-ada", "externalUserState": null,
        "proxyAddresses": ["SMTP:ada@example.test", "smtp:lovelace@example.test",
            "x500:/o=Acme/ou=Exchange/cn=Recipients/cn=canary-ada", "sip:ada@voice.example.test"],
        "givenName": "ada", "surname": "Canary", "displayName": "ada Canary",
    });
    assert_eq!(pages[0]["value"][0], ada);
    let bo = &pages[0]["value"][1];
    assert_eq!(bo["userPrincipalName"], "bo_partner.example#EXT#@acme.onmicrosoft.com");
    assert_eq!(
        (&bo["userType"], &bo["externalUserState"]),
        (&json!("Guest"), &json!("PendingAcceptance"))
    );
    assert_eq!(
        (&bo["otherMails"], &bo["accountEnabled"]),
        (&json!(["bo@home.example"]), &json!(true))
    );
    let cy = &pages[1]["value"][0];
    assert_eq!(
        (&cy["mail"], &cy["userPrincipalName"]),
        (&Value::Null, &json!("cy@acme.onmicrosoft.com"))
    );
    assert_eq!((&cy["givenName"], &cy["displayName"]), (&Value::Null, &json!("cy")));
}

#[tokio::test]
async fn entra_leads_astray_when_told_to() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    let path = format!("{PEOPLE}?$count=true&$select=id");
    entra.set_empty_page(Some(1));
    let pages = walk(&url, &path, &headers).await;
    assert_eq!(ids(&pages), [vec!["ada", "bo"], vec![], vec!["cy", "di"], vec!["ed"]]);
    entra.set_empty_page(Some(9));
    assert_eq!(ids(&walk(&url, &path, &headers).await).last(), Some(&vec![]));
    entra.set_empty_page(None);

    entra.set_next_link(NextLink::SameForever);
    let pages = walk(&url, &path, &headers).await;
    assert_eq!(pages.len(), 9);
    assert!(
        pages
            .iter()
            .all(|page| page["@odata.nextLink"] == pages[0]["@odata.nextLink"])
    );
    assert_eq!(ids(&pages)[8], ["cy", "di"]);
    entra.set_next_link(NextLink::Elsewhere("http://127.0.0.1:9".into()));
    let page = get(&url, &path, &headers).await.json();
    assert!(
        page["@odata.nextLink"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:9/v1.0/groups/team/")
    );
    entra.set_next_link(NextLink::Honest);

    let bent = async |fault: Fault, aim: &str, path: &str| {
        entra.faults().inject("GET", aim, fault, When::Once);
        walk(&url, path, &headers).await
    };
    assert_eq!(bent(Fault::WrongTotal, "", &path).await[0]["@odata.count"], 6);
    let looped = bent(Fault::LoopedCursor, "skiptoken", &path).await;
    assert_eq!(looped[1], looped[0]);
    assert_eq!(
        bent(Fault::ShortPage, "", &path).await[0]["value"],
        json!([{ "id": "ada" }])
    );
    entra.faults().inject("GET", "", Fault::MissingField, When::Once);
    assert!(get(&url, &path, &headers).await.json()["value"][0].get("id").is_none());
    assert!(entra.violations().is_empty());
}
