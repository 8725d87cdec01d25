//! The company: people, how they stand, and the roster that names them.

use rehearsal::providers::{IDS, Seed};

/// Where absence may remove.
pub(super) const DOMAIN: &str = "example.com";

/// How somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Active,
    Suspended,
    Left,
    /// The roster does not name them.
    Absent,
}

/// Somebody.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) login: Option<String>,
    pub(super) powens: Option<String>,
    pub(super) standing: Standing,
    pub(super) access: Vec<&'static str>,
}

impl Person {
    pub(super) fn new(number: usize) -> Self {
        Self {
            email: format!("person{number}@{DOMAIN}"),
            login: None,
            powens: None,
            standing: Standing::Active,
            access: IDS.to_vec(),
        }
    }

    pub(super) fn seed(&self, provider: &str) -> Seed {
        Seed {
            email: (provider != "powens").then(|| self.email.clone()),
            github: self.login.clone().filter(|_| provider == "bilanc"),
            ..Seed::default()
        }
    }

    /// Whether an account of `provider` is theirs.
    pub(super) fn claims(&self, provider: &str, id: &str, seed: &Seed) -> bool {
        let same = |a: &Option<String>, b: &str| a.as_deref().is_some_and(|a| a.eq_ignore_ascii_case(b));
        match provider {
            "powens" => self.powens.as_deref() == Some(id),
            _ => same(&seed.email, &self.email) || self.login.as_deref().is_some_and(|l| same(&seed.github, l)),
        }
    }

    pub(super) fn is_named(&self) -> bool {
        self.standing != Standing::Absent
    }

    pub(super) fn is_entitled_to(&self, provider: &str) -> bool {
        matches!(self.standing, Standing::Active | Standing::Suspended) && self.access.contains(&provider)
    }
}

/// The roster as its file has it.
pub(super) fn roster(people: &[Person]) -> String {
    let mut text = "email,github_username,powens_id,status,access\n".to_owned();
    let mut rows = 0;
    for person in people.iter().filter(|person| person.is_named()) {
        let status = match person.standing {
            Standing::Left => "left",
            Standing::Suspended => "suspended",
            Standing::Active | Standing::Absent => "active",
        };
        let (login, powens) = (person.login.as_deref(), person.powens.as_deref());
        text += &format!(
            "{},{},{},{status},{}\n",
            person.email,
            login.unwrap_or_default(),
            powens.unwrap_or_default(),
            person.access.join(";")
        );
        rows += 1;
    }
    text + &format!("#end,{rows}\n")
}
