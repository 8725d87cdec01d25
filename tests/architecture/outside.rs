//! What stands outside the code agrees with it: environment variables, template, README, registry and simulators.

use std::collections::BTreeMap;

use shared::error::ErrorKind;
use shared::providers::REGISTRY;
use shared::settings::Settings;
use shared::tools::clock::Clock;
use shared::tools::http::Http;
use shared::tools::secrets::Documents;

use super::source::{Source, read, root, sources};

/// Variables that are not ours, and the files that read them.
const FOREIGN: &[(&str, &str)] = &[
    ("CARGO_PKG_VERSION", "shared/src/tools/http/mod.rs"), // while building
    ("AWS_REGION", "shared/src/tools/aws.rs"),
    ("AWS_DEFAULT_REGION", "shared/src/tools/aws.rs"),
    ("AWS_ACCESS_KEY_ID", "shared/src/tools/aws.rs"),
    ("AWS_SECRET_ACCESS_KEY", "shared/src/tools/aws.rs"),
    ("AWS_SESSION_TOKEN", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL_DYNAMODB", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL_S3", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL_SQS", "shared/src/tools/aws.rs"),
    ("AWS_ENDPOINT_URL_SCHEDULER", "shared/src/tools/aws.rs"),
    ("ALL_OLD", "shared/src/tools/ledger/dynamodb/mod.rs"),
    // What GitHub, Okta and Powens call things.
    ("USER_CREATED", "shared/src/door/senders/powens.rs"),
    ("USER_DELETED", "shared/src/door/senders/powens.rs"),
    ("USER_SYNCED", "shared/src/door/senders/powens.rs"),
    ("INSUFFICIENT_SCOPES", "shared/src/directories/github/graphql.rs"),
    ("NOT_FOUND", "shared/src/directories/github/graphql.rs"),
    ("RATE_LIMITED", "shared/src/directories/github/graphql.rs"),
    ("PASSWORD_EXPIRED", "shared/src/directories/okta.rs"),
    ("LOCKED_OUT", "shared/src/directories/okta.rs"),
];

/// The file that may read the environment: it hands it to the settings.
const READERS: &[&str] = &["shared/src/door/mod.rs"];

/// Variables the template leaves out, each with its reason.
const NOT_IN_TEMPLATE: &[(&str, &str)] = &[(
    "EXTRA_CA_FILE",
    "names a file that the deployment would have to bring along in a layer of its own",
)];

/// Whether text could be a variable's name.
fn is_variable(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.len() > 2 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(allowed)
}

/// Every variable of ours: the names in `settings.rs`.
fn variables() -> Vec<String> {
    let settings = Source::new("shared/src/settings.rs", &read("shared/src/settings.rs"));
    let mut names: Vec<String> = settings
        .literals
        .into_iter()
        .filter(|literal| is_variable(literal))
        .collect();
    names.sort();
    names.dedup();
    assert!(names.len() > 10, "settings.rs names only {names:?}");
    names
}

/// `Environment: Variables:` of the template, of all functions and of single ones, as written.
fn template_variables() -> BTreeMap<String, String> {
    let template = read("template.yaml");
    let mut variables = BTreeMap::new();
    for (start, heading) in template.match_indices(" Variables:\n") {
        let column = start - template[..start].rfind('\n').expect("a line before it");
        let indent = " ".repeat(column + 2);
        let lines = template[start + heading.len()..].lines();
        let block = lines.take_while(|line| line.starts_with(&indent));
        let pairs = block.filter_map(|line| line.trim().split_once(": "));
        variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    assert!(variables.len() > 10, "the template sets only {variables:?}");
    variables
}

/// The default of a parameter of the template; `None` where the operator has to choose.
fn template_default(parameter: &str) -> Option<String> {
    let template = read("template.yaml");
    let heading = format!("\n  {parameter}:\n");
    let start = template
        .find(&heading)
        .unwrap_or_else(|| panic!("the template has no parameter {parameter}"));
    let lines = template[start + heading.len()..].lines();
    let mut own = lines.take_while(|line| line.starts_with("    "));
    let default = own.find_map(|line| line.strip_prefix("    Default: "))?;
    Some(default.split(" #").next()?.trim().trim_matches('"').to_owned())
}

#[test]
fn a_variable_is_named_in_settings_only() {
    let ours = variables();
    for source in sources("shared/src").iter().chain(&sources("functions")) {
        if source.path == "shared/src/settings.rs" {
            continue;
        }
        for literal in source.literals.iter().filter(|literal| is_variable(literal)) {
            assert!(!ours.contains(literal), "{} reads {literal}", source.path);
            let foreign = FOREIGN.contains(&(literal, &source.path));
            assert!(
                foreign || !literal.contains('_'),
                "{}: is {literal} a variable?",
                source.path
            );
        }
        let reads = source.code.contains("env::var") || source.code.contains("env::vars");
        assert_eq!(
            reads,
            READERS.contains(&source.path.as_str()),
            "{} reads the environment",
            source.path
        );
    }
}

#[test]
fn the_template_sets_every_variable_and_no_other() {
    let set = template_variables();
    let ours = variables();
    for name in &ours {
        let left_out = NOT_IN_TEMPLATE.iter().any(|(other, _)| other == name);
        assert_ne!(set.contains_key(name), left_out, "the template and {name}");
    }
    for name in set.keys() {
        assert!(ours.contains(name), "the template sets {name}, which nobody reads");
    }
}

#[test]
fn the_templates_defaults_are_the_codes() {
    let mut values = BTreeMap::new();
    let mut variables = template_variables();
    // The stack brings what the code cannot know of.
    for (name, value) in [
        ("SCHEDULE_GROUP", "!Ref Leavers"),
        ("SCHEDULE_ROLE_ARN", "!GetAtt SendLeavers.Arn"),
        ("OFFBOARD_QUEUE_ARN", "!GetAtt OffboardQueue.Arn"),
    ] {
        assert_eq!(variables.remove(name).as_deref(), Some(value));
    }
    for (name, value) in variables {
        let value = match value.strip_prefix("!Ref ") {
            Some(parameter) => template_default(parameter),
            None => Some(value),
        };
        values.extend(value.map(|value| (name, value)));
    }
    // What only the operator can know.
    assert_eq!((values.get("PROVIDERS"), values.get("MIN_PEOPLE")), (None, None));
    // The stack brings the table that the code cannot know of.
    let ledger = values.remove("LEDGER");
    assert_eq!(ledger.as_deref(), Some(r#"!Sub "dynamodb:${Ledger}""#));
    // And queues, which Ref gives as addresses; the code has none.
    let template = read("template.yaml");
    values.retain(|_, value| !value.starts_with("!Ref "));
    for name in ["Onboard", "Offboard", "Reconcile"] {
        assert!(template.contains(&format!("_QUEUE_URL: !Ref {name}Queue\n")), "{name}");
    }
    values.insert("PROVIDERS".to_owned(), "bilanc".to_owned());
    let of_template = Settings::read(|name| values.get(name).cloned()).expect("defaults that are accepted");
    let of_code = Settings::read(|name| (name == "PROVIDERS").then(|| "bilanc".to_owned())).expect("accepted");
    assert_eq!(format!("{of_template:?}"), format!("{of_code:?}"));
}

#[test]
fn the_template_deploys_the_four_functions() {
    let template = read("template.yaml");
    for name in ["list", "onboard", "offboard", "reconcile"] {
        assert!(root().join(format!("functions/{name}.rs")).is_file());
        assert_eq!(
            template.matches(&format!("        Binary: {name}\n")).count(),
            1,
            "{name}"
        );
        let manifest = format!("[[bin]]\nname = \"{name}\"\npath = \"functions/{name}.rs\"\n");
        assert!(read("Cargo.toml").contains(&manifest), "{name}");
    }
    assert_eq!(template.matches("        Binary: ").count(), 4);
    assert_eq!(template.matches("Type: AWS::Serverless::Function\n").count(), 4);
}

#[test]
fn a_provider_a_secret_a_simulator_and_a_file_have_one_name() {
    let ids: Vec<&str> = REGISTRY.iter().map(|registration| registration.id.name()).collect();
    assert_eq!(ids, rehearsal::providers::IDS);
    let http = Http::new(limits(), Clock::System, None).expect("an HTTP client");
    for registration in REGISTRY {
        let id = registration.id.name();
        assert!(
            root().join(format!("tests/rehearsal/src/providers/{id}.rs")).is_file(),
            "the simulator {id}"
        );
        // It asks for the document of its own name, and for no other.
        let others = ids
            .iter()
            .filter(|other| **other != id)
            .map(|other| (*other, "{}".to_owned().into()));
        let refused = (registration.connect)(&http, &Documents::new(others))
            .err()
            .expect("no document, no provider");
        assert_eq!(refused.kind(), ErrorKind::Misconfigured);
        assert_eq!(refused.context("document"), Some(id));
    }
}

fn limits() -> shared::tools::http::Limits {
    Settings::read(|name| (name == "PROVIDERS").then(|| "bilanc".to_owned()))
        .expect("accepted")
        .limits
}

/// The cells of every table row of the README that is not a ruler.
fn readme_rows() -> Vec<Vec<String>> {
    let readme = read("README.md");
    let rows = readme
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|-") && !line.starts_with("| -"));
    let cells = |row: &str| {
        row.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_readme_names_every_variable_in_a_table() {
    let rows = readme_rows();
    let first = rows.iter().filter_map(|row| row.first());
    let first: Vec<&String> = first.collect();
    let missing: Vec<String> = variables()
        .into_iter()
        .filter(|name| !first.iter().any(|cell| cell.contains(&format!("`{name}`"))))
        .collect();
    assert!(missing.is_empty(), "README.md has no row for {missing:?}");
}

#[test]
fn the_readme_has_a_row_for_every_provider() {
    let rows = readme_rows();
    for registration in REGISTRY {
        let id = registration.id.name();
        let named = |row: &Vec<String>| {
            let first = row
                .first()
                .map(|cell| cell.trim_matches(['`', '[', ']', '*']).to_lowercase());
            first.is_some_and(|first| first.starts_with(id)) && row.len() > 2
        };
        assert!(rows.iter().any(named), "README.md has no row for {id}");
    }
}
