//! Random commands on the embedded store while its disk and its index fail at any call, threads are
//! interleaved in every order that a scheduler can choose, and the power goes; against a simple
//! model.
//!
//! After every restart: what was acknowledged is there once, what was refused is not, of what
//! nobody knows all is there or nothing; and an auditor that shares no code with the writer finds
//! nothing wrong. A seed decides everything, so that whatever is found can be run again.

mod dice;
mod life;
mod log;
mod model;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::life::{Told, run};

const USAGE: &str = "\
Random commands on the store, with faults at every call of disk and index, interleavings and crashes.

Usage: simulation [--seeds N] [--from SEED] [--threads N]

  --seeds N     how many seeds (2000)
  --from SEED   the first of them (0); with --seeds 1 it runs one again
  --threads N   how many at once (2)

Example: simulation --seeds 1 --from 4711";

struct Wish {
    seeds: u64,
    from: u64,
    threads: u64,
}

fn wish() -> Option<Wish> {
    let mut wish = Wish {
        seeds: 2_000,
        from: 0,
        threads: 2,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?.parse().ok()?;
        match name.as_str() {
            "--seeds" => wish.seeds = value,
            "--from" => wish.from = value,
            "--threads" => wish.threads = value,
            _ => return None,
        }
    }
    (wish.seeds > 0 && wish.threads > 0).then_some(wish)
}

/// Runs one seed; answers what went wrong.
fn try_seed(seed: u64, told: &Mutex<Told>) -> Result<(), String> {
    let mut config = shuttle::Config::default();
    config.stack_size = 1 << 20;
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(seed, 1);
    let runner = shuttle::Runner::new(scheduler, config);
    let own = std::sync::Arc::new(Mutex::new(Told::default()));
    let inner = std::sync::Arc::clone(&own);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runner.run(move || {
            let told = run(seed);
            *inner.lock().unwrap_or_else(PoisonError::into_inner) = told;
        });
    }));
    match outcome {
        Ok(()) => {
            told.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(&own.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(())
        }
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(text.unwrap_or_else(|| "it panicked".to_owned()))
        }
    }
}

fn main() -> ExitCode {
    let Some(wish) = wish() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let (next, failed) = (AtomicU64::new(wish.from), AtomicBool::new(false));
    let (told, begin) = (Mutex::new(Told::default()), Instant::now());
    let end = wish.from + wish.seeds;
    std::thread::scope(|scope| {
        for _ in 0..wish.threads {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    if (seed - wish.from) % 10_000 == 9_999 {
                        println!(
                            "{} of {} seeds, {} s",
                            seed + 1 - wish.from,
                            wish.seeds,
                            begin.elapsed().as_secs()
                        );
                    }
                    if let Err(what) = try_seed(seed, &told) {
                        failed.store(true, Ordering::Relaxed);
                        eprintln!(
                            "FAIL seed {seed}: {what}\nagain: simulation --seeds 1 --from {seed}"
                        );
                    }
                }
            });
        }
    });
    if failed.load(Ordering::Relaxed) {
        return ExitCode::FAILURE;
    }
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} seeds in {} s: {told}",
        wish.seeds,
        begin.elapsed().as_secs()
    );
    println!("{} passed, 0 failed", wish.seeds);
    ExitCode::SUCCESS
}
