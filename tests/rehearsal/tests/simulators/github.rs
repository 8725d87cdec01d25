//! GitHub: two interfaces, two credentials, and what it does not say.

mod app;
mod graph;
mod traps;

use rehearsal::directories::{Directory, Github, Member};
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, post};

/// What a reader of members asks.
const MEMBERS: &str = "query($org:String!,$after:String){ organization(login:$org){ \
    membersWithRole(first:100,after:$after){ totalCount pageInfo{hasNextPage endCursor} \
    edges{ role node{ login databaseId name email organizationVerifiedDomainEmails(login:$org) } } } } }";

/// An organisation of these people, whose ids are numbers from 1 on.
async fn github(logins: &[&str]) -> Github {
    let github = Github::start().await;
    for (place, login) in logins.iter().enumerate() {
        github.members().put(member(&(place + 1).to_string(), login));
    }
    github
}

fn member(id: &str, login: &str) -> Member {
    Member {
        id: id.to_owned(),
        login: Some(login.to_owned()),
        ..Member::new(login)
    }
}

fn url(github: &Github) -> String {
    github.document()["base_url"].as_str().unwrap().to_owned()
}

/// The headers of a REST call with this token.
fn headers(token: &Value) -> Vec<String> {
    let mut headers = bearer(token);
    headers.push("user-agent: rehearsal".to_owned());
    headers.push("accept: application/vnd.github+json".to_owned());
    headers.push("x-github-api-version: 2022-11-28".to_owned());
    headers
}

/// A REST call with the document's token.
async fn rest(github: &Github, path: &str) -> Got {
    get(&url(github), path, &headers(&github.document()["token"])).await
}

/// A GraphQL call with the document's token.
async fn ask(github: &Github, query: &str, variables: Value) -> Got {
    let headers = headers(&github.document()["token"]);
    let body = json!({ "query": query, "variables": variables });
    post(&url(github), "POST", "/graphql", &headers, body).await
}

/// The members' connection, on its first page.
async fn first_page(github: &Github) -> Value {
    let answer = ask(github, MEMBERS, json!({ "org": "acme", "after": null }))
        .await
        .json();
    answer["data"]["organization"]["membersWithRole"].clone()
}

/// The value of this header.
fn header<'a>(got: &'a Got, name: &str) -> Option<&'a str> {
    let mut lines = got.head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(other, _)| *other == name).map(|(_, value)| value)
}

fn logins(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["login"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_followed_by_its_links_to_the_end() {
    let github = github(&["ada", "bo", "cy", "di", "ed"]).await;
    let own = url(&github);
    let mut path = "/orgs/ACME/members?role=all&per_page=2&page=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let got = rest(&github, &path).await;
        seen.extend(logins(&got.json()).into_iter().map(str::to_owned));
        let links = header(&got, "link").unwrap();
        let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""));
        let Some(next) = next else {
            assert!(links.contains("page=2>; rel=\"prev\"") && links.contains("page=1>; rel=\"first\""));
            break;
        };
        assert!(links.contains("page=3>; rel=\"last\""));
        let whole = next.split(['<', '>']).nth(1).unwrap();
        path = whole.strip_prefix(&own).unwrap().to_owned();
    }
    assert_eq!(seen, ["ada", "bo", "cy", "di", "ed"]);
    let one = rest(&github, "/orgs/acme/members").await;
    assert_eq!((logins(&one.json()).len(), header(&one, "link")), (5, None));
    assert_eq!(
        one.json()[0],
        json!({ "login": "ada", "id": 1, "node_id": "U_1", "type": "User", "site_admin": false })
    );
    github.next_links_to(Some("http://127.0.0.1:9"));
    let got = rest(&github, "/orgs/acme/members?per_page=2").await;
    assert!(
        header(&got, "link")
            .unwrap()
            .contains("<http://127.0.0.1:9/orgs/acme/members?per_page=2&page=2>")
    );
    github.members().drop_page(Some(0));
    assert_eq!(
        logins(&rest(&github, "/orgs/acme/members?per_page=2").await.json()),
        ["cy", "di"]
    );
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn a_team_is_listed_and_an_unknown_one_is_not_found() {
    let github = github(&["ada", "bo"]).await;
    github.members().set_group("staff", &["2"]);
    assert_eq!(
        logins(&rest(&github, "/orgs/acme/teams/staff/members").await.json()),
        ["bo"]
    );
    assert_eq!(rest(&github, "/orgs/acme/teams/other/members").await.status, 404);
    assert_eq!(rest(&github, "/orgs/other/members").await.status, 404);
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn every_call_says_who_asks_and_for_what() {
    let github = github(&["ada"]).await;
    let whole = headers(&github.document()["token"]);
    for missing in 0..whole.len() {
        let mut fewer = whole.clone();
        fewer.remove(missing);
        assert_eq!(get(&url(&github), "/orgs/acme/members", &fewer).await.status, 501);
    }
    for path in [
        "members?role=admin",
        "members?per_page=101",
        "members?page=0",
        "invitations",
    ] {
        assert_eq!(rest(&github, &format!("/orgs/acme/{path}")).await.status, 501);
    }
    assert_eq!(github.violations().len(), 8);
    github.rotate_key();
    let old = get(&url(&github), "/orgs/acme/members", &whole).await;
    assert_eq!((old.status, &old.json()["message"]), (401, &json!("Bad credentials")));
    assert_eq!(rest(&github, "/orgs/acme/members").await.status, 200);
}
