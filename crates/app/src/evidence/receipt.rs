//! The receipt that goes out with a letter or a decision: one line, and the same as a picture for
//! a telephone. Whoever holds one can prove any later rewriting or shortening of that case.

use events::ids::{EventId, StreamId};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use record::hash::Hash;
use record::positions::{Seq, Size};

use crate::app::App;
use crate::error::{BoxError, ReadError};
use crate::log::content;
use crate::queries::witnessing::Standing;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterReceipt {
    /// Name of the log.
    pub origin: String,
    /// The stream.
    pub stream: StreamId,
    /// Sequence of the event in it.
    pub seq: Seq,
    /// Leaf hash of the event.
    pub leaf: Hash,
    /// Size of the first checkpoint that covers it, or of the log where none does yet.
    pub size: Size,
    /// How well it is vouched for so far.
    pub standing: Standing,
}

/// A receipt does not agree with the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not five fields separated by bars, or a field of another form.
    #[error("a receipt is origin|stream|sequence|hash|size; {0} has another form")]
    Form(&'static str),
    /// It was given out by another log.
    #[error("the receipt is of the log {0}")]
    Origin(String),
    /// The log holds less than the receipt vouches for.
    #[error("the log has no event {seq} in stream {stream}, which the receipt vouches for")]
    Missing {
        /// The stream.
        stream: StreamId,
        /// The sequence.
        seq: Seq,
    },
    /// The log holds another event in this place.
    #[error("event {seq} of stream {stream} is not the one that the receipt vouches for")]
    Differs {
        /// The stream.
        stream: StreamId,
        /// The sequence.
        seq: Seq,
    },
}

impl LetterReceipt {
    /// The line: `origin|stream|sequence|hash|size`, the hash in base64url.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}|{}|{}|{}|{}",
            self.origin,
            self.stream,
            self.seq,
            self.leaf.to_b64u(),
            self.size
        )
    }

    /// The line as a QR code (ISO/IEC 18004), a picture in SVG that can be printed from 25 mm on.
    ///
    /// # Errors
    /// When the line is longer than such a code holds.
    pub fn svg(&self) -> Result<String, BoxError> {
        let code = QrCode::with_error_correction_level(self.text(), EcLevel::M)?;
        Ok(code
            .render::<svg::Color<'_>>()
            .min_dimensions(240, 240)
            .build())
    }

    /// Reads a line; how well it is vouched for does not stand in it.
    ///
    /// # Errors
    /// [`ReceiptError::Form`].
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let fields: Vec<&str> = text.trim().split('|').collect();
        let [origin, stream, seq, leaf, size] = fields.as_slice() else {
            return Err(ReceiptError::Form("the line"));
        };
        let number = |text: &str, name| {
            text.parse::<u64>()
                .ok()
                .filter(|number| number.to_string() == text)
                .ok_or(ReceiptError::Form(name))
        };
        Ok(Self {
            origin: (*origin).to_owned(),
            stream: stream
                .parse()
                .map_err(|_| ReceiptError::Form("the stream"))?,
            seq: Seq::new(number(seq, "the sequence")?)
                .ok_or(ReceiptError::Form("the sequence"))?,
            leaf: Hash::parse_b64u(leaf).map_err(|_| ReceiptError::Form("the hash"))?,
            size: Size::new(number(size, "the size")?),
            standing: Standing::Recorded,
        })
    }
}

impl App {
    /// The receipt of an event; none when the stream does not hold it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn letter_receipt(
        &self,
        stream: StreamId,
        event: EventId,
    ) -> Result<Option<LetterReceipt>, ReadError> {
        let Some(index) = self.log.event_index(event.uuid())? else {
            return Ok(None);
        };
        let Some(stored) = self.log.entry(index)? else {
            return Ok(None);
        };
        let envelope = content::envelope(&stored)?;
        if envelope.stream != stream.uuid() {
            return Ok(None);
        }
        let covering = match self.log.first_archived(index.size_before())? {
            Some(kept) => Some(kept.size),
            None => self
                .log
                .checkpoint()?
                .map(|checkpoint| checkpoint.size)
                .filter(|size| size.holds(index)),
        };
        let size = covering.unwrap_or_else(|| self.log.size());
        let standing = self.standing(index)?.unwrap_or(Standing::Recorded);
        let origin = self.layout().origin();
        Ok(Some(LetterReceipt {
            origin,
            stream,
            seq: envelope.seq,
            leaf: stored.leaf,
            size,
            standing,
        }))
    }

    /// Checks a receipt that somebody holds against the log.
    ///
    /// # Errors
    /// [`ReceiptError`] as the inner result; [`ReadError`].
    pub(crate) fn check_receipt(
        &self,
        text: &str,
    ) -> Result<Result<LetterReceipt, ReceiptError>, ReadError> {
        let mut held = match LetterReceipt::parse(text) {
            Ok(held) => held,
            Err(error) => return Ok(Err(error)),
        };
        if held.origin != self.layout().origin() {
            return Ok(Err(ReceiptError::Origin(held.origin)));
        }
        let (stream, seq) = (held.stream, held.seq);
        let page = self.log.stream_page(stream.uuid(), seq, 1)?;
        let Some(stored) = page.first().filter(|_| held.size <= self.log.size()) else {
            return Ok(Err(ReceiptError::Missing { stream, seq }));
        };
        if stored.leaf != held.leaf {
            return Ok(Err(ReceiptError::Differs { stream, seq }));
        }
        held.standing = self.standing(stored.index)?.unwrap_or(Standing::Recorded);
        Ok(Ok(held))
    }
}

#[cfg(test)]
mod tests {
    use record::hash::sha256;

    use super::*;

    fn receipt() -> LetterReceipt {
        LetterReceipt {
            origin: "log.example/0999/sag".to_owned(),
            stream: "dc7f2622-9fc8-5d18-9790-32c61c715ece".parse().unwrap(),
            seq: Seq::new(12).unwrap(),
            leaf: sha256(b"leaf"),
            size: Size::new(99),
            standing: Standing::Recorded,
        }
    }

    #[test]
    fn a_receipt_reads_as_it_was_printed() {
        let receipt = receipt();
        assert_eq!(
            LetterReceipt::parse(&format!(" {}\n", receipt.text())),
            Ok(receipt.clone())
        );
        for (bent, what) in [
            (receipt.text().replace("|12|", "|012|"), "the sequence"),
            (receipt.text().replace("|99", "|x"), "the size"),
            (receipt.text().replace("dc7f", "DCZZ"), "the stream"),
            (receipt.text().replacen('|', "", 1), "the line"),
            (receipt.text().replace("|99", "=|99"), "the hash"),
        ] {
            assert_eq!(
                LetterReceipt::parse(&bent),
                Err(ReceiptError::Form(what)),
                "{bent}"
            );
        }
    }

    #[test]
    fn the_picture_is_a_picture() {
        let svg = receipt().svg().unwrap();
        assert!(
            svg.starts_with("<?xml") && svg.contains("<svg") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
    }
}
