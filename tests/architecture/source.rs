//! The workspace's own source, with its comments and literals told apart from its code.

use std::path::{Path, PathBuf};

/// One Rust file.
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The text without comments, and with empty literals.
    pub(super) code: String,
    /// What stands in string literals, escapes left as they are.
    pub(super) literals: Vec<String>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (code, literals) = split(text);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            literals,
        }
    }

    /// Its module path within `shared/src`: `tools/http/mod.rs` is `tools`, `http`.
    pub(super) fn module(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("shared/src/").expect("a file of the library");
        let path = path.strip_suffix(".rs").expect("a Rust file");
        path.split('/').filter(|part| !matches!(*part, "mod" | "lib")).collect()
    }

    /// The words of its code.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
        self.code
            .split(move |c| !part_of_word(c))
            .filter(|word| !word.is_empty())
    }
}

/// The workspace's folder.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the workspace.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below `folder`, in order.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "rs" => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no source");
    let source = |path: &PathBuf| {
        let relative = path.strip_prefix(root()).expect("below the root");
        let relative = relative.to_str().expect("UTF-8").replace('\\', "/");
        Source::new(&relative, &read(&relative))
    };
    found.iter().map(source).collect()
}

/// The code without comments and contents of literals, and those contents.
fn split(text: &str) -> (String, Vec<String>) {
    let mut code = String::with_capacity(text.len());
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word_before = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let raw = rest.strip_prefix('r').filter(|_| !word_before).and_then(raw_literal);
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((literal, length)) = raw {
            literals.push(literal.to_owned());
            code.push_str("\"\"");
            1 + length
        } else if c == '"' {
            let length = literal_length(&rest[1..], '"');
            literals.push(rest[1..=length].to_owned());
            code.push_str("\"\"");
            length + 2
        } else if let Some(length) = char_length(rest) {
            code.push_str("' '");
            length
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    (code, literals)
}

/// How long a literal's contents are, up to the `end` that no backslash escapes.
fn literal_length(text: &str, end: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end => return i,
            _ => {}
        }
    }
    panic!("a literal that does not end")
}

/// What follows the `r` of a raw literal: its contents, and how long it is with its quotes.
fn raw_literal(text: &str) -> Option<(&str, usize)> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let contents = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = contents.find(&end)?;
    Some((&contents[..length], hashes + 1 + length + end.len()))
}

/// How long a character literal is; `None` for a lifetime.
fn char_length(text: &str) -> Option<usize> {
    let contents = text.strip_prefix('\'')?;
    let mut chars = contents.chars();
    match (chars.next()?, chars.next()?) {
        ('\\', _) => Some(literal_length(contents, '\'') + 2),
        (c, '\'') => Some(c.len_utf8() + 2),
        _ => None,
    }
}

#[test]
fn comments_and_literals_are_told_apart_from_code() {
    let text = r##"
        //! crate::a
        fn f<'a>(x: &'a str) -> char { /* crate::b */ '"' } // "crate::c"
        const S: &str = "crate::d // \" e";
        const R: &str = r#"crate::f " g"#;
        const Q: char = '\''; use crate::h; let for_r = "i";
    "##;
    let source = Source::new("shared/src/x.rs", text);
    assert_eq!(source.literals, [r#"crate::d // \" e"#, r#"crate::f " g"#, "i"]);
    assert_eq!(source.code.matches("crate::").count(), 1);
    assert!(source.code.contains("use crate::h; let for_r"));
    assert!(source.code.contains("fn f<'a>(x: &'a str)"));
}
