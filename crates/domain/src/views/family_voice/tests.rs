//! What the text says, for whom, and that nothing makes it fail.

mod history;
mod whole;

pub(crate) mod catalogue;
mod limits;
mod next;
mod readers;
mod secrets;
mod texts;
mod vocabulary;
