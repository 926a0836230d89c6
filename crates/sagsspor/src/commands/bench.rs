//! Loads on a log that is made for them: a server of this very program, and peers beside it.
//!
//! It writes to no log that it did not make: a load invents people.

mod place;
mod server;
mod tell;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use app::clock::{Clock, SystemClock};
use indicatif::ProgressBar;
use load::bench::{Bench, COMPARED, Progress, Settings};
use load::loads::{CLIENTS, LOADS, Load, OPEN_CLIENTS};
use load::pace::Span;
use load::peer::cluster::room_for;
use load::peer::postgres::{NOTE, Postgres};
use load::process::{machine, more_files};
use load::report::{Conditions, Peer, Report};
use load::{chart, disk};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::Value;

use crate::cli::bench::BenchArgs;
use crate::commands::bench::place::Place;
use crate::commands::bench::server::Server;
use crate::commands::serve::stop_signal;
use crate::exit;
use crate::text::terminal;

/// The broad question that the program asks itself for `sagsspor replay --json`.
const VIEW: &str = include_str!("case_view.graphql");
/// How often the disk is asked before a run, and after it.
const SYNCS: u32 = 200;
/// A ratio is only too small when it is in each of so many tries.
const TRIES: u32 = 3;
/// The short form measures for so long.
const SHORT: Duration = Duration::from_secs(4);

/// The bar of the terminal.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&self, what: &str, steps: u64) {
        self.0.set_position(0);
        self.0.set_length(steps);
        self.0.set_message(what.to_owned());
    }

    fn step(&self) {
        self.0.inc(1);
    }
}

fn settings(args: &BenchArgs, place: &Place) -> Settings {
    let loads = if args.load.is_empty() {
        LOADS.map(|(load, _)| load).to_vec()
    } else {
        args.load.clone()
    };
    Settings {
        loads,
        clients: args.clients.clone(),
        rate: args.rate,
        span: Span {
            warm_up: Duration::from_secs(1),
            measured: if args.short {
                SHORT
            } else {
                Duration::from_secs(args.seconds)
            },
        },
        seed: args.seed,
        view: VIEW,
        few_cases: args.short,
        directory: place.path().to_owned(),
    }
}

/// The most clients that will be connected at once.
fn clients_max(settings: &Settings) -> u32 {
    let own = CLIENTS.into_iter().chain([OPEN_CLIENTS]);
    let stated = settings.clients.iter().flatten().copied();
    own.chain(stated).max().unwrap_or(OPEN_CLIENTS)
}

fn conditions(settings: &Settings, dir: &Path) -> Result<Conditions> {
    let machine = machine();
    let file_system = disk::file_system(dir);
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Conditions {
        program: format!("sagsspor {}", env!("CARGO_PKG_VERSION")),
        build: build().to_owned(),
        began: SystemClock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        processors: u32::try_from(processors).unwrap_or(u32::MAX),
        processor: machine.processor,
        kernel: machine.kernel,
        memory_bytes: machine.memory,
        in_memory: disk::in_memory(&file_system),
        file_system,
        seed: settings.seed,
        seconds: settings.span.measured.as_secs_f64(),
        disk_before: disk::sync_latency(dir, SYNCS)
            .into_diagnostic()
            .wrap_err_with(|| dir.display().to_string())?,
        disk_after: None,
    })
}

const fn build() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

/// Starts the peer, or says why there is none.
async fn peer(
    args: &BenchArgs,
    dir: &Path,
    clients: u32,
    peers: &mut Vec<Peer>,
) -> Option<Postgres> {
    let mut told = |name: &str, version: Option<String>, note: String| {
        let name = name.to_owned();
        peers.push(Peer {
            name,
            version,
            note,
        });
    };
    if !args.short {
        told("UmaDB", None, UMADB.to_owned());
    }
    if args.no_peers {
        told("PostgreSQL", None, "--no-peers".to_owned());
        return None;
    }
    match Postgres::start(dir, room_for(clients)).await {
        Ok(peer) => {
            told("PostgreSQL", Some(peer.version.clone()), NOTE.to_owned());
            Some(peer)
        }
        Err(absent) => {
            told("PostgreSQL", None, absent.to_string());
            None
        }
    }
}

/// Why the other peer is not asked.
const UMADB: &str = "its client would bring 48 crates, among them a cryptographic library in C (docs/adr/0025-loads.md)";

/// Measures everything that was asked for, and where the time goes.
async fn measure(bench: &mut Bench<'_, Postgres>) -> Result<()> {
    bench.run().await.into_diagnostic()?;
    let usual = |load: &Load| matches!(load, Load::Notes(events) if *events == COMPARED.0);
    if bench.settings.loads.iter().any(usual) {
        bench.profile().await.into_diagnostic()?;
    }
    let after = disk::sync_latency(&bench.settings.directory, SYNCS).into_diagnostic()?;
    bench.report.conditions.disk_after = Some(after);
    Ok(())
}

/// The ratio that was recorded for a program built like this.
fn recorded(file: &Path) -> Result<f64> {
    let text = std::fs::read_to_string(file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read --recorded {}", file.display()))?;
    let value: Value = serde_json::from_str(&text)
        .into_diagnostic()
        .wrap_err_with(|| format!("--recorded {}", file.display()))?;
    let ratio = value
        .get("ratio")
        .and_then(|ratio| ratio.get(build())?.as_f64());
    ratio.ok_or_else(|| {
        miette!(
            "--recorded {} has no number ratio.{}",
            file.display(),
            build()
        )
    })
}

/// Measures the one ratio, again where it is too small.
async fn short(bench: &mut Bench<'_, Postgres>, recorded: Option<f64>) -> Result<ExitCode> {
    let (events, clients) = COMPARED;
    for _ in 0..TRIES {
        bench.report.rows.clear();
        bench.notes(events, clients).await.into_diagnostic()?;
        bench.append(clients, None).await.into_diagnostic()?;
        bench.report.compare();
        let load = Load::Notes(events).name();
        let Some(ratio) = bench.report.ratio(load, clients) else {
            return Ok(ExitCode::SUCCESS);
        };
        let rates: Vec<String> = bench
            .report
            .rows
            .iter()
            .map(|row| format!("{} {:.0}/s", row.target.name(), row.per_second))
            .collect();
        let before = recorded.map_or_else(String::new, |before| {
            format!(", recorded {before:.3} ({} build)", build())
        });
        terminal::say(&format!(
            "{load}, {clients} clients: {}, ratio {ratio:.3}{before}",
            rates.join(", ")
        ));
        if recorded.is_none_or(|before| ratio >= before / 2.0) {
            return Ok(ExitCode::SUCCESS);
        }
    }
    terminal::complain(&format!(
        "the ratio was below half of the recorded one in each of {TRIES} tries: recording has become slower, or this machine is another (docs/performance.md)"
    ));
    Ok(ExitCode::from(exit::FAILED))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", path.display()))
}

/// Shows what was found, and says whether anything failed.
fn show(args: &BenchArgs, report: &Report) -> Result<ExitCode> {
    tell::lines(report)
        .iter()
        .for_each(|line| terminal::say(line));
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(report).into_diagnostic()?;
        write(path, &(text + "\n"))?;
    }
    if let Some(path) = &args.chart {
        write(path, &chart::chart(report))?;
    }
    let failures = report
        .rows
        .iter()
        .filter_map(|row| Some((row, row.failure.as_ref()?)));
    let mut code = ExitCode::SUCCESS;
    for (row, failure) in failures {
        terminal::complain(&format!(
            "{} of {} requests of {} failed; the first was answered {failure}",
            row.failed,
            row.failed + row.done + row.busy,
            row.load
        ));
        code = ExitCode::from(exit::FAILED);
    }
    Ok(code)
}

/// The report of an earlier run.
fn earlier(file: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read --from {}", file.display()))?;
    serde_json::from_str(&text)
        .into_diagnostic()
        .wrap_err_with(|| format!("--from {} is not what a run writes", file.display()))
}

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode> {
    if let Some(file) = &args.from {
        return show(args, &earlier(file)?);
    }
    let recorded = args.recorded.as_deref().map(recorded).transpose()?;
    // A thread of its own for what sends: the server under test has the other processors.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .into_diagnostic()?;
    // Heard from before anything is made: a run that is interrupted removes what it made.
    let stop = {
        let _within = runtime.enter();
        stop_signal()?
    };
    let place = Place::new(args.directory.as_deref())?;
    more_files();
    let settings = settings(args, &place);
    let clients = clients_max(&settings);
    let mut report = Report::new(conditions(&settings, place.path())?);
    let bar = terminal::bar("starting", 1);
    let server = Server::start(place.path(), clients)?;
    let measured = runtime.block_on(async {
        let measured = async {
            let peer = peer(args, place.path(), clients, &mut report.peers).await;
            let progress = Arc::new(Bar(bar.clone()));
            let mut bench = Bench::new(server.address, &server, peer, settings, report, progress);
            let code = if args.short {
                short(&mut bench, recorded).await
            } else {
                measure(&mut bench).await.map(|()| ExitCode::SUCCESS)
            };
            (bench.report, code)
        };
        tokio::select! {
            measured = measured => Ok(measured),
            () = stop => Err(miette!("interrupted; what was made for the run is removed")),
        }
    });
    bar.finish_and_clear();
    let (report, code) = measured?;
    let code = code.wrap_err_with(|| match server.last_words() {
        words if words.is_empty() => "the run was given up".to_owned(),
        words => format!("the run was given up; the server said last: {words}"),
    });
    drop((runtime, server, place));
    if !args.short {
        // What was found before it was given up is worth something.
        let shown = show(args, &report)?;
        return code.map(|_| shown);
    }
    let code = code?;
    for peer in report.peers.iter().filter(|peer| peer.version.is_none()) {
        terminal::say(&format!("{}: not measured: {}", peer.name, peer.note));
    }
    Ok(code)
}
