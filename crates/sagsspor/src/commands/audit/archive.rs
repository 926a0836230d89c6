//! The archive of a log, compared with the log, its keys, and what its newest heads entry names.

use std::collections::BTreeSet;
use std::path::Path;

use app::layout::Layout;
use miette::{IntoDiagnostic, Result, WrapErr};
use store::archive_link::RecordKind as StoredKind;
use store::backend::opening::OpenError;
use store::backend::view::LogView;
use verify::archive::{ArchiveAudit, ArchiveReport, AuditedLog, RecordKind};
use verify::audit::Report;
use verify::policy::Policy;
use verify::position::Size;

use super::derived::Derived;
use super::wrong::Wrong;
use crate::usage::usage;

const fn kind(kind: StoredKind) -> RecordKind {
    match kind {
        StoredKind::Note => RecordKind::Checkpoint,
        StoredKind::Token => RecordKind::TimeStamp,
        StoredKind::Mark => RecordKind::Mark,
    }
}

/// The sizes whose checkpoints are archived. An archive that cannot be read has none here, and that
/// it cannot be read is told when it is compared.
pub(super) fn sizes(log: &dyn LogView) -> BTreeSet<Size> {
    let mut sizes = BTreeSet::new();
    let read = log.for_each_archived(&mut |record| {
        if record.kind == StoredKind::Note {
            sizes.insert(Size::new(record.size.get()));
        }
        true
    });
    sizes.extend(
        read.ok()
            .flatten()
            .map(|latest| Size::new(latest.size.get())),
    );
    sizes
}

/// The policy whose witnesses are to have cosigned, as the verifier reads it.
pub(super) fn policy(path: Option<&Path>) -> Result<Option<Policy>> {
    let read = |path: &Path| {
        let named = || path.display().to_string();
        let bytes = std::fs::read(path)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot read {}", named()))?;
        Policy::parse(&bytes).map_err(|finding| usage(format!("{}: {}", named(), finding.detail)))
    };
    path.map(read).transpose()
}

/// Compares the archive; what is found goes to what lies beside the log.
pub(super) fn check(
    layout: &Layout,
    report: &Report,
    log_keys: &[String],
    policy: Option<&Policy>,
    found: &mut Derived,
) -> Result<()> {
    let log = super::read(layout)?;
    let origin = layout.origin();
    let audited = AuditedLog {
        origin: &origin,
        log_keys,
        entries: report.entries,
        roots: &report.roots,
        anchors: &report.anchors,
    };
    let mut audit = ArchiveAudit::new(audited, policy);
    let read = log.for_each_archived(&mut |record| {
        audit.record(
            kind(record.kind),
            Size::new(record.size.get()),
            &record.body,
            record.link.map(|link| *link.as_bytes()),
        );
        true
    });
    match read {
        Ok(latest) => latest
            .iter()
            .for_each(|latest| audit.latest(Size::new(latest.size.get()), &latest.note)),
        Err(error @ OpenError::Corrupt { .. }) => {
            found.wrong.push((Wrong::StoreCorrupt, error.to_string()));
            return Ok(());
        }
        Err(error) => {
            return Err(error)
                .into_diagnostic()
                .wrap_err("the archive could not be read");
        }
    }
    tell(audit.finish(), policy.is_some(), found);
    Ok(())
}

fn tell(report: ArchiveReport, compared: bool, found: &mut Derived) {
    if report.records > 0 || report.named > 0 {
        found.lines.push(format!(
            "  archive      {:>8}  records, {} checkpoints and {} time stamps; {} named by the log",
            report.records, report.checkpoints, report.time_stamps, report.named
        ));
    }
    found.wrong.extend(
        report
            .findings
            .iter()
            .map(|finding| (Wrong::Found(finding.code), finding.detail.clone())),
    );
    if report.more > 0 {
        found.notes.push(format!(
            "{} further findings in the archive are not told",
            report.more
        ));
    }
    if report.unsigned > 0 {
        found.notes.push(format!(
            "{} archived checkpoints bear no signature of the given keys of the log; keys of earlier times can be given with --log-key as well",
            report.unsigned
        ));
    }
    if report.below_policy > 0 {
        found.notes.push(format!(
            "{} archived checkpoints are not cosigned as the policy asks now",
            report.below_policy
        ));
    }
    if report.checkpoints > 0 && !compared {
        found.notes.push("cosignatures in the archive were not checked: no policy names the witnesses (--witness-policy)".to_owned());
    }
}
