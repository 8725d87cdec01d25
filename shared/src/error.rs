//! Floor 0: the one error. Its kind says **who has to act**; its message is one sentence without secrets or addresses.

use std::fmt;
use std::sync::Arc;

/// `Result` with Rollcall's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The order is malformed: the caller.
    BadRequest,
    /// More than a request or an answer may hold: the caller asks for less.
    TooLarge,
    /// The sender did not prove who they are: the caller; the answer says nothing more.
    Denied,
    /// The sender is known but may not do this: the caller.
    Forbidden,
    /// The guard or the roster's rules said no: the operator, after looking.
    Held,
    /// A setting or a secret document is wrong: the operator.
    Misconfigured,
    /// A provider rejected our key: the operator rotates it.
    Credentials,
    /// The API, or this version of Rollcall, cannot do this: the developer.
    Unsupported,
    /// Throttled, down or timed out, after retries: nobody, the queue or the next run.
    Unavailable,
    /// A write went out and its answer was lost: nobody, the second look settles it.
    Uncertain,
    /// Not sent, the invocation is ending: nobody, the queue or the next run.
    OutOfTime,
    /// The answer is not what the documents say: the developer.
    Protocol,
}

impl ErrorKind {
    /// The kind's name in answers, logs and `errorType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest | Self::TooLarge => "BadRequest",
            Self::Denied | Self::Forbidden => "Denied",
            Self::Held => "Held",
            Self::Misconfigured => "Misconfigured",
            Self::Credentials => "Credentials",
            Self::Unsupported => "Unsupported",
            Self::Unavailable => "Unavailable",
            Self::Uncertain => "Uncertain",
            Self::OutOfTime => "OutOfTime",
            Self::Protocol => "Protocol",
        }
    }

    /// Whether the same may succeed later without anybody's doing.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Unavailable | Self::Uncertain | Self::OutOfTime)
    }

    /// The HTTP status that answers a request which failed so.
    pub fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Denied => 401,
            Self::Forbidden => 403,
            Self::Held => 409,
            Self::TooLarge => 413,
            Self::Misconfigured => 500,
            Self::Unsupported => 501,
            Self::Credentials | Self::Uncertain | Self::Protocol => 502,
            Self::Unavailable => 503,
            Self::OutOfTime => 504,
        }
    }
}

/// One fault in something that was read: where, by JSON path or name, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON path such as `people[0].email`, or a variable's name.
    pub path: String,
    /// What is wrong, without the value itself.
    pub problem: String,
}

/// What went wrong. Cheap to clone, one line to print.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind`; `message` is lower case, without a full stop, a secret or an address.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            faults: Vec::new(),
            source: None,
        }))
    }

    /// The same error with one more pair of context (`provider`, `path`, `status`, …).
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        Arc::make_mut(&mut self.0).context.push((key, value.to_string()));
        self
    }

    /// The same error with the faults that were found, all of them.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        Arc::make_mut(&mut self.0).faults = faults;
        self
    }

    /// The same error, its faults below `path`.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        for fault in &mut Arc::make_mut(&mut self.0).faults {
            fault.path = match fault.path.as_str() {
                "." => path.to_owned(),
                own => format!("{path}.{own}"),
            };
        }
        self
    }

    /// The same error with the error below it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::from(source.into()));
        self
    }

    /// Who has to act.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The faults, when something that was read is malformed.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// A value of context by its key.
    pub fn context(&self, key: &str) -> Option<&str> {
        let mut pairs = self.0.context.iter();
        pairs.find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }
}

/// One line: the message, the context in brackets, every fault.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (i, (key, value)) in self.0.context.iter().enumerate() {
            write!(f, "{}{key}: {value}", if i == 0 { " (" } else { ", " })?;
        }
        if !self.0.context.is_empty() {
            f.write_str(")")?;
        }
        for (i, Fault { path, problem }) in self.0.faults.iter().enumerate() {
            write!(f, "{}{path}: {problem}", if i == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.kind().name())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

/// So that `errorType` of a failed invocation is `Credentials`, not the name of a boxed type.
impl From<Error> for lambda_runtime::Diagnostic {
    fn from(error: Error) -> Self {
        Self {
            error_type: error.kind().name().to_owned(),
            error_message: error.to_string(),
        }
    }
}
