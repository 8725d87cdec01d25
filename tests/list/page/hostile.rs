//! Names, ids and roles that would be markup, script, or something else than they look like.

use rehearsal::host::UrlRequest;
use rehearsal::providers::{Seed, Simulator, State};

use super::{CHROME, Page, browse};
use crate::stage::{Stage, TOKEN, mail};

const NAMES: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></script><script>alert(1)</script>",
    "<!-- &lt;b&gt; &#x3c;b&#x3e;",
    "\\u003cscript\\u003e {{7*7}} ${7*7} javascript:alert(1)",
    "]]></td></tr></table><h1>",
    "Zo\u{eb} \u{5d3}\u{5d5}\u{5d3} & S\u{f8}n",
];

#[tokio::test]
async fn a_name_is_text_and_nothing_else() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    for (number, name) in NAMES.into_iter().enumerate() {
        let seed = Seed {
            name: Some(name.to_owned()),
            ..Seed::with_email(&mail(&format!("p{number}")))
        };
        stage.bilanc.seed(&seed, State::Active);
    }
    let list = stage.start("list").await;
    // Page::of takes no tag, attribute or entity that is not the page's own.
    let (_, page) = browse(&list, "/").await;
    for (number, name) in NAMES.into_iter().enumerate() {
        let shown = format!("{name}{}", mail(&format!("p{number}")));
        assert!(
            page.rows.iter().any(|row| row[0] == shown),
            "{shown}: {:?}",
            page.lines()
        );
        let (_, page) = browse(&list, &format!("/?email={}", mail(&format!("p{number}")))).await;
        assert!(page.text.contains(name), "{name}");
    }
    assert_eq!(page.rows.len(), NAMES.len());
    let (_, page) = browse(&list, "/?view=accounts").await;
    assert_eq!(page.rows.len(), NAMES.len());
}

/// Characters that cannot be seen and turn others around are shown as what they are: something strange.
#[tokio::test]
async fn a_name_cannot_turn_the_page_around() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let name = "Ada \u{202e}gro.elpmaxe@toor\u{2066} \u{200b}x\u{7}\u{e0041}";
    let seed = Seed {
        name: Some(name.to_owned()),
        ..Seed::with_email(&mail("ada"))
    };
    stage.bilanc.seed(&seed, State::Active);
    let list = stage.start("list").await;
    for target in [
        "/".to_owned(),
        format!("/?email={}", mail("ada")),
        "/?view=accounts".to_owned(),
    ] {
        let (_, page) = browse(&list, &target).await;
        assert!(
            page.text
                .contains("Ada \u{fffd}gro.elpmaxe@toor\u{fffd} \u{fffd}x\u{fffd}\u{fffd}"),
            "{target}"
        );
        assert!(
            !page
                .html
                .contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{7}', '\u{e0041}']),
            "{target}"
        );
        assert!(page.html.contains("<bdi>"), "{target}");
    }
    // CSV and JSON have what is there.
    assert_eq!(list.ask("/").await.json()["accounts"][0]["name"], name);
}

#[tokio::test]
async fn what_was_asked_is_not_markup_either() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let list = stage.start("list").await;
    for query in [
        "id=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "view=%3Cscript%3E",
        "%3Cscript%3E=1",
        "provider=%22%20onload%3Dx",
        "id=a%26format%3Dhtml%26view%3Ddoctor",
    ] {
        let request = UrlRequest::get(&format!("/?{query}"))
            .bearer(TOKEN)
            .header("Accept", CHROME);
        let page = Page::of(&list.request(request).await);
        assert!(!page.html.contains("<script>alert"), "{query}");
    }
    let (_, page) = browse(&list, "/?id=a%26format%3Dhtml").await;
    assert!(
        page.all("a", "href")
            .contains(&"?view=people&format=csv&id=a%26format%3Dhtml")
    );
}
