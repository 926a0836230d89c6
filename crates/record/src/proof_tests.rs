//! Trees and proofs against the crate `ct-merkle`, which other people wrote, for every size up
//! to 600.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use crate::hash::Hash;
use crate::merkle::{Frontier, MemoryTree, leaf_hash};
use crate::positions::{LogIndex, Size};
use crate::proof::{
    consistency_proof, inclusion_proof, root_at, verify_consistency, verify_inclusion,
};

const SIZE_MAX: u64 = 600;

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

#[test]
fn roots_and_proofs_agree_with_another_implementation() {
    let (mut ours, mut frontier) = (MemoryTree::new(), Frontier::new());
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut roots = vec![frontier.root()];
    for size in 1..=SIZE_MAX {
        let leaf = (size - 1).to_be_bytes();
        ours.push(leaf_hash(&leaf));
        frontier.push(leaf_hash(&leaf));
        theirs.push(leaf.to_vec());
        let root = root_at(&ours, Size::new(size)).unwrap();
        assert_eq!(
            root.as_bytes().as_slice(),
            theirs.root().as_bytes().as_slice()
        );
        assert_eq!(root, frontier.root());
        roots.push(root);
        for index in 0..size {
            let proof = inclusion_proof(&ours, LogIndex::new(index), Size::new(size)).unwrap();
            let place = usize::try_from(index).unwrap();
            assert_eq!(
                bytes(&proof),
                theirs.prove_inclusion(place).as_bytes(),
                "leaf {index} of {size}"
            );
            verify_inclusion(
                &leaf_hash(&index.to_be_bytes()),
                LogIndex::new(index),
                Size::new(size),
                &proof,
                &root,
            )
            .unwrap();
        }
        for old in 1..=size {
            let proof = consistency_proof(&ours, Size::new(old), Size::new(size)).unwrap();
            let additions = usize::try_from(size - old).unwrap();
            assert_eq!(
                bytes(&proof),
                theirs.prove_consistency(additions).as_bytes(),
                "{old} to {size}"
            );
            let old_root = &roots[usize::try_from(old).unwrap()];
            verify_consistency(Size::new(old), old_root, Size::new(size), &root, &proof).unwrap();
        }
    }
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::new(bytes)
}

#[test]
fn one_changed_bit_length_or_place_fails() {
    let mut tree = MemoryTree::new();
    (0..SIZE_MAX).for_each(|leaf| tree.push(leaf_hash(&leaf.to_be_bytes())));
    for (index, size, old) in [
        (0, 1, 1),
        (4, 11, 4),
        (255, 256, 128),
        (300, 513, 301),
        (599, 600, 577),
    ] {
        let (index, size, old) = (LogIndex::new(index), Size::new(size), Size::new(old));
        let (root, old_root) = (root_at(&tree, size).unwrap(), root_at(&tree, old).unwrap());
        let leaf = leaf_hash(&index.get().to_be_bytes());
        let inclusion = inclusion_proof(&tree, index, size).unwrap();
        let consistency = consistency_proof(&tree, old, size).unwrap();
        for bit in 0..256 {
            assert!(
                verify_inclusion(&flipped(&leaf, bit), index, size, &inclusion, &root).is_err()
            );
            assert!(
                verify_inclusion(&leaf, index, size, &inclusion, &flipped(&root, bit)).is_err()
            );
            assert!(
                verify_consistency(old, &old_root, size, &flipped(&root, bit), &consistency)
                    .is_err()
            );
            for place in 0..inclusion.len() {
                let mut bent = inclusion.clone();
                bent[place] = flipped(&bent[place], bit);
                assert!(verify_inclusion(&leaf, index, size, &bent, &root).is_err());
            }
            for place in 0..consistency.len() {
                let mut bent = consistency.clone();
                bent[place] = flipped(&bent[place], bit);
                assert!(verify_consistency(old, &old_root, size, &root, &bent).is_err());
            }
        }
        let longer: Vec<_> = inclusion.iter().copied().chain([leaf]).collect();
        assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
        if let Some((_, shorter)) = inclusion.split_last() {
            assert!(verify_inclusion(&leaf, index, size, shorter, &root).is_err());
        }
        assert!(verify_inclusion(&leaf, size.next_index(), size, &inclusion, &root).is_err());
    }
    assert!(inclusion_proof(&tree, LogIndex::new(600), Size::new(600)).is_err());
    assert!(consistency_proof(&tree, Size::new(0), Size::new(5)).is_err());
    assert!(consistency_proof(&tree, Size::new(6), Size::new(5)).is_err());
}
