//! `onboard`: the real binary, black box. Who is let in and how an order arrives is shown here for all four functions.

mod admission;
mod completing;
mod envelopes;
mod joining;
mod lost;
mod orders;
