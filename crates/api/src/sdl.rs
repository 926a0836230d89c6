//! The schema: what it consists of, its limits, and its text.

use async_graphql::{EmptySubscription, SDLExportOptions, Schema, SchemaBuilder};

use crate::answer_size::AnswerSize;
use crate::mutation::MutationRoot;
use crate::query::QueryRoot;
use crate::validated::ValidateOnce;

/// How deep a query may nest: room for a decision's own view of the case, and for the question by which
/// tools learn the schema (`getIntrospectionQuery` of graphql-js), no more.
const DEPTH_MAX: usize = 15;
/// How many fields a query may ask for, lists not counted.
const COMPLEXITY_MAX: usize = 2_000;
const DIRECTIVES_MAX: usize = 10;
const RECURSION_MAX: usize = 32;

pub(crate) fn builder() -> SchemaBuilder<QueryRoot, MutationRoot, EmptySubscription> {
    Schema::build(QueryRoot, MutationRoot, EmptySubscription)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .limit_directives(DIRECTIVES_MAX)
        .limit_recursive_depth(RECURSION_MAX)
        .extension(AnswerSize)
        .extension(ValidateOnce)
}

/// The schema's text, in a stable order.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    builder().finish().sdl_with_options(options)
}
