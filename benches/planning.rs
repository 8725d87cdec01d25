//! How long deciding takes: roster and lists of four providers in, plans out.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot go on should fail where it stands"
)]

mod company;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use futures_util::FutureExt as _;
use shared::planning::memory::Memory;
use shared::planning::plan::{Desired, plan};

use company::{SIZES, Stage, runtime};

fn planning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("planning");
    group.sample_size(10);
    for people in SIZES {
        let stage = Stage::new(people);
        let bundle = stage.open();
        let roster = bundle.roster().now_or_never().unwrap().unwrap();
        let seen = bundle.observe(&stage.settings().providers).now_or_never().unwrap();
        let seen: Vec<_> = seen.into_iter().map(|(_, observed)| observed.unwrap()).collect();
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(BenchmarkId::new("four providers", people), |bencher| {
            bencher.iter(|| {
                for observed in &seen {
                    let desired = Desired::Exactly(black_box(&roster));
                    black_box(plan(observed, desired, &stage.settings().policy, &Memory::default()));
                }
            });
        });
    }
    group.finish();
}

fn main() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let mut criterion = Criterion::default().configure_from_args();
    planning(&mut criterion);
    criterion.final_summary();
}
