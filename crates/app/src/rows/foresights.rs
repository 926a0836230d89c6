//! What is known of cases whose rows are in force, so that a note to one of them costs no evaluation
//! and no reading of the case.
//!
//! It belongs to one position of the rows, under one law: at any other it knows nothing. It holds no
//! text of a case, and nothing that a case was read from before something was erased.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::ids::{PersonId, StreamId};
use record::positions::{Size, StreamVersion};

use crate::log::bounded::Bounded;
use crate::log::cache::Begun;
use crate::rows::duty::Foresight;

/// The most bytes that are kept, over all cases, about.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a case takes besides persons and streams, about.
const CASE_BYTES: usize = 512;
/// What each person and each stream takes, about: nodes of sets are seldom full.
const MEMBER_BYTES: usize = 48;

/// What is known of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownCase {
    /// Ordinal of its stream.
    pub(crate) ordinal: u64,
    /// The version of its stream that its row reflects.
    pub(crate) version: StreamVersion,
    /// Whom its reading names.
    pub(crate) people: BTreeSet<PersonId>,
    /// The other streams of its reading.
    pub(crate) reach: BTreeSet<StreamId>,
    /// What the law says of it, and until when.
    pub(crate) foresight: Foresight,
}

impl KnownCase {
    /// Whether a stream is part of its reading, or would be once it began: a person can be named of whom
    /// there is no stream yet, and when there is one, the case is evaluated as a whole.
    pub(crate) fn reads(&self, stream: StreamId) -> bool {
        let person = PersonId::new(stream.uuid());
        self.reach.contains(&stream) || person.is_ok_and(|person| self.people.contains(&person))
    }

    fn bytes(&self) -> usize {
        CASE_BYTES + (self.people.len() + self.reach.len()) * MEMBER_BYTES
    }
}

/// What all of it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Basis {
    /// What the rows reflect.
    pub(crate) position: Size,
    /// The law that they were made by.
    pub(crate) law: String,
    /// When the reading began: what was read before something was erased is not used after it.
    pub(crate) begun: Option<Begun>,
}

struct Known {
    basis: Option<Basis>,
    cases: Bounded<KnownCase>,
    evaluations: u64,
}

/// What is known of cases.
pub(crate) struct Foresights(Mutex<Known>);

impl Default for Foresights {
    fn default() -> Self {
        Self(Mutex::new(Known {
            basis: None,
            cases: Bounded::new(BYTES_MAX),
            evaluations: 0,
        }))
    }
}

impl Foresights {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows are brought forward from there; what was known at another place is forgotten. Until the
    /// rows are written it stands on nothing, so that a step that fails leaves nothing behind.
    pub(crate) fn begin(&self, basis: &Basis) {
        let mut known = self.lock();
        if known.basis.take().as_ref() != Some(basis) {
            known.cases.clear();
        }
    }

    /// The rows were written: all that was put in since stands on this.
    pub(crate) fn stand_on(&self, basis: Basis) {
        self.lock().basis = Some(basis);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut known = self.lock();
        known.basis = None;
        known.cases.clear();
    }

    /// What is known of a case; it is handed out, and put in again by whoever brings the row forward.
    pub(crate) fn take(&self, case: StreamId) -> Option<KnownCase> {
        self.lock().cases.remove(case)
    }

    /// What is known of a case from now on.
    pub(crate) fn put(&self, case: StreamId, known: KnownCase) {
        let bytes = known.bytes();
        self.lock().cases.put(case, known, bytes);
    }

    /// Another case was evaluated.
    pub(crate) fn evaluated(&self) {
        self.lock().evaluations += 1;
    }

    /// How many evaluations there were.
    pub(crate) fn evaluations(&self) -> u64 {
        self.lock().evaluations
    }
}
