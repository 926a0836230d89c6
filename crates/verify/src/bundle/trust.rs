//! What a reader of bundles trusts and knows beforehand. Nothing of it comes from the bundle.

use crate::code::{Code, Finding};
use crate::entry::{Id, id};
use crate::json::Json;
use crate::jws::hash_of;
use crate::note::{self, Checkpoint, number};
use crate::policy::Policy;
use crate::position::{Seq, Size};
use crate::tree::Hash;

/// A checkpoint that the reader knows from elsewhere.
#[derive(Debug, Clone)]
pub struct Pin {
    pub(super) origin: String,
    pub(super) checkpoint: Checkpoint,
}

impl Pin {
    /// Reads a checkpoint. Its signatures are passed over: a pin is trusted for where it comes
    /// from.
    ///
    /// # Errors
    /// [`Code::CheckpointFormat`].
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let body = text
            .split_once("\n\n")
            .map_or(text.to_owned(), |(body, _)| format!("{body}\n"));
        let (origin, checkpoint) = note::body(&body).map_err(|what| {
            Finding::of(
                Code::CheckpointFormat,
                format!("the pinned checkpoint: {what}"),
            )
        })?;
        Ok(Self { origin, checkpoint })
    }
}

/// What a letter says about the event that it was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Origin and stream, and the size of the log; a short receipt lacks them.
    pub(super) log: Option<(String, Id, Size)>,
    pub(super) seq: Seq,
    pub(super) leaf: Hash,
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
                    log: Some(((*origin).to_owned(), stream, Size::new(number(size)?))),
                    seq: Seq::new(number(seq)?),
                    leaf: hash(leaf)?,
                })
            }
            [short] => {
                let (seq, leaf) = short.split_once(':')?;
                Some(Self {
                    log: None,
                    seq: Seq::new(number(seq)?),
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

    pub(crate) fn seq(&self) -> Seq {
        self.seq
    }
}

/// What the reader trusts and knows beforehand.
pub struct Trust {
    /// Whom.
    pub policy: Policy,
    /// A checkpoint known from elsewhere.
    pub pin: Option<Pin>,
    /// Receipts from letters.
    pub receipts: Vec<Receipt>,
    /// The witness of the policy that reads every entry, if one does.
    pub verifying: Option<String>,
}

/// Checks who issued a time stamp; it knows the authorities that the reader trusts.
pub trait StampChecker {
    /// None when it cannot tell, otherwise whether the response is a valid one over `body`.
    ///
    /// # Errors
    /// Why it could not be asked.
    fn check(&self, body: &[u8], response: &[u8]) -> Result<Option<bool>, std::io::Error>;
}

/// Trusts no authority, so that time stamps stay unverified.
#[derive(Debug, Clone, Copy)]
pub struct NoAuthority;

impl StampChecker for NoAuthority {
    fn check(&self, _: &[u8], _: &[u8]) -> Result<Option<bool>, std::io::Error> {
        Ok(None)
    }
}
