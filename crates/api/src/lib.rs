//! The GraphQL surface: orders in the caseworker's words, views at any reading point, and the log.
//!
//! It translates; what may be done and what facts mean is decided below.

pub mod answer_size;
pub mod blame;
pub mod document;
pub mod documents;
pub mod error;
pub mod evidence;
pub mod ids;
pub mod mutation;
pub mod payload;
pub mod query;
pub mod queue;
pub mod schema;
pub mod types;
pub mod view;
