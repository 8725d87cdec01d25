//! A function whose work panics, for the test that the next invocation is answered all the same.
fn main() {}
