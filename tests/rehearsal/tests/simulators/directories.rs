//! The directories: each read to its end by hand, and what each forbids.

use rehearsal::directories::{Directory, Entra, Github, GithubLack, Google, Member, Okta, Scim};
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, post, send};

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

/// The path and query of a link, whatever host it names.
fn path(link: &str) -> String {
    let rest = link.split_once("://").unwrap().1;
    rest[rest.find('/').unwrap()..].to_owned()
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
async fn entra_counts_on_the_first_page_and_wants_its_header_on_every_one() {
    let entra = Entra::start().await;
    fill(&entra);
    let document = entra.document();
    let encode = |name: &str| {
        let text = document[name].as_str().unwrap();
        text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
    };
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    let ask = |scope: &str| {
        let (id, secret) = (encode("client_id"), encode("client_secret"));
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}")
    };
    let url = base(&entra);
    let tokens = "/canary-tenant/oauth2/v2.0/token";
    let token = send(
        &url,
        "POST",
        tokens,
        &form,
        &ask("https%3A%2F%2Fgraph.microsoft.com%2F.default"),
    )
    .await
    .unwrap();
    let token = token.json()["access_token"].clone();
    let headers = [bearer(&token), vec!["consistencylevel: eventual".to_owned()]].concat();
    let first = "/v1.0/groups/staff/transitiveMembers/microsoft.graph.user?$select=id,accountEnabled&$count=true";
    let (mut next, mut ids, mut counts) = (Some(first.to_owned()), Vec::new(), Vec::new());
    while let Some(target) = next {
        let page = get(&url, &target, &headers).await.json();
        ids.extend(page["value"].as_array().unwrap().iter().map(|user| user["id"].clone()));
        assert_eq!(page["value"][0].as_object().unwrap().len(), 2, "what was selected");
        counts.push(page["@odata.count"].clone());
        next = page["@odata.nextLink"].as_str().map(path);
    }
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    assert_eq!(counts, [json!(5), Value::Null, Value::Null]);
    assert_eq!(
        get(
            &url,
            "/v1.0/groups/none/transitiveMembers/microsoft.graph.user?$count=true",
            &headers
        )
        .await
        .status,
        404
    );
    assert_eq!(
        get(&url, &format!("{first}&$skiptoken=mine"), &headers).await.status,
        400
    );
    assert_eq!(entra.violations(), [""; 0]);

    forbidden(&entra, "GET", first, &bearer(&token), "").await;
    forbidden(&entra, "GET", "/v1.0/users?$select=id,salary&$count=true", &headers, "").await;
    forbidden(&entra, "GET", "/v1.0/users?$top=1000&$count=true", &headers, "").await;
    forbidden(&entra, "GET", "/v1.0/groups", &headers, "").await;
    forbidden(&entra, "POST", tokens, &form, &ask("openid")).await;
}

#[tokio::test]
async fn okta_sends_each_link_in_a_line_of_its_own() {
    let okta = Okta::start().await;
    fill(&okta);
    let token = okta.document()["token"].as_str().unwrap().to_owned();
    let headers = [
        format!("authorization: SSWS {token}"),
        "accept: application/json".to_owned(),
    ];
    let url = base(&okta);
    let next = |got: &Got| {
        let lines: Vec<&str> = got
            .head
            .lines()
            .filter(|line| line.to_lowercase().starts_with("link:"))
            .collect();
        let next = lines.iter().find(|line| line.contains("rel=\"next\""))?;
        Some(path(next.split(['<', '>']).nth(1)?))
    };
    let (mut target, mut ids) = (Some("/api/v1/groups/staff/users?limit=200".to_owned()), Vec::new());
    while let Some(path) = target {
        let got = get(&url, &path, &headers).await;
        ids.extend(got.json().as_array().unwrap().iter().map(|user| user["id"].clone()));
        target = next(&got);
    }
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    assert_eq!(get(&url, "/api/v1/groups/none/users", &headers).await.status, 404);
    assert_eq!(get(&url, "/api/v1/users?after=mine", &headers).await.status, 400);
    assert_eq!(okta.violations(), [""; 0]);
    forbidden(&okta, "GET", "/api/v1/users?limit=201", &headers, "").await;
    forbidden(
        &okta,
        "GET",
        "/api/v1/users",
        &[format!("authorization: Bearer {token}"), headers[1].clone()],
        "",
    )
    .await;
    forbidden(&okta, "GET", "/api/v1/users", &headers[..1], "").await;
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

#[tokio::test]
async fn github_shows_what_was_asked_for_and_nothing_else() {
    let github = Github::start().await;
    fill(&github);
    let url = base(&github);
    let headers = [bearer(&github.document()["token"]), vec!["user-agent: test".to_owned()]].concat();
    let ask = async |query: &str, after: Value| {
        let body = json!({"query": query, "variables": {"org": "acme", "after": after}});
        post(&url, "POST", "/graphql", &headers, body).await.json()
    };
    let query = "query($org:String!, $after:String) { organization(login: $org) {
        membersWithRole(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { role node { login databaseId } } } } }";
    let (mut after, mut ids) = (Value::Null, Vec::new());
    loop {
        let page = ask(query, after).await["data"]["organization"]["membersWithRole"].clone();
        assert_eq!(page["totalCount"], 5);
        ids.extend(
            page["edges"]
                .as_array()
                .unwrap()
                .iter()
                .map(|edge| edge["node"]["databaseId"].clone()),
        );
        assert_eq!(
            page["edges"][0]["node"].as_object().unwrap().len(),
            2,
            "what was selected"
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    let team = "{ organization(login: \"acme\") { team(slug: \"staff\") { members(first: 2) { nodes { login } } } } }";
    assert_eq!(
        ask(team, Value::Null).await["data"]["organization"]["team"]["members"]["nodes"][1]["login"],
        "2"
    );
    let none = "{ organization(login: \"acme\") { team(slug: \"none\") { members(first: 2) { totalCount } } } }";
    assert_eq!(
        ask(none, Value::Null).await["data"]["organization"]["team"],
        Value::Null
    );
    let other = ask(
        "{ organization(login: \"other\") { membersWithRole(first: 1) { totalCount } } }",
        Value::Null,
    )
    .await;
    assert_eq!(other["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(github.violations(), [""; 0]);
    for wrong in [
        "{ organization(login: \"acme\") { membersWithRole { totalCount } } }",
        "{ organization(login: \"acme\") { membersWithRole(first: 101) { totalCount } } }",
        "{ organization(login: \"acme\") { membersWithRole(first: 1, after: \"mine\") { totalCount } } }",
        "{ organization(login: \"acme\") { membersWithRole(first: 1) { nodes { salary } } } }",
        "{ organization(login: \"acme\") { membersWithRole(first: 1) { nodes } } }",
        "{ viewer { login } }",
        "{ organization(login: \"acme\" ",
    ] {
        let body = json!({"query": wrong}).to_string();
        forbidden(&github, "POST", "/graphql", &headers, &body).await;
    }
    forbidden(&github, "GET", "/user/memberships/orgs/acme", &headers, "").await; // no Accept, no version
    forbidden(
        &github,
        "POST",
        "/graphql",
        &headers[..1],
        &json!({"query": team}).to_string(),
    )
    .await; // no User-Agent
    github.platform().lack(GithubLack::Membership);
    assert_eq!(
        ask(query, Value::Null).await["data"]["organization"]["membersWithRole"]["totalCount"],
        2,
        "as if they were all"
    );
}
