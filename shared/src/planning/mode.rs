//! Preview or apply.

/// Whether a run changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Show what would change: `apply` is not called.
    Preview,
    /// Change it.
    Apply,
}

impl Mode {
    /// The mode's name in orders and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Apply => "apply",
        }
    }
}
