//! The GraphQL surface: orders in the caseworker's words, views at any reading point, and the log.
//!
//! It translates; what may be done and what facts mean is decided below.

pub mod answer_size;
pub mod case;
pub mod error;
pub mod event;
pub mod fault;
pub mod ids;
pub mod input_fault;
pub mod lists;
pub mod log;
pub mod me;
pub mod mutation;
pub mod payload;
pub mod plain;
pub mod query;
pub mod query_cost;
pub mod queue;
pub mod read;
pub mod reading_point;
pub mod rest;
pub mod rules;
pub mod schema;
pub mod sdl;
pub mod unique_json;
pub mod user_error_code;
pub mod validated;
