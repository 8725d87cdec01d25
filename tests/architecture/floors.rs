//! Floors: a module imports only from lower floors, providers do not see each other, and planning is pure.

use super::source::{Source, read, sources};

/// Every module of the library with its floor; `lib.rs` shows the same table.
const FLOORS: &[(&str, usize)] = &[
    ("error", 0),
    ("planning", 1),
    ("tools", 1),
    ("provider", 2),
    ("directory", 2),
    ("providers", 3),
    ("directories", 3),
    ("settings", 4),
    ("bundle", 4),
    ("door", 5),
];

/// Imports within one floor. There is no other: planning and tools, providers and directories know nothing of each other.
const SIDEWAYS: &[(&str, &str)] = &[("bundle", "settings")];

/// Crates that planning may use: they compute, and nothing else.
const PURE: &[&str] = &["crate", "super", "std", "hashbrown", "sha2", "idna", "jiff"];

/// Parts of the standard library that compute, and nothing else; of `time`, what is no clock.
const PURE_STD: &[&str] = &["cmp", "collections", "fmt", "hash", "iter", "mem", "num", "ops", "time"];

/// What planning never says.
const IMPURE: &[&str] = &[
    "async",
    "await",
    "env",
    "fs",
    "io",
    "net",
    "process",
    "rand",
    "fastrand",
    "reqwest",
    "serde",
    "serde_json",
    "thread",
    "tokio",
    "tracing",
    "Instant",
    "SystemTime",
    "Zoned", // jiff's time of this place, which asks the environment for its zone
    "println",
    "eprintln",
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The paths within the library that a file names, by `crate::` or `super::`.
fn named(source: &Source) -> Vec<Vec<String>> {
    let own = source.module();
    let mut found = Vec::new();
    for (start, _) in source.code.match_indices("crate::") {
        found.extend(expand(&[], &source.code[start + "crate::".len()..]));
    }
    let mut rest = source.code.as_str();
    while let Some(start) = rest.find("super::") {
        let mut parent = own.clone();
        rest = &rest[start..];
        while let Some(further) = rest.strip_prefix("super::") {
            parent.pop();
            rest = further;
        }
        found.extend(expand(&parent, rest));
    }
    found
}

/// The paths that begin with `prefix` and go on as `text`: one, or those between braces.
fn expand(prefix: &[&str], text: &str) -> Vec<Vec<String>> {
    let prefix: Vec<String> = prefix.iter().map(|part| (*part).to_owned()).collect();
    if let Some(group) = text.strip_prefix('{') {
        let mut depth = 1;
        let end = group.find(|c| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth == 0
        });
        let mut depth = 0;
        let parts = group[..end.expect("a closing brace")].split(|c| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            c == ',' && depth == 0
        });
        let prefix: Vec<&str> = prefix.iter().map(String::as_str).collect();
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        return parts.flat_map(|part| expand(&prefix, part)).collect();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let (path, rest) = text.split_at(end.unwrap_or(text.len()));
    let parts = path.split("::").filter(|part| !part.is_empty()).map(str::to_owned);
    let path: Vec<String> = prefix.into_iter().chain(parts).collect();
    match rest.strip_prefix('{') {
        Some(_) if text[..end.unwrap_or(0)].ends_with("::") => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            expand(&path, rest)
        }
        _ => vec![path],
    }
}

#[test]
fn the_map_in_lib_rs_shows_every_module_on_its_floor() {
    let lib = read("shared/src/lib.rs");
    let mut shown = Vec::new();
    for line in lib.lines() {
        let cells: Vec<&str> = line.trim_start_matches("//!").split('|').map(str::trim).collect();
        let [_, floor, modules, _, _] = cells.as_slice() else {
            continue;
        };
        let Ok(floor) = floor.parse::<usize>() else { continue };
        let names = modules.split(',').map(|name| name.trim().trim_matches(['[', ']', '`']));
        shown.extend(names.map(|name| (name.to_owned(), floor)));
    }
    let floors: Vec<(String, usize)> = FLOORS
        .iter()
        .map(|(name, floor)| ((*name).to_owned(), *floor))
        .collect();
    assert_eq!(shown, floors);
    let mut declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let mut modules: Vec<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    declared.sort_unstable();
    modules.sort_unstable();
    assert_eq!(declared, modules);
}

#[test]
fn no_import_points_upwards() {
    let mut looked_at = 0;
    for source in sources("shared/src") {
        let module = source.module();
        let Some(own) = module.first() else { continue }; // lib.rs, the map
        let own_floor = floor(own).unwrap_or_else(|| panic!("{}: a module without a floor", source.path));
        for path in named(&source) {
            let target = path
                .first()
                .unwrap_or_else(|| panic!("{}: a path that names the whole crate", source.path));
            looked_at += 1;
            let target_floor =
                floor(target).unwrap_or_else(|| panic!("{} names {target}, which has no floor", source.path));
            let sideways = SIDEWAYS.contains(&(*own, target.as_str()));
            assert!(
                target == own || target_floor < own_floor || sideways,
                "{} is on floor {own_floor} and may not import {} from floor {target_floor}",
                source.path,
                path.join("::"),
            );
        }
    }
    assert!(looked_at > 100, "only {looked_at} imports were found");
}

#[test]
fn every_module_is_a_file_so_that_its_imports_are_seen() {
    for source in sources("shared/src") {
        let words: Vec<&str> = source.words().collect();
        assert!(!words.contains(&"extern"), "{}", source.path);
        let declared = source.code.match_indices("mod ").filter(|(start, _)| {
            let before = source.code[..*start].chars().next_back();
            before.is_none_or(|c| c.is_whitespace())
        });
        for (start, _) in declared {
            let end = source.code[start..].find([';', '{']).expect("a module's end") + start;
            let declaration = &source.code[start..=end];
            assert!(declaration.ends_with(';'), "{}: {declaration}", source.path);
        }
    }
}

#[test]
fn no_provider_and_no_directory_imports_another() {
    let providers = shared::providers::REGISTRY
        .iter()
        .map(|registration| registration.id.name());
    let directories = shared::directories::REGISTRY
        .iter()
        .map(|registration| registration.kind);
    let registries = [
        ("providers", providers.collect::<Vec<_>>()),
        ("directories", directories.collect()),
    ];
    for (folder, siblings) in registries {
        let files = sources(&format!("shared/src/{folder}"));
        for name in &siblings {
            let is_its_file = |source: &Source| source.module().get(1).is_some_and(|own| own == name);
            assert!(files.iter().any(is_its_file), "{name} has no file");
        }
        for source in &files {
            let module = source.module();
            let Some(own) = module.get(1) else { continue }; // the registry
            for path in named(source)
                .iter()
                .filter(|path| path.first().is_some_and(|first| first == folder))
            {
                let other = path
                    .get(1)
                    .filter(|other| *other != own && siblings.contains(&other.as_str()));
                assert_eq!(other, None, "{} imports another", source.path);
            }
        }
    }
}

#[test]
fn planning_is_pure() {
    for source in sources("shared/src/planning") {
        for word in source.words() {
            assert!(!IMPURE.contains(&word), "{} says {word}", source.path);
        }
        // The time is handed in: nobody here asks a clock, whatever it is called.
        assert!(!source.code.contains("now("), "{} asks for the time", source.path);
        for statement in source.code.split(';') {
            let Some((_, path)) = statement.rsplit_once("use ") else {
                continue;
            };
            let mut parts = path.split("::").map(|part| part.trim_matches([' ', '{', '\n']));
            let root = parts.next().unwrap_or_default();
            assert!(PURE.contains(&root), "{} uses {root}", source.path);
            if root == "std" {
                let part = parts.next().unwrap_or_default();
                assert!(PURE_STD.contains(&part), "{} uses std::{part}", source.path);
            }
        }
        for (start, _) in source.code.match_indices("std::") {
            let path = expand(&[], &source.code[start..]).remove(0);
            let part = path.get(1).map(String::as_str).unwrap_or_default();
            assert!(PURE_STD.contains(&part), "{} names std::{part}", source.path);
        }
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let all = |module: &[&str], text: &str| {
        let text = format!("//! {text}\n{text}");
        let source = Source::new(&format!("shared/src/{}.rs", module.join("/")), &text);
        named(&source).iter().map(|path| path.join("::")).collect::<Vec<_>>()
    };
    assert_eq!(all(&["a"], "use crate::b::C;"), ["b::C"]);
    assert_eq!(
        all(&["a"], "pub(crate) use crate::{b::{C, D}, e as f, g::*};"),
        ["b::C", "b::D", "e", "g"]
    );
    assert_eq!(
        all(&["a"], "use crate::{\n    b,\n    c::{d, e},\n};"),
        ["b", "c::d", "c::e"]
    );
    assert_eq!(all(&["a"], "let x = crate::b::c(crate::d::E);"), ["b::c", "d::E"]);
    assert_eq!(all(&["a", "b"], "use super::{c, d::E};"), ["a::c", "a::d::E"]);
    assert_eq!(all(&["a", "b"], "use super::super::c::D;"), ["c::D"]);
    assert_eq!(all(&["a", "b", "mod"], "use super::c;"), ["a::c"]);
    assert_eq!(all(&["a"], "use super::b;"), ["b"]);
    assert!(all(&["a"], "const S: &str = \"crate::b\";").is_empty());
}
