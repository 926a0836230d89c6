//! Where the key rows of parts lie in their file, in nine bytes for each.
//!
//! A place is found by a fingerprint of what the row is about, in 32 bits; the row says itself what
//! it is about, so whoever looks for it reads every place with the fingerprint. There is hardly ever
//! more than one.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use uuid::Uuid;

/// So many new places are kept apart before they are sorted in, and at least a sixteenth of all.
const NEW_MAX: usize = 64 * 1024;

/// Places in a file shorter than 2^40 bytes.
const OFFSET_BYTES: usize = 5;

#[derive(Default)]
pub(crate) struct PartPlaces {
    /// Of this process: nobody can choose ids that have one fingerprint.
    hasher: RandomState,
    /// Sorted, by fingerprint and then by offset.
    prints: Vec<u32>,
    offsets: Vec<[u8; OFFSET_BYTES]>,
    new: BTreeSet<(u32, u64)>,
}

fn narrow(offset: u64) -> Option<[u8; OFFSET_BYTES]> {
    let [0, 0, 0, a, b, c, d, e] = offset.to_be_bytes() else {
        return None;
    };
    Some([a, b, c, d, e])
}

fn wide([a, b, c, d, e]: [u8; OFFSET_BYTES]) -> u64 {
    u64::from_be_bytes([0, 0, 0, a, b, c, d, e])
}

impl PartPlaces {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any 32 bits of a hash are a fingerprint"
    )]
    fn print(&self, event: Uuid, part: u16) -> u32 {
        self.hasher.hash_one((event, part)) as u32
    }

    /// Notes where a row lies; null when the file is too long.
    pub(crate) fn add(&mut self, event: Uuid, part: u16, offset: u64) -> Option<()> {
        narrow(offset)?;
        self.new.insert((self.print(event, part), offset));
        if self.new.len() >= NEW_MAX.max(self.prints.len() / 16) {
            self.sort_in();
        }
        Some(())
    }

    fn sort_in(&mut self) {
        let count = self.prints.len() + self.new.len();
        let (mut prints, mut offsets) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let old = std::mem::take(&mut self.prints).into_iter();
        let mut old = old.zip(std::mem::take(&mut self.offsets)).peekable();
        for (print, offset) in std::mem::take(&mut self.new) {
            let before = |(known, at): &(u32, _)| (*known, wide(*at)) < (print, offset);
            while let Some((known, at)) = old.next_if(before) {
                prints.push(known);
                offsets.push(at);
            }
            prints.push(print);
            offsets.extend(narrow(offset));
        }
        for (known, at) in old {
            prints.push(known);
            offsets.push(at);
        }
        (self.prints, self.offsets) = (prints, offsets);
    }

    /// Every place where the row of a part may lie, the newest first.
    pub(crate) fn of(&self, event: Uuid, part: u16) -> Vec<u64> {
        let print = self.print(event, part);
        let begin = self.prints.partition_point(|known| *known < print);
        let known = self.prints.iter().zip(&self.offsets).skip(begin);
        let known = known.take_while(|(known, _)| **known == print);
        let new = self.new.range((print, 0)..=(print, u64::MAX));
        let mut found: Vec<u64> = known.map(|(_, offset)| wide(*offset)).collect();
        found.extend(new.map(|(_, offset)| *offset));
        found.sort_unstable_by(|one, other| other.cmp(one));
        found
    }

    /// Every place, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = u64> {
        let known = self.offsets.iter().map(|offset| wide(*offset));
        known.chain(self.new.iter().map(|(_, offset)| *offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_again_the_newest_first() {
        let mut places = PartPlaces::default();
        let event = |number: u64| Uuid::from_u64_pair(3, number);
        let count = 3 * NEW_MAX as u64;
        for number in 0..count {
            places.add(event(number), 1, number * 75).unwrap();
        }
        // Once more, further on in the file.
        places.add(event(7), 1, count * 75).unwrap();
        places.add(event(count - 1), 1, count * 75 + 75).unwrap();
        for number in (0..count).step_by(97) {
            assert!(
                places.of(event(number), 1).contains(&(number * 75)),
                "{number}"
            );
        }
        assert_eq!(places.of(event(7), 1), [count * 75, 525]);
        assert_eq!(places.all().count() as u64, count + 2);
        assert!(places.new.len() < NEW_MAX);
        assert_eq!(places.add(event(0), 0, 1 << 40), None);
        // Fingerprints of 32 bits are shared now and then, and hardly ever.
        let shared = (0..count).filter(|number| places.of(event(*number), 2).len() > 1);
        assert!(shared.count() < 10);
    }
}
