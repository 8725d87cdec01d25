//! A company of any size for the benches: its roster, and what its four platforms answer, made before anything is measured.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rehearsal::company::{Company, Person};
use secrecy::SecretString;
use serde_json::json;
use shared::bundle::{Bundle, Origin, Process};
use shared::settings::Settings;
use shared::tools::clock::{Clock, Deadline};
use shared::tools::http::{Answer, Carrier, Http, Request, Undelivered};
use shared::tools::secrets::Documents;
use tokio::runtime::{Builder, Runtime};

/// The sizes that are measured.
pub(crate) const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

const PLATFORMS: [&str; 4] = ["bilanc", "blackbird", "appxite", "powens"];

/// The platforms, each at a host of its own name; what they list is in files.
struct Platforms(usize);

#[async_trait]
impl Carrier for Platforms {
    async fn carry(&self, request: Request) -> Result<Answer, Undelivered> {
        let platform = PLATFORMS.iter().find(|id| request.url.contains(*id));
        let body = match platform {
            Some(_) if request.url.ends_with("/token") => br#"{"access_token":"t","expires_in":3600}"#.to_vec(),
            Some(id) => std::fs::read(path(id, self.0)).unwrap(),
            None => Vec::new(),
        };
        Ok(Answer {
            status: 200,
            headers: Default::default(),
            body: body.into(),
        })
    }
}

/// What one platform lists, in its own spelling.
fn list(id: &str, company: &Company) -> Vec<u8> {
    let people = company.people.iter().enumerate();
    let present = people.filter(|(_, person)| person.accounts.contains_key(id));
    let entry = |(n, person): (usize, &Person)| {
        let Person { email, first, last, .. } = person;
        let uuid = format!("0d0f6a52-6c0e-4a39-9c0b-{n:012x}");
        let entry = match id {
            "bilanc" => {
                json!({"merged_user_id": uuid, "name": format!("{first} {last}"), "email": email, "github_username": person.github})
            }
            "blackbird" => {
                json!({"id": uuid, "email": email, "roles": ["leadAnalyst"], "status": "active", "firstName": first, "lastName": last})
            }
            "appxite" => {
                json!({"Id": uuid, "Email": email, "CreatedDate": "2026-01-01T00:00:00Z", "AccountState": "Active"})
            }
            _ => {
                let id = person.powens.as_deref().and_then(|id| id.parse::<u64>().ok());
                json!({"id": id.unwrap_or(n as u64 + 1), "signin": "2025-03-01 09:30:00", "platform": "sharedAccess"})
            }
        };
        entry.to_string()
    };
    let entries: Vec<String> = present.map(entry).collect();
    let (total, entries) = (entries.len(), entries.join(","));
    let body = match id {
        "bilanc" => format!(r#"{{"total_users_found":{total},"users":[{entries}]}}"#),
        "blackbird" => format!(r#"{{"body":[{entries}]}}"#),
        "appxite" => format!(r#"{{"Items":[{entries}],"TotalCount":{total}}}"#),
        _ => format!(r#"{{"users":[{entries}],"total":{total}}}"#),
    };
    body.into_bytes()
}

/// The process of a function whose platforms answer at once, and its documents.
pub(crate) struct Stage {
    process: Arc<Process>,
    documents: Documents,
}

impl Stage {
    /// A company of `people`, written into files.
    pub(crate) fn new(people: usize) -> Self {
        let company = Company::new(people);
        std::fs::write(path("roster", people), company.roster_csv()).unwrap();
        for id in PLATFORMS {
            std::fs::write(path(id, people), list(id, &company)).unwrap();
        }
        let settings = Settings::read(|name| {
            let text = match name {
                "PROVIDERS" => "bilanc,blackbird,appxite,powens",
                "SECRETS" => "file:/nonexistent",
                "MANAGED_DOMAINS" => "example.com",
                _ => return None,
            };
            Some(text.to_owned())
        })
        .unwrap();
        let http = Http::over(Arc::new(Platforms(people)), settings.limits, Clock::System);
        let url = format!("file:{}", path("roster", people).display());
        let documents = [
            ("bilanc", json!({"api_key": "k", "base_url": "https://bilanc.example"})),
            (
                "blackbird",
                json!({"client_id": "c", "client_secret": "s", "token_url": "https://blackbird.example/token", "base_url": "https://blackbird.example"}),
            ),
            (
                "appxite",
                json!({"base_url": "https://appxite.example", "subscription_key": "k", "token": "t", "organization_ids": ["o"]}),
            ),
            (
                "powens",
                json!({"base_url": "https://powens.example", "users_token": "t", "client_id": "c", "client_secret": "s"}),
            ),
            ("directory", json!({"kind": "roster_file", "format": "csv", "url": url})),
        ];
        let documents = documents.map(|(name, document)| (name, SecretString::from(document.to_string())));
        Self {
            process: Arc::new(Process::over(http, settings)),
            documents: Documents::new(documents),
        }
    }

    /// The settings of the function.
    pub(crate) fn settings(&self) -> &Settings {
        self.process.settings()
    }

    /// The bundle of one invocation.
    pub(crate) fn open(&self) -> Bundle {
        let origin = Origin {
            by: "bench".to_owned(),
            run: "bench".to_owned(),
            at: None,
        };
        let deadline = Deadline::after(Duration::from_secs(900));
        Bundle::open(&self.process, self.documents.clone(), deadline, origin)
    }
}

/// What counts time limits, though nothing here is waited for.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn path(what: &str, people: usize) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/benches");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{what}-{people}"))
}
