//! What documents cite is there: files by their path, tests by path and name, and headings that links lead to.

use super::source::{read, root};

/// The documents that cite files in backticks; `path::name` is a test.
const PAPERS: &[&str] = &["docs/threat-model.md"];

/// How a path of ours begins.
const FOLDERS: &[&str] = &["shared/", "functions/", "tests/", "docs/", ".ci/"];

/// Files at the root that documents cite.
const FILES: &[&str] = &["template.yaml", "Cargo.toml", "Cargo.lock", "deny.toml"];

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// A citation: a path, and the name of a test in it.
fn citation(quoted: &str) -> Option<(&str, Option<&str>)> {
    let (path, name) = match quoted.split_once("::") {
        Some((path, name)) => (path, Some(name)),
        None => (quoted, None),
    };
    let ours = FOLDERS.iter().any(|folder| path.starts_with(folder)) || FILES.contains(&path);
    ours.then_some((path, name))
}

/// Whether a test of this name stands in the text.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it = |line: &&str| line.trim_start_matches("async ").strip_prefix("fn ") == Some(&format!("{name}() {{"));
    let place = lines.iter().position(is_it);
    let attributes = place.map(|place| lines[..place].iter().rev().take_while(|line| line.starts_with("#[")));
    attributes.is_some_and(|mut lines| lines.any(|line| line.contains("test")))
}

/// Whether a heading of a document is linked to by this anchor.
fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let mut anchors = headings.map(|line| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-');
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title.chars().filter(kept).collect::<String>().replace(' ', "-")
    });
    anchors.any(|own| own == anchor)
}

#[test]
fn what_a_document_cites_is_there() {
    for paper in PAPERS {
        let text = read(paper);
        let mut tests = 0;
        for (path, name) in quoted(&text).filter_map(citation) {
            assert!(root().join(path).exists(), "{paper} cites {path}, which is not there");
            if let Some(name) = name {
                assert!(
                    has_test(&read(path), name),
                    "{paper} cites {path}::{name}, which is no test"
                );
                tests += 1;
            }
        }
        assert!(tests > 20, "{paper} cites only {tests} tests");
    }
}

#[test]
fn a_link_of_a_document_leads_somewhere() {
    for paper in PAPERS {
        let text = read(paper);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("https://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = match path.strip_prefix("../") {
                Some(path) => path.to_owned(),
                None => format!("docs/{path}"),
            };
            let text = read(&path);
            assert!(
                anchor.is_empty() || has_heading(&text, anchor),
                "{paper}: {link} leads nowhere"
            );
        }
    }
}

#[test]
fn citations_are_told_from_other_words() {
    assert_eq!(citation("tests/a.rs::b"), Some(("tests/a.rs", Some("b"))));
    assert_eq!(citation("template.yaml"), Some(("template.yaml", None)));
    assert_eq!(citation("sqs:SendMessage"), None);
    let text = "    #[tokio::test]\n    async fn one() {\nfn two() {\n#[test]\nfn three_and() {";
    assert!(has_test(text, "one") && !has_test(text, "two") && !has_test(text, "three"));
    assert!(has_heading("### A hold: why?", "a-hold-why") && !has_heading("a hold", "a-hold"));
}
