//! EventBridge Scheduler, beside somebody else's server of it.

pub(crate) mod moto;
