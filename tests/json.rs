//! Where in JSON a fault is: by the path of a field, and never by what is in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::tools::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "they are read, and that is all")]
struct Person {
    email: String,
    age: Option<u8>,
    boss: Option<Box<Person>>,
    role: Option<Role>,
    grants: Option<BTreeMap<String, Vec<bool>>>,
    home: Option<(u8, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "they are read, and that is all")]
enum Role {
    Member,
    Admin { since: u16 },
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, and that is all")]
struct People {
    people: Vec<Person>,
    total: Option<usize>,
}

/// The path and the problem of the first fault.
fn fault(text: &str) -> (String, String) {
    let fault = json::decode::<People>(text.as_bytes()).err().expect(text);
    (fault.path, fault.problem)
}

/// The same of a list of one good person and the one that is given.
fn second(person: &str) -> (String, String) {
    fault(&format!(
        r#"{{"people": [{{"email": "\"a]}},\\", "boss": {{"email": "é"}}}}, {person}], "total": 2}}"#
    ))
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_its_path() {
    for (person, path) in [
        (r#"{"email": 5}"#, "people[1].email"),
        (r#"{"email": null, "age": 1}"#, "people[1].email"),
        (r#"{"email": {"email": "a"}}"#, "people[1].email"),
        (r#"{"email": ["a"]}"#, "people[1].email"),
        ("{\"age\"\r\n:\n 300\n\n, \"email\": \"a\"}", "people[1].age"),
        (r#"{"age":"[{","email":"a"}"#, "people[1].age"),
        (
            r#"{"email": "a", "boss": {"boss": {"email": true}}}"#,
            "people[1].boss.boss.email",
        ),
        (r#"{"email": "a", "role": "owner"}"#, "people[1].role"),
        (
            r#"{"email": "a", "role": {"admin": {"since": -1}}}"#,
            "people[1].role.admin.since",
        ),
        (
            r#"{"email": "a", "grants": {"x": [], "y": [true, 0]}}"#,
            "people[1].grants.y[1]",
        ),
        (
            r#"{"email": "a", "grants": {"\u00fc \"{": {}}}"#,
            "people[1].grants.ü \"{",
        ),
        (r#"{"email": "a", "home": [1, []]}"#, "people[1].home[1]"),
        ("[]", "people[1]"),
        ("7", "people[1]"),
        ("\"{\"", "people[1]"),
    ] {
        let (found, problem) = second(person);
        assert_eq!(found, path, "{person}");
        assert!(!problem.contains("field"), "{person}: {problem}");
    }
}

#[test]
fn a_missing_field_is_named_at_what_lacks_it() {
    for (person, path) in [
        ("{}", "people[1]"),
        (r#"{"age": 3 }"#, "people[1]"),
        (r#"{"email": "a", "boss": {"age": 3}, "age": 1}"#, "people[1].boss"),
        (r#"{"email": "a", "boss": { }}"#, "people[1].boss"),
    ] {
        assert_eq!(
            second(person),
            (path.to_owned(), "missing field `email`".to_owned()),
            "{person}"
        );
    }
    assert_eq!(fault("{}").0, ".");
    assert_eq!(fault(r#"{"total": 1}"#).0, ".");
}

#[test]
fn a_field_that_must_not_be_there_is_named_itself() {
    for (person, path, problem) in [
        (r#"{"emial" : "a"}"#, "people[1].emial", "unknown field `emial`"),
        (
            r#"{"email": "a", "boss": {"x\ty": 1}}"#,
            "people[1].boss.x\ty",
            "unknown field `x\ty`",
        ),
        (
            r#"{"email": "a", "email": "b"}"#,
            "people[1].email",
            "duplicate field `email`",
        ),
    ] {
        let (found, said) = second(person);
        assert_eq!(found, path, "{person}");
        assert!(said.starts_with(problem), "{person}: {said}");
    }
}

#[test]
fn what_is_not_json_is_named_as_far_as_it_was_read() {
    for (text, path) in [
        ("", "."),
        ("<html>", "."),
        ("\u{feff}{}", "."),
        ("null", "."),
        (r#""people""#, "."),
        (r#"{"people": []} {"#, "."),
        (r#"{"people": [], "total": }"#, "total"),
        (r#"{"people": [], "total": 1"#, "total"),
        (r#"{"people": [], "tot"#, "."),
        (r#"{"people": [{"email": "a"}, {"email": "b\"#, "people[1].email"),
        (r#"{"people": [{"email": "a"}, ]"#, "people[1]"),
        (r#"{"people": [{"email": "\x"}]}"#, "people[0].email"),
        (r#"{"people": [], "other": [[{"deep": nul}]]}"#, "other[0][0].deep"),
    ] {
        assert_eq!(fault(text).0, path, "{text}");
    }
    let bytes = b"{\"people\": [{\"email\": \"\xff\"}]}";
    let fault = json::decode::<People>(bytes).err().expect("no UTF-8 is no text");
    assert_eq!(fault.path, "people[0].email");
}

#[test]
fn nobody_reads_in_a_fault_what_was_in_the_text() {
    for person in [
        r#"{"email": "jane@acme.example", "age": "jane@acme.example"}"#,
        r#"{"email": ["jane@acme.example"]}"#,
        r#"{"email": "a", "role": "jane@acme.example"}"#,
        r#"{"email": "a", "grants": {"a": ["jane@acme.example"]}}"#,
        r#"{"email": "jane@acme.example" "jane@acme.example"}"#,
        r#"{"email": jane@acme.example}"#,
    ] {
        let (path, problem) = second(person);
        assert!(
            !format!("{path} {problem}").contains("jane"),
            "{person}: {path}: {problem}"
        );
    }
}
