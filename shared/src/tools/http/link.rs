//! The `Link` header (RFC 8288): where the next page is.

use reqwest::header::{HeaderMap, LINK};

/// The target of the link whose relation is `next`, over every `Link` line and every link in a line.
pub(super) fn next(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(LINK).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(links)
        .find_map(|(target, parameters)| is_next(parameters).then(|| target.to_owned()))
}

/// The links of one line: each target with the parameters after it. Commas separate links, and may stand within `<…>`.
fn links(line: &str) -> Vec<(&str, &str)> {
    let pieces = line.split('<').skip(1);
    pieces.filter_map(|piece| piece.split_once('>')).collect()
}

/// Whether `; rel="next"` is among a link's parameters; a relation may have several words.
fn is_next(parameters: &str) -> bool {
    parameters.split([';', ',']).any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else {
            return false;
        };
        let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && words.any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_page_however_links_are_written() {
        let cases: [(&[&'static str], Option<&str>); 8] = [
            (
                &[r#"<https://a.example/?after=1>; rel="next""#],
                Some("https://a.example/?after=1"),
            ),
            (
                &[
                    r#"<https://a.example/>; rel="self""#,
                    r#"<https://a.example/2>; rel="next""#,
                ],
                Some("https://a.example/2"),
            ),
            (
                &[r#"<https://a.example/1>; rel="prev", <https://a.example/3>; rel="next""#],
                Some("https://a.example/3"),
            ),
            (
                &["<https://a.example/?a=1,2>; title=\"x\"; Rel=next"],
                Some("https://a.example/?a=1,2"),
            ),
            (
                &[r#"<https://a.example/9>; rel="last next""#],
                Some("https://a.example/9"),
            ),
            (&[r#"<https://a.example/1>; rel="prev""#], None),
            (&["next"], None),
            (&[], None),
        ];
        for (lines, next_page) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(LINK, reqwest::header::HeaderValue::from_static(line));
            }
            assert_eq!(next(&headers).as_deref(), next_page, "{lines:?}");
        }
    }
}
