//! What `cargo run` plays, and how it is told.

pub(crate) mod build;
pub(crate) mod dotenv;
pub(crate) mod flags;
pub(crate) mod real;
pub(crate) mod show;
pub(crate) mod simulated;
pub(crate) mod stage;
pub(crate) mod table;
pub(crate) mod world;

use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Prints a line. Unlike `println!` it does not panic when the reader of a pipe has gone (`cargo run | head`).
macro_rules! say {
    ($($text:tt)*) => {{
        use ::std::io::Write as _;
        let _ = ::std::writeln!(::std::io::stdout(), $($text)*);
    }};
}

/// The same on stderr.
macro_rules! complain {
    ($($text:tt)*) => {{
        use ::std::io::Write as _;
        let _ = ::std::writeln!(::std::io::stderr(), $($text)*);
    }};
}

pub(crate) use {complain, say};

/// Why it ends otherwise than well.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) message: String,
    pub(crate) exit_code: u8,
}

impl Trouble {
    /// Something did not work out.
    pub(crate) fn failure(message: impl Into<String>) -> Trouble {
        Trouble {
            message: message.into(),
            exit_code: 1,
        }
    }

    /// Somebody asked for what cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Trouble {
        Trouble {
            message: message.into(),
            exit_code: 2,
        }
    }
}

/// Prints what begins, does it, and prints how long it took.
pub(crate) async fn timed<T>(what: &str, work: impl Future<Output = T>) -> T {
    let _ = write!(std::io::stdout(), "{what} …").and_then(|()| std::io::stdout().flush());
    let begun = Instant::now();
    let done = work.await;
    say!(" {}", took(begun));
    done
}

/// Milliseconds, or seconds where there are many.
pub(crate) fn took(begun: Instant) -> String {
    let time = begun.elapsed();
    if time.as_secs() > 9 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} ms", time.as_millis())
    }
}

/// The headline of a step.
#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is the terminal's, no setting of ours"
)]
pub(crate) fn headline(text: &str) {
    let plain = !std::io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain {
        say!("\n{text}")
    } else {
        say!("\n\x1b[1m{text}\x1b[0m")
    }
}
