//! Hashes as text.

/// Bytes in hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first `most` bytes in hexadecimal: a name for something that need not be told from all others in the world.
pub fn short(bytes: &[u8], most: usize) -> String {
    hex(bytes.get(..most).unwrap_or(bytes))
}
