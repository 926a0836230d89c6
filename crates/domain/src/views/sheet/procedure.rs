//! Rows of decisions, parties, appeals and access.

use events::ids::{EventId, StreamId};
use events::spec::View;
use events::time::Occurred;
use jiff::civil::Date;

use super::{Item, Sheet};
use crate::persons::label;
use crate::reading::Reading;
use crate::views::decisions::{Decision, Made};
use crate::views::party::{Act, Person, Standing};
use crate::views::plain::{list, plain, sections, yes};
use crate::views::{
    access as seen, appeal as complaints, decisions as register, parties as rights,
};
use events::identity::Persons;

pub(super) fn decisions(reading: &Reading, persons: &Persons, sheet: &mut Sheet) {
    for decision in register::decisions(reading) {
        let words = format!(
            "decision of {} ({})",
            decision.occurred.day(),
            sections(&decision.sections())
        );
        let mut item = sheet.item(View::Decisions, decision.event, words);
        made(&decision, persons, &mut item);
        for told in &decision.communicated {
            let how = if told.recipient.oral {
                "by word of mouth".to_owned()
            } else {
                plain(told.recipient.channel)
            };
            item.say(
                "told",
                format!("{}: {how}", label(persons, told.recipient.who)),
                &[told.event],
            );
        }
        for complaint in &decision.complaints {
            item.say(
                "complaint",
                label(persons, complaint.complainant),
                &[complaint.event],
            );
            if let Some((event, _, outcome)) = complaint.reassessed {
                item.say("judged again", plain(outcome), &[event]);
            }
            for appeal in &complaint.appeals {
                for outcome in &appeal.outcomes {
                    let what = format!(
                        "{} {}: {}",
                        label(persons, outcome.child),
                        outcome.section,
                        plain(outcome.outcome)
                    );
                    item.say("on appeal", what, &[appeal.event]);
                }
            }
        }
    }
    for submission in register::submissions(reading) {
        let mut item = sheet.item(
            View::Decisions,
            submission.event,
            format!("submission of {}", submission.occurred.day()),
        );
        item.say(
            "on",
            list(&submission.facts.matters, plain),
            &[submission.event],
        );
        item.say(
            "holds",
            list(&submission.facts.contents, plain),
            &[submission.event],
        );
    }
}

fn made(decision: &Decision, persons: &Persons, item: &mut Item<'_>) {
    let event = [decision.event];
    match &decision.made {
        Made::Administration(facts) => {
            item.say("by", plain(facts.competence), &event).say(
                "outcome",
                plain(facts.outcome),
                &event,
            );
            item.say("plan", plain(facts.plan_position), &event).say(
                "fully favourable",
                yes(facts.fully_favourable),
                &event,
            );
        }
        Made::Provisional(facts) => {
            item.say("by", plain(facts.by), &event)
                .say("on", list(&facts.matters, plain), &event);
            item.say_some(
                "carried out",
                facts.carried_out_at.map(|at| at.to_string()),
                &event,
            );
        }
        Made::Committee(facts) => {
            item.say("by", "the committee", &event);
            for outcome in &facts.outcomes {
                let votes = format!(
                    "{}, {} to {}",
                    plain(outcome.outcome),
                    outcome.votes_for,
                    outcome.votes_against
                );
                item.say(
                    "outcome",
                    format!(
                        "{} {}: {votes}",
                        label(persons, outcome.child),
                        outcome.section
                    ),
                    &event,
                );
            }
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::CustodyHolder => "party: holds custody",
        Standing::Child => "party: the child, old enough",
        Standing::NamedInDecision => "party: named in a decision",
        Standing::ParentWithoutCustody => "party only in decisions about the parent",
        Standing::TooYoung => "not a party yet: too young",
        Standing::None => "not a party",
        Standing::Unknown => "not known: the day of birth cannot be read",
    }
}

pub(super) fn parties(reading: &Reading, case: StreamId, on: Date, sheet: &mut Sheet) {
    for person in rights::parties(reading, case, on) {
        let words = person
            .name
            .as_ref()
            .map_or_else(|| plain(person.person.role), ToString::to_string);
        let mut item = sheet.item(View::Parties, person.person.person, words);
        let custody: Vec<EventId> = person.custody.iter().map(|custody| custody.event).collect();
        let known: Vec<EventId> = custody
            .iter()
            .chain(&person.registered_by)
            .copied()
            .collect();
        item.say("standing", standing(person.standing), &known);
        item.say_some(
            "party from",
            person.becomes_party.map(|day| day.to_string()),
            &person.registered_by,
        );
        rights_of(&person, &mut item);
    }
}

fn rights_of(person: &Person, item: &mut Item<'_>) {
    for row in &person.representations {
        let name = row
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" {name}"));
        item.say(
            "stands by",
            format!("{}{name}: {}", plain(row.kind), plain(row.status)),
            &[row.event],
        );
    }
    for row in &person.consents {
        let section = row
            .section
            .as_ref()
            .map_or_else(String::new, |section| format!(" ({section})"));
        let state = match (row.ended, row.ended_on) {
            (Some(kind), Some(when)) => format!("{} {}", plain(kind), when.day()),
            _ => "given".to_owned(),
        };
        let events: Vec<EventId> = std::iter::once(row.event).chain(row.ended_by).collect();
        item.say(
            "consent",
            format!("{}{section}: {state}", plain(row.purpose)),
            &events,
        );
    }
    for row in &person.told {
        let how = if row.oral {
            "by word of mouth".to_owned()
        } else {
            plain(row.channel)
        };
        item.say("told of a decision", how, &[row.event]);
    }
    for row in &person.hearings {
        let what = row.exception.map_or_else(
            || "heard".to_owned(),
            |exception| format!("not heard: {}", plain(exception)),
        );
        item.say("party hearing", what, &[row.event]);
    }
    for (event, occurred, act) in &person.acts {
        let (field, what) = match act {
            Act::Request(kind) => ("request", plain(*kind)),
            Act::FileAccess(basis) => ("asked to see the file", plain(*basis)),
            Act::Disclosure(kind) => ("was given", plain(*kind)),
            Act::Protection(kind) => ("protected", plain(*kind)),
        };
        item.say(field, format!("{} {what}", occurred.day()), &[*event]);
    }
}

pub(super) fn appeals(reading: &Reading, persons: &Persons, sheet: &mut Sheet) {
    let view = complaints::appeals(reading);
    for appeal in &view.appeals {
        complaint(appeal, persons, sheet);
    }
    for file in view.file.iter().filter(|item| item.kind.is_some()) {
        let kind = file.kind.map(plain).unwrap_or_default();
        sheet
            .item(
                View::Appeal,
                file.event.event,
                format!("file item of {}", file.occurred.day()),
            )
            .say("kind", kind, &[file.event.event]);
    }
    sent(&view.sent, persons, sheet);
}

fn complaint(appeal: &complaints::Appeal, persons: &Persons, sheet: &mut Sheet) {
    let words = format!("complaint of {}", appeal.received.day());
    let mut item = sheet.item(View::Appeal, appeal.complaint, words);
    let own = [appeal.complaint];
    item.say("by", label(persons, appeal.complainant), &own)
        .say("in time", yes(appeal.in_time), &own);
    item.say(
        "judged again",
        if appeal.committee {
            "never: the committee's"
        } else {
            "by the municipality"
        },
        &own,
    );
    if let Some(event) = appeal.reassessment {
        item.say("re-evaluation", "made", &[event]);
    }
    for forwarded in &appeal.forwarded {
        item.say(
            "forwarded",
            format!(
                "{} with {} item(s)",
                forwarded.occurred.day(),
                forwarded.facts.manifest.len()
            ),
            &[forwarded.event],
        );
    }
    for result in &appeal.results {
        item.say(
            "result",
            list(&result.outcomes, |outcome| {
                format!("{} {}", outcome.section, plain(outcome.outcome))
            }),
            &[result.event],
        );
    }
    item.say("missing", list(&appeal.missing, |kind| plain(*kind)), &own);
}

fn sent(rows: &[(EventId, Occurred, complaints::Sent)], persons: &Persons, sheet: &mut Sheet) {
    for (event, occurred, sent) in rows {
        let (to, what) = match sent {
            complaints::Sent::Decision(_, to) => (label(persons, to.who), "decision".to_owned()),
            complaints::Sent::Hearing(party) => {
                (label(persons, *party), "party hearing".to_owned())
            }
            complaints::Sent::Disclosure(kind, to) => (to.as_str().to_owned(), plain(*kind)),
            complaints::Sent::Dossier(count) => (
                "the Appeals Board".to_owned(),
                format!("dossier of {count} item(s)"),
            ),
        };
        sheet
            .item(
                View::Appeal,
                format!("{event}/{to}"),
                format!("sent to {to}"),
            )
            .say("what", format!("{} {what}", occurred.day()), &[*event]);
    }
}

pub(super) fn access(reading: &Reading, persons: &Persons, sheet: &mut Sheet) {
    let view = seen::access(reading);
    for row in view.requests {
        let mut item = sheet.item(
            View::Access,
            row.event,
            format!("asked to see on {}", row.occurred.day()),
        );
        item.say("by", label(persons, row.requester), &[row.event])
            .say("basis", plain(row.basis), &[row.event]);
        item.say("answers", row.answered_by.len().to_string(), &[row.event]);
    }
    for row in view.disclosures {
        let mut item = sheet.item(
            View::Access,
            row.event,
            format!("given out on {}", row.occurred.day()),
        );
        item.say("to", row.recipient.as_str(), &[row.event]);
        item.say(
            "withheld",
            list(&row.redactions, |redaction| {
                format!("{} ({})", plain(redaction.class), redaction.section)
            }),
            &[row.event],
        );
    }
    for row in view.protections {
        sheet
            .item(View::Access, row.event, label(persons, row.person))
            .say("protected", plain(row.kind), &[row.event]);
    }
    for row in view.look_ups {
        let purpose = row.purpose.as_ref().map_or_else(
            || "no purpose given".to_owned(),
            |purpose| purpose.as_str().to_owned(),
        );
        let mut item = sheet.item(
            View::Access,
            row.event,
            format!("look-up of {}", row.occurred.day()),
        );
        item.say("purpose", purpose, &[row.event])
            .say("flagged", yes(row.flagged()), &[row.event]);
    }
    for (event, _, occurred) in view.erasures {
        sheet.item(View::Access, event, "erasure").say(
            "ordered",
            occurred.day().to_string(),
            &[event],
        );
    }
}
