//! Where the time of the server goes while it records, by a profile of its process: above all, how
//! much of it makes tampering evident. `perf` samples which function runs; the functions are told
//! apart by the crate that they belong to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::report::Share;
use crate::running::Running;

/// Parts of the time with the words that names of their functions hold; the first that fits counts.
const PARTS: [(&str, &[&str]); 8] = [
    (
        "signatures (Ed25519, ML-DSA)",
        &[
            "ed25519",
            "curve25519",
            "ml_dsa",
            "module_lattice",
            "keccak",
            "sha3",
        ],
    ),
    (
        "hashing and commitments (SHA-2, HMAC, HKDF)",
        &["sha2", "hmac", "hkdf", "sha256", "sha512"],
    ),
    (
        "encryption (AES, GHASH)",
        &["aes::", "aes_", "ghash", "polyval", "ctr::", "cipher"],
    ),
    ("entries, proofs and trees of the record", &["record::"]),
    (
        "files of the log, without the kernel",
        &["store::", "sled::", "crc32"],
    ),
    (
        "deciding, folding and the law",
        &["domain::", "law::", "events::", "jiff"],
    ),
    (
        "GraphQL, HTTP and JSON",
        &[
            "graphql", "api::", "serde", "hyper", "axum", "tokio", "server::",
        ],
    ),
    (
        "taking, copying and giving back memory",
        &["malloc", "free", "calloc", "mem", "unlink_chunk"],
    ),
];
/// The parts that make tampering evident.
const EVIDENT: usize = 4;
const KERNEL: &str = "the kernel: files, network, waiting";
const REST: &str = "everything else";

/// A profile that is being taken.
#[derive(Debug)]
pub struct Profile {
    perf: Running,
    file: tempfile::NamedTempFile,
}

impl Profile {
    /// Begins to sample a process; the samples lie in a file below a directory.
    ///
    /// # Errors
    /// Why there is no profile, in words.
    pub fn start(id: u32, dir: &Path) -> Result<Self, String> {
        let file = tempfile::NamedTempFile::new_in(dir)
            .map_err(|error| format!("there is no room for a profile: {error}"))?;
        let mut command = Command::new("perf");
        command
            .args(["record", "-q", "-F", "499", "-p", &id.to_string(), "-o"])
            .arg(file.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let perf = Running::start(&mut command, Signal::INT)
            .map_err(|error| format!("perf is not installed ({error})"))?;
        Ok(Self { perf, file })
    }

    /// Ends sampling and says where the time went.
    ///
    /// # Errors
    /// Why there is no profile, in words.
    pub fn finish(self) -> Result<Vec<Share>, String> {
        drop(self.perf);
        let told = Command::new("perf")
            .args(["report", "-q", "--stdio", "--no-children", "--no-inline"])
            .args(["--sort", "symbol", "--percent-limit", "0", "-i"])
            .arg(self.file.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| format!("perf is not installed ({error})"))?;
        let shares = shares(&String::from_utf8_lossy(&told.stdout));
        if shares.is_empty() {
            return Err(
                "perf may not sample processes here (kernel.perf_event_paranoid)".to_owned(),
            );
        }
        Ok(shares)
    }
}

/// The part that a function belongs to.
fn part(symbol: &str) -> &'static str {
    if symbol.contains("[k]") {
        return KERNEL;
    }
    let found = PARTS
        .iter()
        .find(|(_, words)| words.iter().any(|word| symbol.contains(word)));
    found.map_or(REST, |(part, _)| part)
}

/// The shares of the parts, from the lines of a report: percent, and a function.
fn shares(report: &str) -> Vec<Share> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for line in report.lines() {
        let Some((percent, symbol)) = line.trim().split_once('%') else {
            continue;
        };
        if let Ok(percent) = percent.trim().parse::<f64>() {
            *sums.entry(part(symbol)).or_default() += percent;
        }
    }
    let mut shares: Vec<Share> = sums
        .into_iter()
        .map(|(part, percent)| Share {
            part: part.to_owned(),
            percent: (percent * 10.0).round() / 10.0,
        })
        .collect();
    shares.sort_by(|one, other| other.percent.total_cmp(&one.percent));
    shares
}

/// What all parts that make tampering evident take together, in percent.
#[must_use]
pub fn evident(shares: &[Share]) -> f64 {
    let of_evidence = PARTS.iter().take(EVIDENT);
    let mut sum = 0.0;
    for (part, _) in of_evidence {
        let found = shares.iter().filter(|share| share.part == *part);
        sum += found.map(|share| share.percent).sum::<f64>();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_counts_to_the_part_of_its_crate() {
        let report = "\
    20.00%  [.] sha2::sha256::x86_sha::compress
    10.00%  [.] curve25519_dalek::backend::mul
     5.00%  [.] aes_gcm::AesGcm::encrypt
     5.00%  [.] record::entry::Entry::encode   -   -
    30.00%  [k] ext4_sync_file
    10.00%  [.] domain::decide::decide
    20.00%  [.] malloc

no line of a function
";
        let shares = shares(report);
        assert_eq!(shares[0].part, KERNEL);
        assert_eq!(shares.iter().map(|share| share.percent).sum::<f64>(), 100.0);
        assert_eq!(evident(&shares), 40.0);
        assert!(super::shares("").is_empty());
    }
}
