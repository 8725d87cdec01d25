//! `cargo run`: the four real binaries on this machine, beside a simulated company or with your own settings.

mod bench;
mod story;

use std::process::ExitCode;

use story::flags::{self, Flags};
use story::{Trouble, complain, real, say, simulated};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("bench", wishes)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return exit_code(bench::run(wishes).await);
    }
    let flags = match flags::parse(arguments.into_iter()) {
        Ok(Some(flags)) => flags,
        Ok(None) => {
            say!("{}", flags::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            complain!("{message}\n\n{}", flags::USAGE);
            return ExitCode::from(2);
        }
    };
    // Ctrl-C ends every phase, also a build or a step that takes long; what was started ends with us.
    let ended = tokio::select! {
        ended = run(flags) => ended,
        pressed = tokio::signal::ctrl_c() => pressed.map_err(|error| Trouble::failure(format!("cannot listen for Ctrl-C: {error}"))),
    };
    exit_code(ended)
}

fn exit_code(ended: Result<(), Trouble>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain!("\n{}", trouble.message);
            ExitCode::from(trouble.exit_code)
        }
    }
}

async fn run(flags: Flags) -> Result<(), Trouble> {
    match &flags.env {
        Some(file) => real::play(file, &flags).await,
        None => simulated::play(&flags).await,
    }
}
