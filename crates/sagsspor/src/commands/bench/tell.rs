//! What a run found, for people: one table, and what has to be known to read it.

use comfy_table::CellAlignment::{Left, Right};
use load::evidence::evident;
use load::report::{Report, Row, SyncLatency, Target};

use crate::text::table;

/// A figure with at most so many digits behind the point.
fn number(value: f64, digits: usize) -> String {
    format!("{value:.digits$}")
}

fn or_dash<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), text)
}

/// Latencies below a hundred have a digit behind the point.
fn millis(value: f64) -> String {
    number(value, if value < 100.0 { 1 } else { 0 })
}

fn cells(report: &Report, row: &Row) -> [String; 15] {
    let load = match &row.part {
        Some(part) => format!("{}: {part}", row.load),
        None => row.load.clone(),
    };
    let latency = |read: fn(&load::report::Latency) -> f64| {
        or_dash(row.latency_ms.as_ref(), |latency| millis(read(latency)))
    };
    let compared = row.target == Target::Sagsspor && row.rate.is_none();
    let ratio = report.ratio(&row.load, row.clients).filter(|_| compared);
    [
        load,
        row.target.name().to_owned(),
        row.clients.to_string(),
        or_dash(row.rate, |rate| number(rate, 0)),
        number(row.per_second, 0),
        or_dash(ratio, |ratio| number(ratio, 2)),
        latency(|latency| latency.p50),
        latency(|latency| latency.p90),
        latency(|latency| latency.p99),
        latency(|latency| latency.max),
        row.busy.to_string(),
        (row.failed + row.unsent).to_string(),
        or_dash(row.cpu_micros, |micros| number(micros, 0)),
        or_dash(row.syncs, |syncs| number(syncs, 3)),
        format!("{:.0}-{:.0}", row.events_from, row.events_to),
    ]
}

fn disk(latency: &SyncLatency) -> String {
    format!(
        "p50 {} ms, p99 {} ms",
        number(latency.p50, 2),
        number(latency.p99, 2)
    )
}

/// The lines of a report.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let columns = [
        ("load", Left),
        ("target", Left),
        ("clients", Right),
        ("due/s", Right),
        ("done/s", Right),
        ("ratio", Right),
        ("p50 ms", Right),
        ("p90", Right),
        ("p99", Right),
        ("max", Right),
        ("busy", Right),
        ("failed", Right),
        ("CPU us", Right),
        ("syncs", Right),
        ("events", Left),
    ];
    let rows = report.rows.iter().map(|row| cells(report, row));
    let mut lines = table::lines(columns, rows);
    lines.push(String::new());
    lines.extend(conditions(report));
    lines
}

/// On what it was measured, who else was asked, and what evidence cost.
fn conditions(report: &Report) -> Vec<String> {
    let at = &report.conditions;
    let mut lines = vec![
        format!(
            "{} ({} build), {} processors ({}), {} GB, Linux {}, {}, {} s for each load",
            at.program,
            at.build,
            at.processors,
            at.processor,
            at.memory_bytes >> 30,
            at.kernel,
            at.file_system,
            at.seconds,
        ),
        format!(
            "the disk itself, 4 kB appended and synced: {}{}",
            disk(&at.disk_before),
            at.disk_after.as_ref().map_or_else(String::new, |after| {
                format!("; when all was done {}", disk(after))
            })
        ),
    ];
    if at.in_memory {
        lines.push(format!(
            "NOTE: {} lies in memory, where a sync costs nothing: these figures say nothing of a disk (--directory)",
            at.file_system
        ));
    }
    if at.build == "debug" {
        lines.push("NOTE: a debug build is several times as slow as a release build".to_owned());
    }
    let memory = report.rows.iter().filter_map(|row| row.memory_bytes).max();
    if let Some(memory) = memory {
        lines.push(format!(
            "the server had at most {} MB of memory",
            memory >> 20
        ));
    }
    for peer in &report.peers {
        lines.push(match &peer.version {
            Some(version) => format!("{} {version}: {}", peer.name, peer.note),
            None => format!("{}: not measured: {}", peer.name, peer.note),
        });
    }
    let evidence = &report.evidence;
    if evidence.shares.is_empty() {
        lines.push(format!("where the time goes: {}", evidence.note));
    } else {
        lines.push(format!(
            "where the server's time goes ({}): {} % makes tampering evident",
            evidence.note,
            number(evident(&evidence.shares), 1)
        ));
        for share in &evidence.shares {
            lines.push(format!("  {:>5.1} %  {}", share.percent, share.part));
        }
    }
    lines
}
