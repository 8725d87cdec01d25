//! A JSON text that is cut while it arrives: the entries of its list are handed out one by one, and a `0` stays for each.
//!
//! What stays is decoded afterwards like any answer, so that it is known to be JSON, and whole. Nothing is decoded here.

use serde::de::{Deserialize, Deserializer, Error as _};

/// What stands where an entry was. Anything else there was never handed out.
#[derive(Debug)]
pub struct Cut;

impl<'de> Deserialize<'de> for Cut {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match u8::deserialize(reader)? {
            0 => Ok(Self),
            _ => Err(D::Error::custom("an entry that was not handed out")),
        }
    }
}

/// Cuts a list out of a text: the text itself, or the member of this name of the object that the text is.
pub struct Cutter<'a> {
    list: &'a str,
    rest: Vec<u8>,
    entry: Vec<u8>,
    /// Containers that are open.
    depth: usize,
    place: Place,
    /// Whether a string is open, and whether the next byte of it is escaped.
    string: Option<bool>,
    /// The last string outside of the list, quotes included: a member's name, when a colon follows.
    name: Vec<u8>,
    /// Whether the value that follows is the list's.
    is_named: bool,
}

/// Where a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of the list.
    Outside,
    /// Between entries of the list, which is open at this depth.
    Between(usize),
    /// In an entry of the list that is open at this depth.
    Within(usize),
}

impl<'a> Cutter<'a> {
    /// Nothing has come yet; `list` is the name of the list, where the text is an object.
    pub fn new(list: &'a str) -> Self {
        Self {
            list,
            rest: Vec::new(),
            entry: Vec::new(),
            depth: 0,
            place: Place::Outside,
            string: None,
            name: Vec::new(),
            is_named: false,
        }
    }

    /// Takes the next piece of the text, and gives each entry that is whole to `take`.
    pub fn feed<E>(&mut self, piece: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut piece = piece;
        while let Some((byte, further)) = piece.split_first() {
            if let Some(is_escaped) = self.string {
                // To the end of the string, or to what is escaped in it, at once.
                let plain = match is_escaped {
                    true => 1,
                    false => piece
                        .iter()
                        .position(|byte| matches!(byte, b'"' | b'\\'))
                        .unwrap_or(piece.len()),
                };
                let (text, rest) = piece.split_at_checked(plain).unwrap_or((piece, &[]));
                self.keep(text);
                self.string = Some(false);
                piece = rest;
                if is_escaped {
                    continue;
                }
                if let Some((byte, rest)) = rest.split_first() {
                    self.keep(&[*byte]);
                    self.string = (*byte == b'\\').then_some(true);
                    piece = rest;
                }
                continue;
            }
            self.step(*byte, &mut take)?;
            piece = further;
        }
        Ok(())
    }

    /// Takes a byte that is in no string.
    fn step<E>(&mut self, byte: u8, take: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self.place {
            Place::Between(list) if !byte.is_ascii_whitespace() && byte != b',' && byte != b']' => {
                self.place = Place::Within(list);
            }
            Place::Within(list) if self.depth == list && matches!(byte, b',' | b']') => {
                take(&self.entry)?;
                self.entry.clear();
                self.rest.push(b'0');
                self.place = Place::Between(list);
            }
            _ => {}
        }
        match byte {
            b'"' => {
                self.string = Some(false);
                self.name.clear();
            }
            b':' if self.place == Place::Outside && self.depth == 1 => {
                let name = self.name.trim_ascii_end().strip_prefix(b"\"");
                let name = name.and_then(|name| name.strip_suffix(b"\""));
                self.is_named = name == Some(self.list.as_bytes());
            }
            b'{' | b'[' => {
                let is_list = byte == b'[' && (self.depth == 0 || self.depth == 1 && self.is_named);
                self.depth += 1;
                if self.place == Place::Outside && is_list {
                    self.place = Place::Between(self.depth);
                    self.rest.push(byte);
                    self.is_named = false;
                    return Ok(());
                }
                self.is_named = false;
            }
            b'}' | b']' => {
                if self.place == Place::Between(self.depth) {
                    self.place = Place::Outside;
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b',' => self.is_named = false,
            _ => {}
        }
        self.keep(&[byte]);
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        match self.place {
            Place::Within(_) => self.entry.extend_from_slice(bytes),
            Place::Between(_) => self.rest.extend_from_slice(bytes),
            Place::Outside => {
                self.rest.extend_from_slice(bytes);
                self.name.extend_from_slice(bytes);
            }
        }
    }

    /// The way to the list: its name, or nothing where it is the text.
    pub fn path(&self) -> &'a str {
        match self.place {
            Place::Between(1) | Place::Within(1) => "",
            _ => self.list,
        }
    }

    /// The text without the entries; one that was cut short has an entry left, and is no JSON.
    pub fn rest(mut self) -> Vec<u8> {
        self.rest.append(&mut self.entry);
        self.rest
    }
}
