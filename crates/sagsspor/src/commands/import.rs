//! Recording a file of commands through the same schema that the network sees.
//!
//! Each line is an object with `mutation`, `actor` and `input`. Commands have fixed ids, so a
//! line that was recorded before is passed over when the file is run again.

mod carry_out;
mod line;
mod order;

use std::fmt;
use std::io::BufRead;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use api::schema::{CaseSchema, schema};
use app::clock::SetClock;
use app::operations::operator::Operator;
use indicatif::ProgressBar;

use carry_out::{filled_before, record};
use line::{Line, read, take_recorded_at};
use order::{Lines, Underway};

/// Lines that are carried out at once. Most of the time each waits for the disk together with
/// others, so there are many more than processors.
const AT_ONCE: usize = 64;

/// Why an import stopped: at which line, about which field, by which rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[diagnostic(help(
    "everything before this line is recorded, and nothing behind it that is connected to it; mend the line and run the import again"
))]
pub(crate) struct ImportError {
    /// Line in the file, from 1.
    pub(crate) line: usize,
    /// What the file calls the line, where it does.
    pub(crate) row: Option<String>,
    /// Path of the field, where one is to blame.
    pub(crate) field: Option<String>,
    /// Code of the rule.
    pub(crate) rule: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(row) = &self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.rule)?;
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl ImportError {
    /// The same, of the row that the file calls so.
    fn of_row(self, row: Option<&String>) -> Self {
        Self {
            row: row.cloned(),
            ..self
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Commands recorded.
    pub(crate) recorded: usize,
    /// Commands that had been recorded before.
    pub(crate) repeated: usize,
}

impl Imported {
    const fn count(&mut self, repeated: bool) {
        if repeated {
            self.repeated += 1;
        } else {
            self.recorded += 1;
        }
    }
}

/// Records every line at the time that its `source` states, one after the other; the statement is
/// left out, because the log's own time says it.
///
/// # Errors
/// [`ImportError`] at the first line that was not recorded.
pub(crate) async fn play(
    operator: &Operator,
    text: &str,
    clock: &SetClock,
    bar: &ProgressBar,
) -> Result<Imported, ImportError> {
    let schema = schema();
    let mut imported = Imported::default();
    for (number, text) in (1..).zip(text.lines()) {
        let text = unmarked(number, text);
        if !text.trim().is_empty() {
            let mut line = read(number, text, operator)?;
            clock.set(take_recorded_at(number, &mut line.input)?);
            imported.count(carry_out(&schema, operator, number, line).await?);
        }
        bar.inc(1);
    }
    Ok(imported)
}

/// Carries a line out; answers whether it had been recorded before.
async fn carry_out(
    schema: &CaseSchema,
    operator: &Operator,
    number: usize,
    mut line: Line,
) -> Result<bool, ImportError> {
    let row = line.row.clone();
    let carried_out = match filled_before(operator, number, &mut line.input) {
        Ok(false) => record(schema, operator, number, line).await,
        filled => filled,
    };
    carried_out.map_err(|error| error.of_row(row.as_ref()))
}

/// Records every line of a file, which is read as it goes: lines about the same things in order,
/// others at the same time. `bar` counts bytes.
///
/// # Errors
/// [`ImportError`] of the first line that was not recorded; every line before it was.
pub(crate) fn import(
    operator: &Operator,
    file: impl BufRead,
    runtime: &tokio::runtime::Handle,
    bar: &ProgressBar,
) -> Result<Imported, ImportError> {
    let import = Import {
        operator,
        schema: schema(),
        lines: Lines::new(),
        outcome: Mutex::default(),
        bar,
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| runtime.block_on(import.work()));
        }
        import.read_all(file);
    });
    let outcome = import.outcome.into_inner();
    let outcome = outcome.unwrap_or_else(PoisonError::into_inner);
    match outcome.failed {
        Some(error) => Err(error),
        None => Ok(outcome.imported),
    }
}

#[derive(Default)]
struct Outcome {
    imported: Imported,
    /// Why the first line that failed did.
    failed: Option<ImportError>,
}

struct Import<'a> {
    operator: &'a Operator,
    schema: CaseSchema,
    lines: Lines<(Line, u64)>,
    outcome: Mutex<Outcome>,
    bar: &'a ProgressBar,
}

impl Import<'_> {
    /// Hands the lines of a file over, until one fails or the file ends.
    fn read_all(&self, mut file: impl BufRead) {
        for number in 1.. {
            let mut text = String::new();
            let line = match file.read_line(&mut text) {
                Ok(0) => break,
                Ok(bytes) => (
                    bytes as u64,
                    read(number, unmarked(number, &text), self.operator),
                ),
                Err(error) => (0, Err(line::malformed(number, "", error))),
            };
            match line {
                (bytes, _) if unmarked(number, &text).trim().is_empty() && bytes > 0 => {
                    self.bar.inc(bytes)
                }
                (bytes, Ok(line)) => {
                    let after = line.after();
                    if !self.lines.add(number, &after, (line, bytes)) {
                        break;
                    }
                }
                (_, Err(error)) => {
                    self.failed(error);
                    break;
                }
            }
        }
        self.lines.end();
    }

    /// Carries lines out until there are no more.
    async fn work(&self) {
        while let Some((number, (line, bytes))) = self.lines.take() {
            let _underway = Underway {
                lines: &self.lines,
                line: number,
            };
            match carry_out(&self.schema, self.operator, number, line).await {
                Ok(repeated) => {
                    self.lock().imported.count(repeated);
                    self.lines.done(number);
                }
                Err(error) => self.failed(error),
            }
            self.bar.inc(bytes);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the error of the first line that failed.
    fn failed(&self, error: ImportError) {
        let line = error.line;
        let mut outcome = self.lock();
        if outcome
            .failed
            .as_ref()
            .is_none_or(|first| line < first.line)
        {
            outcome.failed = Some(error);
        }
        drop(outcome);
        self.lines.failed(line);
    }
}

/// The first line without the byte order mark that editors put in front of it.
fn unmarked(number: usize, text: &str) -> &str {
    let marked = text.strip_prefix('\u{feff}').filter(|_| number == 1);
    marked.unwrap_or(text)
}

/// Opens a file to be imported, `-` for standard input; answers how many bytes it has, where that is
/// known.
///
/// # Errors
/// As the operating system reports.
pub(crate) fn open(file: &Path) -> std::io::Result<(Box<dyn BufRead + Send>, Option<u64>)> {
    if file == Path::new("-") {
        return Ok((Box::new(std::io::BufReader::new(std::io::stdin())), None));
    }
    let file = std::fs::File::open(file)?;
    let bytes = file.metadata()?.len();
    Ok((Box::new(std::io::BufReader::new(file)), Some(bytes)))
}
