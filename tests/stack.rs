//! README's "Deploy", run by `.ci/try_stack`: README's own commands, and the functions in the environment that a stack gave them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rehearsal::company::Company;
use rehearsal::host::{Function, Invocation, UrlRequest, serve};
use rehearsal::providers::{self, IDS, Simulator};
use rehearsal::roster::RosterServer;
use serde_json::{Value, json};

use crate::openapi;
use crate::stage::{Folder, binary};

#[tokio::test]
#[ignore = "run by .ci/try_stack"]
async fn readme_leads_to_a_preview() {
    let stack = PathBuf::from(variable("ROLLCALL_STACK"));
    let company = Company::new(26);
    let mut simulators = Vec::new();
    for id in IDS {
        simulators.push(providers::start(id).await);
    }
    company.settle_into(simulators.iter().map(|simulator| &**simulator));
    let roster = RosterServer::start().await;
    roster.set("/roster.csv", "text/csv", company.roster_csv().as_bytes());
    let folder = Folder::new();
    write_documents(&folder, &simulators, &roster);

    run(stack.join("secrets.sh"), folder.path()).await;
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "README leaves keys behind: {left:?}");

    let functions = start_functions(&stack).await;
    let port = variable("ROLLCALL_STACK_PORT").parse().unwrap();
    let listening = serve(functions.clone(), ([127, 0, 0, 1], port).into()).await.unwrap();
    let before = company.differences(&simulators);
    let said = run(stack.join("look.sh"), folder.path()).await;
    drop(listening);
    let preview = said.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let preview: Value = preview.unwrap_or_else(|| panic!("no preview at the end: {said}"));
    let (joiners, leavers) = (count(&preview, "onboard"), count(&preview, "offboard"));
    assert_eq!(preview["mode"], "preview", "{preview}");
    assert_eq!(preview["status"], "done", "{preview}");
    assert!(joiners > 0 && leavers > 0, "{preview}");
    let after = company.differences(&simulators);
    assert_eq!(after, before, "the preview changed something");

    let (_, reconcile) = functions.iter().find(|(name, _)| name == "reconcile").unwrap();
    // What the schedule of the template sends at night.
    let nightly = json!({"mode": "preview", "schedule": "nightly"});
    let nightly = reconcile.invoke(&nightly).await;
    assert!(matches!(nightly, Invocation::Answered(_)), "{nightly:?}");
    let token = std::fs::read_to_string(stack.join("token")).unwrap();
    let request = UrlRequest::post("/", &json!({"mode": "apply"})).bearer(&token);
    let answer = reconcile.request(request).await;
    openapi::check("reconcile", &answer);
    let applied = answer.json();
    assert_eq!(applied["status"], "done", "{applied}");
    let done = (count(&applied, "onboard"), count(&applied, "offboard"));
    assert_eq!(done, (joiners, leavers), "not what the preview said: {applied}");
}

/// What an operator of these providers would write down.
fn write_documents(folder: &Folder, simulators: &[Box<dyn Simulator>], roster: &RosterServer) {
    for simulator in simulators {
        let mut document = simulator.document();
        document.as_object_mut().unwrap().remove("allow_delete"); // deleting for ever is not how one begins
        folder.write(&format!("{}.json", simulator.id()), &document.to_string());
    }
    let source = json!({"kind": "roster_file", "url": format!("{}/roster.csv", roster.url())});
    folder.write("directory.json", &source.to_string());
}

/// The built functions with the stack's variables, and the way to moto.
async fn start_functions(stack: &Path) -> Vec<(String, Arc<Function>)> {
    let given = std::fs::read_to_string(stack.join("functions.json")).unwrap();
    let given: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&given).unwrap();
    let names = [
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    let moto = names.map(|name| (name, variable(name)));
    let mut functions = Vec::new();
    for (name, env) in &given {
        let own = env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let env: Vec<_> = own
            .chain(moto.iter().map(|(name, value)| (*name, value.as_str())))
            .collect();
        let function = Function::start(&binary(name), &env).await;
        assert!(function.is_alive(), "{name} ended: {}", function.output());
        functions.push((name.clone(), Arc::new(function)));
    }
    assert_eq!(functions.len(), 4);
    functions
}

/// What README's commands say; the functions they ask are served meanwhile.
async fn run(commands: PathBuf, folder: &Path) -> String {
    let mut shell = Command::new("sh");
    shell.arg("-eu").arg(commands).current_dir(folder);
    let done = tokio::task::spawn_blocking(move || shell.output())
        .await
        .unwrap()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn count(report: &Value, action: &str) -> usize {
    let providers = report["providers"].as_array().unwrap().iter();
    let changes = providers.flat_map(|provider| provider["changes"].as_array().into_iter().flatten());
    changes.filter(|change| change["action"] == action).count()
}

fn variable(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "says where the stack is, and is no setting of a function"
    )]
    let value = std::env::var(name);
    value.unwrap_or_else(|_| panic!("no {name}: see .ci/try_stack"))
}
