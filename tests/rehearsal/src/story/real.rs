//! `--env FILE`: the same binaries with your own settings. It looks, and writes nothing itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use rehearsal::host::Invocation;
use serde_json::{Value, json};

use super::flags::Flags;
use super::show::{self, text};
use super::stage::{self, Stage};
use super::{Trouble, dotenv, headline, say, took};

/// Lists, previews, and serves the URLs unless it was to be done once.
pub(crate) async fn play(file: &Path, flags: &Flags) -> Result<(), Trouble> {
    let env = environment(file)?;
    say!(
        "Rollcall with the settings of {}: real providers. This program looks only and writes nothing.",
        file.display()
    );
    let stage = Stage::set(&env).await?;
    let looked = look(&stage).await;
    if !flags.once {
        if let Err(trouble) = &looked {
            say!("\n{}", trouble.message);
        }
        headline("It stays up. These are real providers: onboard, offboard and reconcile in mode apply write.");
        stage.print_addresses();
        say!("\n   With a bearer secret of your callers document in TOKEN:");
        say!(
            "   curl -sS -H \"authorization: Bearer $TOKEN\" '{}/?view=people'",
            stage.url("list")
        );
        say!(
            "   curl -sS -H \"authorization: Bearer $TOKEN\" '{}/' -d '{{\"mode\": \"preview\"}}'",
            stage.url("reconcile")
        );
        stage.stay_up().await;
    }
    looked
}

async fn look(stage: &Stage) -> Result<(), Trouble> {
    let people = json!({"view": "people"});
    step(stage, "1. Who has access now?", "list", &people, show::people).await?;
    let preview = json!({"mode": "preview"});
    let title = "2. What would change? A preview writes nothing.";
    let plan = step(stage, title, "reconcile", &preview, show::report).await?;
    let lost = show::unreached(&plan);
    if lost.is_empty() {
        return Ok(());
    }
    Err(Trouble::failure(format!(
        "Not every provider was reached:\n   {}",
        lost.join("\n   ")
    )))
}

async fn step(stage: &Stage, title: &str, name: &str, event: &Value, show: fn(&Value)) -> Result<Value, Trouble> {
    headline(title);
    say!(
        "   aws lambda invoke --function-name {name} --cli-binary-format raw-in-base64-out --payload '{event}' /dev/stdout\n"
    );
    let function = stage.function(name)?;
    let begun = Instant::now();
    let answer = match function.invoke(event).await {
        Invocation::Answered(answer) => answer,
        Invocation::Failed { error_type, message } => {
            return Err(Trouble::failure(format!(
                "{name} failed: {error_type}: {message}\n{}",
                stage::said(function)
            )));
        }
        Invocation::Died => return Err(Trouble::failure(format!("{name} died. {}", stage::said(function)))),
    };
    if answer.get("providers").is_none() {
        return Err(Trouble::failure(format!("{name} says: {}", show::error(&answer))));
    }
    show(&answer);
    let status = Some(text(&answer, "status")).filter(|status| !status.is_empty());
    say!(
        "   {}{}",
        status.map(|status| format!("{status}, ")).unwrap_or_default(),
        took(begun)
    );
    Ok(answer)
}

/// The file over what of the caller's environment concerns AWS.
#[expect(clippy::disallowed_methods, reason = "the caller's AWS keys, handed on unread")]
fn environment(file: &Path) -> Result<Vec<(String, String)>, Trouble> {
    let cannot = |what: &str| Trouble::usage(format!("{}: {what}", file.display()));
    let read = std::fs::read_to_string(file).map_err(|error| cannot(&error.to_string()))?;
    let own = dotenv::parse(&read).map_err(|error| cannot(&error))?;
    let ours = |name: &str| name.starts_with("AWS_") && !name.starts_with("AWS_LAMBDA_");
    // Names and values that are no text cannot be settings of ours.
    let passed =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut env: BTreeMap<_, _> = passed.filter(|(name, _)| ours(name)).collect();
    env.extend(own);
    if env.get("PROVIDERS").is_none_or(|providers| providers.trim().is_empty()) {
        return Err(cannot("PROVIDERS is missing, for example PROVIDERS=bilanc,blackbird"));
    }
    if !env.get("SECRETS").is_some_and(|secrets| secrets.starts_with("file:")) {
        let region = env.get("AWS_REGION").or(env.get("AWS_DEFAULT_REGION")).cloned();
        let region = region
            .ok_or_else(|| cannot("set AWS_REGION for Secrets Manager, or SECRETS=file:DIR to do without AWS"))?;
        env.insert("AWS_REGION".to_owned(), region);
        if !env.contains_key("AWS_ACCESS_KEY_ID") {
            let how = r#"eval "$(aws configure export-credentials --format env)" takes the keys of your profile"#;
            return Err(cannot(&format!("no AWS keys are in the environment: {how}")));
        }
    }
    Ok(env.into_iter().collect())
}
