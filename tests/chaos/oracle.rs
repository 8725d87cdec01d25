//! The oracle: what took effect, and whether it may have. It looks at the platforms themselves and knows nothing of plans.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering::Relaxed;

use rehearsal::providers::{Seed, State};
use shared::planning::report::{Ending, Report, RunStatus};

use super::acts::{Act, ORDERED};
use super::call::{Call, Consent};
use super::company::{Person, Standing};
use super::evidence::{Place, Sighting, earlier_of, is_protected, limit};
use super::world::World;

/// An account as a platform holds it: id, who, and their access.
pub(super) type Account = (String, Seed, State);

pub(super) fn is_present(state: State) -> bool {
    matches!(state, State::Active | State::Invited)
}

/// Something that took effect.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) provider: &'static str,
    pub(super) id: String,
    pub(super) time: i64,
    pub(super) run: String,
    /// By an explicit order.
    pub(super) ordered: bool,
    /// Somebody consented to it.
    pub(super) consented: bool,
}

#[derive(Default)]
pub(super) struct Oracle {
    pub(super) wrongs: Vec<String>,
    pub(super) removals: Vec<Effect>,
    pub(super) joins: Vec<Effect>,
    pub(super) sightings: HashMap<(&'static str, String), Vec<Sighting>>,
    /// Whom a completed order sent away from where, and when.
    pub(super) kept_out: BTreeMap<(&'static str, String), i64>,
    /// The last run that was ordered to let somebody in.
    pub(super) returns: BTreeMap<String, String>,
    /// Whom an order named and may have sent away, and nobody brought back since.
    pub(super) named: BTreeSet<String>,
    /// Which run used a digest up.
    spent: BTreeMap<String, String>,
    pub(super) beside: BTreeSet<String>, // runs that another one ran beside
    /// Accounts that were managed when a run began to remove.
    managed: BTreeMap<(String, &'static str), usize>,
}

impl Oracle {
    pub(super) fn wrong(&mut self, world: &World, text: String) {
        world.note(&format!("WRONG: {text}"));
        self.wrongs.push(text);
    }

    /// A request was worked: what is there now that was not, or no more?
    pub(super) fn changed(
        &mut self,
        world: &World,
        call: &Call,
        provider: &'static str,
        before: &[Account],
        after: &[Account],
    ) {
        let was_present = |id: &str| before.iter().any(|(other, _, state)| other == id && is_present(*state));
        for (id, seed, state) in after {
            match (was_present(id), is_present(*state)) {
                (true, false) => self.removed(world, call, &Place::of(world, call, provider, before), id, seed),
                (false, true) => self.joined(world, call, provider, id, seed),
                _ => {}
            }
        }
    }

    fn removed(&mut self, world: &World, call: &Call, place: &Place, id: &str, seed: &Seed) {
        let provider = place.provider;
        let name = seed.email.as_deref().unwrap_or(id);
        world.note(&format!("{}: {name} is removed from {provider}", call.run));
        let unspent = |digest: &String| self.spent.get(digest).is_none_or(|run| *run == call.run);
        let fits = |c: &&Consent| c.provider == provider && c.ids.contains(id) && unspent(&c.digest);
        let given = call.consent.iter().find(fits);
        let consented = given.is_some();
        let why = match &call.act {
            Act::Reconcile if call.paused => Some("while paused".to_owned()),
            Act::Reconcile => place.why_stay(id, seed, self.sightings.get(&(provider, id.to_owned()))),
            Act::Offboard(addresses) => place.why_not_named(id, seed, addresses, &world.people.lock().unwrap()),
            _ => Some("by a run that removes nobody".to_owned()),
        };
        let why = why.or_else(|| (provider == "powens" && !consented).then(|| "for ever, without consent".to_owned()));
        if let Some(why) = why {
            self.wrong(world, format!("{} removed {name} from {provider}: {why}", call.run));
        }
        let first = self.managed.entry((call.run.clone(), provider));
        first.or_insert_with(|| place.managed());
        self.removals.push(Effect {
            provider,
            id: id.to_owned(),
            time: world.now(),
            run: call.run.clone(),
            ordered: matches!(call.act, Act::Offboard(_)),
            consented,
        });
    }

    fn joined(&mut self, world: &World, call: &Call, provider: &'static str, id: &str, seed: &Seed) {
        let name = seed.email.as_deref().unwrap_or(id);
        world.note(&format!("{}: {name} joins {provider}", call.run));
        let roster = call.roster.lock().unwrap().clone().unwrap_or_default();
        let mut claimants = roster
            .iter()
            .filter(|person| person.is_named() && person.claims(provider, id, seed));
        let month = world.now() - 30 * 86_400;
        let kept_out = |person: &Person| {
            let since = self.kept_out.get(&(provider, person.email.clone()));
            since.is_some_and(|since| *since > month)
        };
        let why = match &call.act {
            Act::Reconcile => match claimants.next() {
                // While the ledger cannot be read, joiners are served all the same.
                Some(person) if kept_out(person) && !call.ledger_failed.load(Relaxed) => {
                    Some("an order sent them away")
                }
                Some(person) if person.standing == Standing::Active && person.is_entitled_to(provider) => None,
                _ => Some("nobody entitled them"),
            },
            Act::Onboard(addresses) => {
                let named = |person: &Person| addresses.contains(&person.email);
                (!addresses.iter().any(|a| Some(a) == seed.email.as_ref()) && !claimants.any(named))
                    .then_some("nobody named them")
            }
            _ => Some("this run lets nobody in"),
        };
        if let Some(why) = why {
            self.wrong(world, format!("{} let {name} into {provider}: {why}", call.run));
        }
        self.joins.push(Effect {
            provider,
            id: id.to_owned(),
            time: world.now(),
            run: call.run.clone(),
            ordered: matches!(call.act, Act::Onboard(_)),
            consented: false,
        });
    }

    /// A run is over, however: did it keep within the limits?
    pub(super) fn ends(&mut self, world: &World, call: &Call) {
        let now = world.now();
        let gone = |provider: &str, id: &String| {
            let own = |e: &Effect| e.run == call.run && e.provider == provider && e.id == *id;
            self.removals.iter().any(own)
        };
        // More than three at once always need consent here; fewer may have gone within the limit.
        let used = call
            .consent
            .iter()
            .filter(|c| c.ids.len() > 3 && c.ids.iter().all(|id| gone(c.provider, id)));
        self.spent
            .extend(used.map(|consent| (consent.digest.clone(), call.run.clone())));
        let mut wrong = Vec::new();
        // One that was let in again before anybody could look is told as one that failed.
        let stands = |e: &&Effect| {
            let mut joins = self.joins.iter();
            !joins.any(|j| j.provider == e.provider && j.id == e.id && j.time >= e.time)
        };
        for provider in rehearsal::providers::IDS {
            let here = |effect: &&Effect| effect.provider == provider;
            let own = self
                .removals
                .iter()
                .filter(here)
                .filter(|effect| effect.run == call.run);
            let own = own.filter(|effect| !effect.ordered && !effect.consented).count();
            let earlier = earlier_of(&self.removals, provider, call);
            let earlier = earlier.into_iter().filter(stands).count();
            let managed = self
                .managed
                .get(&(call.run.clone(), provider))
                .copied()
                .unwrap_or_default();
            let doubt = usize::from(call.weather.requests > 0); // an account listed twice counts twice
            let most = limit(managed + earlier + doubt);
            if own > 0 && own + earlier > most {
                wrong.push(format!(
                    "{}: {own} removals at {provider} after {earlier} in a week; the limit is {most}",
                    call.run
                ));
            }
        }
        let ordered = self
            .removals
            .iter()
            .filter(|e| e.ordered && !e.consented && e.time > now - 3_300)
            .filter(stands);
        if ordered.count() > ORDERED && matches!(call.act, Act::Offboard(_)) {
            wrong.push(format!(
                "{}: more than {ORDERED} removals by orders within an hour",
                call.run
            ));
        }
        for text in wrong {
            self.wrong(world, text);
        }
    }

    /// What a run reports has to be true.
    pub(super) fn reports(&mut self, world: &World, call: &Call, report: &Report, calm: bool) {
        let status = report.status();
        let is_held = report.providers.iter().any(|one| one.held.is_some());
        if is_held && status == RunStatus::Done && call.act != Act::Preview {
            self.wrong(world, format!("{} was held and says that all is done", call.run));
        }
        if let Act::Offboard(addresses) = &call.act
            && report.ledger.is_none()
        {
            let addresses = addresses.iter();
            let gone: Vec<&String> = addresses
                .filter(|a| !is_protected(a) && !self.may_be_back(call, a))
                .collect();
            for one in report
                .providers
                .iter()
                .filter(|one| matches!(one.ending, Ending::Applied))
            {
                let provider = one.provider.name();
                let accounts = world.accounts(provider);
                for address in &gone {
                    let theirs =
                        |(_, seed, state): &&Account| seed.email.as_ref() == Some(*address) && is_present(*state);
                    if provider != "powens" && accounts.iter().find(theirs).is_none() {
                        self.kept_out.insert((provider, (*address).clone()), world.now());
                    }
                }
            }
        }
        if !calm || call.act != Act::Reconcile {
            return;
        }
        let roster = call.roster.lock().unwrap().clone().unwrap_or_default();
        for provider in rehearsal::providers::IDS {
            let accounts = world.accounts(provider);
            let place = Place::new(provider, call, roster.clone(), accounts);
            for lost in place.lost_joiners(&self.named) {
                self.wrong(
                    world,
                    format!("{} ran calmly and did not let {lost} into {provider}", call.run),
                );
            }
            if status == RunStatus::Done
                && let Some(left) = place.known_leavers().first()
            {
                self.wrong(
                    world,
                    format!("{} says that all is done, and {left} is still at {provider}", call.run),
                );
            }
            // What a calm run saw to be claimed, or saw under other settings, is forgotten.
            self.sightings.retain(|(at, id), seen| {
                seen.retain(|sighting| *at != provider || sighting.settings == call.settings);
                *at != provider || !place.is_claimed(id)
            });
        }
    }

    /// A run has seen the roster, or a list: who is absent?
    pub(super) fn sight(&mut self, world: &World, call: &Call) {
        let Some(roster) = call
            .roster
            .lock()
            .unwrap()
            .clone()
            .filter(|_| call.act == Act::Reconcile)
        else {
            return;
        };
        for provider in call.listed.lock().unwrap().iter() {
            let place = Place::new(provider, call, roster.clone(), world.accounts(provider));
            for id in place.absent() {
                let seen = self.sightings.entry((provider, id)).or_default();
                if seen.last().is_none_or(|last| last.run != call.run) {
                    seen.push(Sighting {
                        run: call.run.clone(),
                        time: world.now(),
                        settings: call.settings,
                    });
                }
            }
        }
    }
}
