//! What was asked cannot be meant: the exit code of wrong usage, for what clap cannot see.

use miette::{IntoDiagnostic, Report, Result, WrapErr};

/// Wrong usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

impl miette::Diagnostic for Usage {}

/// An error that ends the program as wrong usage.
pub(crate) fn usage(what: impl std::fmt::Display) -> Report {
    Report::new(Usage(what.to_string()))
}

/// The same, because of what could not be read in an argument or in a file that one names.
pub(crate) fn malformed(what: impl std::fmt::Display, why: &dyn std::error::Error) -> Report {
    let why = std::iter::successors(Some(why), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    usage(format!("{what}: {why}"))
}

/// The value of an argument that may be missing; an error names the argument.
pub(crate) fn read<T, E: std::error::Error + Send + Sync + 'static>(
    argument: &'static str,
    text: Option<&String>,
    read: impl FnOnce(String) -> Result<T, E>,
) -> Result<Option<T>> {
    let value = text.cloned().map(read).transpose();
    value.into_diagnostic().wrap_err(argument)
}

/// Whether an error is wrong usage.
pub(crate) fn is_usage(report: &Report) -> bool {
    report.downcast_ref::<Usage>().is_some()
        || report.chain().any(<dyn std::error::Error>::is::<Usage>)
}

#[cfg(test)]
mod tests {
    use miette::{WrapErr, miette};

    use super::{is_usage, usage};

    #[test]
    fn wrong_usage_is_known_behind_what_was_being_done() {
        let wrapped = Err::<(), _>(usage("--pin"))
            .wrap_err("reading the arguments")
            .wrap_err("auditing")
            .unwrap_err();
        assert!(is_usage(&wrapped) && !is_usage(&miette!("the disk is full")));
    }
}
