//! The four functions, running and listening, in whatever world their environment describes.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rehearsal::host::{Function, Served, serve};
use rehearsal::queues::Queues;
use rehearsal::scheduler::Scheduler;

use super::world::QUEUED;
use super::{Trouble, build, say, timed};

/// Where the functions listen, unless somebody else does.
const PORT: u16 = 9000;

/// How often somebody looks whether a message may be seen again.
const TICK: Duration = Duration::from_secs(5);

/// Running functions behind their public listener.
pub(crate) struct Stage {
    functions: Vec<(String, Arc<Function>)>,
    served: Served,
}

impl Stage {
    /// Builds the binaries, starts each with this environment and opens the listener.
    pub(crate) async fn set(env: &[(String, String)]) -> Result<Stage, Trouble> {
        say!("Building the four functions …");
        let binaries = build::programs(build::FUNCTIONS).await?;
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut functions = Vec::new();
        for (name, binary) in &binaries {
            let function = timed(&format!("Starting {name}"), Function::start(binary, &env)).await;
            if !function.is_alive() {
                return Err(Trouble::failure(format!(
                    "{name} ended as soon as it was started. {}",
                    said(&function)
                )));
            }
            functions.push(((*name).to_owned(), Arc::new(function)));
        }
        let served = open(functions.clone()).await?;
        Ok(Stage { functions, served })
    }

    /// `http://127.0.0.1:9000/<function>`.
    pub(crate) fn url(&self, function: &str) -> String {
        format!("{}/{function}", self.served.url())
    }

    /// The function of this name.
    pub(crate) fn function(&self, name: &str) -> Result<&Function, Trouble> {
        let found = self.functions.iter().find(|(known, _)| known == name);
        found
            .map(|(_, function)| &**function)
            .ok_or_else(|| Trouble::failure(format!("there is no function {name}")))
    }

    /// The names and public addresses, for a person to read.
    pub(crate) fn print_addresses(&self) {
        for (name, _) in &self.functions {
            say!("   {name:<10} {}/", self.url(name));
        }
    }

    /// From now on hands over what is on the queues as soon as it arrives, what failed when it may be seen again, and what was
    /// scheduled when it is due.
    pub(crate) fn deliver(&self, queues: Arc<Queues>, scheduler: Arc<Scheduler>) {
        let functions = self.functions.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = queues.arrived() => {}
                    () = tokio::time::sleep(TICK) => queues.pass(TICK),
                }
                for leaver in scheduler.due(Timestamp::now()) {
                    queues.put("offboard", &leaver);
                }
                for (name, function) in functions.iter().filter(|(name, _)| QUEUED.contains(&name.as_str())) {
                    function.revive().await;
                    while queues.deliver(name, function).await > 0 {}
                }
            }
        });
    }

    /// Stays until somebody presses Ctrl-C, which ends the program around it.
    pub(crate) async fn stay_up(&self) {
        say!("\nUp until Ctrl-C.");
        std::future::pending().await
    }
}

async fn open(functions: Vec<(String, Arc<Function>)>) -> Result<Served, Trouble> {
    let cannot = |error| Trouble::failure(format!("cannot listen on 127.0.0.1: {error}"));
    match serve(functions.clone(), ([127, 0, 0, 1], PORT).into()).await {
        Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
            let served = serve(functions, ([127, 0, 0, 1], 0).into()).await.map_err(cannot)?;
            say!(
                "Port {PORT} is taken (another rehearsal?); listening on {} instead.",
                served.url()
            );
            Ok(served)
        }
        other => other.map_err(cannot),
    }
}

/// The end of what a function wrote: where it says what is wrong.
pub(crate) fn said(function: &Function) -> String {
    let output = function.output();
    let lines: Vec<_> = output.lines().rev().take(8).collect();
    let last: Vec<_> = lines.into_iter().rev().map(|line| format!("   | {line}")).collect();
    if last.is_empty() {
        "It wrote nothing.".to_owned()
    } else {
        format!("Its last words:\n{}", last.join("\n"))
    }
}
