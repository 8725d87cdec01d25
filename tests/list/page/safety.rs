//! What a browser may do with the page: nothing but show it and run its one script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rehearsal::host::UrlRequest;
use sha2::{Digest as _, Sha256};

use super::{CHROME, Page, browse};
use crate::list::company;
use crate::stage::{BROWSER, DENIED, TOKEN, mail};

#[tokio::test]
async fn the_policy_names_style_and_script_by_hash_and_allows_nothing_else() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let person = format!("/?email={}", mail("ada"));
    for target in ["/", &person, "/?view=accounts", "/?view=doctor", "/?who=x"] {
        let request = UrlRequest::get(target).bearer(TOKEN).header("Accept", CHROME);
        let answer = list.request(request).await;
        let page = Page::of(&answer);
        let policy = answer.header("content-security-policy").unwrap();
        let (before, after) = policy.split_once(" script-src ").unwrap();
        assert_eq!(
            before,
            format!("default-src 'none'; style-src 'sha256-{}';", hash(&page.style)),
            "{target}"
        );
        let (script, after) = after.split_once("; ").unwrap();
        if !page.script.is_empty() {
            assert_eq!(script, format!("'sha256-{}'", hash(&page.script)), "{target}");
        }
        assert_eq!(
            after, "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            "{target}"
        );
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{target}");
        }
    }
}

#[tokio::test]
async fn an_error_is_a_page_too() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let (status, page) = browse(&list, "/?who=x&email=%3Cb%3E").await;
    assert_eq!(status, 400);
    for said in ["BadRequest", "who: is not a field", "email: is not an e-mail address"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let (status, page) = browse(&list, "/?view=history").await;
    assert_eq!(status, 500);
    assert!(page.text.contains("set LEDGER"), "{}", page.text);
    // Who was not let in is told the same whatever they asked for.
    let (user, _) = BROWSER;
    let denied = UrlRequest::get("/").basic(user, "canary").header("Accept", CHROME);
    let answer = list.request(denied).await;
    assert_eq!((answer.status, &*answer.text()), (401, DENIED));
    assert!(answer.header("www-authenticate").unwrap().contains("Basic realm="));
}

#[tokio::test]
async fn whoever_may_list_may_open_the_page_and_other_functions_have_none() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    let list = stage.start("list").await;
    let arn = "arn:aws:iam::123456789012:user/operator";
    let answer = list
        .request(UrlRequest::get("/").iam(arn).header("Accept", CHROME))
        .await;
    assert_eq!((answer.status, Page::of(&answer).rows.len()), (200, 2));
    let reconcile = stage.start("reconcile").await;
    let order = UrlRequest::post("/", &serde_json::json!({"mode": "what"})).bearer(TOKEN);
    let answer = reconcile.request(order.header("Accept", CHROME)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (400, Some("application/json"))
    );
}
