use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use super::{parse, parse_lines};
use crate::position::{LogIndex, Size};
use crate::tree::{Hash, ZERO, hash, leaf, node};

const SIZE_MAX: usize = 600;

fn root_by_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    super::root_by_inclusion(leaf, LogIndex::new(index), Size::new(size), path)
}

fn is_consistent(old: (u64, Hash), new: (u64, Hash), path: &[Hash]) -> bool {
    super::is_consistent((Size::new(old.0), old.1), (Size::new(new.0), new.1), path)
}

/// All complete subtrees of a growing tree, so that roots and paths are cheap for every size.
struct Rows(Vec<Vec<Hash>>);

impl Rows {
    fn new(size: usize) -> Self {
        let mut rows = vec![
            (0..size)
                .map(|number| leaf(&(number as u64).to_be_bytes()))
                .collect::<Vec<Hash>>(),
        ];
        while rows.last().unwrap().len() > 1 {
            rows.push(
                rows.last()
                    .unwrap()
                    .chunks_exact(2)
                    .map(|pair| node(&pair[0], &pair[1]))
                    .collect(),
            );
        }
        Self(rows)
    }

    /// The tree hash of RFC 6962 over the leaves of that range, which begins at a multiple of its
    /// height.
    fn root(&self, from: usize, to: usize) -> Hash {
        let size = to - from;
        if size == 0 {
            return hash(&[]);
        }
        if size.is_power_of_two() && from.is_multiple_of(size) {
            return self.0[size.trailing_zeros() as usize][from / size];
        }
        let left = from + size.next_power_of_two() / 2;
        node(&self.root(from, left), &self.root(left, to))
    }

    fn path(&self, index: usize, from: usize, to: usize, path: &mut Vec<Hash>) {
        if to - from > 1 {
            let left = from + (to - from).next_power_of_two() / 2;
            if index < left {
                self.path(index, from, left, path);
                path.push(self.root(left, to));
            } else {
                self.path(index, left, to, path);
                path.push(self.root(from, left));
            }
        }
    }

    fn consistency(&self, old: usize, from: usize, to: usize, whole: bool, path: &mut Vec<Hash>) {
        if old == to - from {
            if !whole {
                path.push(self.root(from, to));
            }
            return;
        }
        let left = from + (to - from).next_power_of_two() / 2;
        if old <= left - from {
            self.consistency(old, from, left, whole, path);
            path.push(self.root(left, to));
        } else {
            self.consistency(old - (left - from), left, to, false, path);
            path.push(self.root(from, left));
        }
    }
}

/// Flips one bit, another one at every call.
fn flipped(hash: &Hash, turn: &mut usize) -> Hash {
    *turn = turn
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let bit = (*turn >> 20) % 256;
    let mut bent = *hash;
    bent[bit / 8] ^= 1 << (bit % 8);
    bent
}

#[test]
fn every_inclusion_proof_holds_and_every_bent_one_fails() {
    let rows = Rows::new(SIZE_MAX);
    let mut turn = 1;
    for size in 1..=SIZE_MAX {
        let root = rows.root(0, size);
        for index in 0..size {
            let mut path = Vec::new();
            rows.path(index, 0, size, &mut path);
            let (at, of, leaf) = (index as u64, size as u64, rows.0[0][index]);
            let holds = |leaf: Hash, at: u64, of: u64, path: &[Hash]| {
                root_by_inclusion(leaf, at, of, path) == Some(root)
            };
            assert!(holds(leaf, at, of, &path), "{index} of {size}");
            assert!(!holds(flipped(&leaf, &mut turn), at, of, &path));
            let place = turn % path.len().max(1);
            if let Some(hash) = path.get(place).copied() {
                let mut bent = path.clone();
                bent[place] = flipped(&hash, &mut turn);
                assert!(!holds(leaf, at, of, &bent));
                assert!(!holds(leaf, at, of, &path[1..]));
                assert!(!holds(leaf, at, of, &path[..path.len() - 1]));
                assert!(!holds(leaf, at ^ 1, of, &path));
            }
            let longer = [path, vec![ZERO]].concat();
            assert!(!holds(leaf, at, of, &longer));
            assert!(!holds(leaf, of, of, &longer[..longer.len() - 1]));
        }
    }
}

#[test]
fn every_single_bit_of_small_proofs_counts() {
    let rows = Rows::new(33);
    for size in 1..=33 {
        let root = rows.root(0, size);
        for index in 0..size {
            let mut path = Vec::new();
            rows.path(index, 0, size, &mut path);
            for bit in 0..path.len() * 256 {
                let mut bent = path.clone();
                bent[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
                assert_ne!(
                    root_by_inclusion(rows.0[0][index], index as u64, size as u64, &bent),
                    Some(root)
                );
            }
        }
        for old in 1..size {
            let (mut path, small) = (Vec::new(), rows.root(0, old));
            rows.consistency(old, 0, size, true, &mut path);
            for bit in 0..path.len() * 256 {
                let mut bent = path.clone();
                bent[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
                assert!(
                    !is_consistent((old as u64, small), (size as u64, root), &bent),
                    "{old} to {size}, bit {bit}"
                );
            }
        }
    }
}

#[test]
fn every_consistency_proof_holds_and_every_bent_one_fails() {
    let rows = Rows::new(SIZE_MAX);
    let mut turn = 1;
    for size in 1..=SIZE_MAX {
        let new = (size as u64, rows.root(0, size));
        for old in 1..=size {
            let (mut path, known) = (Vec::new(), (old as u64, rows.root(0, old)));
            rows.consistency(old, 0, size, true, &mut path);
            assert!(is_consistent(known, new, &path), "{old} to {size}");
            assert!(!is_consistent(
                (known.0, flipped(&known.1, &mut turn)),
                new,
                &path
            ));
            assert!(!is_consistent(
                known,
                (new.0, flipped(&new.1, &mut turn)),
                &path
            ));
            let place = turn % path.len().max(1);
            if let Some(hash) = path.get(place).copied() {
                let mut bent = path.clone();
                bent[place] = flipped(&hash, &mut turn);
                assert!(!is_consistent(known, new, &bent));
                assert!(!is_consistent(known, new, &path[1..]));
                assert!(!is_consistent(known, new, &path[..path.len() - 1]));
            }
            assert!(!is_consistent(known, new, &[path, vec![ZERO]].concat()));
        }
    }
    assert!(is_consistent((0, hash(&[])), (5, rows.root(0, 5)), &[]));
    assert!(
        !is_consistent((0, ZERO), (5, rows.root(0, 5)), &[]),
        "an empty tree has one root"
    );
    assert!(!is_consistent(
        (6, rows.root(0, 6)),
        (5, rows.root(0, 5)),
        &[]
    ));
}

#[test]
fn another_implementation_makes_the_same_roots_and_proofs() {
    let rows = Rows::new(SIZE_MAX);
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let hashes = |bytes: &[u8]| {
        bytes
            .chunks_exact(32)
            .map(|hash| Hash::try_from(hash).unwrap())
            .collect::<Vec<_>>()
    };
    for size in 1..=SIZE_MAX {
        theirs.push((size as u64 - 1).to_be_bytes().to_vec());
        let root = theirs.root();
        assert_eq!(root.as_bytes().as_slice(), rows.root(0, size));
        if size % 17 != 0 {
            continue;
        }
        for index in 0..size {
            let proof = hashes(theirs.prove_inclusion(index).as_bytes());
            assert_eq!(
                root_by_inclusion(rows.0[0][index], index as u64, size as u64, &proof),
                Some(rows.root(0, size))
            );
        }
        for old in 1..size {
            let proof = hashes(theirs.prove_consistency(size - old).as_bytes());
            assert!(
                is_consistent(
                    (old as u64, rows.root(0, old)),
                    (size as u64, rows.root(0, size)),
                    &proof
                ),
                "{old} to {size}"
            );
        }
    }
}

#[test]
fn sizes_beyond_any_log_do_not_overflow() {
    let path = vec![ZERO; 64];
    assert!(
        root_by_inclusion(ZERO, u64::MAX - 1, u64::MAX, &path[1..]).is_some(),
        "a right child on every level but the lowest"
    );
    assert_eq!(root_by_inclusion(ZERO, u64::MAX - 1, u64::MAX, &path), None);
    assert_eq!(root_by_inclusion(ZERO, 0, 0, &[]), None);
    assert_eq!(root_by_inclusion(ZERO, u64::MAX, u64::MAX, &path), None);
    assert!(!is_consistent(
        (u64::MAX - 1, ZERO),
        (u64::MAX, ZERO),
        &path
    ));
    assert!(!is_consistent((1 << 63, ZERO), (u64::MAX, ZERO), &path));
}

#[test]
fn proofs_have_one_text_form() {
    let line = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let text = format!(
        "c2sp.org/tlog-proof@v1\nindex 7\n{line}\n{line}\n\na\n1\n{line}\n\n\u{2014} a AAAAAAA=\n"
    );
    let proof = parse(&text).unwrap();
    assert_eq!((proof.index, proof.path.len()), (LogIndex::new(7), 2));
    assert!(proof.note.starts_with("a\n1\n"));
    for (old, new) in [
        ("@v1", "@v2"),
        ("index 7", "index 07"),
        ("index 7", "index"),
        ("index 7", "extra AAA\nindex 7"),
        ("index 7", "extra\nindex 7"),
        ("index 7", "extra AAAA\nextra AAAA\nindex 7"),
        ("index 7", "index 7\nextra AAAA"),
        ("index 7", "extra  AAAA\nindex 7"),
        ("index 7", "index 18446744073709551616"),
        (line, "AAAA"),
        ("=\n\n", "=\n"),
        ("AAA=\nAA", "AAA=\r\nAA"),
    ] {
        assert!(
            text.contains(old) && (old == "=\n\n" || parse(&text.replacen(old, new, 1)).is_err()),
            "{old} -> {new}"
        );
    }
    // Extra data is nobody's word; a proof is the same with it and without.
    for extra in [
        "extra AAAA\nindex 7",
        "extra \nindex 7",
        "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6\nindex 7",
    ] {
        let with = text.replacen("index 7", extra, 1);
        let other = parse(&with).unwrap();
        assert_eq!(
            (other.index, &other.path, other.note),
            (proof.index, &proof.path, proof.note)
        );
    }
    assert!(
        parse(&text.replacen(line, &vec![line; 65].join("\n"), 1)).is_err(),
        "a path of more than 64"
    );
    assert_eq!(parse_lines(""), Some(vec![]));
    assert_eq!(parse_lines(&format!("{line}\n")), Some(vec![ZERO]));
    assert_eq!(parse_lines(line), Some(vec![ZERO]));
    for bad in ["\n", &format!("{line}\n\n"), "x\n"] {
        assert_eq!(parse_lines(bad), None);
    }
}
