//! The terminal: answers to standard output, complaints and progress to standard error.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bundle chooses some of the words that are printed; it must not move the cursor with them, nor
/// turn the direction of reading.
fn harmless(line: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.chars()
        .map(|c| {
            if c.is_control() || turns(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect::<String>()
        + "\n"
}

/// Prints a line. A reader that closes the pipe early is no error.
pub(crate) fn say(line: &str) {
    drop(
        std::io::stdout()
            .lock()
            .write_all(harmless(line).as_bytes()),
    );
}

/// Prints to standard error.
pub(crate) fn complain(line: &str) {
    drop(
        std::io::stderr()
            .lock()
            .write_all(harmless(line).as_bytes()),
    );
}

/// A progress bar on standard error; nothing where that is no terminal.
pub(crate) fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("checking {wide_bar} {bytes}/{total_bytes} {eta:>4}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
