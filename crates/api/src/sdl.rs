//! The schema as text.

use crate::schema::builder;
use async_graphql::SDLExportOptions;

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
