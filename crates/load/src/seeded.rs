//! Numbers that look random and are the same for the same seed (splitmix64). Not for keys: anybody
//! who knows the seed knows them all.

use uuid::{Builder, Uuid};

/// A source of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0. The bounds here are small, so that no number is
    /// noticeably more frequent than another.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// One of them; the default where there is none.
    pub(crate) fn one_of<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let place = self.below(choices.len() as u64);
        let place = usize::try_from(place).unwrap_or(0);
        choices.get(place).copied().unwrap_or_default()
    }

    /// An id in the form of a random one.
    pub(crate) fn id(&mut self) -> Uuid {
        let (high, low) = (u128::from(self.number()), u128::from(self.number()));
        Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
    }

    /// Another source, whose numbers have nothing to do with those that follow here.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.number())
    }
}
