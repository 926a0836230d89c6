//! Writing proofs that stand alone (`c2sp.org/tlog-proof@v1`). Making them is [`crate::proof`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::positions::LogIndex;

/// A proof that the entry at `index` stands in the log that the signed note commits to: the
/// hashes from the leaf's sibling upwards, then the note as it is.
#[must_use]
pub fn tlog_proof(index: LogIndex, path: &[Hash], note: &str) -> String {
    format!(
        "c2sp.org/tlog-proof@v1\nindex {index}\n{}\n{note}",
        hash_lines(path)
    )
}

/// Hashes in base64, a line each.
#[must_use]
pub fn hash_lines(hashes: &[Hash]) -> String {
    hashes
        .iter()
        .map(|hash| STANDARD.encode(hash.as_bytes()) + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_written_as_the_specification_shows() {
        let path = [Hash::new([1; 32]), Hash::new([2; 32])];
        let text = tlog_proof(
            LogIndex::new(73894),
            &path,
            "example.com/log\n109482\nroot\n\n\u{2014} example.com/log sig\n",
        );
        let expected = "c2sp.org/tlog-proof@v1\nindex 73894\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\
                        AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n\nexample.com/log\n109482\nroot\n\n\u{2014} example.com/log sig\n";
        assert_eq!(text, expected);
        assert_eq!(
            tlog_proof(LogIndex::FIRST, &[], "note"),
            "c2sp.org/tlog-proof@v1\nindex 0\n\nnote"
        );
    }
}
