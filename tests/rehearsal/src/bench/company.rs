//! A company of many people at one platform or all, whose lists are written once, so that a run waits for nobody's rendering.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rehearsal::providers::{self, Seed, Simulator, State};
use rehearsal::roster::RosterServer;
use rehearsal::secrets::SecretsManager;
use rehearsal::server::{Answer, Refusal, Reply, Request, Server, Site};
use serde_json::{Value, json};

/// How long an answer takes where that is what counts.
pub(super) const PACE: Duration = Duration::from_millis(100);

/// What goes between a platform and its client.
struct Recorder {
    platform: Box<dyn Simulator>,
    pace: Duration,
    /// What was answered to each `GET`, since the last write.
    answers: Mutex<BTreeMap<String, Reply>>,
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
        let reply = self.platform.answer(request).ok_or_else(cut)?;
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
pub(super) struct Company {
    pub(super) platforms: &'static [&'static str],
    /// In the roster and at every platform.
    pub(super) staying: usize,
    /// In the roster only.
    pub(super) joining: usize,
    /// At every platform; inactive in the roster.
    pub(super) leaving: usize,
    pub(super) pace: Duration,
}

/// The company, running.
pub(super) struct World {
    recorders: Vec<(Arc<Recorder>, Server)>,
    roster: RosterServer,
    csv: String,
    secrets: SecretsManager,
    platforms: String,
}

impl World {
    pub(super) async fn of(company: &Company) -> Self {
        let count = company.staying + company.joining + company.leaving;
        let mut csv = "email,first_name,last_name,status,access,powens_id\n".to_owned();
        for n in 0..count {
            let is_leaving = n >= company.staying + company.joining;
            let (status, access) = if is_leaving { ("left", "") } else { ("active", "*") };
            let _ = writeln!(
                csv,
                "person{n}@example.com,Person,Number{n},{status},{access},{}",
                n + 1
            );
        }
        let roster = RosterServer::start().await;
        roster.set("/roster.csv", "text/csv", csv.as_bytes());
        let secrets = SecretsManager::start().await;
        let url = format!("{}/roster.csv", roster.url());
        let directory = json!({"kind": "roster_file", "url": url});
        secrets.put("rollcall/directory", &directory);
        let mut recorders = Vec::new();
        for id in company.platforms {
            let platform = providers::start(id).await;
            let is_joining = |n| (company.staying..company.staying + company.joining).contains(&n);
            for n in 0..count {
                let state = match is_joining(n) {
                    false => State::Active,
                    true if *id == "bilanc" => State::Gone, // it lets nobody in of whom it never heard
                    true => continue,
                };
                let seed = Seed {
                    name: Some(format!("Person Number{n}")),
                    id: (*id == "powens").then(|| (n + 1).to_string()),
                    ..Seed::with_email(&format!("person{n}@example.com"))
                };
                platform.seed(&seed, state);
            }
            let (own, document) = (platform.url(), platform.document().to_string());
            let recorder = Arc::new(Recorder {
                platform,
                pace: company.pace,
                answers: Mutex::default(),
            });
            let server = Server::start(Arc::clone(&recorder) as Arc<dyn Site>).await;
            secrets.put_text(&format!("rollcall/{id}"), &document.replace(&own, server.url()));
            recorders.push((recorder, server));
        }
        Self {
            recorders,
            roster,
            csv,
            secrets,
            platforms: company.platforms.join(","),
        }
    }

    /// What a function needs to work here, besides the certificate.
    pub(super) fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PROVIDERS", self.platforms.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.secrets.url()),
            ("MANAGED_DOMAINS", "example.com".to_owned()),
            ("MIN_PEOPLE", "1".to_owned()),
        ]
    }

    /// How many calls there were, the roster's among them.
    pub(super) fn calls(&self) -> usize {
        let platforms = self.recorders.iter().map(|(_, server)| server.calls().len());
        platforms.sum::<usize>() + self.roster.calls().len()
    }

    /// Forgets the calls.
    pub(super) fn clear_calls(&self) {
        self.recorders.iter().for_each(|(_, server)| server.clear_calls());
        self.roster.clear_calls();
    }

    /// What a run reads, in files of this folder.
    pub(super) fn write_into(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        let mut files = vec![folder.join("roster.csv")];
        std::fs::write(folder.join("roster.csv"), &self.csv)?;
        for (recorder, _) in &self.recorders {
            let answers = recorder.answers.lock().unwrap_or_else(PoisonError::into_inner);
            for (n, reply) in answers.values().enumerate() {
                let file = folder.join(format!("{}-{n}.json", recorder.platform.id()));
                std::fs::write(&file, &reply.body)?;
                files.push(file);
            }
        }
        Ok(files)
    }
}
