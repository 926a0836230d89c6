//! Lists of cases and searches over all of them, from rows that hold nothing personal in clear
//! and that can be thrown away.
//!
//! A row is found by blind tokens and opened with a key; a name is read from the record when it
//! is shown. Questions about the past are not answered here: rows reflect the newest position
//! only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::reading::ReadingPoint;
use domain::views::family::{Overview, overview};
use domain::views::listing::CaseRow;
use events::ids::{FamilyId, StreamId};
use record::b64u;
use record::keys::Token;
use store::memory_projections::MemoryProjections;
use store::projection_store::{Generations, ProjectionError};

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::error::ReadError;
use crate::rows::case_row::ListedCase;
pub(crate) use crate::rows::fold::passing;
use crate::rows::fold::{FoldError, Folder};
use crate::rows::keys::Digests;
use crate::rows::projector::{Kept, Lag, Projector, agree};
use crate::rows::search::{CaseFilter, CaseOrder, Found, NoWord, Plan, Rows, Window};

/// A question waits this long for rows that reflect what it asks for.
pub const WAIT: Duration = Duration::from_secs(2);
/// A question that asks for nothing in particular waits this long for everything that is recorded,
/// and is then answered from the rows that there are.
pub const GRACE: Duration = Duration::from_millis(100);

/// Rows of a page: the first or the last so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// From the beginning.
    First(usize),
    /// From the end.
    Last(usize),
}

/// A question for cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseQuery {
    /// What they must have.
    pub filter: CaseFilter,
    /// In which order.
    pub order: CaseOrder,
    /// Only behind this cursor.
    pub after: Option<String>,
    /// Only in front of this cursor.
    pub before: Option<String>,
    /// How many.
    pub count: Count,
    /// Reflecting at least so many entries of the log; where not stated, everything that is
    /// recorded if that takes no longer than [`GRACE`].
    pub at_least: Option<u64>,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEdge {
    /// Its place in this list, for the next question.
    pub cursor: String,
    /// The row.
    pub row: CaseRow,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePage {
    /// The cases, in order.
    pub edges: Vec<CaseEdge>,
    /// Whether more lie in front.
    pub more_before: bool,
    /// Whether more lie behind.
    pub more_after: bool,
    /// How many entries of the log the page reflects.
    pub position: u64,
    /// Cases that could not be read whole, and that a search may miss.
    pub incomplete: u64,
}

/// A list could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The viewer may not see cases.
    #[error("not permitted")]
    Forbidden,
    /// The cursor was made for another list.
    #[error(
        "the cursor belongs to another list: another filter, order or municipality, or to one from before the keys were exchanged; begin again"
    )]
    Cursor,
    /// The name holds neither a letter nor a digit.
    #[error(transparent)]
    Name(#[from] NoWord),
    /// Every case would have to be read, and there are more than the question allows.
    #[error(
        "every case would be read for this, {cases} of them, and at most {most} are; `sagsspor figures` reads any number and shows how far it is"
    )]
    TooMany {
        /// Cases to be read.
        cases: u64,
        /// What the question allows.
        most: u64,
    },
    /// There is no such rule or key figure.
    #[error("there is no {0}")]
    Unknown(String),
    /// The rows do not reflect yet what was asked for.
    #[error("the lists reflect {reached} entries of the log yet; ask again")]
    Behind {
        /// How many entries they reflect.
        reached: u64,
    },
    /// The rows are being made.
    #[error("the lists are being made, {done} of {total} done; ask again")]
    Making {
        /// Streams read so far.
        done: u64,
        /// Streams to read.
        total: u64,
    },
    /// The log is shut down.
    #[error("the log is shut down")]
    Stopped,
    /// Only a case log has lists.
    #[error("this log has no lists")]
    None,
    /// The record could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// The rows gave no answer; they are made anew.
    #[error("the lists could not be read")]
    Rows(#[from] ProjectionError),
}

impl From<Lag> for ListError {
    fn from(lag: Lag) -> Self {
        match lag {
            Lag::Behind(reached) => Self::Behind { reached },
            Lag::Making(done, total) => Self::Making { done, total },
            Lag::Stopped => Self::Stopped,
        }
    }
}

impl From<FoldError> for ListError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => Self::Read(error),
            FoldError::Rows(error) => Self::Rows(error),
            FoldError::OtherLaw => Self::Making { done: 0, total: 0 },
            FoldError::Stopped => Self::Stopped,
        }
    }
}

/// The lists of a log.
pub(crate) struct Lists {
    pub(crate) folder: Folder,
    projector: Projector,
}

impl Lists {
    /// Starts to keep rows of a log in the background.
    pub(crate) fn start(
        folder: Folder,
        generations: Arc<dyn Generations>,
    ) -> std::io::Result<Self> {
        let projector = Projector::start(folder.clone(), generations)?;
        Ok(Self { folder, projector })
    }

    /// Something was recorded.
    pub(crate) fn wake(&self) {
        self.projector.wake();
    }

    pub(crate) fn stop(&self) {
        self.projector.stop();
    }

    /// Makes all rows anew, in memory, and compares; answers what they reflect, or none where they
    /// differ.
    pub(crate) fn compare(
        &self,
        go_on: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<Option<u64>, ListError> {
        loop {
            let live = self
                .projector
                .rows(self.folder.reader.log.size(), None, &mut |_, _| {})?;
            let position = live.store.snapshot()?.position();
            let fresh = MemoryProjections::new();
            self.folder
                .under(&live.keys)
                .reading_once()
                .make(&fresh, position, go_on)?;
            // What was recorded meanwhile changes what there is to compare with.
            if live.store.snapshot()?.position() == position {
                return Ok(agree(&*live.store, &fresh, live.keys.epoch)?.then_some(position));
            }
        }
    }

    /// Rows that reflect what is asked for.
    fn rows(&self, at_least: Option<u64>, deadline: Instant) -> Result<Kept, Lag> {
        let Some(at_least) = at_least else {
            let fresh = self.projector.rows(
                self.folder.reader.log.size(),
                Some(Instant::now() + GRACE),
                &mut |_, _| {},
            );
            return fresh.or_else(|_| self.projector.rows(0, Some(deadline), &mut |_, _| {}));
        };
        self.projector
            .rows(at_least, Some(deadline), &mut |_, _| {})
    }

    /// Asks the rows; should they fail, asks those that take their place.
    pub(crate) fn ask<T>(
        &self,
        at_least: Option<u64>,
        ask: impl Fn(Rows<'_>) -> Result<T, ListError>,
    ) -> Result<T, ListError> {
        let deadline = Instant::now() + WAIT;
        loop {
            let kept = self.rows(at_least, deadline)?;
            let snapshot = kept.store.snapshot().map_err(ListError::from);
            match snapshot.and_then(|rows| ask(Rows::new(&*rows, &kept.keys, self.folder.rules))) {
                Err(ListError::Rows(error)) => {
                    self.projector.distrust(&kept, &error);
                    if Instant::now() >= deadline {
                        return Err(error.into());
                    }
                }
                answer => return answer,
            }
        }
    }
}

/// What a cursor says: municipality, order, filter, place.
fn cursor(code: &str, order: CaseOrder, filter: Token, ordinal: u64) -> String {
    let order = match order {
        CaseOrder::OldestFirst => "oldest",
        CaseOrder::NewestFirst => "newest",
    };
    b64u::encode(format!("{code}:{order}:{}:{ordinal}", b64u::encode(&filter)).as_bytes())
}

/// The place that a cursor of this list names.
fn place(text: &str, code: &str, order: CaseOrder, filter: Digests) -> Result<u64, ListError> {
    let plain = b64u::decode(text.as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let ordinal = plain
        .as_deref()
        .and_then(|plain| plain.rsplit_once(':'))
        .and_then(|(_, ordinal)| ordinal.parse().ok());
    let own = |ordinal: &u64| {
        filter
            .all()
            .any(|filter| cursor(code, order, filter, *ordinal) == text)
    };
    ordinal.filter(own).ok_or(ListError::Cursor)
}

impl App {
    /// A page of cases.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn cases(&self, query: &CaseQuery, viewer: &Viewer) -> Result<CasePage, ListError> {
        if !viewer.reads_content() {
            return Err(ListError::Forbidden);
        }
        let code = self.layout().municipality().code();
        let (count, from_end) = match query.count {
            Count::First(count) => (count, false),
            Count::Last(count) => (count, true),
        };
        let (found, digest) = self.lists()?.ask(query.at_least, |rows| {
            let plan = Plan::new(&query.filter, rows.keys)?;
            let at = |text: &Option<String>| {
                text.as_ref()
                    .map(|text| place(text, code, query.order, plan.digests()))
                    .transpose()
            };
            let window = Window {
                order: query.order,
                after: at(&query.after)?,
                before: at(&query.before)?,
                count,
                from_end,
            };
            Ok((rows.page(&plan, &window)?, plan.digests().now))
        })?;
        let Found {
            cases,
            more_before,
            more_after,
            position,
            incomplete,
        } = found;
        let edge = |(ordinal, listed): (u64, ListedCase)| CaseEdge {
            cursor: cursor(code, query.order, digest, ordinal),
            row: listed.row,
        };
        Ok(CasePage {
            edges: cases.into_iter().map(edge).collect(),
            more_before,
            more_after,
            position,
            incomplete,
        })
    }

    /// The cases of a family, oldest first, as of everything that is recorded now.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn family(&self, family: FamilyId, viewer: &Viewer) -> Result<Vec<StreamId>, ListError> {
        if !viewer.reads_content() {
            return Err(ListError::Forbidden);
        }
        let filter = CaseFilter {
            family: Some(family),
            ..CaseFilter::default()
        };
        let found = self.lists()?.ask(Some(self.size()), |rows| {
            Ok(rows.all(&Plan::new(&filter, rows.keys)?)?)
        })?;
        Ok(found.into_iter().map(|listed| listed.row.case).collect())
    }

    /// The cases of a family side by side at a point; none when there is no such family then.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn family_overview(
        &self,
        family: FamilyId,
        point: ReadingPoint,
        viewer: &Viewer,
    ) -> Result<Option<Overview>, ListError> {
        let mut readings = Vec::new();
        for case in self.family(family, viewer)? {
            // A case that was opened later than the point is not in the family yet.
            readings.extend(
                self.read(case, point, viewer)?
                    .map(|reading| (case, reading)),
            );
        }
        Ok((!readings.is_empty()).then(|| overview(&readings)))
    }

    /// Waits until the lists reflect everything that is recorded now. `progress` hears of streams
    /// done and to do while the rows are made.
    ///
    /// # Errors
    /// [`ListError::Stopped`].
    pub fn lists_ready(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ListError> {
        Ok(self
            .lists()?
            .projector
            .rows(self.size(), None, progress)
            .map(drop)?)
    }

    /// Makes the rows of the lists anew beside those in force, in the background.
    pub fn make_lists_anew(&self) {
        if let Some(lists) = &self.lists {
            lists.projector.make_anew();
        }
    }

    /// Whether the lists are what the record says: makes all rows anew, in memory, and compares.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn check_lists(&self) -> Result<bool, ListError> {
        Ok(self.lists()?.compare(&|_, _| true)?.is_some())
    }

    /// From now on no list is answered that reflects less than what is recorded now.
    pub(crate) fn lists_reflect_everything(&self) {
        if let Some(lists) = &self.lists {
            lists.projector.never_below(self.size());
        }
    }

    pub(crate) fn lists(&self) -> Result<&Lists, ListError> {
        self.lists.as_ref().ok_or(ListError::None)
    }
}
