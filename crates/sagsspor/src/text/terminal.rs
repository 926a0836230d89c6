//! The terminal: lines to standard output, complaints and progress to standard error.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tracing_subscriber::filter::LevelFilter;

/// Prints a line. A reader that closes the pipe early is no error.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if out
        .write_all(line.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .is_err()
    {
        tracing::debug!("nobody reads the output");
    }
}

/// Prints to standard error.
pub(crate) fn complain(line: &str) {
    let mut out = std::io::stderr().lock();
    if out
        .write_all(line.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .is_err()
    {
        tracing::debug!("nobody reads the errors");
    }
}

/// Prints an error with its causes, and what can be done about it.
pub(crate) fn complain_about(report: &miette::Report) {
    let mut causes = report.chain().map(ToString::to_string);
    complain(&format!("error: {}", causes.next().unwrap_or_default()));
    causes.for_each(|cause| complain(&format!("  because: {cause}")));
    if let Some(help) = report.help() {
        complain(&format!("  help: {help}"));
    }
}

/// Starts logging to standard error.
pub(crate) fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

/// A progress bar on standard error; nothing where that is no terminal.
pub(crate) fn bar(title: &'static str, total: u64) -> ProgressBar {
    styled(title, total, "{msg:20} {wide_bar} {pos}/{len} {eta:>4}")
}

/// A progress bar that counts bytes.
pub(crate) fn bytes_bar(title: &'static str, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{msg:20} {wide_bar} {bytes}/{total_bytes} {eta:>4}",
        None => "{msg:20} {spinner} {bytes}",
    };
    styled(title, total.unwrap_or(0), template)
}

fn styled(title: &'static str, total: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(title);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
