//! What is answered beside GraphQL: documents and evidence, as bytes.

pub mod documents;
pub mod evidence;
pub mod outcome;
