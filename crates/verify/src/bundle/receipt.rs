//! V10: receipts from letters, against the events of the bundle.

use super::anchor::Anchor;
use super::description::Description;
use super::events::Event;
use crate::code::{Code, Finding};
use crate::entry::{Id, id};
use crate::json::Json;
use crate::jws::hash_of;
use crate::note::number;
use crate::tree::Hash;

/// What a letter says about the event that it was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Origin and stream, and the size of the log; a short receipt lacks them.
    log: Option<(String, Id, u64)>,
    seq: u64,
    leaf: Hash,
}

impl Receipt {
    /// Reads `origin|stream|seq|hash|size` or `seq:hash`; none when it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.trim().split('|').collect();
        let hash = |text: &str| hash_of(&Json::Text(text.to_owned()));
        match fields.as_slice() {
            [origin, stream, seq, leaf, size] => {
                let stream = id(&Json::Text((*stream).to_owned()))?;
                Some(Self {
                    log: Some(((*origin).to_owned(), stream, number(size)?)),
                    seq: number(seq)?,
                    leaf: hash(leaf)?,
                })
            }
            [short] => {
                let (seq, leaf) = short.split_once(':')?;
                Some(Self {
                    log: None,
                    seq: number(seq)?,
                    leaf: hash(leaf)?,
                })
            }
            _ => None,
        }
    }

    /// Whether it is to be compared with that stream; a short receipt is one of the case.
    pub(crate) fn is_for(&self, stream: &str, is_case: bool) -> bool {
        self.log.as_ref().map_or(is_case, |(_, own, _)| {
            id(&Json::Text(stream.to_owned())) == Some(*own)
        })
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }
}

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
        let Some(place) = seq.checked_sub(1) else {
            return mismatch("sequences begin at 1");
        };
        let Some(event) = usize::try_from(place)
            .ok()
            .and_then(|place| events.get(place))
        else {
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
