//! What does not fit in a request for evidence: everything is collected, so that its author mends it at
//! once and not one parameter after the other.
//!
//! It reads nothing itself.

use crate::error::UserError;
use crate::fault::FaultCode;
use crate::rest::outcome::{Answer, all_refused, failed};

/// Everything that does not fit so far, each with its place in the request.
#[derive(Default)]
pub(super) struct Misfits(Vec<UserError>);

impl Misfits {
    pub(super) fn add(&mut self, path: &[&str], rule: &str) {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        self.0.push(UserError {
            path,
            ..UserError::misfit("", rule)
        });
    }

    pub(super) fn take<T>(&mut self, path: &[&str], read: Result<T, String>) -> Option<T> {
        read.map_err(|rule| self.add(path, &rule)).ok()
    }

    /// The request, where nothing was wrong with it; else the answer that names everything that is.
    pub(super) fn finish<T>(self, whole: Option<T>) -> Result<T, Box<Answer>> {
        let answer = match (whole, self.0.split_first()) {
            (Some(whole), None) => return Ok(whole),
            (_, Some((first, others))) => all_refused(first, others),
            // What is missing was added above, so this is a fault of ours.
            (None, None) => failed("the request could not be read", FaultCode::Internal),
        };
        Err(Box::new(answer))
    }

    /// The answer, where reading cannot go on.
    pub(super) fn end<T>(self) -> Result<T, Box<Answer>> {
        self.finish(None)
    }
}

pub(super) fn one_of<T: Into<String>>(names: impl IntoIterator<Item = T>) -> String {
    format!(
        "must be one of {}",
        names
            .into_iter()
            .map(Into::into)
            .collect::<Vec<String>>()
            .join(", ")
    )
}
