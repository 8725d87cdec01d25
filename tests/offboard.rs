//! `offboard`: the real binary, black box.

mod budget;
mod holds;
mod keeping_out;
mod later;
mod leaving;
mod queue;
mod troubles;
