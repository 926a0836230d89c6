//! The disk under test, asked directly: how long it takes to append 4 kB and sync them, and which
//! file system it holds.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

use hdrhistogram::Histogram;

use crate::report::SyncLatency;

/// What is appended each time.
const APPENDED: [u8; 4_096] = [7; 4_096];

/// Appends and syncs so many times in a file that is removed afterwards.
///
/// # Errors
/// As the disk reports.
pub fn sync_latency(dir: &Path, times: u32) -> io::Result<SyncLatency> {
    let mut file = tempfile::tempfile_in(dir)?;
    let mut latencies =
        Histogram::<u64>::new_with_max(3_600_000_000, 3).map_err(io::Error::other)?;
    for _ in 0..times {
        let begin = Instant::now();
        append(&mut file)?;
        let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        latencies.saturating_record(micros);
    }
    let at = |share| latencies.value_at_quantile(share) as f64 / 1_000.0;
    Ok(SyncLatency {
        p50: at(0.5),
        p99: at(0.99),
    })
}

fn append(file: &mut File) -> io::Result<()> {
    file.write_all(&APPENDED)?;
    file.sync_data()
}

/// The name of the file system that a directory lies on; `unknown` where the system does not say.
#[must_use]
pub fn file_system(dir: &Path) -> String {
    let found = || {
        let device = dir.metadata().ok()?.dev();
        let wanted = format!(
            "{}:{}",
            rustix::fs::major(device),
            rustix::fs::minor(device)
        );
        named(
            &std::fs::read_to_string("/proc/self/mountinfo").ok()?,
            &wanted,
        )
    };
    found().unwrap_or_else(|| "unknown".to_owned())
}

/// The type of the file system on a device, as the table of mounts has it.
fn named(mounts: &str, device: &str) -> Option<String> {
    let mut of_device = mounts
        .lines()
        .filter(|line| line.split(' ').nth(2) == Some(device));
    let (_, kind) = of_device.next()?.split_once(" - ")?;
    Some(kind.split(' ').next()?.to_owned())
}

/// Whether a file system keeps its files in memory, so that a sync costs nothing.
#[must_use]
pub fn in_memory(file_system: &str) -> bool {
    ["tmpfs", "ramfs"].contains(&file_system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_is_told_by_the_device() {
        let mounts = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                      22 21 0:24 / /dev/shm rw,nosuid shared:2 - tmpfs tmpfs rw\n";
        assert_eq!(named(mounts, "0:24").as_deref(), Some("tmpfs"));
        assert_eq!(named(mounts, "254:0").as_deref(), Some("ext4"));
        assert_eq!(named(mounts, "8:1"), None);
        assert!(in_memory("tmpfs") && !in_memory("ext4"));
    }

    #[test]
    fn syncs_are_measured_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let latency = sync_latency(dir.path(), 20).unwrap();
        assert!(latency.p50 > 0.0 && latency.p50 <= latency.p99);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
