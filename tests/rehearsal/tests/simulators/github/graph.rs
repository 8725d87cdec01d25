//! The GraphQL side: pages, selections, and queries that are none.

use rehearsal::directories::{Directory, NameIds, Standing};
use serde_json::{Value, json};

use super::{MEMBERS, ask, first_page, github, member};

#[tokio::test]
async fn a_connection_is_paged_to_its_end() {
    let github = github(&["ada", "bo", "cy"]).await;
    github.members().set_page_size(2);
    let mut after = Value::Null;
    let mut seen = Vec::new();
    loop {
        let page = ask(&github, MEMBERS, json!({ "org": "acme", "after": after }))
            .await
            .json();
        let page = &page["data"]["organization"]["membersWithRole"];
        assert_eq!(page["totalCount"], 3);
        for edge in page["edges"].as_array().unwrap() {
            seen.push(edge["node"]["databaseId"].as_u64().unwrap());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, [1, 2, 3]);
    github.members().drop_page(Some(1));
    let page = first_page(&github).await;
    assert_eq!(
        (&page["totalCount"], &page["pageInfo"]["hasNextPage"]),
        (&json!(3), &json!(false))
    );

    // A cursor belongs to its connection, and to pages of the size it was asked with.
    github.members().set_group("staff", &["1"]);
    let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
    let everybody = |first: u8, after: &str| format!(r#"membersWithRole(first:{first},after:"{after}"){{totalCount}}"#);
    let team = format!(r#"team(slug:"staff"){{members(first:100,after:"{cursor}"){{totalCount}}}}"#);
    for (fields, path, null) in [
        (
            everybody(100, "nonsense"),
            json!(["organization", "membersWithRole"]),
            "/data/organization",
        ),
        (
            everybody(100, "Y3Vyc29yOg=="),
            json!(["organization", "membersWithRole"]),
            "/data/organization",
        ),
        (
            everybody(7, cursor),
            json!(["organization", "membersWithRole"]),
            "/data/organization",
        ),
        (
            team,
            json!(["organization", "team", "members"]),
            "/data/organization/team",
        ),
    ] {
        let query = format!(r#"{{organization(login:"acme"){{{fields}}}}}"#);
        let answer = ask(&github, &query, json!({})).await.json();
        assert_eq!(answer.pointer(null), Some(&Value::Null), "{answer}");
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["type"], &error["path"]),
            (&json!("INVALID_CURSOR_ARGUMENTS"), &path)
        );
    }
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn only_what_is_selected_is_answered() {
    let github = github(&["ada"]).await;
    let mut ada = member("1", "ada");
    ada.aliases.push("ada.l@example.test".to_owned());
    github.members().put(ada);
    github.set_admin("1", true);
    github.set_public_email("1", "boss@canary.test");
    let node = json!({
        "login": "ada", "databaseId": 1, "name": "ada Canary", "email": "boss@canary.test",
        "organizationVerifiedDomainEmails": ["ada@example.test", "ada.l@example.test"],
    });
    assert_eq!(
        first_page(&github).await["edges"],
        json!([{ "role": "ADMIN", "node": node }])
    );
    github.without_verified_domains(true);
    let verified = "organizationVerifiedDomainEmails";
    assert_eq!(first_page(&github).await["edges"][0]["node"][verified], json!([]));

    github.members().set_group("staff", &["1"]);
    let query = r#"query Both($n: Int = 5, $m: TeamMembershipType!) {
        organization(login: "acme") {
            __typename
            everybody: membersWithRole(first: $n) { nodes { databaseId, __typename } } # an alias
            team(slug: "staff") { members(first: 1, membership: $m) { totalCount edges { node { login } } } }
            samlIdentityProvider { externalIdentities(first: 1) { totalCount } }
        }
    }"#;
    let answer = ask(&github, query, json!({ "m": "ALL" })).await.json();
    let organization = json!({
        "__typename": "Organization", "everybody": { "nodes": [{ "databaseId": 1, "__typename": "User" }] },
        "team": { "members": { "totalCount": 1, "edges": [{ "node": { "login": "ada" } }] } },
        "samlIdentityProvider": null,
    });
    assert_eq!(answer, json!({ "data": { "organization": organization } }));
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn who_has_left_or_is_a_guest_is_no_member_and_a_number_stays() {
    let github = github(&["ada", "bo", "cy"]).await;
    let mut members = vec![member("1", "ada"), member("2", "bo"), member("3", "cy")];
    members[0].standing = Standing::Gone;
    members[1].standing = Standing::Suspended;
    members[2].guest = true;
    members.push(member("first", "di"));
    members.push(member("second", "ed"));
    for member in members {
        github.members().put(member);
    }
    let numbers = async || {
        let page = first_page(&github).await;
        let edges = page["edges"].as_array().unwrap().clone();
        let numbers = edges.iter().map(|edge| edge["node"]["databaseId"].as_u64().unwrap());
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(numbers().await, [2, 9_000_000, 9_000_001]);
    github.members().remove("first");
    assert_eq!(numbers().await, [2, 9_000_001]);
}

#[tokio::test]
async fn what_the_schema_does_not_have_is_an_error_and_a_violation() {
    let github = github(&["ada"]).await;
    let page = "membersWithRole(first:1){totalCount}";
    let queries = [
        (
            page.replace("totalCount", "total"),
            "doesn't exist on type 'OrganizationMemberConnection'",
        ),
        (
            page.replace("totalCount", "nodes{emails}"),
            "Field 'emails' doesn't exist on type 'User'",
        ),
        (page.replace("totalCount", "nodes"), "Field must have selections"),
        (
            page.replace("totalCount", "totalCount{x}"),
            "Selections can't be made on scalars",
        ),
        (page.replace("first:1", "first:\"1\""), "Expected type 'Int'"),
        (
            page.replace("first:1", "first:1,role:ADMIN"),
            "doesn't accept argument 'role'",
        ),
        (
            page.replace("first:1", "first:$n"),
            "$n is used by anonymous query but not declared",
        ),
        ("team{slug}".to_owned(), "missing required arguments: slug"),
        (page.replace("1){", "1){{"), "Parse error"),
    ];
    let organization = |fields: &str| format!(r#"{{organization(login:"acme"){{{fields}}}}}"#);
    for (place, (query, reason)) in queries.iter().enumerate() {
        let got = ask(&github, &organization(query), json!({})).await;
        let answer = got.json();
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(got.status == 200 && message.contains(reason), "{query}: {message}");
        assert!(answer.get("data").is_none() && answer["errors"][0].get("type").is_none());
        assert_eq!(github.violations().len(), place + 1, "{query}");
    }
    let before = github.violations().len();
    for (query, kind) in [
        ("membersWithRole{totalCount}", "MISSING_PAGINATION_BOUNDARIES"),
        ("membersWithRole(first:101){totalCount}", "EXCESSIVE_PAGINATION"),
        ("membersWithRole(first:0){totalCount}", "ARGUMENT_ERROR"),
    ] {
        let answer = ask(&github, &organization(query), json!({})).await.json();
        assert_eq!(answer["errors"][0]["type"], kind);
        assert_eq!(answer["data"], json!({ "organization": null }));
    }
    assert_eq!(github.violations().len(), before + 3);
}

#[tokio::test]
async fn variables_have_the_types_they_were_declared_with() {
    let github = github(&["ada"]).await;
    let query = |head: &str| format!("query({head}){{organization(login:$o){{login}}}}");
    for (head, variables, reason) in [
        ("$o:String!", json!({}), "provided invalid value"),
        ("$o:String!", json!({ "o": 7 }), "provided invalid value"),
        ("$o:String", json!({ "o": "acme" }), "Type mismatch"),
        ("$o:Text!", json!({ "o": "acme" }), "provided invalid value"),
        ("$o:String!,$p:Int", json!({ "o": "acme" }), "not used"),
    ] {
        let answer = ask(&github, &query(head), variables).await.json();
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{head}: {message}");
    }
    assert_eq!(github.violations().len(), 5);
    let answer = ask(&github, &query("$o:String!"), json!({ "o": "acme" })).await.json();
    assert_eq!(answer, json!({ "data": { "organization": { "login": "acme" } } }));
}

#[tokio::test]
async fn the_unknown_is_null_and_only_an_organization_is_an_error() {
    let github = github(&["ada"]).await;
    let unknown = ask(&github, MEMBERS, json!({ "org": "other" })).await.json();
    assert_eq!(unknown["data"], json!({ "organization": null }));
    assert_eq!(unknown["errors"][0]["type"], "NOT_FOUND");
    let team = r#"{organization(login:"acme"){team(slug:"x"){members(first:9){totalCount}}}}"#;
    let answer = ask(&github, team, json!({})).await.json();
    assert_eq!(answer, json!({ "data": { "organization": { "team": null } } }));
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn the_single_sign_on_names_people_in_its_own_way() {
    let github = github(&["ada"]).await;
    let query = r#"query($after:String){organization(login:"acme"){samlIdentityProvider{externalIdentities(first:100,after:$after){
        totalCount pageInfo{hasNextPage endCursor} nodes{guid samlIdentity{nameId username emails{value}}
        scimIdentity{username emails{value}} user{login databaseId}}}}}}"#;
    let identities = async || {
        let answer = ask(&github, query, json!({})).await.json();
        let provider = &answer["data"]["organization"]["samlIdentityProvider"];
        provider["externalIdentities"]["nodes"].clone()
    };
    assert_eq!(identities().await, Value::Null);
    let addresses = json!([{ "value": "ada@example.test" }]);
    for (name_ids, name_id, emails) in [
        (NameIds::Addresses, "ada@example.test", &addresses),
        (NameIds::SubjectsWithEmails, "canary-subject-1", &addresses),
        (NameIds::Subjects, "canary-subject-1", &json!([])),
    ] {
        github.set_saml(Some(name_ids));
        let ada = &identities().await[0];
        let saml = json!({ "nameId": name_id, "username": name_id, "emails": emails });
        assert_eq!((&ada["samlIdentity"], &ada["scimIdentity"]), (&saml, &Value::Null));
        assert_eq!(ada["user"], json!({ "login": "ada", "databaseId": 1 }));
    }
    github.add_unlinked_identity("nobody@canary.test");
    github.with_scim(true);
    let both = identities().await;
    assert_eq!(both[0]["scimIdentity"]["username"], "canary-subject-1");
    assert_eq!(
        (&both[1]["user"], &both[1]["samlIdentity"]["nameId"]),
        (&Value::Null, &json!("nobody@canary.test"))
    );
    assert_ne!(both[0]["guid"], both[1]["guid"]);
}
