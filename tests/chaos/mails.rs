//! AppXite's invitations: when they went out, when they expire, and that nobody gets two.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use rehearsal::providers::Simulator;

use super::call::Call;
use super::oracle::{Account, is_present};
use super::world::World;

/// An invitation lives so many seconds.
const LIFE: i64 = 7 * 86_400;

impl World {
    /// Somebody was invited just now, or so long ago.
    pub(super) fn invited(&self, email: &str) {
        let now = self.now();
        self.invited.lock().unwrap().insert(email.to_lowercase(), now);
        let text = Timestamp::from_second(now).unwrap().to_string();
        self.appxite.set_created_date(email, Some(&text));
    }

    /// The platform's clock is the machine's: an invitation is aged there once it is old here.
    pub(super) fn age_invitations(&self) {
        let old = self.now() - LIFE;
        for (email, since) in &*self.invited.lock().unwrap() {
            if *since < old && self.appxite.state_of(email).is_some() {
                self.appxite.age_invitation(email, 8);
            }
        }
    }

    pub(super) fn is_expired(&self, email: &str) -> bool {
        let old = self.now() - LIFE;
        self.invited
            .lock()
            .unwrap()
            .get(&email.to_lowercase())
            .is_some_and(|since| *since < old)
    }

    pub(super) fn mails(&self, id: &str, before: &[Account]) -> HashMap<String, usize> {
        let addresses = before
            .iter()
            .filter(|_| id == "appxite")
            .filter_map(|(_, seed, _)| seed.email.clone());
        addresses
            .map(|email| (email.clone(), self.appxite.mails_sent(&email)))
            .collect()
    }

    /// Who was invited, and whether they had been before.
    pub(super) fn settle_mails(
        &self,
        call: &Call,
        mails: &HashMap<String, usize>,
        before: &[Account],
        after: &[Account],
    ) {
        for (_, seed, _) in after {
            let Some(email) = &seed.email else { continue };
            let earlier = mails.get(email).copied();
            if mails.is_empty() && !before.is_empty() || self.appxite.mails_sent(email) <= earlier.unwrap_or(0) {
                continue;
            }
            let known = before
                .iter()
                .any(|(_, other, state)| other.email == seed.email && is_present(*state));
            if known && !call.ledger_failed.load(Ordering::Relaxed) {
                self.oracle
                    .lock()
                    .unwrap()
                    .wrong(self, format!("{} invited {email} twice", call.run));
            }
            self.invited(email);
        }
    }
}
