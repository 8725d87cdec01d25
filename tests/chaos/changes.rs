//! How the company and its accounts come to be, and what happens to them between runs.

use rehearsal::providers::{IDS, Seed, State};

use super::acts::PROTECTED;
use super::company::{DOMAIN, Person, Standing};
use super::world::World;

/// Fills the world: people with and without accounts, and accounts without people.
pub(super) fn found(world: &World) {
    let dice = &world.dice;
    let mut people: Vec<Person> = (0..dice.number(4, 24)).map(Person::new).collect();
    for (n, person) in people.iter_mut().enumerate() {
        if dice.percent(40) {
            person.login = Some(format!("login-{n}"));
        }
        if dice.percent(20) {
            person.access = vec![IDS[dice.number(0, 3)], IDS[dice.number(0, 3)]];
        }
        settle(world, person);
    }
    let owner = Seed::with_email(PROTECTED);
    world.simulator("blackbird").seed(&owner, State::Active);
    for n in 0..dice.number(0, 3) {
        let domain = if dice.percent(60) {
            DOMAIN
        } else {
            ["other.example", "second.example"][dice.number(0, 1)]
        };
        let stranger = Seed::with_email(&format!("stranger{n}@{domain}"));
        world
            .simulator(["bilanc", "blackbird", "appxite"][dice.number(0, 2)])
            .seed(&stranger, State::Active);
    }
    // One person with two accounts: nobody can tell which is theirs.
    if let Some(person) = people
        .iter()
        .find(|person| person.login.is_some())
        .filter(|_| dice.percent(50))
    {
        let second = Seed {
            github: person.login.clone(),
            email: Some(format!("old.{}", person.email)),
            ..Seed::default()
        };
        let first = Seed::with_email(&person.email);
        world.simulator("bilanc").seed(&first, State::Active);
        world.simulator("bilanc").seed(&second, State::Active);
    }
    *world.people.lock().unwrap() = people;
}

/// Somebody's accounts on the day the chain begins, or joins it.
fn settle(world: &World, person: &mut Person) {
    for id in IDS {
        let there = world.dice.percent(75);
        if id == "powens" && !there {
            continue; // no account, no id in the directory
        }
        let state = match there {
            true => State::Active,
            false if id == "bilanc" => State::Gone, // known from a data source
            false => continue,
        };
        let native = world.simulator(id).seed(&person.seed(id), state);
        if id == "powens" {
            person.powens = Some(native);
        }
    }
}

/// What happens between two runs.
pub(super) fn happen(world: &World) {
    let dice = &world.dice;
    for _ in 0..dice.number(0, 2) {
        let mut people = world.people.lock().unwrap();
        let count = people.len();
        let at = dice.number(0, count - 1);
        let before = people[at].clone();
        match dice.number(0, 9) {
            0 | 1 => {
                let mut joiner = Person::new(count);
                world.simulator("bilanc").seed(&joiner.seed("bilanc"), State::Gone);
                if dice.percent(30) {
                    joiner.access.truncate(dice.number(1, 3));
                }
                people.push(joiner);
            }
            2 => people[at].standing = Standing::Left,
            3 | 4 => people[at].standing = Standing::Absent,
            5 => people[at].standing = Standing::Suspended,
            6 => people[at].standing = Standing::Active,
            7 => people[at].access.truncate(dice.number(0, 3)),
            8 if dice.percent(40) => {
                let gone = dice.number(1, 6);
                people
                    .iter_mut()
                    .take(gone)
                    .for_each(|person| person.standing = Standing::Absent);
            }
            8 => people.iter_mut().for_each(|person| {
                if person.standing == Standing::Absent {
                    person.standing = Standing::Active;
                }
            }),
            _ => accept(world),
        }
        if people.iter().filter(|person| person.is_named()).count() < 2 {
            people[at].standing = Standing::Active;
        }
        let now = people[at].standing;
        if now != before.standing {
            let text = format!("{} was {:?} and is {now:?}", before.email, before.standing);
            drop(people);
            world.note(&text);
        }
    }
}

/// Those who were invited accept.
fn accept(world: &World) {
    for (_, seed, state) in world.accounts("appxite") {
        if state == State::Invited && world.dice.percent(50) {
            world.simulator("appxite").seed(&seed, State::Active);
        }
    }
}
