//! Names and forms of files.

use super::source::{Source, root, sources};

/// The most lines a file may have without a reason.
const LINES: usize = 300;

/// Files that are longer, each with its reason.
const LONG: &[(&str, &str)] = &[];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "types", "manager", "misc",
];

/// Endings of type names that say nothing about the type.
const EMPTY_ENDINGS: &[&str] = &["Impl", "Manager", "Service", "Data"];

/// The headings of a provider's doc comment, in this order.
const HEADINGS: &[&str] = &["API:", "Auth:", "Identity:", "Can:", "Quirks:"];

fn all() -> Vec<Source> {
    ["shared/src", "functions", "tests"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

/// The provider whose file this is: `providers/<id>.rs` or `providers/<id>/mod.rs`.
fn provider_of(source: &Source) -> Option<&str> {
    let path = source.path.strip_prefix("shared/src/providers/")?;
    let id = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs"))?;
    (id != "mod" && !id.contains('/')).then_some(id)
}

#[test]
fn a_file_is_short_or_argued_for() {
    let mut wrong = Vec::new();
    for source in all() {
        let lines = source.text.lines().count();
        match LONG.iter().any(|(path, _)| *path == source.path) {
            false if lines > LINES => {
                wrong.push(format!("{} has {lines} lines: split it, or argue in LONG", source.path))
            }
            true if lines <= LINES => wrong.push(format!("{} has {lines} lines: it needs no argument", source.path)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (path, reason) in LONG {
        assert!(root().join(path).is_file(), "{path} is in LONG and not in the tree");
        assert!(reason.len() > 20, "{path}: say why");
    }
}

#[test]
fn a_file_opens_with_what_it_is_for() {
    for source in all() {
        let first = source.text.lines().next().unwrap_or_default();
        let sentence = first.strip_prefix("//! ").unwrap_or_default();
        assert!(
            !sentence.trim().is_empty(),
            "{} does not open with a `//!` line",
            source.path
        );
    }
}

#[test]
fn a_name_says_something() {
    for source in all() {
        for part in source.path.split('/') {
            let name = part.strip_suffix(".rs").unwrap_or(part);
            assert!(
                !EMPTY_NAMES.contains(&name),
                "{}: a name that says nothing",
                source.path
            );
        }
        // A simulator is called what it simulates, and AWS has a Secrets Manager.
        let ours = !source.path.starts_with("tests/rehearsal/");
        let words: Vec<&str> = source.words().collect();
        for pair in words.windows(2) {
            let [keyword, name] = pair else { continue };
            match *keyword {
                "mod" => assert!(!EMPTY_NAMES.contains(name), "{}: mod {name}", source.path),
                "struct" | "enum" | "trait" | "type" if ours => {
                    let empty = EMPTY_ENDINGS.iter().any(|ending| name.ends_with(ending));
                    assert!(!empty, "{}: {keyword} {name}", source.path);
                }
                "fn" => {
                    let empty = ["get_", "do_", "handle_"].iter().any(|start| name.starts_with(start));
                    assert!(!empty, "{}: fn {name}", source.path);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_providers_file_has_the_five_headings() {
    let mut ids = Vec::new();
    for source in sources("shared/src/providers") {
        let Some(id) = provider_of(&source) else { continue };
        let id = id.to_owned();
        let doc: Vec<&str> = source
            .text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(str::trim)
            .collect();
        let at = |heading: &&str| {
            let line = doc.iter().position(|line| line.starts_with(*heading));
            line.unwrap_or_else(|| panic!("{} has no heading {heading}", source.path))
        };
        let places: Vec<usize> = HEADINGS.iter().map(at).collect();
        assert!(
            places.is_sorted(),
            "{}: the headings stand in the order {HEADINGS:?}",
            source.path
        );
        for (place, heading) in places.iter().zip(HEADINGS) {
            let said = doc[*place].trim_start_matches(heading).trim();
            match *heading {
                "Quirks:" => assert!(doc[place + 1].starts_with("- "), "{}: quirks are a list", source.path),
                "API:" => {
                    assert!(said.starts_with("<https://"), "{}: API names the page", source.path);
                    let read = said.split_once(", read ").map(|(_, read)| read).unwrap_or_default();
                    let digits = |text: Option<&str>| text.is_some_and(|text| text.chars().all(|c| c.is_ascii_digit()));
                    let when = read.len() == 7 && digits(read.get(..4)) && &read[4..5] == "-" && digits(read.get(5..));
                    assert!(when, "{}: API says when it was read, as `read YYYY-MM`", source.path);
                }
                _ => assert!(!said.is_empty(), "{}: {heading} says nothing", source.path),
            }
        }
        ids.push(id);
    }
    let mut registered: Vec<&str> = shared::providers::REGISTRY.iter().map(|r| r.id.name()).collect();
    registered.sort_unstable();
    ids.sort();
    assert_eq!(ids, registered, "one file for each provider");
}

#[test]
fn no_provider_is_named_outside_its_file() {
    let ids: Vec<&str> = shared::providers::REGISTRY.iter().map(|r| r.id.name()).collect();
    let names = |text: &str| ids.iter().find(|id| text.to_lowercase().contains(**id)).copied();
    for source in sources("functions") {
        assert_eq!(names(&source.text), None, "{}", source.path);
        assert!(!source.words().any(|word| word == "crate"), "{}", source.path);
    }
    for source in sources("shared/src") {
        let module = source.module();
        // The edge knows the formats of callers, and a provider may be one.
        if matches!(module.first(), Some(&"providers" | &"door") | None) {
            continue;
        }
        let literal = source.literals.iter().find_map(|literal| names(literal));
        assert_eq!(names(&source.code).or(literal), None, "{}", source.path);
    }
}

#[test]
fn functions_are_thin_and_alike() {
    let files = sources("functions");
    let names: Vec<&str> = files.iter().map(|source| source.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "functions/list.rs",
            "functions/offboard.rs",
            "functions/onboard.rs",
            "functions/reconcile.rs"
        ]
    );
    for source in &files {
        let lines = source.text.lines().count();
        assert!(
            lines <= 45,
            "{} has {lines} lines; what it needs belongs into the library",
            source.path
        );
        assert!(
            source.code.contains("door::serve("),
            "{} is served by the door",
            source.path
        );
    }
}
