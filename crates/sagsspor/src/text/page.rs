//! A page of rows: as a table or as JSON, with what it does not show.

use app::session::Session;
use domain::reading::ReadingPoint;
use events::person::PersonRef;
use miette::{IntoDiagnostic, Result};
use serde_json::Value;

use crate::text::terminal;

/// What a page does not show.
pub(crate) struct Left {
    /// Whether there are more rows.
    pub(crate) more: bool,
    /// How many were asked for.
    pub(crate) limit: usize,
    /// Cases that could not be read whole.
    pub(crate) incomplete: u64,
    /// What that means for the page.
    pub(crate) so: &'static str,
}

/// Prints rows as JSON, or as the lines of a table; what is left out goes to standard error.
pub(crate) fn print(
    rows: Option<Vec<Value>>,
    table: impl FnOnce() -> Vec<String>,
    left: &Left,
) -> Result<()> {
    match rows {
        Some(values) => terminal::say(&serde_json::to_string_pretty(&values).into_diagnostic()?),
        None => table().iter().for_each(|line| terminal::say(line)),
    }
    if left.more {
        terminal::complain(&format!(
            "there are more than {}; --limit shows more",
            left.limit
        ));
    }
    if left.incomplete > 0 {
        terminal::complain(&format!(
            "{} case(s) could not be read whole{}",
            left.incomplete, left.so
        ));
    }
    Ok(())
}

/// The name of the child of a row, read from the record.
pub(crate) fn child(session: &Session, child: Option<PersonRef>) -> Result<String> {
    let name = match child {
        Some(child) => session
            .person_name(child.person, ReadingPoint::default())
            .into_diagnostic()?,
        None => None,
    };
    Ok(name.map_or_else(|| "-".to_owned(), |name| name.to_string()))
}
