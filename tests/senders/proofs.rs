//! For each scheme: what proves, and everything that nearly does.

use jiff::{SignedDuration, Timestamp};
use rehearsal::host::UrlRequest;
use rehearsal::senders::{SCHEMES, secret, sign};

use super::{signed, signed_at, stage, status};
use crate::stage::DENIED;

/// The schemes whose time is signed, and how far it may be off.
const TIMED: [(&str, i64); 6] = [
    ("slack", 300),
    ("standard_webhooks", 300),
    ("finch", 300),
    ("bamboohr", 300),
    ("workos", 180),
    ("powens", 24 * 3600),
];

const BODY: &[u8] = br#"{"type":"nothing.of.interest","event":"nothing","hook":{"event":"nothing"}}"#;

fn with(scheme: &str, change: impl Fn(&str, &str) -> Option<String>) -> UrlRequest {
    let mut request = signed(scheme, BODY);
    let headers = std::mem::take(&mut request.headers);
    let changed = headers.into_iter().filter_map(|(name, value)| {
        let value = change(&name.to_lowercase(), &value)?;
        Some((name, value))
    });
    request.headers = changed.collect();
    request
}

fn is_signature(name: &str) -> bool {
    name.contains("signature") && !name.ends_with("date")
}

#[tokio::test]
async fn what_proves() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    for scheme in SCHEMES {
        for number in [1, 2] {
            let request = signed_at(scheme, BODY, Timestamp::now(), number);
            assert_ne!(status(&offboard, request).await, 401, "{scheme}, secret {number}");
        }
        assert_ne!(
            status(&offboard, signed(scheme, BODY).base64()).await,
            401,
            "{scheme} in base64"
        );
        assert_ne!(
            status(&offboard, signed(scheme, b"\xff\xfe not text").base64()).await,
            401,
            "{scheme}: bytes"
        );
        let upper = with(scheme, |name, value| {
            let hex = is_signature(name)
                && !value.contains("v1,")
                && value.chars().filter(char::is_ascii_hexdigit).count() >= 64;
            match (hex, value.rsplit_once('=')) {
                (true, Some((prefix, hex))) if hex.len() == 64 => Some(format!("{prefix}={}", hex.to_uppercase())),
                (true, None) => Some(value.to_uppercase()),
                _ => Some(value.to_owned()),
            }
        });
        if !matches!(scheme, "hibob" | "merge" | "powens" | "standard_webhooks" | "finch") {
            assert_ne!(status(&offboard, upper).await, 401, "{scheme} in capitals");
        }
        let unpadded = with(scheme, |name, value| {
            Some(if is_signature(name) {
                value.trim_end_matches('=').to_owned()
            } else {
                value.to_owned()
            })
        });
        assert_ne!(status(&offboard, unpadded).await, 401, "{scheme} without padding");
    }
    for (scheme, seconds) in TIMED {
        for off in [seconds - 20, 20 - seconds] {
            let time = Timestamp::now() + SignedDuration::from_secs(off);
            assert_ne!(
                status(&offboard, signed_at(scheme, BODY, time, 1)).await,
                401,
                "{scheme}, {off} s"
            );
        }
    }
    let several = with("standard_webhooks", |name, value| match name {
        "webhook-signature" => Some(format!("v1a,AAAA v1,bm90IGl0 {value}")),
        _ => Some(value.to_owned()),
    });
    assert_ne!(status(&offboard, several).await, 401, "one of several");
    let okta = UrlRequest::new("POST", "/okta")
        .body(r#"{"data":{"events":[]}}"#)
        .header("authorization", "canary okta");
    assert_eq!(status(&offboard, okta).await, 200);
    let mac = sign("gusto", "canary-rippling", "", BODY, Timestamp::now()).remove(0).1;
    let described = UrlRequest::new("POST", "/rippling")
        .body(BODY)
        .header("x-rippling-signature", &mac);
    assert_eq!(status(&offboard, described).await, 400, "admitted, and no order");
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn what_nearly_proves_is_401_and_touches_nothing() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    let mut refused: Vec<(String, UrlRequest)> = Vec::new();
    for scheme in SCHEMES {
        let mut add = |what: &str, request: UrlRequest| refused.push((format!("{scheme}: {what}"), request));
        add("a byte more", signed(scheme, BODY).body([BODY, b" "].concat()));
        add("a line break", signed(scheme, BODY).body([BODY, b"\n"].concat()));
        add("a byte less", signed(scheme, BODY).body(&BODY[..BODY.len() - 1]));
        add("another secret", signed_at(scheme, BODY, Timestamp::now(), 3));
        add(
            "no signature",
            with(scheme, |name, value| (!is_signature(name)).then(|| value.to_owned())),
        );
        add(
            "an empty one",
            with(scheme, |name, value| {
                Some(if is_signature(name) {
                    String::new()
                } else {
                    value.to_owned()
                })
            }),
        );
        let cut = |name: &str, value: &str| {
            Some(if is_signature(name) {
                value[..value.len() - 3].to_owned()
            } else {
                value.to_owned()
            })
        };
        add("a short one", with(scheme, cut));
        let twice = signed(scheme, BODY);
        let again = twice
            .headers
            .iter()
            .find(|(name, _)| is_signature(&name.to_lowercase()))
            .unwrap()
            .clone();
        let (head, last) = again.1.split_at(again.1.len() - 10);
        let other = if last.starts_with('c') { "d" } else { "c" };
        let spoilt = [head, other, &last[1..]].concat();
        add(
            "another one instead",
            with(scheme, move |name, value| {
                Some(if is_signature(name) {
                    spoilt.clone()
                } else {
                    value.to_owned()
                })
            }),
        );
        add(
            "the path of somebody else",
            UrlRequest {
                path: "/nobody".to_owned(),
                ..signed(scheme, BODY)
            },
        );
        add(
            "at the root",
            UrlRequest {
                path: "/".to_owned(),
                ..signed(scheme, BODY)
            },
        );
        add(
            "too deep a path",
            UrlRequest {
                path: format!("/{scheme}/a/b"),
                ..signed(scheme, BODY)
            },
        );
        add(
            "its secret as a bearer",
            UrlRequest::new("POST", &format!("/{scheme}"))
                .body(BODY)
                .bearer(&secret(scheme, 1)),
        );
    }
    for (scheme, seconds) in TIMED {
        for off in [seconds + 5, -seconds - 5] {
            let time = Timestamp::now() + SignedDuration::from_secs(off);
            refused.push((format!("{scheme}: {off} s off"), signed_at(scheme, BODY, time, 1)));
        }
        for wrong in ["", "soon", "-1", "99999999999999999999", "1e9", "٣"] {
            let is_time = |name: &str| name.contains("timestamp") || name.ends_with("date");
            let change = |name: &str, value: &str| match (is_time(name), scheme) {
                (true, _) => Some(wrong.to_owned()),
                (false, "workos") => Some(format!("t={wrong}, {}", value.split_once(", ").unwrap().1)),
                _ => Some(value.to_owned()),
            };
            refused.push((format!("{scheme}: the time {wrong:?}"), with(scheme, change)));
        }
    }
    // The rules that many guides have wrong.
    let mac = |message: &[u8], scheme: &str| {
        sign("gusto", &secret(scheme, 1), "", message, Timestamp::now())
            .remove(0)
            .1
    };
    let now = Timestamp::now().as_second().to_string();
    let before = mac(&[now.as_bytes(), BODY].concat(), "bamboohr");
    refused.push((
        "bamboohr: the time first".to_owned(),
        UrlRequest::new("POST", "/bamboohr")
            .body(BODY)
            .header("x-bamboohr-timestamp", &now)
            .header("x-bamboohr-signature", &before),
    ));
    refused.push((
        "deel: without POST".to_owned(),
        UrlRequest::new("POST", "/deel")
            .body(BODY)
            .header("x-deel-signature", &mac(BODY, "deel")),
    ));
    let seconds = mac(&[now.as_bytes(), b".", BODY].concat(), "workos");
    refused.push((
        "workos: seconds".to_owned(),
        UrlRequest::new("POST", "/workos")
            .body(BODY)
            .header("workos-signature", &format!("t={now}, v1={seconds}")),
    ));
    let only_v1a = with("standard_webhooks", |name, value| match name {
        "webhook-signature" => Some(value.replace("v1,", "v1a,")),
        _ => Some(value.to_owned()),
    });
    refused.push(("standard_webhooks: v1a only".to_owned(), only_v1a));
    refused.push((
        "powens: signed for another path".to_owned(),
        UrlRequest {
            path: "/powens/USER_DELETED".to_owned(),
            ..signed("powens", BODY)
        },
    ));
    for wrong in ["", "canary", "Bearer canary okta", "canary okta "] {
        let okta = UrlRequest::new("POST", "/okta")
            .body(BODY)
            .header("authorization", &wrong.replace("okta ", "oktaa"));
        refused.push((format!("okta: {wrong:?}"), okta));
    }
    for (what, request) in refused {
        let answer = offboard.request(request).await;
        assert_eq!((answer.status, &*answer.text()), (401, DENIED), "{what}");
    }
    assert_eq!(stage.calls(), [""; 0]);
}
