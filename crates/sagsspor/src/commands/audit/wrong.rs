//! Codes of what an audit finds wrong: those of the verifier, and those of what only this program sees,
//! because they lie beside what a verifier is given.
//!
//! It finds nothing itself.

use verify::code::Code;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// What the verifier found.
    Found(Code),
    /// The rows of commands in a commit are not those that its writer signed.
    CommandRows,
    /// A stored file is damaged.
    StoreCorrupt,
    /// The keys of a log are gone.
    KeysMissing,
    /// The index contradicts the journal.
    IndexDrift,
    /// The rows of the lists contradict the record.
    ProjectionDrift,
}

impl Wrong {
    /// The stable code.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Found(code) => code.as_str(),
            Self::CommandRows => "COMMAND_ROWS",
            Self::StoreCorrupt => "STORE_CORRUPT",
            Self::KeysMissing => "KEYS_MISSING",
            Self::IndexDrift => "INDEX_DRIFT",
            Self::ProjectionDrift => "PROJECTION_DRIFT",
        }
    }

    /// One sentence about it.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Found(code) => code.explain(),
            Self::CommandRows => {
                "Which commands a commit carried out was changed: a command that is sent again may be recorded twice."
            }
            Self::StoreCorrupt => "A stored file is damaged, so that what it held cannot be read.",
            Self::KeysMissing => {
                "The keys of a log are gone: nothing that they open can be read any more. Bring the key directory back."
            }
            Self::IndexDrift => {
                "The index says other things than the journal. It is no evidence, and it is made anew when the log is opened; but somebody or something altered it."
            }
            Self::ProjectionDrift => {
                "The lists say other things than the record. They are no evidence, and they can be made anew; but somebody or something altered them."
            }
        }
    }
}
