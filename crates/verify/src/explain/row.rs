//! The form of an explanation: both languages beside each other, so that none is forgotten.

use crate::code::Code;

/// What a code means, what must not be read into it, and what to do; in this order.
pub(super) type Texts = [&'static str; 3];

/// One code in both languages.
pub(super) struct Row {
    pub(super) code: Code,
    pub(super) english: Texts,
    pub(super) danish: Texts,
}
