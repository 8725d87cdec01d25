//! How senders sign: written from their pages, one function each, and not from the table of the functions that check it.

use aws_lc_rs::hmac::{self, Algorithm, HMAC_SHA256, HMAC_SHA512};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;

/// The schemes that are signed.
pub const SCHEMES: [&str; 11] = [
    "slack",
    "github",
    "standard_webhooks",
    "finch",
    "bamboohr",
    "hibob",
    "deel",
    "gusto",
    "merge",
    "workos",
    "powens",
];

/// A secret of this scheme, as its console shows one.
pub fn secret(scheme: &str, number: usize) -> String {
    let bytes = STANDARD.encode(format!("canary-{number}-secret-of-24-bytes"));
    match scheme {
        "standard_webhooks" => format!("whsec_{bytes}"),
        "finch" => bytes,
        _ => format!("canary-{number}-{scheme}"),
    }
}

/// The headers with which the scheme's sender signs this body, sent to this path at this time.
///
/// # Panics
/// When there is no such scheme.
pub fn sign(scheme: &str, secret: &str, path: &str, body: &[u8], time: Timestamp) -> Vec<(String, String)> {
    let seconds = time.as_second().to_string();
    let joined = |parts: &[&[u8]]| parts.concat();
    let hex_of = |message: &[u8]| hex(&mac(HMAC_SHA256, secret.as_bytes(), message));
    let headers: Vec<(&str, String)> = match scheme {
        "slack" => {
            let message = joined(&[b"v0:", seconds.as_bytes(), b":", body]);
            vec![
                ("X-Slack-Signature", format!("v0={}", hex_of(&message))),
                ("X-Slack-Request-Timestamp", seconds),
            ]
        }
        "github" => vec![
            ("X-Hub-Signature-256", format!("sha256={}", hex_of(body))),
            ("X-GitHub-Event", "organization".to_owned()),
        ],
        "standard_webhooks" | "finch" => {
            let key = STANDARD
                .decode(secret.trim_start_matches("whsec_"))
                .expect("a secret in base64");
            let message = joined(&[b"msg_canary.", seconds.as_bytes(), b".", body]);
            let signature = format!("v1,{}", STANDARD.encode(mac(HMAC_SHA256, &key, &message)));
            let names = match scheme {
                "finch" => ["finch-event-id", "finch-timestamp", "finch-signature"],
                _ => ["webhook-id", "webhook-timestamp", "webhook-signature"],
            };
            let values = ["msg_canary".to_owned(), seconds, signature];
            names.into_iter().zip(values).collect()
        }
        "bamboohr" => {
            let message = joined(&[body, seconds.as_bytes()]);
            vec![
                ("X-BambooHR-Signature", hex_of(&message)),
                ("X-BambooHR-Timestamp", seconds),
            ]
        }
        "hibob" => vec![(
            "Bob-Signature",
            STANDARD.encode(mac(HMAC_SHA512, secret.as_bytes(), body)),
        )],
        "deel" => vec![("x-deel-signature", hex_of(&joined(&[b"POST", body])))],
        "gusto" => vec![("X-Gusto-Signature", hex_of(body))],
        "merge" => {
            let signature = URL_SAFE_NO_PAD.encode(mac(HMAC_SHA256, secret.as_bytes(), body));
            vec![("X-Merge-Webhook-Signature", signature)]
        }
        "workos" => {
            let millis = time.as_millisecond().to_string();
            let message = joined(&[millis.as_bytes(), b".", body]);
            vec![("WorkOS-Signature", format!("t={millis}, v1={}", hex_of(&message)))]
        }
        "powens" => {
            let date = Timestamp::from_second(time.as_second()).expect("a second").to_string();
            let message = joined(&[b"POST.", path.as_bytes(), b".", date.as_bytes(), b".", body]);
            let signature = STANDARD.encode(mac(HMAC_SHA256, secret.as_bytes(), &message));
            vec![("BI-Signature", signature), ("BI-Signature-Date", date)]
        }
        _ => panic!("nobody signs by {scheme}"),
    };
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn mac(algorithm: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
