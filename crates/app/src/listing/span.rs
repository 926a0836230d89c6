//! Which of 4,096 neighbouring cases have something: a set of small numbers.

/// How many ordinals one set spans.
pub(crate) const SPAN: u16 = 4_096;
const WORDS: usize = 64;
/// A longer list is written as bits.
const LISTED_MAX: usize = 255;

/// A set of numbers below [`SPAN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span([u64; WORDS]);

impl Default for Span {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

/// The span that an ordinal lies in, and its number there.
pub(crate) fn place(ordinal: u64) -> (u64, u16) {
    let offset = ordinal % u64::from(SPAN);
    (ordinal / u64::from(SPAN), u16::try_from(offset).unwrap_or(0))
}

/// The ordinal of a number in a span.
pub(crate) fn ordinal(span: u64, offset: u16) -> u64 {
    span * u64::from(SPAN) + u64::from(offset)
}

impl Span {
    fn word(offset: u16) -> (usize, u64) {
        (usize::from(offset / 64), 1 << (offset % 64))
    }

    pub(crate) fn insert(&mut self, offset: u16) {
        let (word, bit) = Self::word(offset);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(crate) fn remove(&mut self, offset: u16) {
        let (word, bit) = Self::word(offset);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Keeps what the other one has too.
    pub(crate) fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// The numbers, rising.
    pub(crate) fn numbers(&self) -> Vec<u16> {
        let mut numbers = Vec::new();
        for (place, word) in (0_u16..).zip(self.0) {
            let mut rest = word;
            while rest != 0 {
                numbers.push(place * 64 + u16::try_from(rest.trailing_zeros()).unwrap_or(0));
                rest &= rest - 1;
            }
        }
        numbers
    }

    /// As a list of numbers where they are few, as bits where they are many; an empty set is not
    /// written.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        let numbers = self.numbers();
        Some(if numbers.len() <= LISTED_MAX {
            numbers.into_iter().flat_map(u16::to_be_bytes).collect()
        } else {
            self.0.iter().flat_map(|word| word.to_be_bytes()).collect()
        })
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut span = Self::default();
        let (words, rest) = bytes.as_chunks::<8>();
        if words.len() == WORDS && rest.is_empty() {
            span.0.iter_mut().zip(words).for_each(|(word, bytes)| *word = u64::from_be_bytes(*bytes));
            return Some(span);
        }
        let (numbers, rest) = bytes.as_chunks::<2>();
        let numbers: Vec<u16> = numbers.iter().map(|bytes| u16::from_be_bytes(*bytes)).collect();
        if !rest.is_empty() || numbers.len() > LISTED_MAX || numbers.iter().any(|number| *number >= SPAN) {
            return None;
        }
        numbers.into_iter().for_each(|number| span.insert(number));
        Some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_as_it_was_written() {
        for count in [1_u16, 2, 254, 255, 256, 257, 4_096] {
            let numbers: Vec<u16> = (0..count).map(|number| number * (SPAN / count)).collect();
            let mut span = Span::default();
            numbers.iter().for_each(|number| span.insert(*number));
            assert_eq!((span.numbers(), span.len()), (numbers.clone(), u32::from(count)));
            let bytes = span.encode().unwrap();
            assert!(bytes.len() <= 512);
            assert_eq!(Span::decode(&bytes), Some(span.clone()));
            numbers.iter().for_each(|number| span.remove(*number));
            assert_eq!((span.is_empty(), span.encode()), (true, None));
        }
        assert_eq!(Span::decode(&[1]), None);
        assert_eq!(Span::decode(&[0xff, 0xff]), None);
    }

    #[test]
    fn an_ordinal_has_one_place() {
        for number in [0, 1, 4_095, 4_096, 1_000_000] {
            let (span, offset) = place(number);
            assert_eq!(ordinal(span, offset), number);
        }
    }
}
