//! The board: what has to be done in which case, by the day on which it is due.

use std::process::ExitCode;

use app::queries::board::{BoardDuty, BoardFilter, BoardQuery};
use app::rows::case_row::RowKind;
use app::rows::duty::DueForm;
use app::session::Session;
use comfy_table::CellAlignment;
use events::text::{EmployeeId, Short};
use miette::{IntoDiagnostic, Result};
use serde_json::json;

use crate::cli::lists::BoardArgs;
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::page;
use crate::text::page::Left;
use crate::text::table;
use crate::usage::read;

fn filter(wish: &BoardArgs) -> Result<BoardFilter> {
    Ok(BoardFilter {
        caseworker: read("--caseworker", wish.caseworker.as_ref(), EmployeeId::new)?,
        unit: read("--unit", wish.unit.as_ref(), Short::new)?,
        overdue: wish.overdue.then_some(true),
        due_within_days: wish.due_within,
        rule: wish.rule.clone(),
    })
}

/// A duty with the child's name.
struct Line {
    duty: BoardDuty,
    name: String,
}

impl Line {
    fn read(session: &Session, duty: BoardDuty) -> Result<Self> {
        let name = match duty.kind {
            RowKind::Case => page::child(session, duty.row.child)?,
            RowKind::Notification => "(notification)".to_owned(),
        };
        Ok(Self { duty, name })
    }

    fn stands(&self) -> &'static str {
        match (self.duty.form, self.duty.overdue, self.duty.warned) {
            (DueForm::Missed, _, _) => "missed",
            (_, true, _) => "overdue",
            (_, false, true) => "now",
            (_, false, false) => "open",
        }
    }

    fn due(&self) -> String {
        self.duty
            .due
            .map_or_else(|| "-".to_owned(), |due| due.to_string())
    }

    fn as_value(&self) -> serde_json::Value {
        let duty = &self.duty;
        let of_case = duty.kind == RowKind::Case;
        json!({
            "case": of_case.then_some(duty.row.case), "notification": (!of_case).then_some(duty.row.case), "child": self.name, "caseworkers": duty.row.caseworkers, "unit": duty.row.unit,
            "rule": duty.rule.id, "title": duty.rule.title, "law": duty.rule.law, "event": duty.event, "subject": duty.subject,
            "arose": duty.trigger, "due": duty.due, "overdueAfter": duty.overdue_after, "stands": self.stands(), "ageDays": duty.age_days,
        })
    }
}

fn table(lines: &[Line]) -> Vec<String> {
    let columns = [
        ("due", CellAlignment::Left),
        ("stands", CellAlignment::Left),
        ("age", CellAlignment::Right),
        ("child", CellAlignment::Left),
        ("duty", CellAlignment::Left),
        ("law", CellAlignment::Left),
    ];
    let rows = lines.iter().map(|line| {
        [
            line.due(),
            line.stands().to_owned(),
            format!("{} d", line.duty.age_days),
            line.name.clone(),
            line.duty.rule.title.clone(),
            line.duty.rule.law.clone(),
        ]
    });
    table::lines(columns, rows)
}

pub(crate) fn run(args: &LogArgs, wish: &BoardArgs) -> Result<ExitCode> {
    let filter = filter(wish)?;
    let operator = open::open(args)?;
    open::make_lists(&operator)?;
    let session = operator.session(open::developer(&args.municipality));
    let query = BoardQuery {
        filter,
        after: None,
        count: wish.limit,
        at_least: Some(operator.public_log().size()),
    };
    let page = session.board(&query).into_diagnostic()?;
    let lines = page
        .edges
        .into_iter()
        .map(|edge| Line::read(&session, edge.duty))
        .collect::<Result<Vec<_>>>()?;
    let values = wish
        .json
        .then(|| lines.iter().map(Line::as_value).collect());
    let left = Left {
        more: page.more_after,
        limit: wish.limit,
        incomplete: page.incomplete,
        so: "; their duties may be missing",
    };
    page::print(values, || table(&lines), &left)?;
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
