//! An audit of a log in tiles on disk, against what no audit can do without: reading and hashing
//! the same bytes once, and verifying the same signatures, with nothing else around them.
//!
//! `BENCH_ENTRIES` (a million when not given) entries are made and signed once, in `BENCH_DIR` or
//! among the temporary files: streams of 20 events, a heads entry behind every 63 events.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey};
use sha2::{Digest, Sha256};
use verify::audit::{Auditor, Checks, Report, Trust};
use verify::tiles::{Fetch, TileLog, parse_entries, path};

type Hash = [u8; 32];

const ORIGIN: &str = "log.bench.invalid/0999/sag";
const PER_STREAM: u64 = 20;
/// Streams that are written to at a time.
const OPEN: usize = 500;

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// The tree of RFC 6962, by its recursive definition over rows.
fn rows(leaves: &[Hash]) -> Hash {
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| {
                if let [left, right] = pair {
                    sha(&[&[1], left, right])
                } else {
                    pair[0]
                }
            })
            .collect();
    }
    row.first().copied().unwrap_or_else(|| sha(&[]))
}

fn uuid(kind: u8, number: u64) -> String {
    let hex: String = sha(&[&[kind], &number.to_be_bytes()])[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn id_bytes(text: &str) -> [u8; 16] {
    let digits = text.replace('-', "");
    std::array::from_fn(|place| u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).unwrap())
}

struct Maker {
    dir: PathBuf,
    key: SigningKey,
    kid: String,
    leaves: Vec<Hash>,
    bundle: Vec<Vec<u8>>,
    /// Leaves of the heads tree.
    heads: Vec<Hash>,
    prev_heads: Hash,
}

impl Maker {
    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn bundle(&mut self) {
        let (count, done) = (self.bundle.len() as u64, self.leaves.len());
        let bytes: Vec<u8> = self
            .bundle
            .drain(..)
            .flat_map(|e| [&(e.len() as u16).to_be_bytes(), e.as_slice()].concat())
            .collect();
        let index = (done as u64 - 1) / 256;
        self.write(&path(None, index, count), &bytes);
        let tile = self.leaves[done - count as usize..].concat();
        self.write(&path(Some(0), index, count), &tile);
    }

    fn push(&mut self, typ: &str, payload: &str) -> Hash {
        let header = format!(r#"{{"alg":"Ed25519","kid":"{}","typ":"{typ}"}}"#, self.kid);
        let message = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
        let entry = format!(
            "{message}.{}",
            b64(&self.key.sign(message.as_bytes()).to_bytes())
        )
        .into_bytes();
        let leaf = sha(&[&[0], &entry]);
        self.leaves.push(leaf);
        self.bundle.push(entry);
        if self.bundle.len() == 256 {
            self.bundle();
        }
        leaf
    }

    fn common(&self) -> String {
        let index = self.leaves.len() as u64;
        format!(
            r#""i":{index},"iat":{},"iss":"{ORIGIN}","jti":"{}""#,
            1_700_000_000 + index / 3,
            uuid(1, index)
        )
    }

    fn heads(&mut self, keys: Hash) {
        let (common, n) = (self.common(), self.leaves.len());
        let payload = format!(
            r#"{{"h":{{"m":{},"n":{n},"root":"{}"}},{common},"k":[0,"{}"],"prev":"{}"}}"#,
            self.heads.len(),
            b64(&rows(&self.heads)),
            b64(&keys),
            b64(&self.prev_heads)
        );
        self.prev_heads = self.push("sag-heads+jwt", &payload);
    }

    fn new(dir: &Path) -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let x = b64(key.verifying_key().as_bytes());
        let kid = b64(&sha(&[format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#
        )
        .as_bytes()]));
        Self {
            dir: dir.to_owned(),
            key,
            kid,
            leaves: Vec::new(),
            bundle: Vec::new(),
            heads: Vec::new(),
            prev_heads: [0; 32],
        }
    }

    fn keys(&mut self) -> Hash {
        let x = b64(self.key.verifying_key().as_bytes());
        let kid = &self.kid;
        let jwk =
            format!(r#"{{"alg":"Ed25519","crv":"Ed25519","kid":"{kid}","kty":"OKP","x":"{x}"}}"#);
        let payload = format!(
            r#"{{{},"jwks":{{"keys":[{jwk}]}},"prev":"{}"}}"#,
            self.common(),
            b64(&[0; 32])
        );
        self.push("sag-keys+jwt", &payload)
    }

    /// One event of a stream, and its head in the heads tree.
    fn event(&mut self, stream: &str, ordinal: u64, seq: u64, prev: Hash) -> Hash {
        let index = self.leaves.len() as u64;
        let digest = b64(&sha(&[b"digest", &index.to_be_bytes()]));
        let blobs = [0_u8, 1]
            .map(|part| format!("\"{}\"", b64(&sha(&[&[part], &index.to_be_bytes()]))))
            .join(",");
        let payload = format!(
            r#"{{"_sd":["{digest}"],"_sd_alg":"sha-256","ct":[{blobs}],{},"no":{ordinal},"prev":"{}","seq":{seq},"str":"{stream}"}}"#,
            self.common(),
            b64(&prev)
        );
        let leaf = self.push("sag-event+sd-jwt", &payload);
        let head = sha(&[
            &[0],
            &id_bytes(stream),
            &seq.to_be_bytes(),
            &index.to_be_bytes(),
            &leaf,
        ]);
        match self.heads.get_mut(ordinal as usize) {
            Some(slot) => *slot = head,
            None => self.heads.push(head),
        }
        leaf
    }

    /// Events of streams, with heads entries between them, until the log has but one entry to go.
    /// The heads root is made anew for each heads entry, which is why making takes longer than
    /// auditing.
    fn streams(&mut self, keys: Hash, entries: u64) {
        let mut open: VecDeque<(u64, u64, Hash)> = VecDeque::new();
        let mut ids: HashMap<u64, String> = HashMap::new();
        let mut since = 0_u64;
        while (self.leaves.len() as u64) < entries - 1 {
            // A heads tree of 50,000 streams made anew costs as much as signing 1,000 events: keep
            // it rare at the end, as a busy log does.
            if since >= 63.max(self.heads.len() as u64 / 40) {
                self.heads(keys);
                since = 0;
                continue;
            }
            since += 1;
            let (ordinal, seq, prev) = if open.len() < OPEN {
                (self.heads.len() as u64, 0, [0; 32])
            } else {
                open.pop_front().unwrap()
            };
            let stream = ids
                .entry(ordinal)
                .or_insert_with(|| uuid(2, ordinal))
                .clone();
            let seq = seq + 1;
            let leaf = self.event(&stream, ordinal, seq, prev);
            if seq < PER_STREAM {
                open.push_back((ordinal, seq, leaf));
            } else {
                ids.remove(&ordinal);
            }
        }
    }

    /// The tiles of hashes over those of the leaves.
    fn upper_tiles(&self) {
        let (mut level, mut row) = (1, self.leaves.clone());
        loop {
            row = row.chunks_exact(256).map(rows).collect();
            if row.is_empty() {
                break;
            }
            for (index, tile) in (0..).zip(row.chunks(256)) {
                self.write(&path(Some(level), index, tile.len() as u64), &tile.concat());
            }
            level += 1;
        }
    }

    /// Writes the checkpoint; answers the key of the log that checks it.
    fn checkpoint(&self) -> String {
        let body = format!(
            "{ORIGIN}\n{}\n{}\n",
            self.leaves.len(),
            STANDARD.encode(rows(&self.leaves))
        );
        let public = self.key.verifying_key();
        let id = sha(&[ORIGIN.as_bytes(), b"\n\x01", public.as_bytes()]);
        let signature = [&id[..4], &self.key.sign(body.as_bytes()).to_bytes()].concat();
        self.write(
            "checkpoint",
            format!("{body}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature)).as_bytes(),
        );
        let hex: String = id[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "{ORIGIN}+{hex}+{}",
            STANDARD.encode([&[1], public.as_bytes().as_slice()].concat())
        )
    }
}

/// Makes the log; answers its trust.
fn make(dir: &Path, entries: u64) -> Trust {
    let mut maker = Maker::new(dir);
    let keys = maker.keys();
    maker.streams(keys, entries);
    maker.heads(keys);
    if !maker.bundle.is_empty() {
        maker.bundle();
    }
    maker.upper_tiles();
    Trust {
        origin: ORIGIN.to_owned(),
        log_key: maker.checkpoint(),
        post_quantum_key: None,
        pins: Vec::new(),
    }
}

struct Dir(PathBuf);

impl Fetch for &Dir {
    type Error = std::io::Error;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, std::io::Error> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Most memory used so far, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

/// Processor time used so far, in seconds: what other programs take from the cores does not count.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit_once(") ")
        .map_or("", |(_, fields)| fields)
        .split(' ')
        .skip(11)
        .take(2);
    fields
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn run(dir: &Dir, trust: &Trust, signatures: bool, threads: usize) -> (f64, Report, usize) {
    let begin = Instant::now();
    let mut auditor = Auditor::new(
        trust.clone(),
        Checks {
            signatures,
            blobs: false,
            threads,
        },
    );
    auditor
        .expect(&std::fs::read_to_string(dir.0.join("checkpoint")).unwrap())
        .unwrap();
    let (size, root) = auditor.expected().unwrap();
    auditor
        .read(&TileLog::new(dir, size, root), &mut |_| {})
        .unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    let state = if signatures {
        0
    } else {
        auditor.save().unwrap().len()
    };
    let report = auditor.finish().unwrap();
    (report.entries.get() as f64 / seconds, report, state)
}

/// Reads and hashes every bundle, on all threads.
fn bare(dir: &Dir, size: u64, threads: usize) -> f64 {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads as u64 {
            scope.spawn(move || {
                for index in (thread..size.div_ceil(256)).step_by(threads) {
                    let width = (size - index * 256).min(256);
                    let bytes = dir.fetch(&path(None, index, width)).unwrap().unwrap();
                    let hashes: Vec<Hash> = parse_entries(&bytes, width)
                        .unwrap()
                        .iter()
                        .map(|entry| sha(&[&[0], entry]))
                        .collect();
                    std::hint::black_box(hashes);
                }
            });
        }
    });
    size as f64 / begin.elapsed().as_secs_f64()
}

/// Verifies signatures, on all threads, with nothing else around it.
fn bare_signatures(dir: &Dir, threads: usize) -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    let bytes = dir.fetch(&path(None, 0, 256)).unwrap().unwrap();
    let entries = parse_entries(&bytes, 256).unwrap();
    const ROUNDS: usize = 60;
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for entry in entries.iter().cycle().take(256 * ROUNDS) {
                    let dot = entry.iter().rposition(|byte| *byte == b'.').unwrap();
                    let signature: [u8; 64] = URL_SAFE_NO_PAD
                        .decode(&entry[dot + 1..])
                        .unwrap()
                        .try_into()
                        .unwrap();
                    key.verify_strict(&entry[..dot], &Signature::from_bytes(&signature))
                        .unwrap();
                }
            });
        }
    });
    (threads * 256 * ROUNDS) as f64 / begin.elapsed().as_secs_f64()
}

fn main() {
    // `cargo test --benches` only wants to know that it builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let root = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let entries: u64 = std::env::var("BENCH_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let kept = tempfile::tempdir_in(&root).unwrap();
    let begin = Instant::now();
    let trust = make(kept.path(), entries);
    println!(
        "{entries} entries made in {:.0} s, in {}; peak {} MB so far",
        begin.elapsed().as_secs_f64(),
        root.display(),
        peak()
    );
    if std::fs::write("/proc/self/clear_refs", "5").is_err() {
        println!("the peak of memory cannot be reset, so it is that of making the log");
    }
    let dir = Dir(kept.path().to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:>8} {:>11} {:>12} {:>14} {:>7} {:>9} {:>11}",
        "threads", "signatures", "entries/s", "bare/s", "ratio", "peak MB", "state MB"
    );
    for threads in [1, cores] {
        for signatures in [false, true] {
            let bare = if signatures {
                bare_signatures(&dir, threads)
            } else {
                bare(&dir, entries, threads)
            };
            let before = processor();
            let (speed, report, state) = run(&dir, &trust, signatures, threads);
            assert_eq!(report.entries.get(), entries);
            println!(
                "{threads:>8} {signatures:>11} {speed:>12.0} {:>12.2} {bare:>14.0} {:>7.2} {:>9} {:>11.1}",
                (processor() - before) * 1e6 / entries as f64,
                speed / bare,
                peak(),
                state as f64 / 1e6
            );
        }
    }
    println!(
        "bare without signatures: the same files read and hashed; with: the same signatures verified one by one, strictly"
    );
}
