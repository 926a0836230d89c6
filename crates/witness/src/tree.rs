//! Consistency of two trees (RFC 9162 section 2.1.4.2).

use sha2::{Digest, Sha256};

use verify::position::Size;

/// A hash of a tree.
pub(crate) type Hash = [u8; 32];

/// Root of the tree without leaves.
pub(crate) fn empty() -> Hash {
    Sha256::digest([]).into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new_with_prefix([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// Whether the proof shows that the first `old` leaves of a tree of `new` leaves are the old tree.
/// Both sizes are above zero, and the old one is below the new one.
pub(crate) fn is_consistent(
    old: Size,
    old_root: &Hash,
    new: Size,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    let (old, new) = (old.get(), new.get());
    let mut proof = proof.iter();
    // A complete old tree is a node of the new one, which the proof then leaves out.
    let begin = if old.is_power_of_two() {
        Some(old_root)
    } else {
        proof.next()
    };
    let Some(begin) = begin else { return false };
    let (mut left, mut right) = (*begin, *begin);
    // The place of the old tree's last node, and of the new tree's, on the level that is reached.
    let (mut place, mut last) = (old - 1, new - 1);
    let skip = place.trailing_ones();
    place >>= skip;
    last >>= skip;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            left = node(sibling, &left);
            right = node(sibling, &right);
            while place % 2 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            right = node(&right, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && left == *old_root && right == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::merkle::{MemoryTree, leaf_hash};
    use record::positions::Size;
    use record::proof::{consistency_proof, root_at};

    fn is_consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
        let (old, new) = (
            verify::position::Size::new(old),
            verify::position::Size::new(new),
        );
        super::is_consistent(old, old_root, new, new_root, proof)
    }

    #[test]
    fn every_proof_of_the_log_holds_and_no_other_does() {
        let mut tree = MemoryTree::new();
        (0..70_u64).for_each(|leaf| tree.push(leaf_hash(&leaf.to_be_bytes())));
        let root = |size| *root_at(&tree, Size::new(size)).unwrap().as_bytes();
        for new in 2..=70 {
            for old in 1..new {
                let proof: Vec<Hash> = consistency_proof(&tree, Size::new(old), Size::new(new))
                    .unwrap()
                    .iter()
                    .map(|hash| *hash.as_bytes())
                    .collect();
                assert!(
                    is_consistent(old, &root(old), new, &root(new), &proof),
                    "{old} to {new}"
                );
                assert!(
                    !is_consistent(old, &root(new), new, &root(new), &proof),
                    "{old} to {new}: another old root"
                );
                assert!(
                    !is_consistent(old, &root(old), new, &root(old), &proof),
                    "{old} to {new}: another new root"
                );
                let longer = [&proof[..], &[[7; 32]]].concat();
                assert!(
                    !is_consistent(old, &root(old), new, &root(new), &longer),
                    "{old} to {new}: too long"
                );
                assert!(
                    !is_consistent(old, &root(old), new, &root(new), &proof[..proof.len() - 1]),
                    "{old} to {new}: too short"
                );
                for place in 0..proof.len() {
                    let mut bent = proof.clone();
                    bent[place][3] ^= 4;
                    assert!(
                        !is_consistent(old, &root(old), new, &root(new), &bent),
                        "{old} to {new}: hash {place}"
                    );
                }
            }
        }
    }
}
