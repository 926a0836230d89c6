//! What users do, as load: generated cases, requests that are due at fixed times, peers that are
//! asked the same in the same run, and a report of it.
//!
//! It knows the program as its users do, by GraphQL over HTTP, and uses no other crate of the
//! workspace: a load that shared code with what it measures would share its mistakes.

pub mod bench;
pub mod cases;
pub mod chart;
pub mod disk;
pub mod evidence;
pub mod http;
pub mod loads;
pub mod meter;
pub mod pace;
pub mod peer;
pub mod process;
pub mod report;
pub mod request;
pub mod running;
mod seeded;
mod users;
