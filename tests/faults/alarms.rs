//! The alarms of `template.yaml`: what rings as soon as a number is above its threshold, and what rings when none comes.

use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml_ng::Value;

/// Namespace, metric, and the function, queue or group it is of.
pub(super) type Watched = (String, String, String);

fn alarms() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml");
    let template: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let alarms = resources.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    alarms.map(|alarm| alarm["Properties"].clone()).collect()
}

/// A text, or the resource that `!Ref` or `!GetAtt` names.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Tagged(tagged) => tagged.value.as_str(),
        value => value.as_str(),
    };
    text.unwrap().split('.').next().unwrap().to_owned()
}

fn of(alarm: &Value) -> Watched {
    let at = &alarm["Dimensions"][0]["Value"];
    (text(&alarm["Namespace"]), text(&alarm["MetricName"]), text(at))
}

/// What rings when it is above the threshold; `Rollcall`'s at once.
pub(super) fn watched() -> BTreeSet<Watched> {
    let alarms = alarms();
    let above = alarms.iter().filter(|alarm| {
        let at_once = alarm["Namespace"] != "Rollcall" || alarm["Threshold"] == 0;
        at_once && alarm["ComparisonOperator"] == "GreaterThanThreshold" && !alarm["AlarmActions"].is_null()
    });
    above.map(of).collect()
}

/// What rings when it does not come.
pub(super) fn of_silence() -> Vec<String> {
    let alarms = alarms();
    let silent = alarms
        .iter()
        .filter(|alarm| alarm["ComparisonOperator"] == "LessThanThreshold" && alarm["TreatMissingData"] == "breaching");
    silent
        .map(of)
        .map(|(_, metric, of)| format!("{metric} of {of}"))
        .collect()
}

/// The function's name in the template.
pub(super) fn resource(function: &str) -> String {
    let (first, rest) = function.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}
