//! What the law asks of both worked histories, read from the record: at the end, and at moments in
//! between. The rules themselves are tested where they stand; here the whole way is. This file
//! holds what these tests share.

mod answered;
mod heavy;
mod light;

use std::collections::BTreeMap;

use app::rules::basis::AS_IT_IS;
use domain::reading::{Known, ReadingPoint, instant};
use events::ids::{EventId, StreamId};
use events::time::denmark;
use jiff::Timestamp;
use law::obligation::{DueAt, Late, Obligation, Status};
use tests::world::{Ids, World};

/// Delays of notes and papers: they follow from nearly every event, and are looked at by
/// themselves.
pub(crate) const OF_THE_RECORD: [&str; 3] =
    ["ADM-OFL13-NOTE", "ADM-OFL15-JOURNAL", "LOC-NOTE-LAG-3A"];

pub(crate) fn known_at(text: &str) -> ReadingPoint {
    ReadingPoint {
        known: Known::At(instant(text).unwrap()),
        ..ReadingPoint::default()
    }
}

/// The names that the dossier gives to its events and persons.
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    pub(crate) fn of(ids: &Ids) -> Self {
        let lines = ids.lines().iter().flat_map(|line| {
            let input = &line["input"];
            let name = input["source"]["id"].as_str().unwrap().to_owned();
            let person = input["facts"]["person"]["person"]
                .as_str()
                .zip(name.strip_prefix("person-"));
            let person = person.map(|(id, name)| (id.to_owned(), name.to_owned()));
            [
                input["eventId"]
                    .as_str()
                    .map(|id| (id.to_owned(), name.clone())),
                person,
            ]
        });
        Self(lines.flatten().collect())
    }

    fn event(&self, event: EventId) -> &str {
        self.0
            .get(&event.to_string())
            .map_or("reference", String::as_str)
    }
}

fn local(at: Timestamp) -> String {
    at.to_zoned(denmark())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// One duty in one line: from which event, for whom, due when, how it stands, by what.
pub(crate) fn line(duty: &Obligation<'_>, names: &Names) -> String {
    let due = match &duty.due {
        DueAt::Instant(at) => local(*at),
        DueAt::Day(day) => day.to_string(),
        DueAt::Window { from, to } => format!("{from}..{to}"),
        DueAt::Before(_) => "before".into(),
        DueAt::AtTrigger => "with it".into(),
        DueAt::NoNumber => format!("no number, {} d", duty.age_days),
        DueAt::NotSet => "not set".into(),
    };
    let status = match &duty.status {
        Status::Open => "OPEN".to_owned(),
        Status::Overdue => "OVERDUE".to_owned(),
        Status::Lapsed => "LAPSED".to_owned(),
        Status::Met { late_by: None, .. } => "MET".to_owned(),
        Status::Met {
            late_by: Some(Late::Days(days)),
            ..
        } => format!("MET late {days} d"),
        Status::Met {
            late_by: Some(Late::Minutes(minutes)),
            ..
        } => format!("MET late {minutes} min"),
        Status::Waived { by, .. } => format!("WAIVED {}", names.event(*by)),
        Status::Succeeded { to } => format!("SUCCEEDED {}", to.join(" ")),
        Status::Suppressed { by } => format!("SUPPRESSED {by}"),
        Status::Moot { at } => format!("MOOT {}", at.day),
    };
    let by: Vec<&str> = duty
        .met_by
        .iter()
        .map(|event| names.event(*event))
        .collect();
    let by = if by.is_empty() {
        String::new()
    } else {
        format!(" by {}", by.join(" "))
    };
    let whose = duty
        .subject
        .map(|person| format!(" ({})", names.0[&person.to_string()]))
        .unwrap_or_default();
    format!(
        "{} {}{whose} | {due} | {status}{by}",
        names.event(duty.event),
        duty.rule.id
    )
}

fn is_pending(duty: &Obligation<'_>) -> bool {
    duty.is_pending()
}

/// The duties of a case at a point that a test looks at.
fn duties(
    world: &World,
    case: StreamId,
    point: ReadingPoint,
    names: &Names,
    looked_at: impl Fn(&Obligation<'_>) -> bool,
) -> Vec<String> {
    let Some(duties) = world.session().duties(case, point, &AS_IT_IS).unwrap() else {
        return Vec::new();
    };
    let all = duties.obligations.iter();
    all.filter(|duty| !OF_THE_RECORD.contains(&duty.rule.id.as_str()) && looked_at(duty))
        .map(|duty| line(duty, names))
        .collect()
}

/// The id of the rule in a line.
fn rule(line: &str) -> &str {
    line.split(' ').nth(1).unwrap()
}
