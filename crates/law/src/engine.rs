//! From facts to duties: which rules hold, when each is due, and how it stands.
//!
//! Total: whatever the facts are, there is an answer; what does not fit is a finding. Nothing here
//! refuses anything.
//!
//! ```
//! use events::event::Event;
//! use events::meta::Meta;
//! use events::time::Occurred;
//! use law::engine::evaluate;
//! use law::fact::{Circumstances, Fact};
//! use law::obligation::Status;
//! use serde_json::json;
//!
//! // A notification came in at 22:40 on 14 February, and nobody has assessed it.
//! let received = json!({
//!     "notifier_kind": "PROFESSIONAL_133", "contactable": true, "children": [], "unborn": false,
//!     "concerns": [], "suspicions": [], "text": ["Comes to school without food"],
//! });
//! let received = Event::from_json("NotificationReceived", received)?;
//! let at = "2025-02-14T22:40:00+01:00".parse()?;
//! let meta = Meta::at(Occurred::At(at));
//! let fact = Fact {
//!     stream: "00000000-0000-4000-8000-000000000001".parse()?,
//!     event: "00000000-0000-4000-8000-000000000002".parse()?,
//!     index: 0,
//!     recorded_at: at,
//!     meta: &meta,
//!     actor: None,
//!     facts: &received,
//! };
//!
//! let catalogue = law::library::built_in()?;
//! let status = |as_of: &str| {
//!     let circumstances = Circumstances::plain("9901", as_of.parse()?, None);
//!     let evaluation = evaluate(&catalogue, &[fact], &circumstances);
//!     let mut duties = evaluation.obligations.into_iter();
//!     let duty = duties.find(|duty| duty.rule.id == "BL-136-2-24H").ok_or("no such duty")?;
//!     Ok::<_, Box<dyn std::error::Error>>(duty.status)
//! };
//! assert_eq!(status("2025-02-15T22:40:00+01:00")?, Status::Open, "24 hours have just passed");
//! assert_eq!(status("2025-02-15T22:41:00+01:00")?, Status::Overdue);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use events::ids::{EventId, PersonId};
use events::time::start_of_day;

use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::deadline::{Deadline, deadline};
use crate::duty::{DueOn, Duty, Remark};
use crate::fact::{Circumstances, Fact};
use crate::finding::Finding;
use crate::obligation::{Dormant, DueAt, Evaluation, Obligation, Status};
use crate::overlay::{Trial, excluded_since, in_trial, trial};
use crate::predicates::{self, Predicate, predicate};
use crate::rule::{Clock, Due, Rule, RuleSet};
use crate::status::DutyInCase;
use events::calendar::days_between;
use events::moment::Moment;

/// What is unsure about duties that went over, and about trial duties taken up again.
const SUCCESSION_UNSURE: &str = "U-08";
const TAKEN_UP_UNSURE: &str = "U-10";
/// What is unsure about duties that fall due where another municipality is responsible.
const HANDED_OVER_UNSURE: &str = "U-28";

/// The duties of a case as they stand at a moment.
///
/// `facts` are those in force at the reading point. Facts that take place after
/// `circumstances.as_of` are left out and reported as findings. The answer depends on nothing else.
#[must_use]
pub fn evaluate<'c>(
    catalogue: &'c Catalogue,
    facts: &[Fact<'_>],
    circumstances: &Circumstances,
) -> Evaluation<'c> {
    let case = Case::new(facts, circumstances, catalogue);
    evaluate_case(catalogue, &case)
}

/// The same for facts that are sorted already.
#[must_use]
pub fn evaluate_case<'c>(catalogue: &'c Catalogue, case: &Case<'_>) -> Evaluation<'c> {
    let answers = answers(catalogue, case, |_| true);
    let mut findings = case.findings.clone();
    findings.extend(answers.iter().filter_map(|answer| answer.missing.clone()));
    findings.extend(crate::consistency::findings(case));
    findings.sort_by(|a, b| (case.place(a.event), a).cmp(&(case.place(b.event), b)));
    findings.dedup();
    let obligations = answers
        .into_iter()
        .map(|answer| answer.obligation)
        .collect();
    Evaluation {
        obligations,
        dormant: dormant(catalogue, case),
        findings,
    }
}

/// The duties of a fact that [stands alone](crate::alone), of whose case nothing else is at hand. Only
/// those rules are asked that such a fact can raise; what does not fit is not looked for.
#[must_use]
pub fn evaluate_alone<'c>(catalogue: &'c Catalogue, case: &Case<'_>) -> Evaluation<'c> {
    let answers = answers(catalogue, case, |predicate| predicate.alone);
    let obligations = answers.into_iter().map(|answer| answer.obligation);
    Evaluation {
        obligations: obligations.collect(),
        dormant: Vec::new(),
        findings: Vec::new(),
    }
}

/// What the rules that are asked answer, sorted.
fn answers<'c>(
    catalogue: &'c Catalogue,
    case: &Case<'_>,
    asked: impl Fn(&Predicate) -> bool,
) -> Vec<Answer<'c>> {
    let mut engine = Engine {
        catalogue,
        case,
        excluded: excluded_since(case),
        carried: BTreeMap::new(),
        met_by_base: BTreeMap::new(),
        answers: Vec::new(),
    };
    for (place, rule) in catalogue.rules().iter().enumerate() {
        if let Some(predicate) = predicate(&rule.id).filter(|predicate| asked(predicate)) {
            engine.evaluate(place, rule, predicate);
        }
    }
    let mut answers = engine.answers;
    answers.sort_by_key(|answer| {
        (
            answer.obligation.trigger,
            answer.place,
            answer.index,
            answer.obligation.subject,
        )
    });
    answers
}

fn dormant<'c>(catalogue: &'c Catalogue, case: &Case<'_>) -> Vec<Dormant<'c>> {
    let mut dormant = Vec::new();
    for awareness in predicates::examination_dormant(case) {
        let day = awareness.says.aware_at;
        for id in ["SEL-50-7-4M", "BL-20-3-4M"] {
            if let Some((_, rule)) = catalogue
                .rule(id)
                .filter(|(_, rule)| rule.in_force(case.law_day(awareness.moment.day)))
                && let Due::Months(months) = rule.due
            {
                dormant.push(Dormant {
                    rule,
                    event: awareness.event(),
                    would_be_due: events::calendar::add_months(day, months),
                });
            }
        }
    }
    dormant
}

/// One duty with what sorts it, and the finding that it leaves at its target.
struct Answer<'c> {
    place: usize,
    index: u64,
    missing: Option<Finding>,
    obligation: Obligation<'c>,
}

/// A duty that went over on 1 January 2024.
struct Carried {
    from: String,
    duty: Duty,
    clock: Clock,
    old_due: DueAt,
}

type Key = (EventId, Option<PersonId>, Moment);

const fn key(duty: &Duty) -> Key {
    (duty.event, duty.subject, duty.trigger)
}

struct Engine<'c, 'k, 'a> {
    catalogue: &'c Catalogue,
    case: &'k Case<'a>,
    excluded: Option<(Moment, EventId)>,
    carried: BTreeMap<String, Vec<Carried>>,
    /// When the duties of a rule were met that another rule waits for.
    met_by_base: BTreeMap<String, BTreeMap<Key, Moment>>,
    answers: Vec<Answer<'c>>,
}

impl<'c> Engine<'c, '_, '_> {
    fn evaluate(&mut self, place: usize, rule: &'c Rule, predicate: &Predicate) {
        let found = (predicate.duties)(self.case);
        let takes_over = rule.in_force(self.catalogue.transition());
        let mut carried = takes_over
            .then(|| self.carried.remove(&rule.id))
            .flatten()
            .unwrap_or_default();
        for duty in found {
            let over = carried
                .iter()
                .position(|carried| key(&carried.duty) == key(&duty));
            match over.map(|place| carried.swap_remove(place)) {
                Some(old) => self.take_over(place, rule, old, Some(duty)),
                None if rule.in_force(self.case.law_day(duty.trigger.day)) => {
                    self.arise(place, rule, duty)
                }
                None => {}
            }
        }
        for old in carried {
            self.take_over(place, rule, old, None);
        }
    }

    /// A duty arises under a rule in force.
    fn arise(&mut self, place: usize, rule: &'c Rule, mut duty: Duty) {
        let mut unsure = None;
        if rule.set == RuleSet::Fri {
            if !in_trial(self.case, self.excluded, &duty) {
                return;
            }
            if let Some((since, _)) = self.excluded {
                // The trial is over for this case: what was not met by then is owed under the Act.
                duty.measure_ended = Some(duty.measure_ended.map_or(since, |end| end.min(since)));
                duty.met = duty.met.filter(|met| met.at.not_after(since));
                let unmet = duty.met.is_none();
                duty = duty.remark_if(unmet, Remark::TrialEnded);
            }
        }
        let mut lifted = None;
        match trial(self.catalogue, self.case, self.excluded, rule, &duty) {
            Trial::Untouched => {}
            Trial::Lifted(by) => lifted = Some(by),
            Trial::TakenUpAgain { event, since } => {
                duty = duty.remark(Remark::AroseLate {
                    event,
                    since: since.day,
                });
                unsure = Some(TAKEN_UP_UNSURE);
            }
        }
        self.answer(place, rule, duty, lifted, unsure);
    }

    /// A duty goes over from a rule of the old Act.
    fn take_over(&mut self, place: usize, rule: &'c Rule, old: Carried, new: Option<Duty>) {
        let old_clock = old.clock == Clock::Old || new.is_none();
        let mut duty = new.unwrap_or(old.duty);
        if old_clock {
            duty.due_on = match old.old_due {
                DueAt::Day(day) => DueOn::Day(day),
                DueAt::Window { from, to } => DueOn::Window { from, to },
                DueAt::Before(_) => DueOn::BeforeTarget,
                DueAt::Instant(_) | DueAt::AtTrigger | DueAt::NoNumber | DueAt::NotSet => {
                    DueOn::Nothing
                }
            };
        }
        let duty = duty.remark(Remark::CarriedFrom { rule: old.from });
        self.answer(place, rule, duty, None, Some(SUCCESSION_UNSURE));
    }

    fn answer(
        &mut self,
        place: usize,
        rule: &'c Rule,
        duty: Duty,
        lifted: Option<String>,
        unsure: Option<&str>,
    ) {
        let deadline = deadline(self.catalogue, self.case, rule, &duty);
        if matches!(rule.due, Due::AtRule(_)) && !self.ran_out(rule, &duty, &deadline) {
            return;
        }
        let in_case = DutyInCase {
            case: self.case,
            rule,
            duty: &duty,
            deadline: &deadline,
        };
        let goes_over = lifted.is_none() && self.goes_over(&in_case);
        let (status, missing) = match lifted {
            Some(by) => (Status::Suppressed { by }, None),
            None if goes_over => {
                let to = rule.successors.iter().map(|to| to.rule.clone());
                let to = to.filter(|to| duty.successors.take_in(to)).collect();
                (Status::Succeeded { to }, None)
            }
            None => in_case.status(),
        };
        if goes_over {
            self.carry(rule, &duty, &deadline);
        }
        let handed_over = matches!(status, Status::Moot { .. }) && in_case.handed_over().is_some();
        let unsure = unsure.into_iter();
        let unsure = unsure.chain(handed_over.then_some(HANDED_OVER_UNSURE));
        let uncertain = self.uncertain(rule, unsure);
        let interruption = duty.interruption.filter(|_| deadline.interrupted);
        let mut remarks = duty.remarks.clone();
        remarks.extend(interruption.map(|stop| Remark::Interrupted { by: stop.by }));
        let met = match &status {
            Status::Met { at, .. } => Some(*at),
            _ => None,
        };
        remarks.extend(
            met.filter(|at| too_early(&deadline, *at))
                .map(|_| Remark::Early),
        );
        let now = Moment::at(self.case.circumstances.as_of);
        let until = met.unwrap_or(now);
        let start = duty.anchor.unwrap_or(duty.trigger);
        let met_by = if met.is_some() {
            duty.met.map(|met| met.by).unwrap_or_default()
        } else {
            Vec::new()
        };
        let obligation = Obligation {
            rule,
            event: duty.event,
            subject: duty.subject,
            trigger: duty.trigger,
            due: deadline.due,
            warn_at: deadline.warn_at,
            overdue_after: deadline.overdue_after,
            status,
            met_by,
            age_days: days_between(start.day, until.day).max(0),
            uncertain,
            remarks,
        };
        self.answers.push(Answer {
            place,
            index: duty.index,
            missing,
            obligation,
        });
    }

    /// What is unsure about a duty: by its rule, and by how it stands.
    fn uncertain<'u>(&self, rule: &'u Rule, more: impl Iterator<Item = &'u str>) -> Vec<&'c str> {
        let keys = rule.uncertain.iter().map(String::as_str).chain(more);
        keys.filter_map(|key| self.catalogue.uncertainties().get(key))
            .map(String::as_str)
            .collect()
    }

    /// Whether a rule that waits for another one's day has reached it, and that other duty was not
    /// met by then.
    fn ran_out(&mut self, rule: &Rule, duty: &Duty, deadline: &Deadline) -> bool {
        let Due::AtRule(base) = &rule.due else {
            return true;
        };
        let Some(last) = deadline.overdue_after else {
            return false;
        };
        let case = self.case;
        let met_by_base = self.met_by_base.entry(base.clone()).or_insert_with(|| {
            let found = predicate(base).map(|predicate| (predicate.duties)(case));
            let found = found.unwrap_or_default().into_iter();
            let met = found.filter_map(|duty| Some((key(&duty), duty.met?.at)));
            met.collect()
        });
        let in_time = met_by_base
            .get(&key(duty))
            .is_some_and(|at| at.earliest() <= last);
        self.case.circumstances.as_of > last && !in_time
    }

    /// Whether a duty was still open when the old Act ended (BL § 213).
    fn goes_over(&self, in_case: &DutyInCase<'_, '_, '_>) -> bool {
        let DutyInCase { rule, duty, .. } = in_case;
        let transition = self.catalogue.transition();
        let before = |moment: Moment| moment.day < transition;
        let settled = duty.met.as_ref().is_some_and(|met| before(met.at))
            || duty.waived.is_some_and(|waived| before(waived.at));
        let passed = match rule.due {
            Due::BeforeTrigger | Due::AtTrigger => true,
            Due::Before(_) => duty.target.is_some_and(|(_, target)| before(target)),
            _ => false,
        };
        let moot = in_case.moot().is_some_and(before);
        // Under the rules of one day nothing goes over.
        let reached = self.case.circumstances.rules_of.is_none()
            && self.case.circumstances.as_of >= start_of_day(transition);
        let mut successors = rule.successors.iter();
        successors.any(|successor| duty.successors.take_in(&successor.rule))
            && reached
            && duty.trigger.day < transition
            && !settled
            && !passed
            && !moot
    }

    fn carry(&mut self, rule: &Rule, duty: &Duty, deadline: &Deadline) {
        let successors = rule.successors.iter();
        for successor in successors.filter(|to| duty.successors.take_in(&to.rule)) {
            let carried = Carried {
                from: rule.id.clone(),
                duty: duty.clone(),
                clock: successor.clock,
                old_due: deadline.due.clone(),
            };
            self.carried
                .entry(successor.rule.clone())
                .or_default()
                .push(carried);
        }
    }
}

fn too_early(deadline: &Deadline, at: Moment) -> bool {
    matches!(deadline.due, DueAt::Window { from, .. } if at.day < from)
}
