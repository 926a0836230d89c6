//! A bound on what one answer holds, while it is put together, and the end of work that nobody waits for.
//!
//! How large an answer becomes depends on the record and cannot be told from the question.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::wanted::Wanted;
use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest, NextResolve, ResolveInfo,
};
use async_graphql::{ContextBase, Request, Response, ServerError, ServerResult, Value};

use crate::fault::FaultCode;

/// The most fields of one answer, over all objects of all lists.
pub const FIELDS_MAX: u64 = 100_000;

/// What an answer that would hold more says instead.
pub const TOO_LARGE_MESSAGE: &str = "the answer is too large: ask for fewer rows or fields. Whether a command was carried out is answered by \
     the same command with fewer fields";

/// Counts the fields of each answer.
pub(crate) struct AnswerSize;

impl ExtensionFactory for AnswerSize {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Count::default())
    }
}

/// The fields of one answer so far.
#[derive(Default)]
struct Count(Arc<AtomicU64>);

/// The same count, in the data of the request.
struct Shared(Arc<AtomicU64>);

/// What an answer that is put together without the executor counts against.
pub(crate) struct Counted<'a> {
    count: Option<&'a AtomicU64>,
    wanted: Option<&'a Wanted>,
}

impl<'a> Counted<'a> {
    pub(crate) fn of<T>(ctx: &ContextBase<'a, T>) -> Self {
        Self {
            count: ctx.data_opt::<Shared>().map(|shared| &*shared.0),
            wanted: ctx.data_opt::<Wanted>(),
        }
    }

    /// Counts so many more fields, before they are answered.
    ///
    /// # Errors
    /// When the answer would hold more than [`FIELDS_MAX`], or nobody waits for it any more.
    pub(crate) fn add(&self, fields: u64) -> ServerResult<()> {
        let before = self
            .count
            .map(|count| count.fetch_add(fields, Ordering::Relaxed));
        if before.is_some_and(|before| before + fields > FIELDS_MAX) {
            return Err(refused(TOO_LARGE_MESSAGE, FaultCode::AnswerTooLarge));
        }
        if self.wanted.is_some_and(Wanted::is_over) {
            return Err(refused(
                "nobody waits for the answer any more",
                FaultCode::Abandoned,
            ));
        }
        Ok(())
    }
}

/// An error that carries its code twice: as a text for the client, as a type for [`shortened`].
fn refused(message: &str, code: FaultCode) -> ServerError {
    ServerError {
        extensions: Some(code.extensions()),
        source: Some(Arc::new(code)),
        ..ServerError::new(message, None)
    }
}

#[async_trait]
impl Extension for Count {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        let count = Shared(Arc::clone(&self.0));
        next.run(ctx, request.data(count)).await
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        Counted {
            count: Some(&self.0),
            wanted: ctx.data_opt::<Wanted>(),
        }
        .add(1)?;
        next.run(ctx, info).await
    }
}

/// One error in place of an answer that was not put together whole: each field that is missing has one.
pub(crate) fn shortened(response: Response) -> Response {
    // Only the errors made here carry a code as their source.
    let ours = |error: &ServerError| error.source::<FaultCode>().is_some();
    match response.errors.iter().position(ours) {
        Some(place) => {
            Response::from_errors(response.errors.into_iter().skip(place).take(1).collect())
        }
        None => response,
    }
}
