//! `offboard`: the real binary, black box.

mod holds;
mod later;
mod leaving;
mod remembering;
mod troubles;
