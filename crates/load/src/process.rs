//! Processes as the kernel shows them: the time of the processor that they spent and the memory
//! that they had. Null where it does not (`/proc` is Linux's).

use std::fs::read_to_string;
use std::io;
use std::time::Duration;

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};

/// Ticks of a second in `/proc`, the same on every Linux that this program runs on (`USER_HZ`).
const TICKS: u64 = 100;

/// What a process and those that it started have used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time of the processor.
    pub cpu: Duration,
    /// The most memory that it has had, in bytes.
    pub memory: u64,
}

/// The fields of `/proc/PID/stat` behind the name, which may hold spaces and brackets.
fn stat(text: &str) -> Option<(u32, Duration)> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    let ticks: u64 = [11, 12, 13, 14].into_iter().filter_map(number).sum();
    let parent = u32::try_from(number(1)?).ok()?;
    Some((parent, Duration::from_millis(ticks * 1_000 / TICKS)))
}

/// The most memory, in bytes.
fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// What a process has used, and its children that ended; null when it is not there.
#[must_use]
pub fn usage(id: u32) -> Option<Usage> {
    let (_, cpu) = stat(&read_to_string(format!("/proc/{id}/stat")).ok()?)?;
    let memory = peak(&read_to_string(format!("/proc/{id}/status")).ok()?)?;
    Some(Usage { cpu, memory })
}

/// What a process and its living children have used together. Memory that they share is counted
/// for each of them, so that it is left out.
#[must_use]
pub fn usage_of_family(id: u32) -> Option<Duration> {
    let mut cpu = usage(id)?.cpu;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let name = entry.file_name();
        if !name
            .to_string_lossy()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
        {
            continue;
        }
        let text = read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some((_, spent)) = stat(&text).filter(|(parent, _)| *parent == id) {
            cpu += spent;
        }
    }
    Some(cpu)
}

/// Sends a signal to a process by its id.
///
/// # Errors
/// When there is no such process, or it belongs to somebody else.
pub fn signal(id: u32, signal: Signal) -> io::Result<()> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    kill_process(id.ok_or(io::ErrorKind::InvalidInput)?, signal)?;
    Ok(())
}

/// Lets this process, and those that it starts, open as many files as it may: each client has a
/// connection. Where it may not, the load says which connections failed.
pub fn more_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).ok();
}

/// What the machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What its processors are.
    pub processor: String,
    /// Its kernel.
    pub kernel: String,
    /// Its memory, in bytes.
    pub memory: u64,
}

/// The value behind a name in a file of lines `name: value`.
fn line<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let found = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(found.trim_start_matches(['\t', ' ', ':']).trim())
}

/// The machine that this runs on.
#[must_use]
pub fn machine() -> Machine {
    let read = |path: &str| read_to_string(path).unwrap_or_default();
    let (processors, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let kilobytes = line(&memory, "MemTotal")
        .and_then(|told| told.trim_end_matches("kB").trim().parse::<u64>().ok());
    Machine {
        processor: line(&processors, "model name")
            .unwrap_or("unknown")
            .to_owned(),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        memory: kilobytes.unwrap_or(0) * 1_024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_move_the_fields() {
        let text = "42 (a) (b) S 7 42 42 0 -1 0 0 0 0 0 150 50 2 3 20 0";
        assert_eq!(stat(text), Some((7, Duration::from_millis(2_050))));
        assert_eq!(stat("42"), None);
        assert_eq!(
            peak("VmPeak:\t 9 kB\nVmHWM:\t  1024 kB\n"),
            Some(1_024 * 1_024)
        );
    }

    #[test]
    fn this_process_has_used_memory() {
        assert!(usage(std::process::id()).unwrap().memory > 100_000);
        assert!(usage_of_family(std::process::id()).is_some());
        assert_eq!(usage(u32::MAX), None);
        assert!(!machine().kernel.is_empty());
    }
}
