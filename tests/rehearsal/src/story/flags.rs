//! The command line.

use std::path::PathBuf;

/// What `--help` and a wrong flag print.
pub(crate) const USAGE: &str = "\
Usage: cargo run -- [--once] [--people N] [--env FILE]
       cargo run --release -- bench [ROW...] [--json] [--check]

  --once        leave after the story; the exit code says whether all was as expected
  --people N    size of the simulated company, 12 to 10000 (26)
  --env FILE    KEY=VALUE lines: your own settings and real providers instead of simulated ones;
                looks (list, reconcile in preview) and serves the URLs, and writes nothing itself
  --help        this text
  bench         measures what the functions take, instead of all that; ROW is cold, size, unchanged, distance,
                changes, joiners or million; --check fails where a figure is over its budget

Without --once it stays up at http://127.0.0.1:9000/<function>/ until Ctrl-C.";

/// The wishes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) once: bool,
    pub(crate) people: usize,
    pub(crate) env: Option<PathBuf>,
}

/// Reads the arguments; nothing when help is wanted, a sentence when something is wrong.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Flags>, String> {
    let mut flags = Flags {
        once: false,
        people: 26,
        env: None,
    };
    let mut sized = false;
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = |what: &str| {
            attached
                .clone()
                .or_else(|| arguments.next())
                .ok_or(format!("{flag} needs {what}"))
        };
        match flag {
            "--help" | "-h" => return Ok(None),
            "--once" if attached.is_none() => flags.once = true,
            "--people" => {
                let given = value("a number")?;
                let number = given.parse().ok().filter(|number| (12..=10_000).contains(number));
                flags.people = number.ok_or(format!("--people takes a number from 12 to 10000, not: {given}"))?;
                sized = true;
            }
            "--env" => flags.env = Some(value("a file")?.into()),
            _ => return Err(format!("unknown argument: {argument}")),
        }
    }
    if sized && flags.env.is_some() {
        return Err("--people sizes the simulated company, which --env replaces: give one of them".to_owned());
    }
    Ok(Some(flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Flags>, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_what_the_usage_promises() {
        assert_eq!(
            read(""),
            Ok(Some(Flags {
                once: false,
                people: 26,
                env: None
            }))
        );
        assert_eq!(
            read("--once --people 40"),
            Ok(Some(Flags {
                once: true,
                people: 40,
                env: None
            }))
        );
        assert_eq!(
            read("--people=40"),
            Ok(Some(Flags {
                once: false,
                people: 40,
                env: None
            }))
        );
        assert_eq!(
            read("--env a.env"),
            Ok(Some(Flags {
                once: false,
                people: 26,
                env: Some("a.env".into())
            }))
        );
        assert_eq!(read("--once --help"), Ok(None));
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, reason) in [
            ("--twice", "unknown argument: --twice"),
            ("--once=yes", "unknown argument: --once=yes"),
            ("--people", "--people needs a number"),
            ("--people many", "--people takes a number from 12 to 10000, not: many"),
            ("--people 3", "--people takes a number from 12 to 10000, not: 3"),
            ("--env", "--env needs a file"),
        ] {
            assert_eq!(read(line), Err(reason.to_owned()));
        }
        assert!(read("--env a --people 30").is_err());
    }
}
