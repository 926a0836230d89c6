//! Duties across cases as clients see them.

use app::queries::board::{self, BoardFilter, BoardQuery};
use app::rows::case_row::RowKind;
use app::rows::duty::DueForm;
use app::session::Session;
use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use domain::reading::ReadingPoint;
use events::ids::{EventId, PersonId};
use events::text::{EmployeeId, Short};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::case::Case;
use crate::error::{bad_input, list_error};
use crate::lists::notification::Notification;
use crate::lists::reflecting;
use crate::read::read;
use crate::rules::Severity;
use crate::rules::what_if::RuleBasis;

/// Duties of a page when the client does not say.
const PAGE: usize = 50;
/// The most duties of a page.
const PAGE_MAX: usize = 100;

/// What duties must have; all that is stated must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, InputObject)]
pub struct BoardFilterInput {
    /// This employee works on the case.
    pub caseworker: Option<EmployeeId>,
    /// This unit opened the case or gave it to its caseworkers last.
    pub unit: Option<Short>,
    /// Only overdue ones, or only those that are not.
    pub overdue: Option<bool>,
    /// Due within so many days from today, or earlier.
    pub due_within_days: Option<u16>,
    /// Under the rule of this id.
    pub rule: Option<String>,
}

impl From<BoardFilterInput> for BoardFilter {
    fn from(input: BoardFilterInput) -> Self {
        let BoardFilterInput {
            caseworker,
            unit,
            overdue,
            due_within_days,
            rule,
        } = input;
        Self {
            caseworker,
            unit,
            overdue,
            due_within_days,
            rule,
        }
    }
}

/// In which form a duty says when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DueForm")]
pub enum BoardDueForm {
    /// No number, or none yet: it has an age, and is never overdue.
    None,
    /// The end of a day.
    Day,
    /// An instant.
    Instant,
    /// Between two days.
    Window,
    /// Before an event that took place without it; the day is that of the event.
    Missed,
}

/// A duty of a case as it stands now, or of a notification that belongs to no case yet.
pub struct BoardDuty(board::BoardDuty);

#[Object(name = "BoardDuty")]
impl BoardDuty {
    /// The case; null when the duty is that of a notification.
    async fn case(&self) -> Option<Case> {
        (self.0.kind == RowKind::Case).then(|| Case::listed(self.0.row.clone()))
    }

    /// The notification, where it belongs to no case yet.
    async fn notification(&self, ctx: &Context<'_>) -> Result<Option<Notification>> {
        if self.0.kind == RowKind::Case {
            return Ok(None);
        }
        read(ctx, self.0.row.case, ReadingPoint::default()).await
    }

    /// Id of the rule.
    async fn rule_id(&self) -> &str {
        &self.0.rule.id
    }

    /// The duty in a few words.
    async fn title(&self) -> &str {
        &self.0.rule.title
    }

    /// The section of law.
    async fn law(&self) -> &str {
        &self.0.rule.law
    }

    /// How heavily it weighs.
    async fn severity(&self) -> Severity {
        self.0.rule.severity.into()
    }

    /// The event that it arises from.
    async fn event(&self) -> EventId {
        self.0.event
    }

    /// For whom it is owed, or whose right it is.
    async fn subject(&self) -> Option<PersonId> {
        self.0.subject
    }

    /// The day on which it arose.
    async fn arose_on(&self) -> Date {
        self.0.trigger
    }

    /// In which form it says when it is due.
    async fn form(&self) -> BoardDueForm {
        self.0.form.into()
    }

    /// The day on which it is due; null for a duty without a number.
    async fn due_on(&self) -> Option<Date> {
        self.0.due
    }

    /// The last instant at which it is not overdue.
    async fn overdue_after(&self) -> Option<Timestamp> {
        self.0.overdue_after
    }

    /// Whether its day has passed, or the event that should have waited did not.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// Whether the day has passed by which a careful reader of the rule should act.
    async fn warned(&self) -> bool {
        self.0.warned
    }

    /// Days since its clock began.
    async fn age_days(&self) -> i32 {
        self.0.age_days
    }
}

/// What the board says of itself.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct BoardList {
    /// How many entries of the log it reflects.
    pub position: u64,
    /// How many cases could not be read whole; their duties may be missing.
    pub incomplete: u64,
    /// The law that the duties stand under.
    pub basis: RuleBasis,
}

/// A page of duties.
pub type BoardConnection = Connection<String, BoardDuty, BoardList, EmptyFields>;

/// A page of duties.
///
/// # Errors
/// A top-level error when the list cannot be read, or the cursor belongs to another one.
pub async fn board(
    ctx: &Context<'_>,
    filter: BoardFilterInput,
    (after, first): (Option<String>, Option<i32>),
    at_least: Option<u64>,
) -> Result<BoardConnection> {
    let session = ctx.data::<Session>()?;
    let at_least = reflecting(session, at_least)?;
    let count = match first {
        None => PAGE,
        Some(first) => usize::try_from(first)
            .map_err(|_| bad_input("first: it must not be negative"))?
            .min(PAGE_MAX),
    };
    let before = after.is_some();
    let query = BoardQuery {
        filter: filter.into(),
        after,
        count,
        at_least,
    };
    let page = session.board(&query).map_err(|error| list_error(&error))?;
    let about = BoardList {
        position: page.position.get(),
        incomplete: page.incomplete,
        basis: (&page.basis).into(),
    };
    let mut connection = Connection::with_additional_fields(before, page.more_after, about);
    connection.edges.extend(
        page.edges
            .into_iter()
            .map(|edge| Edge::new(edge.cursor, BoardDuty(edge.duty))),
    );
    Ok(connection)
}
