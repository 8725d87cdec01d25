//! A person as a row of bytes: fields, each with a tag, a length and a text.

use super::{Access, Person, Standing};
use crate::planning::identity::{Email, Identity, Login, ProviderId};

const END: u8 = 0;
const STANDING: u8 = b's';
const GATHERED: u8 = b'g';
const ACCESS: u8 = b'a';
/// How the address or login that follows was written, where that is not how it is compared.
const WRITTEN: u8 = b'w';
const EMAIL: u8 = b'e';
/// The address to write to.
const PRIMARY: u8 = b'E';
const LOGIN: u8 = b'l';
/// An id: the system, a zero, the id there.
const NATIVE: u8 = b'n';
const FIRST: u8 = b'f';
const LAST: u8 = b'F';

/// A length that four bytes follow.
const LONG: u8 = u8::MAX;

/// Appends the row of a person. Providers are named by their places in `providers`.
pub(in crate::planning) fn write(person: &Person, providers: &mut Vec<ProviderId>, row: &mut Vec<u8>) {
    put(row, STANDING, &[&[person.standing as u8]]);
    if person.known_access == Access::Gathered {
        put(row, GATHERED, &[]);
    }
    let place = |id: &ProviderId| {
        let known = providers.iter().position(|known| known == id).unwrap_or_else(|| {
            providers.push(*id);
            providers.len() - 1
        });
        known as u8
    };
    let access: Vec<u8> = person.access.iter().map(place).collect();
    put(row, ACCESS, &[&access]);
    for (i, identity) in person.identities.iter().enumerate() {
        let (tag, key, written) = match identity {
            Identity::Email(email) if person.primary == Some(i) => (PRIMARY, email.key(), email.written()),
            Identity::Email(email) => (EMAIL, email.key(), email.written()),
            Identity::Github(login) => (LOGIN, login.key(), login.written()),
            Identity::Native(source, id) => {
                put(row, NATIVE, &[source.as_bytes(), &[0], id.as_bytes()]);
                continue;
            }
        };
        if key != written {
            put(row, WRITTEN, &[written.as_bytes()]);
        }
        put(row, tag, &[key.as_bytes()]);
    }
    for (tag, name) in [(FIRST, &person.name.first), (LAST, &person.name.last)] {
        if let Some(name) = name {
            put(row, tag, &[name.as_bytes()]);
        }
    }
    row.push(END);
}

fn put(row: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    row.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < LONG => row.push(short),
        _ => {
            row.push(LONG);
            row.extend_from_slice(&(length as u32).to_le_bytes());
        }
    }
    parts.iter().for_each(|part| row.extend_from_slice(part));
}

/// The person of the row that `row` begins with; `None` where it is none.
pub(in crate::planning) fn read(row: &[u8], providers: &[ProviderId]) -> Option<Person> {
    let mut person = Person::new([]);
    let mut identities = Vec::new();
    let mut written = None;
    for (tag, bytes) in Fields(row) {
        let text = str::from_utf8(bytes).ok()?;
        match tag {
            STANDING => person.standing = *Standing::ALL.get(usize::from(*bytes.first()?))?,
            GATHERED => person.known_access = Access::Gathered,
            ACCESS => {
                let provider = |place: &u8| providers.get(usize::from(*place)).copied();
                person.access = bytes.iter().map(provider).collect::<Option<_>>()?;
            }
            WRITTEN => written = Some(text),
            PRIMARY | EMAIL => {
                if tag == PRIMARY {
                    person.primary = Some(identities.len());
                }
                identities.push(Identity::Email(Email::kept(text, written.take())));
            }
            LOGIN => identities.push(Identity::Github(Login::kept(text, written.take()))),
            NATIVE => {
                let (source, id) = text.split_once('\0')?;
                identities.push(Identity::native(source, id));
            }
            FIRST => person.name.first = Some(text.into()),
            LAST => person.name.last = Some(text.into()),
            _ => return None,
        }
    }
    person.identities = identities.into();
    Some(person)
}

/// Whether the row that `row` begins with is of somebody known by this.
pub(in crate::planning) fn holds(row: &[u8], identity: &Identity) -> bool {
    Fields(row).any(|(tag, bytes)| match (tag, identity) {
        (PRIMARY | EMAIL, Identity::Email(email)) => bytes == email.key().as_bytes(),
        (LOGIN, Identity::Github(login)) => bytes == login.key().as_bytes(),
        (NATIVE, Identity::Native(source, id)) => {
            let rest = bytes.strip_prefix(source.as_bytes());
            rest.and_then(|rest| rest.strip_prefix(&[0])) == Some(id.as_bytes())
        }
        _ => false,
    })
}

struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first().filter(|(tag, _)| **tag != END)?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = match *length {
            LONG => {
                let (length, rest) = rest.split_first_chunk()?;
                (u32::from_le_bytes(*length) as usize, rest)
            }
            short => (usize::from(short), rest),
        };
        let (text, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, text))
    }
}
