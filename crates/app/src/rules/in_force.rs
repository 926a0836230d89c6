//! Which catalogue of rules stood last in the log at a point.

use domain::reading::{Reading, ReadingPoint};
use domain::views::integrity::{Activation, integrity};
use events::ids::StreamId;
use events::log::RuleSetActivated;
use events::spec::Facts;
use events::text::Digest;
use law::catalogue::Catalogue;
use record::b64u;

use crate::error::ReadError;
use crate::log::reader::StreamReader;
use crate::rules::basis::InForce;
use crate::rules::rulebook::Rulebook;

/// The held catalogue of a recorded hash.
pub(crate) fn held<'r>(rules: &'r Rulebook, recorded: &Digest) -> Option<&'r Catalogue> {
    rules
        .library
        .with_digest(&b64u::decode(recorded.as_str().as_bytes()).ok()?)
}

/// What was put into force by a point, in the order of the log.
pub(crate) fn activations(
    reader: &StreamReader,
    stream: StreamId,
    point: &ReadingPoint,
) -> Result<Vec<Activation>, ReadError> {
    if reader.log.stream_head(stream.uuid())?.is_none() {
        return Ok(Vec::new());
    }
    // Activations cannot be corrected, so the other events of this stream are skipped: checks of the
    // log stand here too, and there may be many.
    let own = reader.recorded(stream)?;
    let own = own.iter().filter(|record| {
        record
            .raw
            .as_ref()
            .is_some_and(|raw| raw.kind == RuleSetActivated::SPEC.name)
    });
    let point = ReadingPoint {
        occurred_by: None,
        ..*point
    };
    Ok(integrity(&Reading::new(own.cloned().collect(), point)?).activations)
}

/// The catalogue that stood last in the log at a point.
pub(crate) fn in_force(
    reader: &StreamReader,
    stream: StreamId,
    rules: &'static Rulebook,
    point: &ReadingPoint,
) -> Result<InForce, ReadError> {
    let Some(activation) = activations(reader, stream, point)?.pop() else {
        return Ok(InForce {
            catalogue: rules.newest(),
            activation: None,
        });
    };
    match held(rules, &activation.catalogue) {
        Some(catalogue) => Ok(InForce {
            catalogue,
            activation: Some(activation),
        }),
        None => {
            let (version, hash) = (
                activation.version.as_str().to_owned(),
                activation.catalogue.as_str().to_owned(),
            );
            Err(ReadError::CatalogueNotHeld { version, hash })
        }
    }
}
