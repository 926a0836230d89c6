//! The HTTP surface: GraphQL over HTTP, health, identity, shutdown, and the way out to witnesses. The composition root of the
//! web side; it knows nothing of cases.

pub mod documents;
mod evidence;
pub mod graphql_http;
pub mod identity;
mod leaving;
pub mod outgoing;
pub mod serve;
pub mod tile_server;
pub mod tiles;
