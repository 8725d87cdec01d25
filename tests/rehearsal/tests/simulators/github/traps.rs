//! What a reader falls into: short lists that look whole, lost permissions, limits, and answers in part.

use rehearsal::directories::{Directory, Emails, NameIds, OwnerRole, Throttle};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use super::{MEMBERS, ask, first_page, github, header, logins, rest, url};

const LIST: &str = "/orgs/acme/members?role=all&per_page=100&page=1";
const MEMBERSHIP: &str = "/user/memberships/orgs/acme";

#[tokio::test]
async fn a_stranger_sees_a_short_list_that_looks_whole() {
    let github = github(&["ada", "bo", "cy"]).await;
    github.members().set_group("staff", &["1"]);
    let membership = rest(&github, MEMBERSHIP).await.json();
    assert_eq!(
        (&membership["state"], &membership["role"]),
        (&json!("active"), &json!("admin"))
    );
    github.only_public_members();
    assert_eq!(rest(&github, MEMBERSHIP).await.status, 404);
    let moved = rest(&github, LIST).await;
    let to = format!("{}/orgs/acme/public_members", url(&github));
    assert_eq!((moved.status, header(&moved, "location")), (302, Some(to.as_str())));
    assert_eq!(logins(&rest(&github, "/orgs/acme/public_members").await.json()), ["bo"]);
    assert_eq!(rest(&github, "/orgs/acme/teams/staff/members").await.status, 404);
    let page = first_page(&github).await;
    assert_eq!(
        (&page["totalCount"], page["edges"].as_array().unwrap().len()),
        (&json!(1), 1)
    );
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn a_token_without_its_scope_is_told_so_in_two_ways() {
    let github = github(&["ada"]).await;
    github.revoke();
    for path in [LIST, MEMBERSHIP, "/orgs/acme/teams/staff/members"] {
        assert_eq!(rest(&github, path).await.status, 403, "{path}");
    }
    let got = ask(&github, MEMBERS, json!({ "org": "acme" })).await;
    assert_eq!(
        (got.status, &got.json()["data"]),
        (200, &json!({ "organization": null }))
    );
    assert_eq!(got.json()["errors"][0]["type"], "INSUFFICIENT_SCOPES");
}

#[tokio::test]
async fn a_plain_member_does_not_see_the_single_sign_on() {
    let github = github(&["ada"]).await;
    github.set_saml(Some(NameIds::Addresses));
    let query = r#"{organization(login:"acme"){samlIdentityProvider{externalIdentities(first:1){totalCount}}}}"#;
    let provider = async || ask(&github, query, json!({})).await.json()["data"]["organization"].clone();
    let whole = json!({ "samlIdentityProvider": { "externalIdentities": { "totalCount": 1 } } });
    assert_eq!(provider().await, whole);
    github.owner_is(OwnerRole::Member);
    assert_eq!(provider().await, json!({ "samlIdentityProvider": null }));
    assert_eq!(rest(&github, MEMBERSHIP).await.json()["role"], "member");
}

#[tokio::test]
async fn too_often_is_said_in_four_ways_and_once() {
    let github = github(&["ada"]).await;
    for (status, name) in [
        (403, "x-ratelimit-remaining"),
        (403, "retry-after"),
        (429, "retry-after"),
    ] {
        github.throttle_once();
        assert_eq!(rest(&github, MEMBERSHIP).await.status, 200);
        let got = rest(&github, LIST).await;
        assert_eq!((got.status, header(&got, name)), (status, Some("0")));
        if let Some(reset) = header(&got, "x-ratelimit-reset") {
            assert!(reset.parse::<i64>().unwrap() <= jiff::Timestamp::now().as_second());
        }
        assert_eq!(rest(&github, LIST).await.status, 200);
    }
    github.throttle_once_with(Throttle::InTheErrors);
    assert_eq!(rest(&github, LIST).await.status, 200);
    let got = ask(&github, MEMBERS, json!({ "org": "acme" })).await;
    assert_eq!((got.status, header(&got, "x-ratelimit-remaining")), (200, Some("0")));
    assert_eq!(got.json()["errors"][0]["type"], "RATE_LIMITED");
    github.throttle_once_with(Throttle::SecondaryLimit);
    let got = ask(&github, MEMBERS, json!({ "org": "acme" })).await;
    assert_eq!((got.status, header(&got, "retry-after")), (403, Some("0")));
    assert_eq!(first_page(&github).await["totalCount"], 1);
}

#[tokio::test]
async fn an_answer_in_part_has_a_null_and_may_not_say_so() {
    let github = github(&["ada", "bo"]).await;
    github.with_nulls(true);
    let quiet = ask(&github, MEMBERS, json!({ "org": "acme" })).await.json();
    let page = &quiet["data"]["organization"]["membersWithRole"];
    assert_eq!((&page["totalCount"], &page["edges"][1]), (&json!(2), &Value::Null));
    assert!(quiet.get("errors").is_none());
    github.with_nulls(false);
    github.partial_errors();
    let told = ask(&github, MEMBERS, json!({ "org": "acme" })).await.json();
    let page = &told["data"]["organization"]["membersWithRole"];
    assert_eq!(
        (&page["edges"][0]["node"]["login"], &page["edges"][1]),
        (&json!("ada"), &Value::Null)
    );
    assert_eq!(told["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn shared_faults_find_their_members() {
    let github = github(&["ada", "bo", "cy"]).await;
    github.members().set_page_size(2);
    let bent = async |fault: Fault| {
        github.faults().inject("POST", "/graphql", fault, When::Once);
        first_page(&github).await
    };
    assert_eq!(bent(Fault::ShortPage).await["edges"].as_array().unwrap().len(), 1);
    assert_eq!(bent(Fault::WrongTotal).await["totalCount"], 4);
    assert!(
        bent(Fault::MissingField).await["edges"][0]["node"]
            .get("login")
            .is_none()
    );
    let first = first_page(&github).await;
    github
        .faults()
        .inject("POST", "/graphql", Fault::LoopedCursor, When::Once);
    let after = &first["pageInfo"]["endCursor"];
    let again = ask(&github, MEMBERS, json!({ "org": "acme", "after": after }))
        .await
        .json();
    assert_eq!(again["data"]["organization"]["membersWithRole"], first);
}

#[tokio::test]
async fn the_document_says_where_addresses_come_from_if_it_is_told() {
    let github = github(&[]).await;
    assert!(github.document().get("emails").is_none());
    for (emails, word) in [
        (Emails::VerifiedDomains, "verified_domains"),
        (Emails::Saml, "saml"),
        (Emails::None, "none"),
    ] {
        github.emails(Some(emails));
        assert_eq!(github.document()["emails"], word);
    }
    let document = github.document();
    assert!(document["kind"] == "github" && document["org"] == "acme");
    assert!(document["token"].as_str().unwrap().starts_with("ghp_canary"));
}
