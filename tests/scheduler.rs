//! EventBridge Scheduler, beside somebody else's server of it.

mod moto;
