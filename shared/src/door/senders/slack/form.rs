//! Form bodies (`application/x-www-form-urlencoded`), and the one that asks whether our certificate is good.

use crate::door::event::Request;

/// Longer than any question about a certificate.
const SHORT: usize = 512;

/// The fields of a form, decoded.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let mut url = reqwest::Url::parse("http://form/").ok()?;
        url.set_query(Some(text.trim_end()));
        let pairs = url.query_pairs().into_owned();
        Some(Self(pairs.collect()))
    }

    /// A field's text, where it is sent once and is not empty.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next()?;
        (values.next().is_none() && !value.is_empty()).then_some(value)
    }

    /// What tells this event from every other: the id in this field, or else all it says.
    pub(super) fn event(&self, id: &str) -> String {
        let all = || self.0.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        self.field(id).map_or_else(all, str::to_owned)
    }
}

/// Whether Slack only looks at our certificate (<https://docs.slack.dev/interactivity/implementing-slash-commands>): a form that
/// says so and nothing more. Whether it is signed is not documented, and Bolt answers before it asks. So do we, with nothing, and
/// only where there is nothing else that could be wanted.
pub(in crate::door) fn is_ssl_check(request: &Request) -> bool {
    if request.method != "POST" || request.path.trim_matches('/').is_empty() || request.body.len() > SHORT {
        return false;
    }
    let Some(form) = Form::read(&request.body) else {
        return false;
    };
    let known = form
        .0
        .iter()
        .all(|(name, _)| matches!(name.as_str(), "ssl_check" | "token"));
    known && form.field("ssl_check") == Some("1")
}
