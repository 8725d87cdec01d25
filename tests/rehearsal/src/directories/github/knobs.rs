//! What a test can turn on a simulated GitHub: the credential, the traps, and what its schema allows and nobody expects.

use std::collections::{BTreeMap, BTreeSet};

use super::GithubPlatform;
use crate::directories::{SigningKey, Simulated};
use crate::server::lock;

/// A running GitHub with the organisation `acme`.
pub type Github = Simulated<GithubPlatform>;

/// What the document says of where addresses come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emails {
    /// `organizationVerifiedDomainEmails`.
    VerifiedDomains,
    /// The identities of the single sign-on.
    Saml,
    /// Nowhere: people are their logins.
    None,
}

/// How an App's private key is written in the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyForm {
    /// `BEGIN RSA PRIVATE KEY`, as GitHub hands it out.
    #[default]
    Pkcs1,
    /// `BEGIN PRIVATE KEY`, as somebody converted it.
    Pkcs8,
}

/// What the single sign-on calls people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIds {
    /// The `nameId` is the main address.
    Addresses,
    /// The `nameId` is no address, `emails` holds them.
    SubjectsWithEmails,
    /// The `nameId` is no address, and there is none elsewhere.
    Subjects,
}

/// What the owner of the personal token is in the organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerRole {
    /// An organisation owner, who sees the single sign-on.
    #[default]
    Admin,
    /// A plain member, who does not.
    Member,
}

/// One way to say "too often".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// 403, `x-ratelimit-remaining: 0` and a reset that is now.
    PrimaryLimit,
    /// 403 with `retry-after: 0`.
    SecondaryLimit,
    /// 429 with `retry-after: 0`.
    TooManyRequests,
    /// GraphQL's 200 with `RATE_LIMITED` in the errors; strikes there only.
    InTheErrors,
}

impl Throttle {
    /// What `throttle_once` goes through, call by call: what both interfaces say.
    pub(super) const IN_TURN: [Self; 3] = [Self::PrimaryLimit, Self::SecondaryLimit, Self::TooManyRequests];
}

impl Emails {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::VerifiedDomains => "verified_domains",
            Self::Saml => "saml",
            Self::None => "none",
        }
    }
}

impl Github {
    /// Hands out an App's credential from now on, its key as GitHub writes it.
    pub fn use_app(&self) {
        self.use_app_with(KeyForm::Pkcs1);
    }

    /// Hands out an App's credential from now on, its key in this form.
    pub fn use_app_with(&self, form: KeyForm) {
        lock(&self.platform().credentials)
            .key
            .get_or_insert_with(SigningKey::default);
        self.set(|settings| settings.app = Some(form));
    }

    /// What `emails` says in the document; absent unless set.
    pub fn emails(&self, emails: Option<Emails>) {
        self.set(|settings| settings.emails = emails);
    }

    /// Lets the owner of the personal token be no member: a redirect, a short list, and a total that fits it.
    pub fn only_public_members(&self) {
        self.set(|settings| settings.only_public = true);
    }

    /// What the owner of the personal token is in the organisation (an owner unless set).
    pub fn owner_is(&self, role: OwnerRole) {
        self.set(|settings| settings.owner = role);
    }

    /// Makes a member, by id, an owner of the organisation, or a plain member again.
    pub fn set_admin(&self, id: &str, admin: bool) {
        self.set(|settings| match admin {
            true => settings.admins.insert(id.to_owned()),
            false => settings.admins.remove(id),
        });
    }

    /// The address a member, by id, shows on the profile: anybody's, for nobody checks.
    pub fn set_public_email(&self, id: &str, email: &str) {
        self.set(|settings| settings.public_emails.insert(id.to_owned(), email.to_owned()));
    }

    /// Lets the organisation have verified no domain: `organizationVerifiedDomainEmails` is empty for all.
    pub fn without_verified_domains(&self, without: bool) {
        self.set(|settings| settings.no_verified_domains = without);
    }

    /// Sets up the single sign-on; `None`, which it is at first, answers `samlIdentityProvider: null`.
    pub fn set_saml(&self, saml: Option<NameIds>) {
        self.set(|settings| settings.saml = saml);
    }

    /// Adds an identity of the single sign-on that no account is linked to.
    pub fn add_unlinked_identity(&self, name_id: &str) {
        self.set(|settings| settings.unlinked.push(name_id.to_owned()));
    }

    /// Gives every identity a `scimIdentity` too.
    pub fn with_scim(&self, scim: bool) {
        self.set(|settings| settings.scim = scim);
    }

    /// Answers every connection with `errors` beside `data`, in which the last of the page is null.
    pub fn partial_errors(&self) {
        self.set(|settings| settings.partial_errors = true);
    }

    /// Lets the last of every page be null and says nothing about it, as the schema allows.
    pub fn with_nulls(&self, nulls: bool) {
        self.set(|settings| settings.nulls = nulls);
    }

    /// Lets the links to the next page of a REST list lead to this base URL, to catch a client that follows them anywhere.
    pub fn next_links_to(&self, base: Option<&str>) {
        self.set(|settings| settings.next_links_to = base.map(str::to_owned));
    }

    /// Answers the next list in this way as one too many.
    pub fn throttle_once_with(&self, throttle: Throttle) {
        self.set(|settings| settings.throttle = Some(throttle));
    }

    fn set<T>(&self, change: impl FnOnce(&mut Settings) -> T) {
        change(&mut lock(&self.platform().settings));
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) app: Option<KeyForm>,
    pub(super) emails: Option<Emails>,
    pub(super) revoked: bool,
    pub(super) only_public: bool,
    pub(super) owner: OwnerRole,
    pub(super) admins: BTreeSet<String>,
    pub(super) public_emails: BTreeMap<String, String>,
    pub(super) no_verified_domains: bool,
    pub(super) saml: Option<NameIds>,
    pub(super) unlinked: Vec<String>,
    pub(super) scim: bool,
    pub(super) partial_errors: bool,
    pub(super) nulls: bool,
    pub(super) next_links_to: Option<String>,
    pub(super) throttle: Option<Throttle>,
    pub(super) throttled: usize,
}
