//! `functions/openapi.yaml` says what the code says: every word, field, parameter and status, and what the real functions answer.

mod answers;
mod fields;
mod file;
mod words;

pub(crate) use answers::check;
