//! A case for the terminal.

use domain::reading::Reading;
use domain::views::appeal::appeals;
use domain::views::child_voice::child_voice;
use domain::views::decisions::{Decision, Made, decisions};
use domain::views::findings::findings;
use domain::views::goals::goals;
use domain::views::integrity::integrity;
use domain::views::ladder::support_ladder;
use domain::views::listing::CaseStatus;
use domain::views::network::network;
use domain::views::parties::parties;
use domain::views::summary::summary;
use domain::views::timeline::{TimelineEntry, Told, timeline};
use domain::views::wellbeing::{Series, wellbeing};
use events::ids::StreamId;
use events::time::{Occurred, denmark};
use jiff::Timestamp;
use jiff::civil::Date;

/// A time as people in Denmark read it.
fn when(occurred: Occurred) -> String {
    match occurred {
        Occurred::At(at) => local(at),
        Occurred::On(day) => format!("{day}      "),
        Occurred::About(day) => format!("~{day}     "),
    }
}

fn local(at: Timestamp) -> String {
    at.to_zoned(denmark())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

fn tenths(value: i32) -> String {
    format!(
        "{}{}.{}",
        if value < 0 { "-" } else { "" },
        value.abs() / 10,
        value.abs() % 10
    )
}

/// A score of 0 to 40 points as a bar of up to 20 signs.
fn gauge(total: u16) -> String {
    "█".repeat(usize::from(total) / 20)
}

pub(crate) fn wellbeing_lines(all: &[Series]) -> Vec<String> {
    let mut lines = Vec::new();
    for series in all {
        let role = series.respondent.role.stored().to_lowercase();
        lines.push(format!("  {} by {role}", series.instrument));
        for point in &series.points {
            match point.total() {
                Some(total) => lines.push(format!(
                    "    {}  {:>5}  {}",
                    point.occurred.day(),
                    tenths(i32::from(total)),
                    gauge(total)
                )),
                None => lines.push(format!("    {}  [gone]", point.occurred.day())),
            }
        }
        if let (Some(change), true) = (series.change(), series.points.len() > 1) {
            lines.push(format!(
                "    change {}{}",
                if change > 0 { "+" } else { "" },
                tenths(change)
            ));
        }
    }
    lines
}

fn entry_lines(entry: &TimelineEntry) -> Vec<String> {
    let Some(told) = &entry.told else {
        return vec![format!("  {}  [erased]", local(entry.recorded_at))];
    };
    let late = if entry.late { "  (recorded late)" } else { "" };
    let mut lines = vec![format!("  {}  {}{late}", when(told.occurred), told.line)];
    if let Some(original) = &entry.original {
        lines.push(format!(
            "      before the correction: {}",
            changed(original, told)
        ));
    }
    for correction in &entry.corrections {
        let reason = correction
            .reason
            .as_ref()
            .map_or_else(|| "[erased]".to_owned(), events::words::Words::text);
        lines.push(format!(
            "      corrected {}: {reason}",
            local(correction.recorded_at)
        ));
    }
    lines
}

/// What a correction changed, in short.
fn changed(original: &Told, now: &Told) -> String {
    if original.occurred == now.occurred {
        original.line.clone()
    } else {
        when(original.occurred)
    }
}

/// The whole case.
pub(crate) fn case(reading: &Reading, stream: StreamId) -> Vec<String> {
    let summary = summary(reading, stream);
    let status = match summary.status {
        CaseStatus::Advice => "early advice",
        CaseStatus::Open => "open",
        CaseStatus::Closed => "closed",
        CaseStatus::Unknown => "unknown",
    };
    let name = summary
        .child_name
        .as_ref()
        .map_or_else(|| "a child".to_owned(), ToString::to_string);
    let mut lines = vec![format!("Case of {name}, {status}  ({stream})")];
    let days =
        |days: Option<i32>| days.map_or_else(|| "-".to_owned(), |days| format!("{days} days"));
    lines.push(format!(
        "  notification to decision {}, to start of support {}; advice to notification {}",
        days(summary.milestones.notification_to_decision),
        days(summary.milestones.notification_to_start),
        days(summary.milestones.advice_to_notification)
    ));
    lines.push("Timeline".to_owned());
    lines.extend(timeline(reading).iter().flat_map(entry_lines));
    let voice = child_voice(reading);
    let channels: Vec<String> = voice
        .channels
        .iter()
        .map(|channel| channel.stored().to_lowercase().replace('_', " "))
        .collect();
    lines.push(format!(
        "The child's voice: heard {} times, {} channels ({})",
        voice.hearings.len(),
        channels.len(),
        channels.join(", ")
    ));
    lines.push("Goals".to_owned());
    for goal in goals(reading) {
        let status = goal
            .status
            .map_or_else(|| "set".to_owned(), |status| status.stored().to_lowercase());
        let days = goal
            .days_to_met
            .map_or_else(String::new, |days| format!(" after {days} days"));
        lines.push(format!("  {status}{days}: {}", goal.wording.text()));
    }
    lines.push("Well-being".to_owned());
    lines.extend(wellbeing_lines(&wellbeing(reading)));
    let steps = support_ladder(reading);
    let path: Vec<String> = steps
        .path()
        .iter()
        .map(|level| level.map_or_else(|| "none".to_owned(), |level| format!("step {level}")))
        .collect();
    lines.push(format!("Support ladder: {}", path.join(" → ")));
    lines.push(format!(
        "Network: {} resource person(s)",
        network(reading).resource_persons.len()
    ));
    lines.push("Decisions".to_owned());
    lines.extend(decisions(reading).iter().map(decision_line));
    let found = findings(reading, stream);
    if !found.is_empty() {
        lines.push("Findings (shown, never in the way)".to_owned());
        lines.extend(
            found
                .iter()
                .map(|finding| format!("  {}  {}", finding.code.as_str(), finding.code.english())),
        );
    }
    lines
}

/// A heavy case in short: decisions, parties, appeals and findings.
pub(crate) fn short(reading: &Reading, stream: StreamId, on: Date) -> Vec<String> {
    let summary = summary(reading, stream);
    let name = summary
        .child_name
        .as_ref()
        .map_or_else(|| "a child".to_owned(), ToString::to_string);
    let mut lines = vec![format!(
        "Case of {name}, {} events  ({stream})",
        reading.events.len()
    )];
    lines.push("Decisions".to_owned());
    lines.extend(decisions(reading).iter().map(decision_line));
    lines.push("Parties".to_owned());
    for person in parties(reading, stream, on)
        .iter()
        .filter(|person| person.standing.is_party() || person.becomes_party.is_some())
    {
        let name = person
            .name
            .as_ref()
            .map_or_else(|| "somebody".to_owned(), ToString::to_string);
        let standing = match person.becomes_party {
            Some(day) => format!("a party from {day}"),
            None => "a party".to_owned(),
        };
        lines.push(format!(
            "  {name}: {standing}; {} consent(s), told {} time(s)",
            person.consents.len(),
            person.told.len()
        ));
    }
    let appeals = appeals(reading);
    lines.push("Complaints".to_owned());
    for appeal in &appeals.appeals {
        let way = if appeal.committee {
            "forwarded at once"
        } else {
            "judged again first"
        };
        let sent: Vec<String> = appeal
            .forwarded
            .iter()
            .map(|sent| format!("{} items", sent.facts.manifest.len()))
            .collect();
        lines.push(format!(
            "  {}  {way}; sent with {}",
            appeal.received.day(),
            sent.join(", ")
        ));
    }
    let integrity = integrity(reading);
    lines.push(format!(
        "Trail: {} correction(s) or annulment(s), {} hole(s), all explained: {}",
        integrity.changes.len(),
        integrity.holes.len(),
        if integrity.unexplained.is_empty() {
            "yes"
        } else {
            "no"
        }
    ));
    lines
}

fn decision_line(decision: &Decision) -> String {
    let sections = decision.sections();
    let sections: Vec<&str> = sections.iter().map(events::text::Section::as_str).collect();
    let outcome = match &decision.made {
        Made::Administration(facts) => facts.outcome.stored().to_lowercase(),
        Made::Provisional(_) => "provisional".to_owned(),
        Made::Committee(facts) => {
            let votes = facts
                .outcomes
                .iter()
                .map(|outcome| format!("{}–{}", outcome.votes_for, outcome.votes_against));
            format!("committee {}", votes.collect::<Vec<_>>().join(", "))
        }
    };
    let complaints = match decision.complaints.len() {
        0 => String::new(),
        count => format!("; {count} complaint(s)"),
    };
    let told = decision.communicated.len();
    format!(
        "  {}  {outcome}, {}; told to {told} recipient(s){complaints}",
        decision.occurred.day(),
        sections.join(", ")
    )
}
