//! The HTTP surface: GraphQL over HTTP, health, identity, shutdown, and the way out to witnesses.
//! The composition root of the web side; it knows nothing of cases.

mod admission;
pub mod answers;
mod command_threads;
mod connections;
mod documents;
mod evidence;
mod graphql_answer;
mod graphql_escapes;
mod graphql_http;
mod graphql_request;
mod health;
mod hosts;
pub mod identity;
mod leaving;
pub mod outgoing;
mod pace;
mod parsed_documents;
mod pools;
mod query_string;
pub mod serve;
pub mod settings;
pub mod tile_server;
mod tiles;
