//! Google and SCIM: what each gives, and what each forbids.

use rehearsal::directories::{Directory, Google, Member, Scim};
use serde_json::json;

use crate::client::{bearer, get, send};

/// Five members with numbers for ids, in pages of two, all of them in a group.
fn fill(directory: &dyn Directory) {
    let mut members = directory.members();
    let ids = ["1", "2", "3", "4", "5"];
    for id in ids {
        members.put(Member::new(id));
    }
    members.set_group("staff", &ids);
    members.set_page_size(2);
}

fn base(directory: &dyn Directory) -> String {
    directory.document()["base_url"].as_str().unwrap().to_owned()
}

async fn forbidden(directory: &dyn Directory, method: &str, path: &str, headers: &[String], body: &str) {
    let url = base(directory);
    let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
    let before = directory.violations().len();
    let got = send(&origin, method, path, headers, body).await.unwrap();
    assert_eq!(got.status, 501, "{path}");
    assert_eq!(directory.violations().len(), before + 1, "{path}");
}

#[tokio::test]
async fn google_gives_no_token_for_an_assertion_that_is_not_signed() {
    let google = Google::start().await;
    fill(&google);
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJhbGciOiJub25lIn0.e30.";
    let got = send(&base(&google), "POST", "/token", &form, grant).await.unwrap();
    assert_eq!((got.status, &got.json()["error"]), (400, &json!("invalid_grant")));
    let headers = bearer(&json!("ya29.canary-1"));
    assert_eq!(
        get(
            &base(&google),
            "/admin/directory/v1/users?domain=example.test",
            &headers
        )
        .await
        .status,
        401
    );
    assert_eq!(google.violations(), [""; 0]);
    forbidden(&google, "GET", "/admin/directory/v1/users", &headers, "").await;
    forbidden(
        &google,
        "GET",
        "/admin/directory/v1/users?domain=example.test&customer=my_customer",
        &headers,
        "",
    )
    .await;
    forbidden(&google, "GET", "/admin/directory/v1/groups/staff/members", &headers, "").await;
    forbidden(&google, "POST", "/token", &form, "grant_type=password&assertion=x").await;
}

#[tokio::test]
async fn scim_counts_from_one_and_says_the_total_past_the_end_too() {
    let scim = Scim::start().await;
    fill(&scim);
    let headers = [
        bearer(&scim.document()["token"]),
        vec!["accept: application/scim+json".to_owned()],
    ]
    .concat();
    let url = base(&scim).replace("/scim/v2", "");
    for (start, first, count) in [
        ("1", "1", 2),
        ("3", "3", 2),
        ("5", "5", 1),
        ("0", "1", 2),
        ("-3", "1", 2),
    ] {
        let page = get(&url, &format!("/scim/v2/Users?startIndex={start}&count=100"), &headers)
            .await
            .json();
        assert_eq!(page["Resources"][0]["id"], first, "{start}");
        assert_eq!(
            (page["Resources"].as_array().unwrap().len(), &page["totalResults"]),
            (count, &json!(5)),
            "{start}"
        );
    }
    let past = get(&url, "/scim/v2/Users?startIndex=6", &headers).await.json();
    assert_eq!((&past["totalResults"], past.get("Resources")), (&json!(5), None));
    assert_eq!(
        get(&url, "/scim/v2/Users?filter=userName%20sw%20%22a%22", &headers)
            .await
            .status,
        400
    );
    let group = get(&url, "/scim/v2/Groups/staff", &headers).await.json();
    assert_eq!(group["members"].as_array().unwrap().len(), 5);
    assert_eq!(get(&url, "/scim/v2/Groups/none", &headers).await.status, 404);
    assert_eq!(scim.violations(), [""; 0]);
    forbidden(&scim, "GET", "/scim/v2/Users", &headers[..1], "").await;
    forbidden(&scim, "GET", "/scim/v2/Users?cursor=x", &headers, "").await;
    forbidden(&scim, "DELETE", "/scim/v2/Users/1", &headers, "").await;
}
