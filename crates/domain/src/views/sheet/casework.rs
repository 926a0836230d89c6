//! Rows of the inbox, the timeline, statistics, early advice, integrity and retention.

use events::ids::{EventId, StreamId};
use events::spec::{StreamKind, View};

use super::Sheet;
use crate::reading::Reading;
use crate::views::plain::{excerpt, list, plain, yes};
use crate::views::{
    early_advice as advice, inbox as notifications, integrity as whole, retention as kept,
    statistics as counted, timeline as line,
};

pub(super) fn inbox(reading: &Reading, sheet: &mut Sheet) {
    let mut streams: Vec<StreamId> = Vec::new();
    for event in &reading.events {
        let notification = event
            .fact()
            .is_some_and(|shown| shown.kind == StreamKind::Notification);
        if notification && !streams.contains(&event.stream) {
            streams.push(event.stream);
        }
    }
    for stream in streams {
        let Some(row) = notifications::notification(reading, stream) else {
            continue;
        };
        let by = |name: &str| -> Vec<EventId> {
            row.steps
                .iter()
                .filter(|(_, kind)| *kind == name)
                .map(|(event, _)| *event)
                .collect()
        };
        let words = row.received.map_or_else(
            || "notification".to_owned(),
            |received| format!("notification of {}", received.day()),
        );
        let received = by("NotificationReceived");
        let mut item = sheet.item(View::Inbox, stream, words);
        item.say_some("received", row.received.map(|at| at.to_string()), &received);
        item.say_some("notifier", row.notifier_kind.map(plain), &received);
        item.say("concerns", list(&row.concerns, plain), &received);
        item.say("suspicions", list(&row.suspicions, plain), &received);
        item.say("unborn child", yes(row.unborn), &received);
        item.say_some(
            "acute assessment",
            row.assessed.map(|at| at.to_string()),
            &by("AcuteAssessmentMade"),
        );
        item.say_some(
            "acute measure needed",
            row.acute.map(yes),
            &by("AcuteAssessmentMade"),
        );
        let receipt = row.no_receipt.map_or_else(
            || row.receipt.map(|at| at.to_string()),
            |reason| Some(format!("not possible: {}", plain(reason))),
        );
        item.say_some("receipt", receipt, &by("NotificationReceiptConfirmed"));
        let matched = by("NotificationMatched");
        item.say("cases", row.cases.len().to_string(), &matched);
        item.say_some("running measure", row.running_measure.map(plain), &matched);
        item.say_some(
            "repeats",
            row.duplicate_of.map(|other| other.to_string()),
            &matched,
        );
        item.say_some(
            "judged again",
            row.reassessed.map(|at| at.to_string()),
            &by("NotificationReassessed"),
        );
        let told = by("NotifierFeedbackGiven");
        if !told.is_empty() {
            item.say(
                "notifier told",
                list(&row.feedback, |(at, outcome)| {
                    format!("{} {}", at.day(), plain(*outcome))
                }),
                &told,
            );
        }
    }
}

pub(super) fn timeline(reading: &Reading, sheet: &mut Sheet) {
    for entry in line::timeline(reading) {
        let events = [entry.event];
        let Some(told) = &entry.told else {
            sheet
                .item(View::Timeline, entry.event, "erased event")
                .say("entry", "[erased]", &events);
            continue;
        };
        let mut item = sheet.item(View::Timeline, entry.event, told.danish);
        item.say("entry", told.line.clone(), &events);
        item.say("occurred", told.occurred.to_string(), &events);
        item.say_some(
            "annulled",
            entry
                .annulled
                .as_ref()
                .map(|annulled| plain(annulled.reason)),
            &events,
        );
    }
}

pub(super) fn statistics(reading: &Reading, case: StreamId, sheet: &mut Sheet) {
    let view = counted::statistics(reading, case);
    for row in view.notifications {
        let mut item = sheet.item(
            View::Statistics,
            row.event.event,
            format!("notification of {}", row.received_on),
        );
        item.say("notifier", plain(row.notifier), &[row.event.event]);
        item.say("concerns", list(&row.concerns, plain), &[row.event.event]);
        item.say(
            "ages",
            list(&row.ages, |age| {
                age.map_or_else(|| "?".to_owned(), |age| age.to_string())
            }),
            &[row.event.event],
        );
    }
    for row in view.measures {
        let mut item = sheet.item(View::Statistics, row.measure, row.section.as_str());
        item.say("started", row.started.day().to_string(), &[row.event.event]);
        if let (Some(event), Some(ended)) = (row.ended_by, row.ended) {
            item.say("ended", ended.day().to_string(), &[event]);
        }
    }
}

pub(super) fn early_advice(reading: &Reading, sheet: &mut Sheet) {
    for course in advice::early_advice(reading) {
        let mut item = sheet.item(View::EarlyAdvice, course.advice, plain(course.kind));
        item.say("started", course.started.day().to_string(), &[course.event]);
        item.say("offered because", excerpt(&course.ground), &[course.event]);
        item.say("first step by", plain(course.initiator), &[course.event]);
        item.say("anonymous", yes(course.anonymous), &[course.event]);
        item.say_some(
            "led to a case",
            course.led_to.map(|case| case.to_string()),
            &[course.event],
        );
        let end = (course.ended_by, course.ended, course.end_ground);
        if let (Some(event), Some(ended), Some(ground)) = end {
            item.say(
                "ended",
                format!("{} ({})", ended.day(), plain(ground)),
                &[event],
            );
        }
    }
}

pub(super) fn integrity(reading: &Reading, sheet: &mut Sheet) {
    let view = whole::integrity(reading);
    for change in view.changes {
        let what = change.field.map_or_else(
            || format!("annulled: {}", change.reason.map(plain).unwrap_or_default()),
            |field| format!("corrected: {field}"),
        );
        sheet
            .item(View::Integrity, change.event, "change of the reading")
            .say("what", what, &[change.event]);
    }
    for erasure in view.erasures {
        let mut item = sheet.item(
            View::Integrity,
            erasure.erasure,
            format!("erasure of {}", erasure.ordered_on.day()),
        );
        item.say(
            "ordered",
            format!(
                "{}, {}, {} event(s)",
                plain(erasure.scope),
                plain(erasure.ground),
                erasure.touches.len()
            ),
            &[erasure.ordered],
        );
        if let Some(executed) = erasure.executed {
            item.say("carried out", "yes", &[executed]);
        }
    }
    for hole in view.holes {
        let explained = if view.unexplained.contains(&hole) {
            "no"
        } else {
            "yes"
        };
        sheet.item(View::Integrity, hole, "erased event").say(
            "explained by an erasure of this case",
            explained,
            &[hole],
        );
    }
    for (event, target) in view.links {
        sheet
            .item(View::Integrity, event, "fact of another stream")
            .say("event", target.event.to_string(), &[event]);
    }
    for check in view.checks {
        let found = format!("{} entries: {}", check.size, plain(check.result));
        sheet
            .item(View::Integrity, check.event, "check of the log")
            .say("found", found, &[check.event]);
    }
    for activation in view.activations {
        let words = format!("{}, {} rules", activation.version, activation.rules);
        sheet
            .item(View::Integrity, activation.event, "catalogue of rules")
            .say("put into force", words, &[activation.event]);
    }
    for set_aside in view.overrides {
        let words = format!(
            "{} by {}: {}",
            plain(set_aside.safeguard),
            set_aside.operator.unwrap_or_default(),
            set_aside.reason.text()
        );
        sheet
            .item(View::Integrity, set_aside.event, "safeguard")
            .say("set aside", words, &[set_aside.event]);
    }
}

pub(super) fn retention(reading: &Reading, case: StreamId, sheet: &mut Sheet) {
    let view = kept::retention(reading, case);
    for (event, occurred, running) in &view.turns {
        let word = if *running { "runs" } else { "closed" };
        sheet.item(View::Retention, event, "case").say(
            "turn",
            format!("{} {word}", occurred.day()),
            &[*event],
        );
    }
    for hold in &view.holds {
        let mut item = sheet.item(View::Retention, hold.set, "hold");
        item.say(
            "ground",
            format!("{} since {}", plain(hold.ground), hold.since.day()),
            &[hold.set],
        );
        if let Some(lifted) = hold.lifted {
            item.say("lifted", "yes", &[lifted]);
        }
    }
    for archived in &view.archives {
        let words = format!(
            "{} by {}{}",
            archived.version,
            archived.archive,
            if archived.in_force {
                ""
            } else {
                ", no longer all"
            }
        );
        sheet
            .item(View::Retention, archived.event, "archive version")
            .say("approved", words, &[archived.event]);
    }
    for erased in &view.erasures {
        let mut item = sheet.item(View::Retention, erased.erasure, "erasure");
        item.say("ground", plain(erased.ground), &[erased.ordered]);
        if let Some(executed) = erased.executed {
            item.say("carried out", "yes", &[executed]);
        }
    }
}
