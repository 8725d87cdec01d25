//! Blackbird's writes: one person each, several side by side.

use std::collections::HashMap;
use std::sync::PoisonError;

use futures_util::future::join_all;

use super::wire::{ACTIVE, DEACTIVATED, UserCreate, UserUpdate, read_user, read_users};
use super::{Blackbird, ID, user_path};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Name, first_email};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::Provider;
use crate::tools::http::{Repeat, Reply};

/// Users by their address.
pub(super) struct Listed(HashMap<Email, Vec<Account>>);

impl Listed {
    pub(super) fn of(accounts: Vec<Account>) -> Self {
        let mut listed: HashMap<Email, Vec<Account>> = HashMap::with_capacity(accounts.len());
        for account in accounts {
            if let Some(email) = first_email(&account.identities).cloned() {
                listed.entry(email).or_default().push(account);
            }
        }
        Self(listed)
    }

    /// The one with this address.
    fn one(&self, email: &Email) -> Result<Option<Account>> {
        match self.0.get(email).map(Vec::as_slice).unwrap_or_default() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => Err(Error::new(ErrorKind::Protocol, "several users have the same address").with("at", ID)),
        }
    }
}

impl Blackbird {
    /// Works on `items` several at a time.
    pub(super) async fn side_by_side<'a, T: Sync, F>(&self, items: &'a [T], work: impl Fn(&'a T) -> F) -> Vec<Outcome>
    where
        F: Future<Output = (Outcome, bool)>,
    {
        let mut outcomes = Vec::with_capacity(items.len());
        // The next batch goes on with what was learned in this one.
        let kept = || self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let mut window = *kept();
        while let Some(rest) = items.get(outcomes.len()..).filter(|rest| !rest.is_empty()) {
            let done = join_all(rest.iter().take(window.size()).map(&work)).await;
            let (full, throttled) = (
                done.len() == window.size(),
                done.iter().any(|(_, throttled)| *throttled),
            );
            let rejected = done
                .iter()
                .map(|(outcome, _)| outcome)
                .find(|outcome| is_rejected(outcome));
            let rejected = rejected.cloned();
            outcomes.extend(done.into_iter().map(|(outcome, _)| outcome));
            match rejected {
                // A rejected key is rejected for everybody: the rest is not tried.
                Some(rejected) => outcomes.resize(items.len(), rejected),
                None if full || throttled => window.adapt(throttled),
                None => {}
            }
        }
        *kept() = window;
        outcomes
    }

    /// Deactivates the user as listed a moment ago. Who was not is looked for: nothing tells whether a list is whole.
    pub(super) async fn offboard_one(&self, leaver: &Account, listed: Option<&&Account>) -> (Outcome, bool) {
        let found = match listed {
            Some(account) => Ok(Some((*account).clone())),
            None => self.get(&leaver.native_id).await,
        };
        match found {
            Ok(Some(account)) => {
                let (outcome, throttled) = self.set_status(&account, DEACTIVATED).await;
                (outcome.unwrap_or(Outcome::Unchanged), throttled)
            }
            // No such user: already gone.
            Ok(None) => (Outcome::Unchanged, false),
            Err(error) => (Outcome::Failed(error), false),
        }
    }

    /// Looks the person up, then creates or revives them.
    pub(super) async fn onboard_one(&self, joiner: &Joiner, listed: Option<&Listed>) -> (Outcome, bool) {
        let Some(email) = joiner.person.email() else {
            let error = Error::new(ErrorKind::Unsupported, "blackbird needs an e-mail address");
            return (Outcome::Failed(error.with("at", ID)), false);
        };
        let known = match &joiner.account {
            Some(account) => self.get(&account.native_id).await,
            None => Ok(None),
        };
        // An account that is gone meanwhile may have been made anew.
        let found = match (known, listed) {
            (Ok(None), Some(listed)) => listed.one(email),
            (Ok(None), None) => self.find(email).await,
            (known, _) => known,
        };
        match found {
            Ok(Some(account)) => self.make_active(&account).await,
            Ok(None) => self.create(email, joiner.person.name()).await,
            Err(error) => (Outcome::Failed(error), false),
        }
    }

    /// The one user with this address; how the filter matches is unknown, so equality is checked here.
    async fn find(&self, email: &Email) -> Result<Option<Account>> {
        let call = self.api.get("/admin/users").query(&[("email", email.written())]);
        let reply = call.send().await?.ok()?;
        let mut accounts = read_users(&reply)?;
        accounts.retain(|account| first_email(&account.identities) == Some(email));
        Listed::of(accounts).one(email)
    }

    async fn make_active(&self, account: &Account) -> (Outcome, bool) {
        let (outcome, throttled) = self.set_status(account, ACTIVE).await;
        (outcome.unwrap_or(Outcome::NotFound), throttled)
    }

    async fn create(&self, email: &Email, name: &Name) -> (Outcome, bool) {
        let body = UserCreate {
            email: email.written(),
            status: ACTIVE,
            first_name: name.first.as_deref(),
            last_name: name.last.as_deref(),
            welcome: &self.welcome,
        };
        let call = self.api.post("/admin/users", Repeat::Unsafe).json(&body);
        let reply = match call.send().await {
            Ok(reply) => reply,
            Err(error) => return (Outcome::Failed(error), false),
        };
        let throttled = reply.was_throttled();
        if matches!(reply.status(), 400 | 409) {
            return (self.settle_duplicate(email, reply).await, throttled);
        }
        let outcome = match read_user(reply) {
            // The answer must be about this address; a user created deactivated is switched on.
            Ok(account) if first_email(&account.identities) != Some(email) => {
                let message = "blackbird created a user with another address";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("id", account.native_id))
            }
            Ok(account) => match self.make_active(&account).await.0 {
                Outcome::Unchanged => Outcome::Done,
                other => other,
            },
            Err(error) => Outcome::Failed(error),
        };
        (outcome, throttled)
    }

    /// Somebody else created the address meanwhile, or the input is refused: a second look tells.
    async fn settle_duplicate(&self, email: &Email, refused: Reply) -> Outcome {
        match self.find(email).await {
            Ok(Some(account)) => self.make_active(&account).await.0,
            Ok(None) => Outcome::Failed(refused.error(ErrorKind::Protocol, "blackbird does not accept this person")),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// `PUT`s a status where it is another one; no outcome when there is no such user.
    async fn set_status(&self, account: &Account, status: &'static str) -> (Option<Outcome>, bool) {
        match (account.status, status) {
            (Status::Active | Status::Invited, ACTIVE) | (Status::Dormant, DEACTIVATED) => {
                return (Some(Outcome::Unchanged), false);
            }
            (Status::Unknown, _) => {
                let message = "blackbird says a status that its documents do not name";
                let error = Error::new(ErrorKind::Protocol, message).with("at", ID);
                return (Some(Outcome::Failed(error)), false);
            }
            _ => {}
        }
        let id = &*account.native_id;
        let call = self.api.put(&user_path(id), Repeat::Safe);
        let reply = match call.json(&UserUpdate { id, status }).send().await {
            Ok(reply) => reply,
            Err(error) => return (Some(Outcome::Failed(error)), false),
        };
        let throttled = reply.was_throttled();
        if reply.status() == 404 {
            return (None, throttled);
        }
        let outcome = match read_user(reply) {
            Ok(account) if *account.native_id == *id && says(&account, status) => Outcome::Done,
            Ok(_) => {
                let message = "blackbird answered a change of status with another user or status";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("at", ID))
            }
            Err(error) => Outcome::Failed(error),
        };
        (Some(outcome), throttled)
    }
}

/// Whether the account has the status of this name.
fn says(account: &Account, status: &str) -> bool {
    match account.status {
        Status::Active => status == ACTIVE,
        Status::Dormant => status == DEACTIVATED,
        Status::Invited | Status::Unknown => false,
    }
}

fn is_rejected(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(error) if error.kind() == ErrorKind::Credentials)
}
