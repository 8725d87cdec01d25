//! The file of `--env`: `KEY=VALUE` lines, with `export`, quotes and comments as shells and dotenv tools read them.
//! Nothing is expanded: a secret may contain `$`.

/// The pairs in their order, or the number of the first wrong line and what is wrong with it. No value is ever quoted.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| format!("line {}: {what}", number + 1);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, rest) = line.split_once('=').ok_or_else(|| wrong("not KEY=VALUE"))?;
        let key = key.trim();
        let named = !key.starts_with(|first: char| first.is_ascii_digit()) && !key.is_empty();
        if !named
            || !key
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        {
            return Err(wrong("the key is no variable's name"));
        }
        let value = value(rest.trim()).map_err(wrong)?;
        pairs.push((key.to_owned(), value));
    }
    Ok(pairs)
}

fn value(text: &str) -> Result<String, &'static str> {
    let mut letters = text.chars();
    let quote = match letters.next() {
        Some(quote @ ('"' | '\'')) => quote,
        // Unquoted: up to a comment that is set off by white space.
        _ => {
            let end = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
            return Ok(text.get(..end).unwrap_or(text).trim_end().to_owned());
        }
    };
    let mut value = String::new();
    loop {
        match letters.next().ok_or("the quote is not closed")? {
            end if end == quote => break,
            '\\' if quote == '"' => match letters.next().ok_or("the quote is not closed")? {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other @ ('"' | '\\' | '$') => value.push(other),
                other => value.extend(['\\', other]),
            },
            other => value.push(other),
        }
    }
    let rest = letters.as_str().trim();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err("there is text behind the closing quote")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        let text = "\u{feff}# a comment\r\n\nA=1\r\nexport B = two words # comment\nC='sin#gle \\n $x' # c\nD=\"a\\n\\\"b\\\" $\\$\"\nE=\nF=a#b=c\n";
        let read = parse(text).unwrap_or_default();
        let pairs: Vec<_> = read.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "sin#gle \\n $x"),
            ("D", "a\n\"b\" $$"),
            ("E", ""),
            ("F", "a#b=c"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn names_the_line_and_not_the_value() {
        assert_eq!(parse("A=1\nsecret"), Err("line 2: not KEY=VALUE".into()));
        assert_eq!(parse("A B=1"), Err("line 1: the key is no variable's name".into()));
        assert_eq!(parse("1=1"), Err("line 1: the key is no variable's name".into()));
        assert_eq!(parse("A='x"), Err("line 1: the quote is not closed".into()));
        assert_eq!(
            parse("A='x' y"),
            Err("line 1: there is text behind the closing quote".into())
        );
    }
}
