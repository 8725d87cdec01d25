//! The one table of signature schemes: every sender differs from the others in a row of it.

use super::Spoken;
use super::signature::{Encoding, Freshness, Hash, KeyForm, Signature, Unit};

/// A scheme: how it is signed, and in whose words its bodies are.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) scheme: &'static str,
    pub(super) signature: Signature<'static>,
    pub(super) speaks: Spoken,
    /// The header with an id of the event, besides its body; empty for none.
    pub(super) delivery: &'static str,
}

/// Every scheme, each with the vendor's page.
const ROWS: &[Row] = &[
    // <https://docs.slack.dev/authentication/verifying-requests-from-slack>
    foreign(
        "slack",
        Signature {
            prefix: "v0=",
            message: "v0:{x-slack-request-timestamp}:{body}",
            fresh: Some(within("x-slack-request-timestamp", 300)),
            ..hex("x-slack-signature")
        },
    ),
    // <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
    Row {
        // Not signed, so it only tells apart what is alike: that somebody leaves, comes back and leaves again.
        delivery: "x-github-delivery",
        ..foreign(
            "github",
            Signature {
                prefix: "sha256=",
                ..hex("x-hub-signature-256")
            },
        )
    },
    // <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
    Row {
        scheme: "standard_webhooks",
        speaks: Spoken::Native,
        delivery: "webhook-id",
        signature: Signature {
            prefix: "v1,",
            message: "{webhook-id}.{webhook-timestamp}.{body}",
            key: KeyForm::Base64After("whsec_"),
            fresh: Some(within("webhook-timestamp", 300)),
            ..base64("webhook-signature")
        },
    },
    // <https://github.com/Finch-API/finch-api-python>
    Row {
        delivery: "finch-event-id",
        ..foreign(
            "finch",
            Signature {
                prefix: "v1,",
                message: "{finch-event-id}.{finch-timestamp}.{body}",
                key: KeyForm::Base64After(""),
                fresh: Some(within("finch-timestamp", 300)),
                ..base64("finch-signature")
            },
        )
    },
    // <https://documentation.bamboohr.com/docs/webhooks>: the body first, then the time, nothing between
    foreign(
        "bamboohr",
        Signature {
            message: "{body}{x-bamboohr-timestamp}",
            fresh: Some(within("x-bamboohr-timestamp", 300)),
            ..hex("x-bamboohr-signature")
        },
    ),
    // <https://apidocs.hibob.com/reference/getting-started-webhooks>
    foreign(
        "hibob",
        Signature {
            hash: Hash::Sha512,
            ..base64("bob-signature")
        },
    ),
    // <https://developer.deel.com/v2.1.51/docs/security>
    foreign(
        "deel",
        Signature {
            message: "POST{body}",
            ..hex("x-deel-signature")
        },
    ),
    // <https://docs.gusto.com/embedded-payroll/docs/webhooks>
    foreign("gusto", hex("x-gusto-signature")),
    // <https://docs.merge.dev/merge-unified/reading-data/webhooks>
    foreign("merge", base64("x-merge-webhook-signature")),
    // crate `workos` 2.5.0: milliseconds, and the time stands beside the signature
    foreign(
        "workos",
        Signature {
            prefix: "v1=",
            message: "{t}.{body}",
            fresh: Some(Freshness {
                header: "t",
                seconds: 180,
                unit: Unit::Milliseconds,
            }),
            ..hex("workos-signature")
        },
    ),
    // <https://docs.powens.com/documentation/integration-guides/webhooks>: the path as it was registered
    foreign(
        "powens",
        Signature {
            message: "POST.{path}.{bi-signature-date}.{body}",
            fresh: Some(within("bi-signature-date", 24 * 3600)),
            ..base64("bi-signature")
        },
    ),
];

/// A scheme by its name.
pub(super) fn by_name(scheme: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.scheme == scheme)
}

const fn foreign(scheme: &'static str, signature: Signature<'static>) -> Row {
    Row {
        scheme,
        signature,
        speaks: Spoken::Foreign(scheme),
        delivery: "",
    }
}

const fn hex(header: &'static str) -> Signature<'static> {
    Signature {
        header,
        hash: Hash::Sha256,
        encoding: Encoding::Hex,
        prefix: "",
        message: "{body}",
        key: KeyForm::Text,
        fresh: None,
    }
}

const fn base64(header: &'static str) -> Signature<'static> {
    Signature {
        encoding: Encoding::Base64,
        ..hex(header)
    }
}

const fn within(header: &'static str, seconds: i64) -> Freshness<'static> {
    Freshness {
        header,
        seconds,
        unit: Unit::SecondsOrDate,
    }
}
