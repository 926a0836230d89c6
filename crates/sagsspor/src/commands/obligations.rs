//! Showing what the law asks of a case, and how it stands. What is weighed, and how, is not decided
//! here.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use api::ids::{Kind, stream};
use api::rules::what_if::OwnRules;
use app::queries::duties::Duties;
use async_graphql::{Request, Variables};
use domain::persons::persons_of;
use domain::reading::Reading;
use events::identity::Persons;
use events::ids::PersonId;
use events::moment::Moment;
use events::time::denmark;
use jiff::Timestamp;
use law::obligation::{DueAt, Late, Obligation, Status};
use miette::{IntoDiagnostic, Result, miette};
use serde_json::json;

use crate::cli::duties::{ObligationsArgs, StatusWord};
use crate::cli::log::LogArgs;
use crate::commands::replay::{carry_out, point};
use crate::commands::what_if;
use crate::open;
use crate::text::terminal;

/// The duties of a case, as a client would ask for them.
const VIEW: &str = include_str!("obligations.graphql");

/// The order of the groups: what somebody must act on first.
const GROUPS: [StatusWord; 8] = [
    StatusWord::Overdue,
    StatusWord::Open,
    StatusWord::Met,
    StatusWord::Waived,
    StatusWord::Lapsed,
    StatusWord::Moot,
    StatusWord::Succeeded,
    StatusWord::Suppressed,
];

const fn word(status: &Status) -> StatusWord {
    match status {
        Status::Open => StatusWord::Open,
        Status::Met { .. } => StatusWord::Met,
        Status::Waived { .. } => StatusWord::Waived,
        Status::Succeeded { .. } => StatusWord::Succeeded,
        Status::Suppressed { .. } => StatusWord::Suppressed,
        Status::Overdue => StatusWord::Overdue,
        Status::Lapsed => StatusWord::Lapsed,
        Status::Moot { .. } => StatusWord::Moot,
    }
}

fn local(at: Timestamp) -> String {
    at.to_zoned(denmark())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

fn when(moment: Moment) -> String {
    moment.at.map_or_else(|| moment.day.to_string(), local)
}

fn due(duty: &Obligation<'_>) -> String {
    match &duty.due {
        DueAt::Instant(at) => local(*at),
        DueAt::Day(day) => day.to_string(),
        DueAt::Window { from, to } => format!("{from} - {to}"),
        DueAt::Before(_) => "before it".to_owned(),
        DueAt::AtTrigger => "with it".to_owned(),
        DueAt::NoNumber => "no number".to_owned(),
        DueAt::NotSet => "not set".to_owned(),
    }
}

/// How it came to stand so, in a few words.
fn stands(duty: &Obligation<'_>) -> String {
    match &duty.status {
        Status::Open | Status::Overdue => format!("{} day(s) old", duty.age_days),
        Status::Met { at, late_by: None } => format!("met {}", when(*at)),
        Status::Met {
            at,
            late_by: Some(Late::Days(days)),
        } => format!("met {}, {days} day(s) late", when(*at)),
        Status::Met {
            at,
            late_by: Some(Late::Minutes(minutes)),
        } => {
            format!(
                "met {}, {} h {} min late",
                when(*at),
                minutes / 60,
                minutes % 60
            )
        }
        Status::Waived { at, .. } => format!("waived {}", when(*at)),
        Status::Moot { at } => format!("fell away {}", when(*at)),
        Status::Lapsed => "ended unused".to_owned(),
        Status::Succeeded { to } => format!("went over to {}", to.join(", ")),
        Status::Suppressed { by } => format!("lifted by {by}"),
    }
}

/// The name of a person of the case.
fn name(persons: &Persons, person: PersonId) -> String {
    let known = persons.get(person).and_then(|known| known.name.as_ref());
    known.map_or_else(|| person.to_string(), ToString::to_string)
}

/// A duty in one line, and what is unsure about it by its place among the notes.
fn line<'a>(duty: &Obligation<'a>, persons: &Persons, notes: &mut Vec<&'a str>) -> String {
    let places: BTreeSet<usize> = duty
        .uncertain
        .iter()
        .map(|note| {
            let known = notes.iter().position(|known| known == note);
            known.unwrap_or_else(|| {
                notes.push(note);
                notes.len() - 1
            })
        })
        .collect();
    let marks: String = places
        .into_iter()
        .map(|place| format!(" [{}]", place + 1))
        .collect();
    let whose = duty
        .subject
        .map(|person| format!(" ({})", name(persons, person)))
        .unwrap_or_default();
    let rule = duty.rule;
    format!(
        "  {:<23}  {:<24}  {}{whose}; {}; {}{marks}",
        due(duty),
        rule.id,
        rule.title,
        rule.law,
        stands(duty)
    )
}

/// The duties as lines: what somebody must act on first, then the rest.
fn table(duties: &Duties<'_>, reading: &Reading, status: &[StatusWord]) -> Vec<String> {
    let persons = persons_of(reading);
    let mut notes = Vec::new();
    let mut lines = what_if::lines(&duties.basis);
    lines.push(format!("as of {}", local(duties.as_of)));
    for group in GROUPS
        .into_iter()
        .filter(|group| status.is_empty() || status.contains(group))
    {
        let mut of_group: Vec<&Obligation<'_>> = duties
            .obligations
            .iter()
            .filter(|duty| word(&duty.status) == group)
            .collect();
        if of_group.is_empty() {
            continue;
        }
        // What is due first comes first; duties without a day follow by age.
        of_group.sort_by_key(|duty| (duty.overdue_after.is_none(), duty.overdue_after));
        lines.push(format!("{} ({})", group.as_str(), of_group.len()));
        lines.extend(
            of_group
                .into_iter()
                .map(|duty| line(duty, &persons, &mut notes)),
        );
    }
    if status.is_empty() {
        let dormant = duties.dormant.iter();
        lines.extend(dormant.map(|dormant| {
            format!(
                "not running: {} would be due {}",
                dormant.rule.id, dormant.would_be_due
            )
        }));
    }
    lines.extend(
        notes
            .iter()
            .enumerate()
            .map(|(place, note)| format!("[{}] {note}", place + 1)),
    );
    lines
}

pub(crate) fn run(args: &LogArgs, wish: &ObligationsArgs) -> Result<ExitCode> {
    let point = point(
        wish.known_at.as_deref(),
        wish.occurred_by.as_deref(),
        wish.stated,
    )?;
    let what_if = wish.what_if.read()?;
    let operator = open::open(args)?;
    let session = operator.session(open::developer(&args.municipality));
    let nothing = || miette!("there is no case {} at that moment", wish.case);
    if wish.json {
        let axis = if wish.stated { "STATED" } else { "RECORDED" };
        let at = json!({ "knownAt": wish.known_at, "occurredBy": wish.occurred_by, "axis": axis });
        let status: Vec<String> = wish
            .status
            .iter()
            .map(|status| status.as_str().to_uppercase())
            .collect();
        let status = if status.is_empty() {
            json!(null)
        } else {
            json!(status)
        };
        let variables = json!({ "id": wish.case, "at": at, "status": status, "whatIf": what_if::as_input(&what_if) });
        let mut request = Request::new(VIEW)
            .variables(Variables::from_json(variables))
            .data(session);
        if let Some(own) = &what_if.catalogue {
            request = request.data(OwnRules(Arc::clone(own)));
        }
        let case = carry_out(request)?.ok_or_else(nothing)?;
        terminal::say(&case);
    } else {
        let case = stream(&args.municipality, &wish.case, Kind::Case).ok_or_else(nothing)?;
        let reading = session
            .read(case, point)
            .into_diagnostic()?
            .ok_or_else(nothing)?;
        let duties = session
            .duties_in(&reading, case, &what_if)
            .into_diagnostic()?;
        table(&duties, &reading, &wish.status)
            .iter()
            .for_each(|line| terminal::say(line));
    }
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
