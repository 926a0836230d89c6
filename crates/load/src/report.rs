//! What a run found: a table's rows, and the same as JSON.

use serde::{Deserialize, Serialize};

/// Which form the JSON has.
pub const FORMAT: u32 = 1;

/// A figure with three digits behind the point: more would say nothing.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Percentiles of latencies, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Half of the requests took at most so long.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// All of them.
    pub max: f64,
}

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// This program.
    Sagsspor,
    /// A table of events in PostgreSQL.
    Postgresql,
}

impl Target {
    /// Its name in a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sagsspor => "sagsspor",
            Self::Postgresql => "postgresql",
        }
    }
}

/// One load, as one target carried it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Row {
    /// The load.
    pub load: String,
    /// What of it, where it asks several things at once.
    pub part: Option<String>,
    /// Who answered.
    pub target: Target,
    /// How many clients sent.
    pub clients: u32,
    /// Requests that were due a second; null where clients send as fast as they can.
    pub rate: Option<f64>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Requests that were done.
    pub done: u64,
    /// Requests that were turned away.
    pub busy: u64,
    /// Requests that failed.
    pub failed: u64,
    /// What the first of them was answered.
    pub failure: Option<String>,
    /// Requests that were due and never sent.
    pub unsent: u64,
    /// Requests that were done in a second.
    pub per_second: f64,
    /// How long they took, in milliseconds, from when they were due; null where none was done.
    pub latency_ms: Option<Latency>,
    /// Time of the processor that the target spent for each request, in microseconds.
    pub cpu_micros: Option<f64>,
    /// Time of the processor that sending it took, on the same machine, in microseconds.
    pub sender_cpu_micros: Option<f64>,
    /// Syncs of its files for each request.
    pub syncs: Option<f64>,
    /// The most memory that it has had so far, in bytes.
    pub memory_bytes: Option<u64>,
    /// How many cases were asked for or written to.
    pub cases: u32,
    /// Events of each of them at the beginning, on average.
    pub events_from: f64,
    /// Events of each of them at the end, on average.
    pub events_to: f64,
}

/// Ours against a peer under the same load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ratio {
    /// The load.
    pub load: String,
    /// How many clients sent.
    pub clients: u32,
    /// The peer.
    pub peer: Target,
    /// Requests a second, ours divided by the peer's.
    pub ratio: f64,
}

/// A peer, and why it was not measured where it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Peer {
    /// What it is.
    pub name: String,
    /// Its version; null where it was not measured.
    pub version: Option<String>,
    /// How it was asked, or why it was not.
    pub note: String,
}

/// How long the disk itself takes to append 4 kB and sync them, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncLatency {
    /// Half of the syncs took at most so long.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
}

/// On what it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conditions {
    /// The program and its version.
    pub program: String,
    /// `release` or `debug`: how it was built.
    pub build: String,
    /// When it began, RFC 3339.
    pub began: String,
    /// Processors that it may use.
    pub processors: u32,
    /// What they are.
    pub processor: String,
    /// The kernel.
    pub kernel: String,
    /// Memory of the machine, in bytes.
    pub memory_bytes: u64,
    /// The file system of the directory.
    pub file_system: String,
    /// Whether that lies in memory, so that a sync costs nothing.
    pub in_memory: bool,
    /// The seed of the cases.
    pub seed: u64,
    /// Seconds for which each load was measured.
    pub seconds: f64,
    /// The disk before anything else.
    pub disk_before: SyncLatency,
    /// The disk when all was done; null where the run was cut short.
    pub disk_after: Option<SyncLatency>,
}

/// A part of the server's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// What it went to.
    pub part: String,
    /// Percent of the time of the processor that the server spent.
    pub percent: f64,
}

/// Where the time of the server went while it recorded. What makes tampering evident cannot be
/// switched off, so that it is told by a profile and not by a run without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The shares, the largest first; empty where there was no profile.
    pub shares: Vec<Share>,
    /// Under which load, or why there was no profile.
    pub note: String,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// On what it was measured.
    pub conditions: Conditions,
    /// The loads.
    pub rows: Vec<Row>,
    /// Ours against the peers.
    pub ratios: Vec<Ratio>,
    /// The peers.
    pub peers: Vec<Peer>,
    /// What tamper evidence costs.
    pub evidence: Evidence,
}

impl Report {
    /// A run that has not found anything yet.
    #[must_use]
    pub fn new(conditions: Conditions) -> Self {
        Self {
            format: FORMAT,
            conditions,
            rows: Vec::new(),
            ratios: Vec::new(),
            peers: Vec::new(),
            evidence: Evidence {
                shares: Vec::new(),
                note: "not profiled".to_owned(),
            },
        }
    }

    /// Compares each row of ours with the peer's that had as many clients, all of them as fast as
    /// they could.
    pub fn compare(&mut self) {
        let fast = |row: &&Row| row.rate.is_none() && row.part.is_none() && row.per_second > 0.0;
        let ours = self
            .rows
            .iter()
            .filter(|row| row.target == Target::Sagsspor);
        let ratios = ours.filter(fast).filter_map(|row| {
            let peers = self
                .rows
                .iter()
                .filter(|other| other.target != Target::Sagsspor);
            let mut same = peers
                .filter(fast)
                .filter(|other| other.clients == row.clients);
            let peer = same.next().filter(|_| row.load.starts_with("notes-"))?;
            Some(Ratio {
                load: row.load.clone(),
                clients: row.clients,
                peer: peer.target,
                ratio: rounded(row.per_second / peer.per_second),
            })
        });
        self.ratios = ratios.collect();
    }

    /// The ratio of a load, if it was measured.
    #[must_use]
    pub fn ratio(&self, load: &str, clients: u32) -> Option<f64> {
        let mut found = self
            .ratios
            .iter()
            .filter(|ratio| ratio.load == load && ratio.clients == clients);
        found.next().map(|ratio| ratio.ratio)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(load: &str, target: Target, clients: u32, per_second: f64) -> Row {
        Row {
            load: load.to_owned(),
            part: None,
            target,
            clients,
            rate: None,
            seconds: 5.0,
            done: 10_000,
            busy: 0,
            failed: 0,
            failure: None,
            unsent: 0,
            per_second,
            latency_ms: Some(Latency {
                p50: 28.0,
                p90: 60.0,
                p99: 105.5,
                p999: 150.0,
                max: 201.0,
            }),
            cpu_micros: Some(812.5),
            sender_cpu_micros: Some(40.0),
            syncs: Some(0.06),
            memory_bytes: Some(150_000_000),
            cases: 64,
            events_from: 30.0,
            events_to: 80.0,
        }
    }

    pub(crate) fn report() -> Report {
        let sync = SyncLatency { p50: 0.5, p99: 2.0 };
        let mut report = Report::new(Conditions {
            program: "sagsspor 0.2.0".to_owned(),
            build: "release".to_owned(),
            began: "2026-12-01T02:05:00Z".to_owned(),
            processors: 2,
            processor: "a processor".to_owned(),
            kernel: "6.1".to_owned(),
            memory_bytes: 1 << 34,
            file_system: "ext4".to_owned(),
            in_memory: false,
            seed: 1,
            seconds: 5.0,
            disk_before: sync,
            disk_after: Some(sync),
        });
        report.rows = vec![
            row("notes-30", Target::Sagsspor, 64, 1_800.0),
            row("notes-30", Target::Postgresql, 64, 6_000.0),
            row("notes-30", Target::Sagsspor, 16, 1_500.0),
            row("version", Target::Sagsspor, 64, 9_000.0),
        ];
        report.compare();
        report
    }

    #[test]
    fn a_ratio_compares_the_same_number_of_clients_and_what_the_peer_can_do() {
        let report = report();
        assert_eq!(report.ratio("notes-30", 64), Some(0.3));
        assert_eq!(
            report.ratios.len(),
            1,
            "neither 16 clients nor a read has a peer"
        );
    }

    #[test]
    fn the_json_keeps_its_names_and_reads_back() {
        let report = report();
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
        let value = serde_json::to_value(&report).unwrap();
        let names = |value: &serde_json::Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            names(&value),
            "conditions evidence format peers ratios rows"
        );
        assert_eq!(
            names(&value["rows"][0]),
            "busy cases clients cpuMicros done eventsFrom eventsTo failed failure latencyMs load memoryBytes part perSecond rate seconds senderCpuMicros syncs target unsent"
        );
        assert_eq!(
            names(&value["rows"][0]["latencyMs"]),
            "max p50 p90 p99 p999"
        );
        assert_eq!(value["rows"][1]["target"], "postgresql");
    }
}
