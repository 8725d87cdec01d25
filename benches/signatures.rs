//! How long the door takes to admit a signed request, the callers' document read and one key among two found.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion};
use jiff::Timestamp;
use rehearsal::host::UrlRequest;
use rehearsal::senders::{SCHEMES, secret, sign};
use secrecy::SecretString;
use serde_json::json;
use shared::door::{Function, admits};
use shared::tools::secrets::Documents;

/// About what an HR system sends about one person.
const BODY_BYTES: usize = 4096;

fn signatures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signatures");
    let now = Timestamp::now();
    let body = json!({"note": "x".repeat(BODY_BYTES)}).to_string();
    for scheme in SCHEMES {
        let caller = json!({"scheme": scheme, "secrets": [secret(scheme, 1), secret(scheme, 2)], "may": ["offboard"]});
        let callers = json!({ scheme: caller }).to_string();
        let documents = Documents::new([("callers", SecretString::from(callers))]);
        let path = format!("/{scheme}");
        let headers = sign(scheme, &secret(scheme, 2), &path, body.as_bytes(), now);
        let request = UrlRequest::new("POST", &path).body(body.as_bytes());
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, value));
        let event = request.event("bench");
        assert!(admits(event.clone(), Function::Offboard, &documents, now), "{scheme}");
        group.bench_function(BenchmarkId::from_parameter(scheme), |bencher| {
            let event = || event.clone();
            let admit = |event| black_box(admits(event, Function::Offboard, &documents, now));
            bencher.iter_batched(event, admit, BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    signatures(&mut criterion);
    criterion.final_summary();
}
