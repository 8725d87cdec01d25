//! The keys by which a person and an account are known to be the same, and the person who holds them.
//!
//! Invariant: none of these types prints an address or a login; `Debug` shows the kind and, for an address, its domain.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The id of a provider: its file's, secret's and simulator's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(&'static str);

impl ProviderId {
    /// Only `providers::REGISTRY` makes these.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name, as in `PROVIDERS`.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Text that is compared in one form and sent in the form it was written in.
#[derive(Clone)]
struct Folded {
    key: Box<str>,
    written: Option<Box<str>>, // only where it differs, so that ten thousand lower-case addresses cost one string each
}

impl Folded {
    fn new(key: String, written: &str) -> Self {
        Self {
            written: (key != written).then(|| written.into()),
            key: key.into(),
        }
    }

    fn written(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.key)
    }
}

macro_rules! compared_by_key {
    ($name:ident) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.key == other.0.key
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.key.cmp(&other.0.key)
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.key.hash(state);
            }
        }

        impl $name {
            /// The form that is compared.
            pub fn key(&self) -> &str {
                &self.0.key
            }

            /// The form it was written in, which is the one to send.
            pub fn written(&self) -> &str {
                self.0.written()
            }

            /// What was read once already.
            pub(super) fn kept(key: &str, written: Option<&str>) -> Self {
                Self(Folded::new(key.to_owned(), written.unwrap_or(key)))
            }
        }
    };
}

/// An e-mail address: compared trimmed, lower-cased and with its domain in ASCII (RFC 5891).
#[derive(Clone)]
pub struct Email(Folded);

compared_by_key!(Email);

impl Email {
    /// Reads untrusted text; `None` when it is no address of the form `local@domain.tld` (RFC 5321 §4.5.3.1 limits).
    ///
    /// No folding of plus-addresses or dots: different text is a different person. A local part that is not ASCII is
    /// compared as it is, since lower-casing it is ambiguous (`İ`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "@,;:<>()[]\"\\".contains(c);
        if local.is_empty() || local.len() > 64 || local.contains(forbidden) {
            return None;
        }
        let domain = idna::domain_to_ascii_strict(domain).ok()?;
        if !domain.contains('.') || domain.ends_with('.') || domain.len() > 253 {
            return None;
        }
        let local = if local.is_ascii() {
            local.to_ascii_lowercase()
        } else {
            local.to_owned()
        };
        Some(Self(Folded::new(format!("{local}@{domain}"), text)))
    }

    /// What follows the `@`, in ASCII and lower case.
    pub fn domain(&self) -> &str {
        self.key().rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***@{}", self.domain())
    }
}

/// A GitHub login: compared without regard to case.
#[derive(Clone)]
pub struct Login(Folded);

compared_by_key!(Login);

impl Login {
    /// Reads untrusted text: ASCII letters, digits, `-`, and the `_` of managed users, at most 39 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let good = !text.is_empty() && text.len() <= 39 && text.chars().all(allowed);
        good.then(|| Self(Folded::new(text.to_ascii_lowercase(), text)))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A key both sides share. A person and an account that share one are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// An e-mail address.
    Email(Email),
    /// A GitHub login.
    Github(Login),
    /// An id given by the named system: a provider (`powens`) or an HR system (`bamboohr`).
    Native(Box<str>, Box<str>),
}

/// The kinds of [`Identity`], for saying by which a provider knows its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// By e-mail address.
    Email,
    /// By GitHub login.
    Github,
    /// By the provider's own id, which only a directory can link to a person.
    Native,
}

impl Identity {
    /// An id given by `source`.
    pub fn native(source: &str, id: &str) -> Self {
        Self::Native(source.into(), id.into())
    }

    /// Reads an entry of `PROTECTED`: `a@b.c`, `github:login` or `powens:101`; the source in any case.
    ///
    /// What is no key, such as `email:a@b.c` or `*@b.c`, is refused: an entry that fits nobody would protect nobody.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('*') {
            return None;
        }
        let Some((source, id)) = text.trim().split_once(':') else {
            return Email::parse(text).map(Self::Email);
        };
        let (source, id) = (source.trim().to_ascii_lowercase(), id.trim());
        if source == "github" {
            return Login::parse(id).map(Self::Github);
        }
        let of_source = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let of_id = |c: char| c.is_ascii_graphic() && c != '@';
        let good = !source.is_empty() && source.chars().all(of_source) && !id.is_empty() && id.chars().all(of_id);
        good.then(|| Self::native(&source, id))
    }

    /// Whether a provider that knows accounts by `kind` can use this key.
    pub fn is_of(&self, kind: IdentityKind, provider: ProviderId) -> bool {
        match (self, kind) {
            (Self::Email(_), IdentityKind::Email) | (Self::Github(_), IdentityKind::Github) => true,
            (Self::Native(source, _), IdentityKind::Native) => **source == *provider.name(),
            _ => false,
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(email) => email.fmt(f),
            Self::Github(_) => f.write_str("github:***"),
            Self::Native(source, _) => write!(f, "{source}:***"),
        }
    }
}

/// A person's name, as far as it is known.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Given name.
    pub first: Option<Box<str>>,
    /// Family name.
    pub last: Option<Box<str>>,
}

impl Name {
    /// The parts there are, with a space between them.
    pub fn full(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.first, &self.last]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The keys to whom something happened, for reports: read by people, never logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// The first address.
    pub email: Option<Email>,
    /// The first GitHub login.
    pub github_username: Option<Login>,
    /// The account's id at the provider.
    pub id: Option<Box<str>>,
}

impl Who {
    /// The first of each kind among `identities`, with the account's id where there is one.
    pub fn new(identities: &[Identity], id: Option<&str>) -> Self {
        Self {
            email: first_email(identities).cloned(),
            github_username: first_login(identities).cloned(),
            id: id.map(Into::into),
        }
    }
}

/// The first address among `identities`.
pub fn first_email(identities: &[Identity]) -> Option<&Email> {
    identities.iter().find_map(|identity| match identity {
        Identity::Email(email) => Some(email),
        _ => None,
    })
}

/// The first GitHub login among `identities`.
pub fn first_login(identities: &[Identity]) -> Option<&Login> {
    identities.iter().find_map(|identity| match identity {
        Identity::Github(login) => Some(login),
        _ => None,
    })
}
