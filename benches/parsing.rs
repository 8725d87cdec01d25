//! How long reading takes, without the network: a provider's list, a roster.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot go on should fail where it stands"
)]

mod company;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use futures_util::FutureExt as _;

use company::{SIZES, Stage, runtime};

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parsing");
    group.sample_size(10);
    for people in SIZES {
        let stage = Stage::new(people);
        let bundle = stage.open();
        group.throughput(Throughput::Elements(people as u64));
        for id in &stage.settings().providers {
            group.bench_function(BenchmarkId::new(id.name(), people), |bencher| {
                bencher.iter(|| black_box(bundle.observe(&[*id]).now_or_never().unwrap()));
            });
        }
        group.bench_function(BenchmarkId::new("roster", people), |bencher| {
            bencher.iter(|| black_box(bundle.roster().now_or_never().unwrap().unwrap()));
        });
    }
    group.finish();
}

fn main() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let mut criterion = Criterion::default().configure_from_args();
    parsing(&mut criterion);
    criterion.final_summary();
}
