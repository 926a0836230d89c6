//! V10: receipts from letters, against the events of the bundle.

use super::anchor::Anchor;
use super::description::Description;
use super::events::Event;
use super::trust::Receipt;
use crate::code::{Code, Finding};
use crate::position::Seq;

/// Returns how many receipts name this very stream.
pub(super) fn check(
    receipts: &[Receipt],
    description: &Description,
    anchor: &Anchor<'_>,
    events: &[Event],
) -> Result<u64, Finding> {
    for receipt in receipts {
        let seq = receipt.seq;
        let mismatch = |what: &str| {
            Err(Finding::of(
                Code::ReceiptMismatch,
                format!("sequence {seq}: {what}"),
            ))
        };
        if let Some((origin, stream, _)) = &receipt.log
            && (*origin != description.origin || *stream != description.stream)
        {
            return mismatch("the receipt is of another log or stream");
        }
        if seq < Seq::FIRST {
            return mismatch("sequences begin at 1");
        }
        let Some(event) = seq.offset().and_then(|offset| events.get(offset)) else {
            let what = format!(
                "the receipt is of sequence {seq}, the bundle ends at {}",
                events.len()
            );
            return Err(Finding::of(Code::StreamTruncated, what));
        };
        if event.leaf != receipt.leaf {
            return mismatch("the event is another than the one that the receipt was given for");
        }
        let Some((_, _, size)) = receipt.log else {
            continue;
        };
        if size > anchor.cosigned.checkpoint.size {
            return Err(Finding::of(
                Code::Rollback,
                format!("the receipt knows a log of {size} entries, the bundle's is smaller"),
            ));
        }
    }
    Ok(receipts
        .iter()
        .filter(|receipt| receipt.log.is_some())
        .count() as u64)
}
