//! A list is cut out of its text entry by entry, wherever the text is torn into pieces.

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::tools::http::Cutter;

use crate::planning::config;

/// The entries that were handed out, and what is left.
fn cut(text: &str, pieces: &[usize]) -> (Vec<String>, String) {
    let mut cutter = Cutter::new("users");
    let mut entries = Vec::new();
    let mut rest = text.as_bytes();
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let size = pieces.next().map_or(rest.len(), |size| (*size).clamp(1, rest.len()));
        let (piece, further) = rest.split_at(size);
        let taken = cutter.feed(piece, |entry| {
            entries.push(String::from_utf8(entry.to_vec()).unwrap());
            Ok::<(), ()>(())
        });
        taken.unwrap();
        rest = further;
    }
    (entries, String::from_utf8(cutter.rest()).unwrap())
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["\\PC{0,8}", "[\\[\\]{}\",:\\\\]{0,8}", Just("users".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn entries_come_whole_and_a_zero_stays_for_each(
        list in prop::collection::vec(values(), 0..5),
        before in values(),
        after in values(),
        pieces in prop::collection::vec(1..9_usize, 1..5),
        form in 0..4_usize,
    ) {
        let zeros: Vec<u8> = vec![0; list.len()];
        let (document, left) = match form {
            0 | 1 => (json!(list), json!(zeros)),
            _ => (
                json!({"before": before, "users": list, "after": after}),
                json!({"before": before, "users": zeros, "after": after}),
            ),
        };
        let text = match form % 2 {
            0 => document.to_string(),
            _ => serde_json::to_string_pretty(&document).unwrap(),
        };
        let (entries, rest) = cut(&text, &pieces);
        let entries: Vec<Value> = entries.iter().map(|entry| serde_json::from_str(entry).unwrap()).collect();
        prop_assert_eq!(entries, list);
        prop_assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), left);
    }

    /// What is no JSON is none afterwards, in an entry or in what is left.
    #[test]
    fn nothing_wrong_is_mended(list in prop::collection::vec(values(), 1..4), at in any::<prop::sample::Index>(), with in "[\\[\\]{}\",:0 ]") {
        let text = json!({"users": list, "total": 1}).to_string();
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        let broken = format!("{}{with}{}", &text[..place], &text[place..]);
        let is_json = |text: &String| serde_json::from_str::<Value>(text).is_ok();
        let (entries, rest) = cut(&broken, &[broken.len()]);
        prop_assert_eq!(is_json(&broken), is_json(&rest) && entries.iter().all(is_json), "{}", broken);
    }
}

#[test]
fn only_the_list_is_cut() {
    for (text, entries, rest) in [
        (r#"{"users":[]}"#, 0, r#"{"users":[]}"#),
        (r#"{"users":null,"x":[1]}"#, 0, r#"{"users":null,"x":[1]}"#),
        (r#"{"x":"users","y":[1,2]}"#, 0, r#"{"x":"users","y":[1,2]}"#),
        (
            r#"{"x":{"users":[1]},"users" : [ {"users":[3]} ] }"#,
            1,
            r#"{"x":{"users":[1]},"users" : [ 0] }"#,
        ),
        (r#"{"users":{"users":[1]}}"#, 0, r#"{"users":{"users":[1]}}"#),
        // Escaped, the name is not seen: whoever reads the rest finds an entry that was not handed out.
        (r#"{"\u0075sers":[1]}"#, 0, r#"{"\u0075sers":[1]}"#),
    ] {
        let (found, left) = cut(text, &[3]);
        assert_eq!((found.len(), left.as_str()), (entries, rest), "{text}");
    }
}
