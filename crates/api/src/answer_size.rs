//! A bound on what one answer holds, while it is put together, and the end of work that nobody waits for.
//!
//! How large an answer becomes depends on the record and cannot be told from the question.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::wanted::Wanted;
use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo,
};
use async_graphql::{ErrorExtensionValues, Response, ServerError, ServerResult, Value};

/// The most fields of one answer, over all objects of all lists.
pub const FIELDS_MAX: u64 = 100_000;

/// The code of an answer that would hold more.
pub const TOO_LARGE: &str = "ANSWER_TOO_LARGE";
/// The same in words.
pub const TOO_LARGE_MESSAGE: &str = "the answer is too large: ask for fewer rows or fields. Whether a command was carried out is answered by \
     the same command with fewer fields";
/// The code of an answer that nobody waits for; no client sees it.
pub(crate) const ABANDONED: &str = "ABANDONED";

/// Counts the fields of each answer.
pub(crate) struct AnswerSize;

impl ExtensionFactory for AnswerSize {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Count(AtomicU64::new(0)))
    }
}

struct Count(AtomicU64);

fn refused(message: &str, code: &str) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    ServerError {
        extensions: Some(extensions),
        ..ServerError::new(message, None)
    }
}

#[async_trait]
impl Extension for Count {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if self.0.fetch_add(1, Ordering::Relaxed) >= FIELDS_MAX {
            return Err(refused(TOO_LARGE_MESSAGE, TOO_LARGE));
        }
        if ctx.data_opt::<Wanted>().is_some_and(Wanted::is_over) {
            return Err(refused("nobody waits for the answer any more", ABANDONED));
        }
        next.run(ctx, info).await
    }
}

/// One error in place of an answer that was not put together whole: each field that is missing has one.
pub(crate) fn shortened(response: Response) -> Response {
    let code = |error: &ServerError| match error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("code"))
    {
        Some(Value::String(code)) => code == TOO_LARGE || code == ABANDONED,
        _ => false,
    };
    match response.errors.iter().position(code) {
        Some(place) => {
            Response::from_errors(response.errors.into_iter().skip(place).take(1).collect())
        }
        None => response,
    }
}
