//! Whom Entra gives no token, and what Graph answers to a call that is not right or not allowed.

use rehearsal::directories::{Directory, Revocation};
use serde_json::json;

use super::{PEOPLE, TOKEN, entra, fields, headers, ids, token_for, walk};
use crate::client::{get, send};

#[tokio::test]
async fn entra_issues_a_token_for_its_own_form_only() {
    let (entra, url) = entra().await;
    let document = entra.document();
    let good = fields(&document);
    let got = token_for(&url, TOKEN, &good).await.json();
    assert_eq!(
        (&got["token_type"], &got["expires_in"]),
        (&json!("Bearer"), &json!(3599))
    );
    assert!(got["access_token"].as_str().unwrap().contains("canary"));

    let with = |place: usize, value: &'static str| {
        let mut fields = good;
        fields[place].1 = value;
        fields
    };
    let wrong = token_for(&url, TOKEN, &with(2, "wrong")).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (401, &json!("invalid_client")));
    assert!(
        wrong.json()["error_description"]
            .as_str()
            .unwrap()
            .starts_with("AADSTS7000215: ")
    );
    let unknown = token_for(&url, TOKEN, &with(1, "wrong")).await;
    assert_eq!(
        (unknown.status, &unknown.json()["error"]),
        (400, &json!("unauthorized_client"))
    );
    let elsewhere = token_for(&url, "/other/oauth2/v2.0/token", &good).await;
    assert_eq!(
        (elsewhere.status, &elsewhere.json()["error"]),
        (400, &json!("invalid_request"))
    );
    assert!(entra.violations().is_empty());

    assert_eq!(token_for(&url, TOKEN, &with(0, "password")).await.status, 501);
    assert_eq!(token_for(&url, TOKEN, &with(3, "User.Read.All")).await.status, 501);
    assert_eq!(token_for(&url, TOKEN, &good[..3]).await.status, 501);
    let unencoded = good.map(|(name, value)| format!("{name}={value}")).join("&");
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    assert_eq!(send(&url, "POST", TOKEN, &form, &unencoded).await.unwrap().status, 501);
    assert_eq!(entra.violations().len(), 4);
}

#[tokio::test]
async fn entra_refuses_what_its_contract_forbids() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    let first = format!("{PEOPLE}?$count=true");
    let next = walk(&url, &first, &headers).await[0]["@odata.nextLink"].clone();
    let next = next.as_str().unwrap().strip_prefix(&url).unwrap();
    let twice = [&headers[..], &headers[1..]].concat();
    let wrong = [headers[0].clone(), "ConsistencyLevel: session".to_owned()];
    for (path, headers) in [
        (first.as_str(), &headers[..1]),
        (first.as_str(), &twice[..]),
        (first.as_str(), &wrong[..]),
        (next, &headers[..1]),
        (PEOPLE, &headers[..]),
        (&next.replace("&$count=true", ""), &headers[..]),
        (&next.replace("&$count=true", "&$count=true&$top=5"), &headers[..]),
        (&format!("{first}&$top=0"), &headers[..]),
        (&format!("{first}&$top=1000"), &headers[..]),
        (&format!("{first}&$select=id,email"), &headers[..]),
        (&format!("{first}&$orderby=id"), &headers[..]),
        ("/v1.0/users?$count=true", &headers[..1]),
        ("/v1.0/users?$count=yes", &headers[..]),
        ("/v1.0/groups/team/members", &headers[..]),
        (first.as_str(), &headers[1..]),
    ] {
        let before = entra.violations().len();
        assert_eq!(get(&url, path, headers).await.status, 501, "{path}");
        assert_eq!(entra.violations().len(), before + 1);
    }
}

#[tokio::test]
async fn entra_says_no_as_graph_does() {
    let (entra, url) = entra().await;
    let headers = headers(&entra, &url).await;
    let path = format!("{PEOPLE}?$count=true&$select=id,mail");
    let refused = async |path: &str, headers: &[String]| {
        let got = get(&url, path, headers).await;
        (got.status, got.json()["error"]["code"].as_str().unwrap().to_owned())
    };
    let no = |status: u16, code: &str| (status, code.to_owned());
    let unknown = path.replace("team", "none");
    assert_eq!(refused(&unknown, &headers).await, no(404, "Request_ResourceNotFound"));
    let invented = format!("{path}&$skiptoken=abc");
    assert_eq!(
        refused(&invented, &headers).await,
        no(400, "Directory_ExpiredPageToken")
    );

    entra.throttle_once();
    let got = get(&url, &path, &headers).await;
    assert!(got.status == 429 && got.head.contains("retry-after: 0"));
    assert_eq!(get(&url, &path, &headers).await.status, 200);

    entra.expire_tokens();
    assert_eq!(refused(&path, &headers).await, no(401, "InvalidAuthenticationToken"));
    let old = entra.document();
    let headers = super::headers(&entra, &url).await;
    entra.rotate_key();
    assert_eq!(refused(&path, &headers).await.0, 401);
    assert_eq!(token_for(&url, TOKEN, &fields(&old)).await.status, 401);

    let headers = super::headers(&entra, &url).await;
    entra.revoke();
    assert_eq!(refused(&path, &headers).await, no(403, "Authorization_RequestDenied"));
    entra.set_revocation(Revocation::Silent);
    let bare = walk(&url, &path, &headers).await;
    assert_eq!(bare[0]["value"][0], json!({ "id": "ada", "mail": null }));
    assert_eq!((ids(&bare).concat().len(), &bare[0]["@odata.count"]), (5, &json!(5)));
    assert_eq!(refused("/v1.0/users?$select=id", &headers).await.0, 403);
    assert!(entra.violations().is_empty());
}
