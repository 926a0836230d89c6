//! Listing cases. Names are read from the record one by one; the list itself holds none.

use std::process::ExitCode;

use app::queries::cases::{CaseQuery, Count};
use app::rows::search::{CaseFilter, CaseOrder};
use app::session::Session;
use comfy_table::CellAlignment;
use domain::views::listing::{CaseRow, CaseStatus};
use events::text::{EmployeeId, IdNumber, Short};
use miette::{IntoDiagnostic, Result};
use serde_json::json;

use crate::cli::lists::CasesArgs;
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::page;
use crate::text::page::Left;
use crate::text::table;
use crate::usage::read;

/// How a status is called on the command line.
const STATUS: &[(CaseStatus, &str)] = &[
    (CaseStatus::Advice, "advice"),
    (CaseStatus::Open, "open"),
    (CaseStatus::Closed, "closed"),
    (CaseStatus::Unknown, "unknown"),
];

fn status_text(status: CaseStatus) -> &'static str {
    STATUS
        .iter()
        .find(|(known, _)| *known == status)
        .map_or("unknown", |(_, text)| text)
}

fn filter(wish: &CasesArgs) -> Result<CaseFilter> {
    Ok(CaseFilter {
        number: read("--id-number", wish.id_number.as_ref(), IdNumber::new)?,
        name: wish.name.clone(),
        caseworker: read("--caseworker", wish.caseworker.as_ref(), EmployeeId::new)?,
        unit: read("--unit", wish.unit.as_ref(), Short::new)?,
        status: wish
            .status
            .as_ref()
            .and_then(|text| STATUS.iter().find(|(_, known)| known == text))
            .map(|(status, _)| *status),
        opened_from: wish.opened_from,
        opened_to: wish.opened_to,
        family: wish.family,
    })
}

/// A row with the child's name.
struct Line {
    row: CaseRow,
    name: String,
}

impl Line {
    fn read(session: &Session, row: CaseRow) -> Result<Self> {
        let name = page::child(session, row.child)?;
        Ok(Self { row, name })
    }

    fn opened(&self) -> String {
        self.row
            .opened
            .map_or_else(|| "-".to_owned(), |opened| opened.day().to_string())
    }

    fn caseworkers(&self) -> String {
        let ids: Vec<&str> = self
            .row
            .caseworkers
            .iter()
            .map(EmployeeId::as_str)
            .collect();
        if ids.is_empty() {
            "-".to_owned()
        } else {
            ids.join(", ")
        }
    }

    fn as_value(&self) -> serde_json::Value {
        let row = &self.row;
        json!({
            "case": row.case, "status": status_text(row.status), "opened": row.opened, "closed": row.closed, "child": self.name,
            "caseworkers": row.caseworkers, "unit": row.unit, "weight": row.weight, "family": row.family,
        })
    }
}

fn table(lines: &[Line]) -> Vec<String> {
    let columns = ["status", "opened", "child", "caseworkers", "case"];
    let rows = lines.iter().map(|line| {
        [
            status_text(line.row.status).to_owned(),
            line.opened(),
            line.name.clone(),
            line.caseworkers(),
            line.row.case.to_string(),
        ]
    });
    table::lines(columns.map(|title| (title, CellAlignment::Left)), rows)
}

pub(crate) fn run(args: &LogArgs, wish: &CasesArgs) -> Result<ExitCode> {
    let filter = filter(wish)?;
    let operator = open::open(args)?;
    open::make_lists(&operator)?;
    let session = operator.session(open::developer(&args.municipality));
    let order = if wish.newest {
        CaseOrder::NewestFirst
    } else {
        CaseOrder::OldestFirst
    };
    let query = CaseQuery {
        filter,
        order,
        after: None,
        before: None,
        count: Count::First(wish.limit),
        at_least: Some(operator.public_log().size()),
    };
    let page = session.cases(&query).into_diagnostic()?;
    let lines = page
        .edges
        .into_iter()
        .map(|edge| Line::read(&session, edge.row))
        .collect::<Result<Vec<_>>>()?;
    let values = wish
        .json
        .then(|| lines.iter().map(Line::as_value).collect());
    let left = Left {
        more: page.more_after,
        limit: wish.limit,
        incomplete: page.incomplete,
        so: " and may be missing",
    };
    page::print(values, || table(&lines), &left)?;
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
