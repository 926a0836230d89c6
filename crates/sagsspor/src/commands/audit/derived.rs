//! What is derived from a log and lies beside it: the index, and the rows of the lists. Neither is
//! evidence, and a damaged one changes no answer; but that one was altered is worth knowing.

use app::layout::Layout;
use app::operations::check_rows::{ListCheck, check_lists_at_rest};
use miette::{IntoDiagnostic, Result, WrapErr};
use store::backend::opening::LogKind;
use store::backend::view::IndexCheck;

use super::wrong::Wrong;
use crate::text::terminal;

/// What was found of the derived files of a log.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    /// One line for each thing that was compared.
    pub(crate) lines: Vec<String>,
    /// Codes and messages of what is wrong.
    pub(crate) wrong: Vec<(Wrong, String)>,
    /// What was not compared, and why.
    pub(crate) notes: Vec<String>,
}

/// Compares the rows of the lists with the record where `lists` asks for it; `found` is what was
/// found of the index.
pub(crate) fn check(layout: &Layout, mut found: Derived, lists: bool) -> Result<Derived> {
    if layout.log() == LogKind::Cases {
        if lists {
            rows(layout, &mut found)?;
        } else {
            found.notes.push(
                "the lists were not compared with the record; --lists does it, with the keys"
                    .to_owned(),
            );
        }
    }
    Ok(found)
}

/// Compares the index with the journal. It shows no progress: the log is audited beside it.
pub(crate) fn index(layout: &Layout) -> Result<Derived> {
    let mut found = Derived::default();
    let checked = super::read(layout)?.check_index(&mut |_| {});
    match checked.into_diagnostic().wrap_err("the index could not be compared")? {
        IndexCheck::Same { rows } => found.lines.push(format!("  index rows   {rows:>8}  each as the journal gives it")),
        IndexCheck::Unsealed => found
            .notes
            .push("the index was not compared: the log is in use or was not stopped cleanly, and the index is made anew then".to_owned()),
        IndexCheck::Drift { what } => found.wrong.push((Wrong::IndexDrift, what)),
    }
    Ok(found)
}

fn rows(layout: &Layout, found: &mut Derived) -> Result<()> {
    let bar = std::sync::OnceLock::new();
    let checked = check_lists_at_rest(layout, &|done, total| {
        bar.get_or_init(|| terminal::bar("comparing the lists", total))
            .set_position(done);
    });
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    let not = |why: &str| format!("the lists were not compared with the record: {why}");
    match checked
        .into_diagnostic()
        .wrap_err("the lists could not be compared")?
    {
        ListCheck::Same { position } => found.lines.push(format!(
            "  lists        {position:>8}  entries reflected, each row as the record gives it"
        )),
        ListCheck::Drift => found.wrong.push((
            Wrong::ProjectionDrift,
            "the rows of the lists are not those that the record gives".to_owned(),
        )),
        ListCheck::NoKeys => found.notes.push(not("there are no keys here")),
        ListCheck::InUse => found.notes.push(not("another process has the log open")),
        ListCheck::NoLists => found.notes.push(not("there are none yet")),
        ListCheck::OtherForm => {
            found.notes.push(not("another version of the program made them; they are made anew when the log is opened"));
        }
        ListCheck::OldKeys => found.notes.push(not(
            "the root key was exchanged since; they are made anew when the log is opened",
        )),
    }
    Ok(())
}
