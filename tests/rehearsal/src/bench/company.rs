//! A company of many people, whose lists are written once, so that no run waits for their rendering.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use rehearsal::providers::{self, Seed, State};
use rehearsal::secrets::SecretsManager;
use rehearsal::server::{Answer, Refusal, Reply, Request, Server, Site};
use serde_json::{Value, json};

/// How long an answer takes where that is what counts.
pub(super) const PACE: Duration = Duration::from_millis(100);

/// What is asked where nothing was kept.
type Source = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

/// Answers once, and then says the same until something is written.
struct Recorder {
    source: Box<Source>,
    pace: Duration,
    /// What was answered to each `GET`, since the last write.
    answers: Mutex<BTreeMap<String, Reply>>,
}

impl Recorder {
    async fn start(
        pace: Duration,
        source: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> (Arc<Self>, Server) {
        let recorder = Arc::new(Self {
            source: Box::new(source),
            pace,
            answers: Mutex::default(),
        });
        let server = Server::start(Arc::clone(&recorder) as Arc<dyn Site>).await;
        (recorder, server)
    }
}

impl Site for Recorder {
    fn answer(&self, request: &Request) -> Answer {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if request.method != "GET" {
            answers.clear();
        } else if let Some(reply) = answers.get(&request.target) {
            return Ok(reply.clone());
        }
        let cut = || Refusal::Plain(Reply::empty(500));
        let reply = (self.source)(request).ok_or_else(cut)?;
        if request.method == "GET" && reply.status == 200 {
            answers.insert(request.target.clone(), reply.clone());
        }
        Ok(reply)
    }

    fn error_body(&self, _: u16) -> Value {
        Value::Null
    }

    fn pace(&self) -> Duration {
        self.pace
    }
}

/// Who is where.
#[derive(Clone, Copy)]
pub(super) struct Company {
    pub(super) platforms: &'static [&'static str],
    /// In the roster and at every platform.
    pub(super) staying: usize,
    /// In the roster only.
    pub(super) joining: usize,
    /// At every platform, and left by the roster.
    pub(super) leaving: usize,
    pub(super) pace: Duration,
}

impl Company {
    fn roster(&self) -> String {
        let stays = self.staying + self.joining;
        let mut csv = "email,first_name,last_name,status,access,powens_id\n".to_owned();
        for n in 0..stays + self.leaving {
            let (status, access) = if n < stays { ("active", "*") } else { ("left", "") };
            let id = n + 1;
            let _ = writeln!(csv, "person{n}@example.com,Person,Number{n},{status},{access},{id}");
        }
        csv
    }

    /// What a platform knows of the person of this number.
    fn known(&self, platform: &str, n: usize) -> Option<(Seed, State)> {
        let is_joining = (self.staying..self.staying + self.joining).contains(&n);
        let state = match is_joining {
            false => State::Active,
            true if platform == "bilanc" => State::Gone, // it lets nobody in of whom it never heard
            true => return None,
        };
        let seed = Seed {
            name: Some(format!("Person Number{n}")),
            id: (platform == "powens").then(|| (n + 1).to_string()),
            ..Seed::with_email(&format!("person{n}@example.com"))
        };
        Some((seed, state))
    }
}

/// The company, running.
pub(super) struct World {
    company: Company,
    /// The platforms and the roster, by the ending of their files.
    recorders: Vec<(&'static str, Arc<Recorder>, Server)>,
    secrets: SecretsManager,
}

impl World {
    pub(super) async fn of(company: Company) -> Self {
        let secrets = SecretsManager::start().await;
        let mut recorders = Vec::new();
        let roster = Reply::text(200, "text/csv", company.roster());
        let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now());
        let roster = now
            .into_iter()
            .fold(roster, |roster, now| roster.with_header("last-modified", &now));
        let (recorder, server) = Recorder::start(company.pace, move |_| Some(roster.clone())).await;
        let directory = json!({"kind": "roster_file", "url": format!("{}/roster.csv", server.url())});
        secrets.put("rollcall/directory", &directory);
        recorders.push(("csv", recorder, server));
        for id in company.platforms {
            let platform = providers::start(id).await;
            for n in 0..company.staying + company.joining + company.leaving {
                if let Some((seed, state)) = company.known(id, n) {
                    platform.seed(&seed, state);
                }
            }
            let mut document = platform.document();
            if let Some(fields) = document.as_object_mut().filter(|_| *id == "appxite") {
                fields.insert("page_size".to_owned(), json!(1000)); // as large as Powens's pages
            }
            let own = platform.url();
            let (recorder, server) = Recorder::start(company.pace, move |request| platform.answer(request)).await;
            secrets.put_text(
                &format!("rollcall/{id}"),
                &document.to_string().replace(&own, server.url()),
            );
            recorders.push(("json", recorder, server));
        }
        Self {
            company,
            recorders,
            secrets,
        }
    }

    /// What a function needs to work here, besides the certificate.
    pub(super) fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PROVIDERS", self.company.platforms.join(",")),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.secrets.url()),
            ("MANAGED_DOMAINS", "example.com".to_owned()),
            ("MAX_REMOVALS", "500".to_owned()),
            ("CALL_TIMEOUT_MS", "120000".to_owned()), // a million people are not rendered in ten seconds
        ]
    }

    /// How many accounts a run finds: at Bilanc, whoever is to join is known and has none.
    pub(super) fn accounts(&self) -> usize {
        (self.company.staying + self.company.leaving) * self.company.platforms.len()
    }

    /// How many changes a run has to make.
    pub(super) fn changes(&self) -> usize {
        (self.company.joining + self.company.leaving) * self.company.platforms.len()
    }

    /// How many calls there were, the roster's among them.
    pub(super) fn calls(&self) -> usize {
        self.recorders.iter().map(|(_, _, server)| server.calls().len()).sum()
    }

    /// Forgets the calls.
    pub(super) fn clear_calls(&self) {
        self.recorders.iter().for_each(|(_, _, server)| server.clear_calls());
    }

    /// What a run reads, in files of this folder; how many there are.
    pub(super) fn write_into(&self, folder: &Path) -> std::io::Result<usize> {
        let mut written = 0;
        for (ending, recorder, _) in &self.recorders {
            let answers = recorder.answers.lock().unwrap_or_else(PoisonError::into_inner);
            for reply in answers.values() {
                written += 1;
                std::fs::write(folder.join(format!("{written}.{ending}")), &reply.body)?;
            }
        }
        Ok(written)
    }
}
