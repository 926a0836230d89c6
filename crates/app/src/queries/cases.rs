//! Lists of cases and searches over all of them, from rows that hold nothing personal in clear
//! and that can be thrown away.
//!
//! A row is found by blind tokens and opened with a key; a name is read from the record when it
//! is shown. Questions about the past are not answered here: rows reflect the newest position
//! only.

use domain::views::listing::CaseRow;
use events::ids::{FamilyId, StreamId};
use record::b64u;
use record::keys::Token;
use record::positions::Size;

use crate::app::App;
use crate::rows::case_row::ListedCase;
use crate::rows::draft::having;
use crate::rows::keys::Digests;
use crate::rows::lists::{ListError, Lists};
use crate::rows::search::{CaseFilter, CaseOrder, Found, Plan, Window};

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
    /// recorded if that takes no longer than [`crate::rows::lists::GRACE`].
    pub at_least: Option<Size>,
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
    pub position: Size,
    /// Cases that could not be read whole, and that a search may miss.
    pub incomplete: u64,
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

/// Notifications that nobody has assessed, or that belong to no case yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntouchedNotifications {
    /// Their streams, the one that was recorded first first.
    pub streams: Vec<StreamId>,
    /// How many entries of the log that reflects.
    pub position: Size,
}

impl App {
    /// The notifications that nobody has assessed, or that belong to no case yet.
    ///
    /// # Errors
    /// [`ListError`].
    pub(crate) fn untouched_notifications(
        &self,
        at_least: Option<Size>,
    ) -> Result<UntouchedNotifications, ListError> {
        self.lists()?.ask(at_least, |rows| {
            let found = having(rows.rows, rows.keys, &rows.keys.untouched())?;
            let streams = found
                .into_iter()
                .map(|ordinal| Ok(rows.case(ordinal)?.row.case));
            Ok(UntouchedNotifications {
                streams: streams.collect::<Result<_, ListError>>()?,
                position: rows.rows.position(),
            })
        })
    }

    /// A page of cases.
    ///
    /// # Errors
    /// [`ListError`].
    pub(crate) fn cases(&self, query: &CaseQuery) -> Result<CasePage, ListError> {
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
    pub(crate) fn family(&self, family: FamilyId) -> Result<Vec<StreamId>, ListError> {
        let filter = CaseFilter {
            family: Some(family),
            ..CaseFilter::default()
        };
        let found = self.lists()?.ask(Some(self.size()), |rows| {
            Ok(rows.all(&Plan::new(&filter, rows.keys)?)?)
        })?;
        Ok(found.into_iter().map(|listed| listed.row.case).collect())
    }

    /// Waits until the lists reflect everything that is recorded now. `progress` hears of streams
    /// done and to do while the rows are made.
    ///
    /// # Errors
    /// [`ListError::Stopped`].
    pub(crate) fn lists_ready(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ListError> {
        Ok(self
            .lists()?
            .projector
            .rows(self.size(), None, progress)
            .map(drop)?)
    }

    /// How often a case was evaluated for its row since the log was opened.
    pub(crate) fn list_evaluations(&self) -> u64 {
        let lists = self.lists.as_ref();
        let foresights = lists.and_then(|lists| lists.row_maker.foresights.as_ref());
        foresights.map_or(0, |foresights| foresights.evaluations())
    }

    /// Makes the rows of the lists anew beside those in force, in the background.
    pub(crate) fn make_lists_anew(&self) {
        if let Some(lists) = &self.lists {
            lists.projector.make_anew();
        }
    }

    /// Whether the lists are what the record says: makes all rows anew, in memory, and compares.
    ///
    /// # Errors
    /// [`ListError`].
    pub(crate) fn check_lists(&self) -> Result<bool, ListError> {
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
