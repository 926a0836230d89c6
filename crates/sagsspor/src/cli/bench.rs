//! What is measured, and where.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, value_parser};
use load::loads::{CLIENTS_MAX, LOADS, Load};

pub(crate) const BENCH_EXAMPLES: &str = "\
Examples:
  sagsspor bench                                        every load, and PostgreSQL beside it; ten minutes
  sagsspor bench --load notes-30 --clients 16,64        one load at two numbers of clients
  sagsspor bench --load notes-30 --rate 800             notes that are due 800 times a second
  sagsspor bench --json bench.json --chart bench.svg    the figures as JSON and as a picture
  sagsspor bench --from bench.json --chart bench.svg    the picture of an earlier run
  sagsspor bench --short --recorded docs/performance.json   the ratio to PostgreSQL, as ./check asks

The log is made for the run and removed afterwards. Latency counts from when a request was due. What
the columns mean, and what makes two runs comparable, stands in docs/performance.md.";

/// A load by its name.
fn load() -> impl TypedValueParser<Value = Load> {
    PossibleValuesParser::new(LOADS.map(|(_, name)| name))
        .try_map(|name| Load::named(&name).ok_or("unknown load"))
}

/// Requests a second.
fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.1..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("must be from 0.1 to 100,000 a second".to_owned()),
    }
}

/// What is measured, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct BenchArgs {
    /// A load; several with commas. All of them when not given.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = load())]
    pub(crate) load: Vec<Load>,
    /// How many clients send at once, at most 10,000; several numbers with commas. What a load has
    /// of its own when not given.
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = value_parser!(u32).range(1..=i64::from(CLIENTS_MAX)))]
    pub(crate) clients: Option<Vec<u32>>,
    /// Notes that are due each second, whatever the server does; as fast as the clients can when not
    /// given.
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Seconds for which each load is measured, after a second of warm-up.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// A directory on the disk under test, which is empty or does not exist yet; one in the working
    /// directory when not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// The seed of the cases: the same seed makes the same cases.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Ask no peer.
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// Write what was found to a file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a picture of it to a file, as SVG.
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
    /// Measure nothing and show what an earlier run wrote as JSON.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["load", "clients", "rate", "directory", "json", "short"])]
    pub(crate) from: Option<PathBuf>,
    /// Measure the one ratio that ./check compares: notes to cases of 30 events by 64 clients against
    /// PostgreSQL.
    #[arg(long, conflicts_with_all = ["load", "clients", "rate", "no_peers"])]
    pub(crate) short: bool,
    /// The ratios of earlier days, as JSON. The run fails when the ratio is below half of the one that
    /// was recorded for a program built like this, in each of three tries.
    #[arg(long, value_name = "FILE", requires = "short")]
    pub(crate) recorded: Option<PathBuf>,
}
