//! A gate on the way to simulators: from one call on, everybody waits until it is opened.
//!
//! Whoever waits there can be killed at exactly this call, or left to wait while something else is done first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// Whether the call that closes the gate has taken effect by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closes {
    /// It has not.
    BeforeTheEffect,
    /// It has, and its answer waits.
    AfterTheEffect,
}

/// A gate, shared by those who know of it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    method: String,
    at: usize,
    closes: Closes,
    calls: AtomicUsize,
    reached: watch::Sender<bool>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// A gate that lets `at - 1` calls of this method (`*`: any) pass.
    pub fn new(method: &str, at: usize, closes: Closes) -> Self {
        Self(Arc::new(Inner {
            method: method.to_owned(),
            at,
            closes,
            calls: AtomicUsize::new(0),
            reached: watch::Sender::new(false),
            open: watch::Sender::new(false),
        }))
    }

    /// Waits until a call stands at the gate.
    pub async fn reached(&self) {
        until(&self.0.reached).await;
    }

    /// Lets everybody pass, from now on.
    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    /// A call of this method comes along: where it has to wait.
    pub(crate) fn arrive(&self, method: &str) -> Option<Closes> {
        if self.0.method != "*" && self.0.method != method {
            return None;
        }
        let number = self.0.calls.fetch_add(1, Ordering::SeqCst) + 1;
        match number {
            number if number < self.0.at => None,
            number if number == self.0.at => Some(self.0.closes),
            _ => Some(Closes::BeforeTheEffect),
        }
    }

    /// Waits for the gate to be opened.
    pub(crate) async fn wait(&self) {
        self.0.reached.send_replace(true);
        until(&self.0.open).await;
    }
}

async fn until(flag: &watch::Sender<bool>) {
    let mut flag = flag.subscribe();
    // It fails only without a sender, and `flag` is one.
    let _ = flag.wait_for(|is| *is).await;
}
