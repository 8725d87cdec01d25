//! What orders say of people, whatever comes of them.

use super::acts::Act;
use super::call::Call;
use super::oracle::Oracle;

impl Oracle {
    /// An order begins: from now on, whom it names may be in or out.
    pub(super) fn begins(&mut self, call: &Call) {
        match &call.act {
            Act::Onboard(addresses) => {
                self.kept_out.retain(|(_, email), _| !addresses.contains(email));
                self.named.extend(addresses.iter().cloned());
                let returns = addresses.iter().map(|address| (address.clone(), call.run.clone()));
                self.returns.extend(returns);
            }
            Act::Offboard(addresses) => self.named.extend(addresses.iter().cloned()),
            _ => {}
        }
    }

    /// Whether a later order, beside this one, may have let in again whom this one sent away.
    pub(super) fn may_be_back(&self, call: &Call, address: &str) -> bool {
        self.returns.get(address).is_some_and(|run| *run > call.run)
    }
}
