//! Queries: cases, notifications and the log.

use app::queries::cases::{CaseQuery, Count};
use app::session::Session;
use async_graphql::connection::{Connection, Edge, EmptyFields, query};
use async_graphql::{Context, ID, Interface, Object, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::reading::ReadingPoint;
use domain::views::family::Overview;
use domain::views::recorded_event::recorded_event;
use events::ids::{EventId, FamilyId, StreamId};
use jiff::civil::Date;

use crate::case::Case;
use crate::error::{bad_input, list_error, read_error};
use crate::event::RecordedEvent;
use crate::ids::{Kind, stream};
use crate::lists::board::{BoardConnection, BoardFilterInput, board};
use crate::lists::cases::{CaseFilterInput, CaseList, CaseOrder};
use crate::lists::figures::{FigureDimension, FiguresInput, KeyFigures, PeriodLength, key_figures};
use crate::lists::notification::Notification;
use crate::lists::reflecting;
use crate::log::Log;
use crate::me::Me;
use crate::read::{StreamView, read};
use crate::reading_point::{ReadingPointInput, TimeAxis};
use crate::rules::RuleCatalogue;
use crate::rules::what_if::WhatIfInput;

/// Rows of a page when the client does not say.
const PAGE: usize = 20;
/// The most rows of a page.
const PAGE_MAX: usize = 100;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
pub enum Node {
    /// A case.
    Case(Case),
    /// A notification.
    Notification(Notification),
}

/// Views at any reading point.
pub struct QueryRoot;

fn point(at: Option<ReadingPointInput>) -> Result<ReadingPoint> {
    at.unwrap_or_default().point()
}

fn code(ctx: &Context<'_>) -> Result<String> {
    Ok(ctx
        .data::<Session>()?
        .public_log()
        .municipality()
        .to_owned())
}

/// A place in a list; it carries the municipality as every id does.
fn cursor(code: &str, stream: StreamId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{code}:{stream}"))
}

/// Which rows a client wants: behind, before, so many from the beginning or from the end.
type Wanted<N> = (Option<String>, Option<String>, Option<N>, Option<N>);
/// A page of views.
type Page<T> = Connection<String, T, EmptyFields, EmptyFields>;

/// A page of cases, with what the list says of itself.
type CasePage = Connection<String, Case, CaseList, EmptyFields>;

/// One page of the list of cases.
async fn page_of_cases(
    ctx: &Context<'_>,
    query: CaseQuery,
    at: Option<ReadingPoint>,
) -> Result<CasePage> {
    let page = ctx
        .data::<Session>()?
        .cases(&query)
        .map_err(|error| list_error(&error))?;
    let about = CaseList {
        position: page.position.get(),
        incomplete: page.incomplete,
    };
    let mut connection =
        Connection::with_additional_fields(page.more_before, page.more_after, about);
    for edge in page.edges {
        let case = match at {
            None => Some(Case::listed(edge.row)),
            Some(point) => read(ctx, edge.row.case, point).await?,
        };
        connection
            .edges
            .extend(case.map(|case| Edge::new(edge.cursor, case)));
    }
    Ok(connection)
}

/// One page of a list, oldest first.
async fn list<T: StreamView>(
    ctx: &Context<'_>,
    wanted: Wanted<i32>,
    at: Option<ReadingPointInput>,
) -> Result<Page<T>> {
    let point = point(at)?;
    let streams = ctx
        .data::<Session>()?
        .streams(T::KIND)
        .map_err(|error| read_error(&error))?;
    page_of(ctx, wanted, point, streams).await
}

/// One page of some streams, in their order.
async fn page_of<T: StreamView>(
    ctx: &Context<'_>,
    wanted: Wanted<i32>,
    point: ReadingPoint,
    streams: Vec<StreamId>,
) -> Result<Page<T>> {
    let code = code(ctx)?;
    let (after, before, first, last) = wanted;
    query(
        after,
        before,
        first,
        last,
        |after, before, first, last| async move {
            let (chosen, previous, next) = page(&streams, &code, (after, before, first, last))?;
            let mut connection = Connection::new(previous, next);
            for stream in chosen {
                let row = read(ctx, stream, point).await?;
                connection
                    .edges
                    .extend(row.map(|row| Edge::new(cursor(&code, stream), row)));
            }
            Ok::<_, async_graphql::Error>(connection)
        },
    )
    .await
}

/// The streams of one page, and whether more lie before and behind it.
fn page(
    streams: &[StreamId],
    code: &str,
    (after, before, first, last): Wanted<usize>,
) -> Result<(Vec<StreamId>, bool, bool)> {
    let place = |text: &String| {
        let found = streams
            .iter()
            .position(|stream| cursor(code, *stream) == *text);
        found.ok_or_else(|| bad_input("the cursor does not belong to this list"))
    };
    let begin = after
        .as_ref()
        .map(place)
        .transpose()?
        .map_or(0, |place| place + 1);
    let end = before
        .as_ref()
        .map(place)
        .transpose()?
        .unwrap_or(streams.len());
    let within = streams.get(begin..end.max(begin)).unwrap_or_default();
    let count = first.or(last).unwrap_or(PAGE).min(PAGE_MAX);
    let skip = if first.is_none() && last.is_some() {
        within.len().saturating_sub(count)
    } else {
        0
    };
    let chosen: Vec<StreamId> = within.iter().skip(skip).take(count).copied().collect();
    let behind = begin + skip + chosen.len() < streams.len();
    Ok((chosen, begin + skip > 0, behind))
}

#[Object(name = "Query")]
impl QueryRoot {
    /// Anything by its global id.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<Node>> {
        let (code, now) = (code(ctx)?, ReadingPoint::default());
        if let Some(stream) = stream(&code, &id, Kind::Case)
            && let Some(case) = read(ctx, stream, now).await?
        {
            return Ok(Some(Node::Case(case)));
        }
        match stream(&code, &id, Kind::Notification) {
            Some(stream) => Ok(read(ctx, stream, now).await?.map(Node::Notification)),
            None => Ok(None),
        }
    }

    /// A case, or a course of early advice; null when there is none at that point.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id, or the id of its stream.")] id: ID,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<
            ReadingPointInput,
        >,
    ) -> Result<Option<Case>> {
        let Some(stream) = stream(&code(ctx)?, &id, Kind::Case) else {
            return Ok(None);
        };
        read(ctx, stream, point(at)?).await
    }

    /// As whom the client asks, and what it may record.
    async fn me(&self, ctx: &Context<'_>) -> Result<Me> {
        Ok(Me::of(ctx.data::<Session>()?.viewer()))
    }

    /// One event in full, of any type: what a row of a view rests on. Null when there is none by then.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] id: EventId,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<
            ReadingPointInput,
        >,
    ) -> Result<Option<RecordedEvent>> {
        let found = ctx.data::<Session>()?.event(id, point(at)?);
        let found = found.map_err(|error| read_error(&error))?;
        Ok(found.and_then(|(reading, leaf)| {
            let event = recorded_event(&reading, id)?;
            Some(RecordedEvent::of(event, leaf.to_hex()))
        }))
    }

    /// Cases, those that a filter leaves. What a case shows beside its row is read when it is asked
    /// for; at an earlier moment every case of the page is read, and what did not exist then is left
    /// out.
    #[expect(
        clippy::too_many_arguments,
        reason = "arguments of a field, each named by the client"
    )]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they must have; every case when not stated.")] filter: Option<
            CaseFilterInput,
        >,
        #[graphql(desc = "In which order; oldest first when not stated.")] order: Option<CaseOrder>,
        #[graphql(desc = "Rows behind this cursor. A cursor belongs to its filter and order.")]
        after: Option<String>,
        #[graphql(desc = "Rows before this cursor. A cursor belongs to its filter and order.")]
        before: Option<String>,
        #[graphql(desc = "So many from the beginning, at most 100.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, at most 100.")] last: Option<i32>,
        #[graphql(
            desc = "The moment to read at; now when not stated. Not together with a filter."
        )]
        at: Option<ReadingPointInput>,
        #[graphql(
            desc = "Reflect this position, for example that of a receipt; waits up to two seconds. When not stated, everything recorded is reflected if that takes no longer than a moment; `position` says how much is."
        )]
        at_least: Option<u64>,
    ) -> Result<CasePage> {
        let at = at.map(|at| at.point()).transpose()?;
        if at.is_some() && filter.is_some() {
            return Err(bad_input(
                "filter: it reads the present; leave it or `at` out",
            ));
        }
        let at_least = reflecting(ctx.data::<Session>()?, at_least)?;
        query(
            after,
            before,
            first,
            last,
            |after: Option<String>, before: Option<String>, first, last| async move {
                let count = match (first, last) {
                    (None, Some(last)) => Count::Last(usize::min(last, PAGE_MAX)),
                    (first, _) => Count::First(first.unwrap_or(PAGE).min(PAGE_MAX)),
                };
                let (filter, order) = (
                    filter.unwrap_or_default().into(),
                    order.map(Into::into).unwrap_or_default(),
                );
                page_of_cases(
                    ctx,
                    CaseQuery {
                        filter,
                        order,
                        after,
                        before,
                        count,
                        at_least,
                    },
                    at,
                )
                .await
            },
        )
        .await
    }

    /// The duties of all cases as they stand now, by the day on which they are due, then by case, then
    /// by rule; those without a number come last and show their age.
    async fn obligation_board(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they must have; every duty when not stated.")] filter: Option<
            BoardFilterInput,
        >,
        #[graphql(desc = "Rows behind this cursor. A cursor belongs to its filter.")] after: Option<
            String,
        >,
        #[graphql(desc = "So many, 50 when not stated, at most 100.")] first: Option<i32>,
        #[graphql(
            desc = "Reflect this position, for example that of a receipt; waits up to two seconds."
        )]
        at_least: Option<u64>,
    ) -> Result<BoardConnection> {
        board(ctx, filter.unwrap_or_default(), (after, first), at_least).await
    }

    /// Key figures over all cases for a range of days. They compare and set no target; groups too
    /// small to be shown are suppressed.
    #[expect(
        clippy::too_many_arguments,
        reason = "arguments of a field, each named by the client"
    )]
    async fn key_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "Last day.")] to: Date,
        #[graphql(desc = "How long the periods are; years when not stated.")] period: Option<
            PeriodLength,
        >,
        #[graphql(desc = "By what they are told apart; by nothing when not stated.")] by: Option<
            Vec<FigureDimension>,
        >,
        #[graphql(
            desc = "What had been recorded by then: an instant or a day. Every case is read for it, which takes longer."
        )]
        known_at: Option<String>,
        #[graphql(
            desc = "By which time `knownAt` is read; the log's own where not stated.",
            default_with = "TimeAxis::Recorded"
        )]
        axis: TimeAxis,
        #[graphql(
            desc = "Weigh the cases by other law than that in force; every case is read for it."
        )]
        what_if: Option<WhatIfInput>,
        #[graphql(
            desc = "At most so many cases behind each figure, to those who may see them; at most 1,000.",
            default
        )]
        cases_max: i32,
        #[graphql(
            desc = "Show groups with few contributions as well: for the municipality's own leader, not for what leaves the house.",
            default
        )]
        small_groups: bool,
    ) -> Result<KeyFigures> {
        let period = period.unwrap_or(PeriodLength::Year);
        let wish = FiguresInput {
            from,
            to,
            period,
            by: by.unwrap_or_default(),
            known_at,
            axis,
            what_if,
            cases_max,
            small_groups,
        };
        key_figures(ctx, wish).await
    }

    /// The notification inbox, oldest first. What did not exist at the reading point is left out
    /// of its page.
    #[expect(
        clippy::too_many_arguments,
        reason = "arguments of a field, each named by the client"
    )]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "So many from the beginning, at most 100.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<
            ReadingPointInput,
        >,
        #[graphql(
            desc = "Only those that nobody has assessed, or that belong to no case yet, as of now.",
            default
        )]
        untouched: bool,
    ) -> Result<Page<Notification>> {
        if untouched && at.is_some() {
            return Err(bad_input("`untouched` is asked as of now, without `at`"));
        }
        let wanted = (after, before, first, last);
        if untouched {
            let found = ctx.data::<Session>()?.untouched_notifications(None);
            let streams = found.map_err(|error| list_error(&error))?.streams;
            return page_of(ctx, wanted, ReadingPoint::default(), streams).await;
        }
        list(ctx, wanted, at).await
    }

    /// The cases of one family side by side (V13); null when there is no case of that family.
    async fn family(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The family, as cases name it.")] id: FamilyId,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<
            ReadingPointInput,
        >,
    ) -> Result<Option<Overview>> {
        let overview = ctx.data::<Session>()?.family_overview(id, point(at)?);
        overview.map_err(|error| list_error(&error))
    }

    /// The rules that answers about duties as they stand now rest on.
    async fn rule_catalogue(&self) -> RuleCatalogue {
        RuleCatalogue
    }

    /// The case log (*sag*), for auditors and receipts.
    async fn log(&self, ctx: &Context<'_>) -> Result<Log> {
        Ok(Log::new(ctx.data::<Session>()?.clone()))
    }

    /// The access log (*adgang*), which holds who looked; none before anybody's look was recorded.
    async fn access_log(&self, ctx: &Context<'_>) -> Result<Option<Log>> {
        let opened = ctx.data::<Session>()?.access_log();
        Ok(opened.map_err(|error| read_error(&error))?.map(Log::new))
    }
}
