//! Auditing the two live logs of a municipality: each must be there when anything names it, and
//! hold what the other says of it and what is kept of it beside its keys.

use std::panic::resume_unwind;
use std::path::Path;

use app::layout::Layout;
use app::log::rollback_check;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use store::backend::opening::LogKind;
use store::backend::side_texts::SideText;
use store::backend::view::Reading;
use verify::audit::{Pin, Trust, anchors_in_heads};
use verify::code::{Code, Finding};
use verify::position::Size;

use super::keys::VerifierKeys;
use super::wrong::Wrong;
use super::{Audited, Outcome, archive, check_live, derived, pin};
use crate::cli::audit::AuditArgs;
use crate::open;
use crate::usage::usage;

/// What the newest heads entry of a log says of its sister. Whether that entry is genuine is found
/// when its own log is audited; where it cannot be read, that audit says so. The stored checkpoint
/// is not asked which entry that is: it can be taken away, or be put back as it was earlier.
fn said_by(layout: &Layout) -> Option<Pin> {
    let log = layout
        .backend()
        .read_only(&layout.name(), Reading::default())
        .ok()??;
    let newest = log
        .newest(&|bytes| anchors_in_heads(bytes).is_some())
        .ok()??;
    let of = layout.sister().origin();
    let anchor = anchors_in_heads(&newest)?
        .into_iter()
        .find(|anchor| anchor.origin == of && !anchor.size.is_empty())?;
    Some(Pin {
        size: anchor.size,
        root: anchor.root,
        by: layout.origin(),
    })
}

/// Whether the keys of a log are at hand.
fn has_keys(layout: &Layout) -> Result<bool> {
    layout
        .backend()
        .holds_keys(&layout.name())
        .into_diagnostic()
}

/// The checkpoint that is kept beside the keys, or why there is none to compare with.
fn kept(layout: &Layout) -> Result<std::result::Result<Pin, String>> {
    let dir = layout.places().keys;
    if !has_keys(layout)? {
        return Ok(Err(format!(
            "the keys of {} are not at hand in {}, so the log was not held to the checkpoint that lies beside them",
            layout.origin(),
            dir
        )));
    }
    let by = layout.side_texts().place(SideText::KnownCheckpoint);
    Ok(match rollback_check::of(layout) {
        Some(checkpoint) => Ok(Pin {
            size: Size::new(checkpoint.size.get()),
            root: *checkpoint.root.as_bytes(),
            by,
        }),
        None => Err(format!(
            "{by} holds no checkpoint of {}, so the log was not held to it",
            layout.origin()
        )),
    })
}

/// A log that is not there: a finding when anything names it, none when it was never begun.
fn absent(layout: &Layout, pins: &[Pin]) -> Result<Option<Outcome>> {
    let dir = layout.places().log;
    let left = layout
        .backend()
        .left_behind(&layout.name())
        .into_diagnostic()?
        .map(|left| (left.place, Size::new(left.entries.get())));
    let known = pins
        .iter()
        .map(|pin| (pin.by.clone(), pin.size))
        .chain(left)
        .max_by_key(|(_, size)| *size);
    Ok(known.map(|(by, size)| {
        let detail = format!(
            "there is no log in {dir}, but {by} knows {size} entries of {}",
            layout.origin()
        );
        Finding {
            code: Code::LogMissing,
            index: None,
            detail,
        }
        .into()
    }))
}

/// What is given from outside for one of the two logs.
struct Given<'a> {
    option: &'static str,
    keys: Option<VerifierKeys>,
    pins: Vec<Pin>,
    /// The policy that names the witnesses.
    policy: Option<&'a Path>,
}

fn audit(
    layout: &Layout,
    given: Given<'_>,
    kept_state: Option<&Path>,
    lists: bool,
) -> Result<Option<Audited>> {
    let (origin, mut pins, mut notes) = (layout.origin(), given.pins, Vec::new());
    pins.extend(said_by(&layout.sister()));
    match kept(layout)? {
        Ok(pin) => pins.push(pin),
        Err(why) => notes.push(why),
    }
    let key_given = given.keys.is_some();
    if !layout.holds_log().into_diagnostic()? {
        return Ok(absent(layout, &pins)?.map(|outcome| Audited {
            origin,
            outcome,
            notes,
            key_given,
        }));
    }
    let keys = given
        .keys
        .map_or_else(|| VerifierKeys::beside(layout, given.option), Ok)?;
    notes.extend(keys.notes());
    let mut outcome = judge(layout, &keys.trust(&origin, pins), kept_state, lists)?;
    if let Outcome::Clean(clean) = &mut outcome {
        let policy = archive::policy(given.policy)?;
        archive::check(
            layout,
            &clean.report,
            &keys.all(),
            policy.as_ref(),
            &mut clean.derived,
        )?;
    }
    Ok(Some(Audited {
        origin,
        outcome,
        notes,
        key_given,
    }))
}

/// Audits a log that is there, and what lies beside it where the log itself is in order.
///
/// The index is compared meanwhile. What is said of it counts only where the log itself is in order.
fn judge(layout: &Layout, trust: &Trust, state: Option<&Path>, lists: bool) -> Result<Outcome> {
    let (audited, index) = std::thread::scope(|scope| {
        let index = scope.spawn(|| derived::index(layout));
        (check_live(layout, trust, state), index.join())
    });
    match audited? {
        Outcome::Clean(mut clean) => {
            let index = index.unwrap_or_else(|panic| resume_unwind(panic))?;
            clean.derived = derived::check(layout, index, lists)?;
            if !has_keys(layout)? && has_keys(&layout.sister())? {
                let what = format!(
                    "{} holds no keys, but those of {} are there",
                    layout.places().keys,
                    layout.sister().origin()
                );
                clean.derived.wrong.push((Wrong::KeysMissing, what));
            }
            Ok(Outcome::Clean(clean))
        }
        wrong @ Outcome::Wrong { .. } => Ok(wrong),
    }
}

/// Audits the case log, and the access log where it was begun.
pub(super) fn run(
    args: &AuditArgs,
    keys: Option<VerifierKeys>,
    pins: Vec<Pin>,
) -> Result<Vec<Audited>> {
    let layout = open::layout(&args.log)?;
    let accesses = layout.accesses();
    let state = args.state.as_deref();
    let access_state = state.map(|path| path.with_added_extension("adgang"));
    let of_accesses = Given {
        option: "--access-log-key",
        keys: VerifierKeys::given("--access-log-key", &args.access_log_key)?,
        pins: Vec::from_iter(
            args.access_pin
                .as_deref()
                .map(|text| pin("--access-pin", text))
                .transpose()?,
        ),
        policy: args.log.access_witness_policy.as_deref(),
    };
    let of_cases = Given {
        option: "--log-key",
        keys,
        pins,
        policy: args.log.witness_policy.as_deref(),
    };
    let mut audited = Vec::new();
    for (layout, given, state) in [
        (&layout, of_cases, state),
        (&accesses, of_accesses, access_state.as_deref()),
    ] {
        if given
            .keys
            .as_ref()
            .is_some_and(|keys| keys.origin() != layout.origin())
        {
            return Err(usage(format!(
                "{} is not a key of {}",
                given.option,
                layout.origin()
            )));
        }
        let found = audit(layout, given, state, args.lists).wrap_err_with(|| layout.origin())?;
        if found.is_none()
            && layout.log() == LogKind::Cases
            && !accesses.holds_log().into_diagnostic()?
        {
            return Err(miette!(
                "there is no log in {}; --data names the directory of the data",
                layout.places().log
            ));
        }
        audited.extend(found);
    }
    Ok(audited)
}
