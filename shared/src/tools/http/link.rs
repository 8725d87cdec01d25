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
