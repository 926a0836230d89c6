//! Which of 4,096 neighbouring cases have something: a set of small numbers. It is written in few
//! lengths, so that the length of a sealed set says little of how many they are.

use super::case_row::Stored;

/// How many ordinals one set spans.
pub(crate) const SPAN: u16 = 4_096;
const WORDS: usize = 64;
/// Lengths of lists: a number of 16 bits that says how many there are, they themselves, and zeros.
const LENGTHS: [usize; 5] = [16, 32, 64, 128, 256];
/// In the place of how many there are: bits follow, because a list would be longer than the longest
/// one.
const BITS: u16 = u16::MAX;

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
    (
        ordinal / u64::from(SPAN),
        u16::try_from(offset).unwrap_or(0),
    )
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
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(word, other)| *word &= other);
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

    fn encode(&self) -> Vec<u8> {
        let numbers = self.numbers();
        let listed = 2 + 2 * numbers.len();
        let Some(len) = LENGTHS.into_iter().find(|len| listed <= *len) else {
            return BITS
                .to_be_bytes()
                .into_iter()
                .chain(self.0.iter().flat_map(|word| word.to_be_bytes()))
                .collect();
        };
        let count = u16::try_from(numbers.len()).unwrap_or(0);
        let mut bytes: Vec<u8> = [count]
            .into_iter()
            .chain(numbers)
            .flat_map(u16::to_be_bytes)
            .collect();
        bytes.resize(len, 0);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut span = Self::default();
        let (count, rest) = bytes.split_first_chunk::<2>()?;
        let count = u16::from_be_bytes(*count);
        if count == BITS {
            let (words, odd) = rest.as_chunks::<8>();
            span.0
                .iter_mut()
                .zip(words)
                .for_each(|(word, bytes)| *word = u64::from_be_bytes(*bytes));
            return (words.len() == WORDS && odd.is_empty()).then_some(span);
        }
        let (numbers, free) = rest.split_at_checked(2 * usize::from(count))?;
        let (numbers, _) = numbers.as_chunks::<2>();
        for number in numbers
            .iter()
            .map(|number| u16::from_be_bytes(*number))
            .filter(|number| *number < SPAN)
        {
            span.insert(number);
        }
        (span.len() == u32::from(count)
            && LENGTHS.contains(&bytes.len())
            && free.iter().all(|byte| *byte == 0))
        .then_some(span)
    }
}

impl Stored for Span {
    fn write(&self) -> Vec<u8> {
        self.encode()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_as_it_was_written() {
        let mut lengths = std::collections::BTreeSet::new();
        for count in [0_u16, 1, 2, 7, 8, 127, 128, 254, 255, 256, 257, 4_096] {
            let numbers: Vec<u16> = (0..count)
                .map(|number| number * (SPAN / count.max(1)))
                .collect();
            let mut span = Span::default();
            numbers.iter().for_each(|number| span.insert(*number));
            assert_eq!(
                (span.numbers(), span.len()),
                (numbers.clone(), u32::from(count))
            );
            let bytes = span.encode();
            lengths.insert(bytes.len());
            assert_eq!(Span::decode(&bytes), Some(span.clone()), "{count}");
            assert_eq!(Span::decode(&bytes[1..]), None);
            assert_eq!(Span::decode(&[bytes.as_slice(), &[0]].concat()), None);
            numbers.iter().for_each(|number| span.remove(*number));
            assert!(span.is_empty());
        }
        assert_eq!(
            lengths.into_iter().collect::<Vec<_>>(),
            [16, 32, 256, 514],
            "in few lengths"
        );
        let list = |numbers: &[u16]| {
            let mut bytes: Vec<u8> = numbers.iter().copied().flat_map(u16::to_be_bytes).collect();
            bytes.resize(16, 0);
            bytes
        };
        assert!(Span::decode(&list(&[2, 5, 6])).is_some());
        for malformed in [
            list(&[2, 5, 5]),
            list(&[1, SPAN]),
            list(&[1, 5, 6]),
            list(&[9]),
            vec![1],
            Vec::new(),
        ] {
            assert_eq!(Span::decode(&malformed), None, "{malformed:?}");
        }
    }

    #[test]
    fn an_ordinal_has_one_place() {
        for number in [0, 1, 4_095, 4_096, 1_000_000] {
            let (span, offset) = place(number);
            assert_eq!(ordinal(span, offset), number);
        }
    }
}
