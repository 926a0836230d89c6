//! The schema on its way: how a request is executed.
//!
//! What it consists of, its limits and its text stand in `sdl.rs`.

use std::pin::Pin;

use async_graphql::{EmptySubscription, Request, Response, Schema, ServerError};

use crate::answer_size::shortened;
use crate::fault::FaultCode;
use crate::input_fault::{Blame, first_misfit};
use crate::mutation::MutationRoot;
use crate::query::QueryRoot;
use crate::sdl::builder;

/// The executable schema; [`execute`] is the only way to ask it. A bare `Schema` would let other crates
/// execute it themselves, and each of them would compile all resolvers again.
#[derive(Clone)]
pub struct CaseSchema(Schema<QueryRoot, MutationRoot, EmptySubscription>);

/// The schema, on no log: every request must carry the [`app::session::Session`] that it reads and
/// writes by. With a [`app::wanted::Wanted`], work that nobody waits for any more ends early.
#[must_use]
pub fn schema() -> CaseSchema {
    CaseSchema(builder().finish())
}

/// Executes a request, on the thread that asks for it: it reads the disk and waits for it. When a
/// variable does not fit, the error says which field of it, and by which rule.
///
/// The future is boxed, so that a crate that awaits it does not compile the resolvers.
#[must_use]
pub fn execute(
    schema: &CaseSchema,
    request: Request,
) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
    Box::pin(answer(schema, request))
}

async fn answer(schema: &CaseSchema, mut request: Request) -> Response {
    let operation = request.operation_name.clone();
    // Taken out while the document is borrowed, so that a large input is not copied.
    let variables = std::mem::take(&mut request.variables);
    let misfit = request
        .parsed_query()
        .ok()
        .and_then(|document| first_misfit(document, operation.as_deref(), &variables));
    request.variables = variables;
    match misfit {
        None => shortened(schema.0.execute(request).await),
        Some(Blame { path, rule }) => {
            let mut error = ServerError::new(format!("{path}: {rule}"), None);
            let mut extensions = FaultCode::BadUserInput.extensions();
            extensions.set("field", path);
            error.extensions = Some(extensions);
            Response::from_errors(vec![error])
        }
    }
}
