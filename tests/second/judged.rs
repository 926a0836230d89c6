//! How a duty stands, from the words of the catalogue: when it is due, what ended it, and how it goes
//! over from the old Act to the new one.

use serde_json::Value;

use super::calendar::{self, Day};
use super::told::{Id, When, World};

/// A duty as a rule's words give it.
#[derive(Debug, Clone)]
pub(super) struct Owed {
    pub(super) event: usize,
    pub(super) subject: Option<Id>,
    pub(super) trigger: When,
    /// From when it is counted.
    pub(super) from: When,
    pub(super) met: Option<(When, usize)>,
    /// What met it besides, where two steps are asked for.
    pub(super) also_met: Option<usize>,
    pub(super) waived: Option<When>,
    /// When the event took place that should have waited.
    pub(super) target: Option<When>,
    /// A day that the case set itself, or an earlier one than the rule's.
    pub(super) own_day: Option<Day>,
    pub(super) measure_ended: Option<When>,
    /// The one successor that it goes over to, where there are several.
    pub(super) follows: Option<&'static str>,
}

impl Owed {
    pub(super) fn from(event: usize, trigger: When) -> Self {
        Self {
            event,
            subject: None,
            trigger,
            from: trigger,
            met: None,
            also_met: None,
            waived: None,
            target: None,
            own_day: None,
            measure_ended: None,
            follows: None,
        }
    }
}

/// How a met duty is written, with the places of what met it.
pub(super) fn met_by(status: &str, by: impl Iterator<Item = usize>) -> String {
    let by: Vec<usize> = by.collect();
    format!("{status} by {by:?}")
}

/// One line of the answer.
pub(super) type Line = (String, usize, Option<Id>, String, String);

pub(super) fn in_force(rule: &Value, day: Day) -> bool {
    let bound = |name: &str| rule[name].as_str().map(calendar::parse);
    bound("from").is_none_or(|from| from <= day) && bound("to").is_none_or(|to| day <= to)
}

/// What is written of when it is due, and the last second in time.
fn due(rule: &Value, owed: &Owed) -> (String, Option<i64>) {
    let on = |day: Day| (calendar::text(day), Some(calendar::ends(day)));
    let period = &rule["due"];
    let number = |name: &str| period[name].as_i64();
    let roll = rule["roll"] == true;
    let citizen = |day: Day| if roll { calendar::rolled(day) } else { day };
    if let Some(hours) = number("hours") {
        let last = owed.from.last() + hours * 3_600;
        return (format!("{last}"), Some(last));
    }
    if let Some(limbs) = period["earliest_of"].as_array() {
        let months = limbs.iter().filter_map(|limb| limb["months"].as_i64());
        let days = months.map(|months| calendar::months_on(owed.from.day, months));
        return on(days.chain(owed.own_day).min().unwrap());
    }
    let from = owed.from.day;
    if let Some(count) = number("weekdays").or(number("working_days")) {
        return on(calendar::working_days_on(from, count));
    }
    let days = number("days").or(number("weeks").map(|weeks| weeks * 7));
    if let Some(days) = days {
        return on(citizen(from + days));
    }
    if let Some(months) = number("months") {
        return on(citizen(calendar::months_on(from, months)));
    }
    ("-".to_owned(), None)
}

/// When the case was closed for good after a moment. What is owed for a measure goes on with it in a case
/// that was opened again, whatever the reason.
fn closed(world: &World, after: When, for_a_measure: bool) -> Option<When> {
    let reopened = world.of("CaseReopened");
    if for_a_measure {
        let last = world.of("CaseClosed").pop()?.when;
        let again = reopened.iter().any(|again| last.no_later(again.when));
        return (after.no_later(last) && !again).then_some(last);
    }
    let told = world
        .of("NotificationReceived")
        .into_iter()
        .map(|fact| fact.when);
    let aware = world.of("NeedAwarenessEstablished").into_iter();
    let aware =
        aware.map(|fact| When::on(calendar::parse(fact.says["aware_at"].as_str().unwrap())));
    let told: Vec<When> = told.chain(aware).collect();
    let mut closings = world.of("CaseClosed").into_iter().map(|fact| fact.when);
    closings.find(|closing| {
        let again = reopened.iter().find(|again| closing.no_later(again.when));
        let new_matter = again.is_some_and(|again| {
            let mut told = told.iter();
            told.any(|told| closing.earlier(*told) && told.no_later(again.when))
        });
        after.no_later(*closing) && (again.is_none() || new_matter)
    })
}

/// Since when another municipality is responsible, at an instant.
fn elsewhere(world: &World, at: i64) -> Option<When> {
    let mut since = None;
    for fact in world.of("ResponsibleMunicipalityChanged") {
        if fact.when.first() <= at && world.is_child(&fact.says["person"]) {
            let away = fact.says["to"] != "0999";
            since = away.then(|| since.unwrap_or(fact.when));
        }
    }
    since
}

fn ends_with(rule: &Value, what: &str) -> bool {
    let ends = rule["ends_with"].as_array();
    ends.is_some_and(|ends| ends.iter().any(|end| end == what))
}

/// When the matter itself ended.
fn ended(rule: &Value, owed: &Owed, world: &World) -> Option<When> {
    let of_age = || {
        let birth = world.birth()?;
        let (year, month, day) = calendar::civil(birth);
        // Who was born on 29 February is of age on 1 March.
        let day = if day > calendar::length(year + 18, month) {
            calendar::day(year + 18, month, day - 1) + 1
        } else {
            calendar::day(year + 18, month, day)
        };
        (calendar::begins(day) <= world.now).then(|| When::on(day))
    };
    let for_a_measure = ends_with(rule, "SUPPORT_ENDED");
    let closing = || closed(world, owed.trigger, for_a_measure);
    let closing = ends_with(rule, "CASE_CLOSED").then(closing);
    let age = ends_with(rule, "AGE_18").then(of_age);
    let measure = ends_with(rule, "SUPPORT_ENDED").then_some(owed.measure_ended);
    [closing, age, measure]
        .into_iter()
        .flatten()
        .flatten()
        .min()
}

fn stands(rule: &Value, owed: &Owed, world: &World, last: Option<i64>) -> String {
    let text = |text: &str| text.to_owned();
    let at_event = rule["due"] == "before_trigger" || rule["due"] == "at_trigger";
    let target = if at_event {
        Some(owed.trigger)
    } else {
        owed.target
    };
    let over = if target.is_some() {
        None
    } else {
        ended(rule, owed, world)
    };
    let in_time = |when: When| over.is_none_or(|over| when.no_later(over));
    let met = owed.met.filter(|(when, _)| in_time(*when));
    let waived = owed.waived.filter(|when| in_time(*when));
    if let Some(waived) = waived
        && owed.met.is_none_or(|(met, _)| waived < met)
        && target.is_none_or(|target| waived.no_later(target))
    {
        return text("WAIVED");
    }
    if let Some((when, place)) = met {
        let late = match target {
            Some(target) => !when.no_later(target),
            None => last.is_some_and(|last| when.first() > last),
        };
        let status = if late { "MET late" } else { "MET" };
        return met_by(status, [place].into_iter().chain(owed.also_met));
    }
    if target.is_some() {
        return text("OVERDUE");
    }
    let due = last.map_or(world.now, |last| last.min(world.now));
    if ends_with(rule, "HANDED_OVER") && elsewhere(world, due).is_some() {
        return text("MOOT");
    }
    if over.is_some_and(|over| last.is_none_or(|last| over.first() <= last)) {
        return text("MOOT");
    }
    match last {
        Some(last) if world.now > last && rule["runs_out"] == "LAPSED" => text("LAPSED"),
        Some(last) if world.now > last => text("OVERDUE"),
        _ => text("OPEN"),
    }
}

/// How a duty stands under one rule.
pub(super) fn judge(rule: &Value, owed: &Owed, world: &World) -> Line {
    let (day, last) = due(rule, owed);
    let status = stands(rule, owed, world, last);
    let id = rule["id"].as_str().unwrap().to_owned();
    (id, owed.event, owed.subject, day, status)
}

/// Whether a duty of the old Act was unfinished when it ended (BL § 213).
pub(super) fn goes_over(rule: &Value, owed: &Owed, world: &World, transition: Day) -> bool {
    let before = |when: When| when.day < transition;
    let settled = owed.met.is_some_and(|(met, _)| before(met)) || owed.waived.is_some_and(before);
    let passed = if rule["due"].get("before").is_some() {
        owed.target.is_some_and(before)
    } else {
        rule["due"] == "before_trigger" || rule["due"] == "at_trigger"
    };
    let over = ended(rule, owed, world).is_some_and(before);
    let reached = calendar::begins(transition) <= world.now;
    reached && before(owed.trigger) && !settled && !passed && !over
}
