//! What validating a document answered, so that a document that is asked again and again is validated
//! once.
//!
//! The answer rests on the document, the operation and the variables. Variables are checked by
//! their declared types before each execution, so that here they cannot change it.

use std::sync::{Arc, OnceLock};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{Request, ServerError, ValidationResult};

/// What was found of one document: it stands with the document, and goes with it.
#[derive(Clone, Default)]
pub struct Validated(Arc<OnceLock<Found>>);

impl Validated {
    /// A request that asks this document, with its operation named already.
    #[must_use]
    pub fn asked_by(self, request: Request) -> Request {
        let operation = request.operation_name.clone();
        request.data(Asked {
            validated: self,
            operation,
        })
    }
}

struct Found {
    operation: Option<String>,
    result: ValidationResult,
}

/// In the data of a request: the document's answer, and the operation that is to be executed.
struct Asked {
    validated: Validated,
    operation: Option<String>,
}

/// Validates each operation of a document that is kept once.
pub(crate) struct ValidateOnce;

impl ExtensionFactory for ValidateOnce {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for ValidateOnce {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let Some(asked) = ctx.data_opt::<Asked>() else {
            return next.run(ctx).await;
        };
        let cell = &asked.validated.0;
        match cell.get() {
            Some(found) if found.operation == asked.operation => Ok(found.result),
            // Another operation of the same document; it is seldom that there is one.
            Some(_) => next.run(ctx).await,
            None => {
                let result = next.run(ctx).await?;
                let operation = asked.operation.clone();
                drop(cell.set(Found { operation, result }));
                Ok(result)
            }
        }
    }
}
