//! A request for a bundle: what its path and its query string mean.
//!
//! It does not make the bundle; `app/evidence/bundle.rs` does.

use std::time::Duration;

use events::ids::StreamId;
use record::positions::Size;

use super::misfits::{Misfits, one_of};
use super::wait::{WAIT, wait};
use crate::rest::documents::stream;
use crate::rest::outcome::Answer;

/// The parameters of a request for a bundle.
const PARAMETERS: [&str; 4] = ["accesses", "documents", "pinned", "wait"];

/// A request for a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRequest {
    /// The stream, or the case whose look-ups are asked for.
    pub stream: StreamId,
    /// Whether the look-ups are asked for, and not the stream itself.
    pub accesses: bool,
    /// Whether the documents go along.
    pub documents: bool,
    /// Sizes of the log that the reader knows.
    pub pinned: Vec<Size>,
    /// How long witnesses are waited for.
    pub wait: Duration,
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "must be a whole number".to_owned())
}

fn size(text: &str) -> Result<Size, String> {
    number(text)
        .ok()
        .map(Size::new)
        .filter(|size| !size.is_empty())
        .ok_or_else(|| "must be the size of a log, at least 1".to_owned())
}

fn choice(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

/// The request that a path and a query string mean.
///
/// # Errors
/// The answer that names every parameter that does not fit.
pub fn bundle_request(
    municipality: &str,
    id: &str,
    parameters: &[(String, String)],
) -> Result<BundleRequest, Box<Answer>> {
    let mut misfits = Misfits::default();
    let named = stream(municipality, id)
        .ok_or_else(|| "must be the id of a case, a notification or a person".to_owned());
    let named = misfits.take(&["stream"], named);
    let (mut accesses, mut documents, mut waiting, mut pinned) = (None, None, None, Vec::new());
    for (name, value) in parameters {
        let path = [name.as_str()];
        match name.as_str() {
            "pinned" => pinned.extend(misfits.take(&path, size(value))),
            "accesses" if accesses.is_none() => {
                accesses = Some(misfits.take(&path, choice(value)).unwrap_or_default())
            }
            "documents" if documents.is_none() => {
                documents = Some(misfits.take(&path, choice(value)).unwrap_or_default())
            }
            "wait" if waiting.is_none() => {
                waiting = Some(
                    misfits
                        .take(&path, number(value).and_then(wait))
                        .unwrap_or_default(),
                )
            }
            known if PARAMETERS.contains(&known) => misfits.add(&path, "must not stand twice"),
            _ => misfits.add(&path, &one_of(PARAMETERS)),
        }
    }
    misfits.finish(named.map(|stream| BundleRequest {
        stream,
        accesses: accesses.unwrap_or_default(),
        documents: documents.unwrap_or_default(),
        pinned,
        wait: waiting.unwrap_or(Duration::from_secs(WAIT)),
    }))
}
