//! Rows of the child's voice, goals, well-being, support, network and family.

use events::ids::StreamId;
use events::personal::Personal;
use events::spec::View;
use jiff::civil::Date;

use super::Sheet;
use crate::persons::label;
use crate::reading::Reading;
use crate::scales::Change;
use crate::views::family::{Member, Relation, Step, Taken};
use crate::views::plain::{excerpt, list, plain, tenths, yes};
use crate::views::{
    child_voice as voice, family as kin, family_voice as told, goals as aims, ladder,
    network as net, wellbeing as scores,
};
use events::identity::Persons;

pub(super) fn child_voice(reading: &Reading, sheet: &mut Sheet) {
    let view = voice::child_voice(reading);
    for row in view.hearings {
        let mut item = sheet.item(
            View::ChildVoice,
            row.event,
            format!("heard on {}", row.occurred.day()),
        );
        item.say("own words", excerpt(&row.own_words), &[row.event]);
        let turns = row.dialogue.iter();
        let turns = turns.map(|turn| format!("{}: {}", plain(turn.speaker), excerpt(&turn.words)));
        let dialogue = turns.collect::<Vec<_>>().join(" / ");
        item.say_some(
            "dialogue",
            Some(dialogue).filter(|told| !told.is_empty()),
            &[row.event],
        );
        item.say("occasion", plain(row.occasion), &[row.event]);
        item.say_some("channel", row.channel.map(plain), &[row.event]);
        item.say_some(
            "how the talk was",
            row.dialogue_feedback.as_ref().map(excerpt),
            &[row.event],
        );
    }
    for row in view.waivers {
        let mut item = sheet.item(
            View::ChildVoice,
            row.event,
            format!("not heard on {}", row.occurred.day()),
        );
        item.say("ground", plain(row.ground), &[row.event]);
        item.say_some(
            "view found by",
            row.views_obtained_by.as_ref().map(excerpt),
            &[row.event],
        );
    }
    for row in view.wishes {
        let mut item = sheet.item(
            View::ChildVoice,
            row.event,
            format!("asked on {}", row.occurred.day()),
        );
        item.say("for", plain(row.kind), &[row.event]).say(
            "own words",
            excerpt(&row.text),
            &[row.event],
        );
    }
    for row in view.visits {
        let mut item = sheet.item(
            View::ChildVoice,
            row.event,
            format!("visited on {}", row.occurred.day()),
        );
        item.say("spoken to", yes(row.spoken_to), &[row.event]).say(
            "without staff",
            yes(row.staff_absent),
            &[row.event],
        );
        item.say_some(
            "own words",
            row.own_words.as_ref().map(excerpt),
            &[row.event],
        );
    }
}

pub(super) fn goals(reading: &Reading, sheet: &mut Sheet) {
    for goal in aims::goals(reading) {
        let changes: Vec<_> = goal.changes.iter().map(|change| change.event).collect();
        let all: Vec<_> = std::iter::once(goal.set_by)
            .chain(changes.iter().copied())
            .collect();
        let mut item = sheet.item(
            View::Goals,
            goal.goal,
            format!("goal “{}”", excerpt(&goal.first_wording)),
        );
        item.say("words", excerpt(&goal.wording), &all);
        item.say(
            "status",
            goal.status.map_or_else(|| "set".to_owned(), plain),
            &all,
        );
        item.say_some(
            "days until met",
            goal.days_to_met.map(|days| days.to_string()),
            &all,
        );
        item.say(
            "whose words",
            list(&goal.words_of, |person| plain(person.role)),
            &[goal.set_by],
        );
    }
    for plan in aims::plans(reading) {
        let mut item = sheet.item(
            View::Goals,
            plan.event,
            format!("{}, version {}", plain(plan.facts.kind), plan.facts.version),
        );
        item.say("adopted", plan.occurred.day().to_string(), &[plan.event]);
        item.say(
            "made with",
            list(&plan.facts.made_with, |person| plain(person.role)),
            &[plan.event],
        );
        item.say(
            "given to",
            list(&plan.facts.given_to, |person| plain(person.role)),
            &[plan.event],
        );
    }
    for follow_up in aims::follow_ups(reading) {
        let mut item = sheet.item(
            View::Goals,
            follow_up.event,
            format!("follow-up of {}", follow_up.occurred.day()),
        );
        item.say(
            "measure",
            plain(follow_up.facts.measure_judgement),
            &[follow_up.event],
        );
        item.say(
            "how the child is",
            excerpt(&follow_up.facts.wellbeing_judgement),
            &[follow_up.event],
        );
        item.say_some(
            "next",
            follow_up.next.map(|day| day.to_string()),
            &[follow_up.event],
        );
    }
}

pub(super) fn wellbeing(reading: &Reading, persons: &Persons, sheet: &mut Sheet) {
    for series in scores::wellbeing(reading) {
        let words = format!(
            "{} by {}",
            series.instrument,
            label(persons, series.respondent)
        );
        let key = format!("{}/{}", series.instrument, series.respondent.person);
        for point in &series.points {
            let total = point
                .total()
                .map_or_else(|| "not readable or no score".to_owned(), tenths);
            let mut item = sheet.item(
                View::Wellbeing,
                format!("{key}/{}", point.event),
                format!("{words} on {}", point.occurred.day()),
            );
            item.say("total", total, &[point.event]);
        }
        let events: Vec<_> = series.points.iter().map(|point| point.event).collect();
        let judged = series.evaluated().map(|change| match change {
            Change::NotReliable => "no reliable change",
            Change::Better => "reliably better",
            Change::BetterAcross => "reliably better and across the cut-off",
            Change::Worse => "reliably worse",
            Change::WorseAcross => "reliably worse and across the cut-off",
        });
        sheet
            .item(View::Wellbeing, key, words)
            .say_some("change", judged, &events);
    }
}

pub(super) fn support_ladder(reading: &Reading, sheet: &mut Sheet) {
    for step in ladder::support_ladder(reading).steps {
        let movement = match step.movement {
            ladder::Movement::Started => "started",
            ladder::Movement::Adjusted => "adjusted",
            ladder::Movement::Ended => "ended",
        };
        let level = step
            .level
            .map_or_else(|| "none".to_owned(), |level| level.to_string());
        let mut item = sheet.item(
            View::SupportLadder,
            step.event,
            format!("support on {}", step.occurred.day()),
        );
        item.say("movement", movement, &[step.event]).say(
            "highest step afterwards",
            level,
            &[step.event],
        );
    }
}

pub(super) fn network(reading: &Reading, persons: &Persons, sheet: &mut Sheet) {
    let view = net::network(reading);
    for mapping in view.mappings {
        let mut item = sheet.item(
            View::Network,
            mapping.event,
            format!("network mapped on {}", mapping.occurred.day()),
        );
        item.say("result", plain(mapping.result), &[mapping.event]);
        item.say(
            "can help",
            list(&mapping.resource_persons, |person| label(persons, *person)),
            &[mapping.event],
        );
    }
    for meeting in view.meetings {
        let mut item = sheet.item(
            View::Network,
            meeting.event,
            format!("meeting of {}", meeting.occurred.day()),
        );
        item.say(
            "agreed",
            list(&meeting.agreements, |agreed| {
                agreed.what.as_str().to_owned()
            }),
            &[meeting.event],
        );
        item.say("basis", plain(meeting.basis), &[meeting.event]);
        item.say_some(
            "next",
            meeting
                .next
                .map(|window| format!("{} to {}", window.from, window.to)),
            &[meeting.event],
        );
    }
}

pub(super) fn family(reading: &Reading, case: StreamId, persons: &Persons, sheet: &mut Sheet) {
    let view = kin::family(reading, case);
    members(view.members, sheet);
    relations(view.relations, persons, sheet);
    steps(view.steps, persons, sheet);
}

fn members(members: Vec<Member>, sheet: &mut Sheet) {
    for member in members {
        let words = member
            .name
            .as_ref()
            .map_or_else(|| plain(member.person.role), ToString::to_string);
        let mut item = sheet.item(View::Family, member.person.person, words);
        item.say("role", plain(member.person.role), &member.events);
        item.say_some(
            "born",
            member.birth_date.as_ref().map(Personal::to_string),
            &member.events,
        );
        item.say_some(
            "expected",
            member.due_date.as_ref().map(Personal::to_string),
            &member.events,
        );
    }
}

fn relations(relations: Vec<Relation>, persons: &Persons, sheet: &mut Sheet) {
    for relation in relations {
        let words = format!(
            "{} and {}",
            label(persons, relation.from),
            label(persons, relation.to)
        );
        let period = match (relation.valid_from, relation.valid_to) {
            (None, None) => String::new(),
            (from, to) => {
                let day = |day: Option<jiff::civil::Date>| {
                    day.map_or_else(String::new, |day| day.to_string())
                };
                format!(" ({} to {})", day(from), day(to))
            }
        };
        sheet.item(View::Family, relation.event, words).say(
            "relation",
            format!("{}{period}", plain(relation.kind)),
            &[relation.event],
        );
    }
}

fn steps(steps: Vec<Taken>, persons: &Persons, sheet: &mut Sheet) {
    for taken in steps {
        let (item, what) = match &taken.step {
            Step::Notified(children) => (
                "notification received",
                format!("{} child(ren)", children.len()),
            ),
            Step::Matched(cases) => ("notification matched", format!("{} case(s)", cases.len())),
            Step::Opened => ("case opened", "open".to_owned()),
            Step::Closed => ("case closed", "closed".to_owned()),
            Step::Reopened => ("case opened again", "open".to_owned()),
            Step::SiblingAssessed(who, result) => (
                "need of a brother or sister",
                format!("{}: {}", label(persons, *who), plain(*result)),
            ),
            Step::MunicipalityTold(to) => ("municipality told", to.to_string()),
            Step::Responsible(who, to, reason) => (
                "responsible municipality",
                format!("{}: {to} ({})", label(persons, *who), plain(*reason)),
            ),
            Step::Transferred(direction, other) => {
                ("case handed over", format!("{} {other}", plain(*direction)))
            }
        };
        sheet
            .item(
                View::Family,
                taken.event.event,
                format!("{item} on {}", taken.occurred.day()),
            )
            .say("step", what, &[taken.event.event]);
    }
}

/// What the family together reads, in English; every line that rests on events is a value of its
/// heading.
pub(super) fn family_voice(reading: &Reading, case: StreamId, on: Date, sheet: &mut Sheet) {
    for section in told::family_voice(
        reading,
        case,
        told::Reader::Family,
        told::Language::English,
        on,
    )
    .sections
    {
        let mut item = sheet.item(View::FamilyVoice, &section.heading, section.heading.clone());
        for sentence in section
            .sentences
            .iter()
            .filter(|sentence| !sentence.events.is_empty())
        {
            item.say("line", sentence.text.clone(), &sentence.events);
        }
    }
}
