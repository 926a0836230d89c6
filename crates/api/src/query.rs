//! Queries: cases, notifications and the log.

use std::sync::Arc;

use app::service::App;
use async_graphql::connection::{Connection, Edge, EmptyFields, query};
use async_graphql::{Context, ID, Interface, Object, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::reading::ReadingPoint;
use events::ids::StreamId;

use crate::error::bad_input;
use crate::ids::{Kind, stream};
use crate::types::case::Case;
use crate::types::log::Log;
use crate::types::notification::Notification;
use crate::types::point::ReadingPointInput;
use crate::view::{StreamView, read};

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
    Ok(ctx.data::<Arc<App>>()?.layout().municipality().code().to_owned())
}

/// A place in a list; it carries the municipality as every id does.
fn cursor(code: &str, stream: StreamId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{code}:{stream}"))
}

/// Which rows a client wants: behind, before, so many from the beginning or from the end.
type Wanted<N> = (Option<String>, Option<String>, Option<N>, Option<N>);
/// A page of views.
type Page<T> = Connection<String, T, EmptyFields, EmptyFields>;

/// One page of a list, oldest first.
async fn list<T: StreamView>(ctx: &Context<'_>, wanted: Wanted<i32>, at: Option<ReadingPointInput>) -> Result<Page<T>> {
    let (code, point) = (code(ctx)?, point(at)?);
    let streams = ctx.data::<Arc<App>>()?.streams(T::KIND);
    let (after, before, first, last) = wanted;
    query(after, before, first, last, |after, before, first, last| async move {
        let (chosen, previous, next) = page(&streams, &code, (after, before, first, last))?;
        let mut connection = Connection::new(previous, next);
        for stream in chosen {
            let row = read(ctx, stream, point).await?;
            connection.edges.extend(row.map(|row| Edge::new(cursor(&code, stream), row)));
        }
        Ok::<_, async_graphql::Error>(connection)
    })
    .await
}

/// The streams of one page, and whether more lie before and behind it.
fn page(streams: &[StreamId], code: &str, (after, before, first, last): Wanted<usize>) -> Result<(Vec<StreamId>, bool, bool)> {
    let place = |text: &String| {
        let found = streams.iter().position(|stream| cursor(code, *stream) == *text);
        found.ok_or_else(|| bad_input("the cursor does not belong to this list"))
    };
    let begin = after.as_ref().map(place).transpose()?.map_or(0, |place| place + 1);
    let end = before.as_ref().map(place).transpose()?.unwrap_or(streams.len());
    let within = streams.get(begin..end.max(begin)).unwrap_or_default();
    let count = first.or(last).unwrap_or(PAGE).min(PAGE_MAX);
    let skip = if first.is_none() && last.is_some() { within.len().saturating_sub(count) } else { 0 };
    let chosen: Vec<StreamId> = within.iter().skip(skip).take(count).copied().collect();
    let behind = begin + skip + chosen.len() < streams.len();
    Ok((chosen, begin + skip > 0, behind))
}

#[Object(name = "Query")]
impl QueryRoot {
    /// Anything by its global id.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Result<Option<Node>> {
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

    /// A case, or a course of early advice; none when there is none at that point.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id, or the id of its stream.")] id: ID,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<ReadingPointInput>,
    ) -> Result<Option<Case>> {
        let Some(stream) = stream(&code(ctx)?, &id, Kind::Case) else { return Ok(None) };
        read(ctx, stream, point(at)?).await
    }

    /// All cases, oldest first. What did not exist at the reading point is left out of its page.
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "So many from the beginning, at most 100.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<ReadingPointInput>,
    ) -> Result<Page<Case>> {
        list(ctx, (after, before, first, last), at).await
    }

    /// The notification inbox, oldest first. What did not exist at the reading point is left out
    /// of its page.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "So many from the beginning, at most 100.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "The moment to read at; now when not stated.")] at: Option<ReadingPointInput>,
    ) -> Result<Page<Notification>> {
        list(ctx, (after, before, first, last), at).await
    }

    /// The log, for auditors and receipts.
    async fn log(&self) -> Log {
        Log
    }
}
