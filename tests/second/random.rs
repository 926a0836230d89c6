//! Random histories of one child: facts in a plausible order, days known in three ways, corrections,
//! annulments, erasures, a merged registration, a move, both Acts and the change between them.

use serde_json::{Value, json};

use super::calendar::{self, Day};
use super::told::{
    CASE, CHILD, Id, MEASURES, MOTHER, NOTICES, SIBLING, TWIN, Told, What, uuid, who,
};

/// Numbers that look random and are the same each time (xorshift64*).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A history while it grows.
struct Growing {
    dice: Dice,
    told: Vec<Told>,
    day: Day,
    recorded: i64,
}

impl Growing {
    /// A time on a day: an instant, the day, or about the day.
    fn occurred(&mut self, day: Day) -> String {
        match self.dice.below(10) {
            0 | 1 => calendar::text(day),
            2 => format!("{}~", calendar::text(day)),
            _ => {
                let second = self.dice.below(86_400);
                let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
                format!("{}T{hour:02}:{minute:02}:{second:02}Z", calendar::text(day))
            }
        }
    }

    fn add(&mut self, stream: Id, what: What) -> usize {
        let occurred = self.occurred(self.day);
        // Some facts are recorded late.
        let late = if self.dice.chance(15) {
            self.dice.below(9)
        } else {
            0
        };
        let written = calendar::ends(self.day + i64::try_from(late).unwrap());
        self.recorded = self.recorded.max(written) + 1;
        self.told.push(Told {
            stream,
            occurred,
            recorded: self.recorded,
            what,
            erased: false,
        });
        self.told.len() - 1
    }

    fn fact(&mut self, stream: Id, kind: &'static str, says: Value) -> usize {
        self.add(stream, What::Fact(kind, says))
    }

    fn child(&mut self) -> Value {
        let id = if self.dice.chance(10) { TWIN } else { CHILD };
        who(id)
    }

    fn id(place: usize) -> Value {
        uuid(1_000 + place as u64)
    }

    fn last(&self, kind: &str) -> Option<usize> {
        let is = |entry: &Told| matches!(&entry.what, What::Fact(own, _) if *own == kind);
        self.told.iter().rposition(is)
    }

    fn opening(&mut self) {
        let born = *self
            .dice
            .one(&[0, 0, 3_000, 3_650, 5_475, 6_390, 6_560, -120]);
        let birth = calendar::text(self.day - if born == 0 { 2_000 } else { born });
        let knows_twin = self.dice.chance(30);
        let child = json!({ "person": who(CHILD), "name": "Prøve" });
        let mut known = child.clone();
        known["birth_date"] = json!(birth);
        let twin = json!({ "person": who(TWIN), "name": "Prøve", "birth_date": birth });
        self.fact(
            CHILD,
            "PersonRegistered",
            if knows_twin { child } else { known },
        );
        if knows_twin {
            self.fact(TWIN, "PersonRegistered", twin);
            let merged = json!({ "person": who(TWIN), "into": who(CHILD), "reasons": ["x"] });
            self.fact(TWIN, "PersonsMerged", merged);
        }
        let custody = json!({ "from": who(CHILD), "to": who(MOTHER), "kind": "CUSTODY_SOLE", "source": "CPR" });
        self.fact(CHILD, "RelationRecorded", custody);
        if self.dice.chance(50) {
            let sibling = json!({ "from": who(CHILD), "to": who(SIBLING), "kind": "SIBLING", "source": "CPR" });
            self.fact(CHILD, "RelationRecorded", sibling);
        }
        let opened = json!({ "child": who(CHILD), "ground": ["x"], "kle_number": "27.24.00" });
        self.fact(CASE, "CaseOpened", opened);
    }

    fn notification(&mut self) {
        let notice = *self.dice.one(&NOTICES);
        let stands = self.told.iter().any(|entry| entry.stream == notice);
        if !stands {
            let kinds = ["PROFESSIONAL_133", "CITIZEN_135"];
            let suspicions = [json!([]), json!(["ABUSE"]), json!(["ABUSE", "PARENT_SIDE"])];
            let says = json!({
                "notifier_kind": self.dice.one(&kinds), "contactable": self.dice.chance(80), "children": [self.child()],
                "unborn": false, "concerns": ["VIOLENCE"], "suspicions": self.dice.one(&suspicions), "text": ["x"],
            });
            self.fact(notice, "NotificationReceived", says);
            return;
        }
        match self.dice.below(3) {
            0 => {
                let says = json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": ["x"], "criteria": "v1" });
                self.fact(notice, "AcuteAssessmentMade", says)
            }
            1 => {
                let impossible = self.dice.chance(20);
                let says = if impossible {
                    json!({ "not_possible": "NO_ADDRESS" })
                } else {
                    json!({})
                };
                self.fact(notice, "NotificationReceiptConfirmed", says)
            }
            _ => {
                let outcome = *self.dice.one(&["STARTED_SUPPORT", "WITHHELD"]);
                let says = json!({ "outcome": outcome, "type_and_duration_told": false });
                self.fact(notice, "NotifierFeedbackGiven", says)
            }
        };
    }

    fn assessment(&mut self) {
        let kind = *self.dice.one(&[
            "EXAMINATION_20",
            "EXAMINATION_20",
            "UNBORN_26",
            "SHORT_ASSESSMENT",
        ]);
        match self.dice.below(6) {
            0 => {
                let back = i64::try_from(self.dice.below(30)).unwrap();
                let aware = calendar::text(self.day - back);
                self.fact(
                    CASE,
                    "NeedAwarenessEstablished",
                    json!({ "aware_at": aware }),
                )
            }
            1 => {
                let outcome = *self.dice.one(&["NO_FURTHER", "EXAMINATION_20"]);
                let says = json!({ "outcome": outcome, "weight": "LIGHT", "flags": [], "reasons": ["x"], "next_help_started": false });
                self.fact(CASE, "ScreeningConcluded", says)
            }
            2 | 3 => {
                let says = json!({
                    "kind": kind, "scope": ["x"], "children": [self.child()], "is_decision": true, "parallel_to_support": false,
                    "childrens_house_used": false,
                });
                self.fact(CASE, "AssessmentOpened", says)
            }
            4 => {
                let says = json!({
                    "kind": kind, "stage": self.dice.one(&["FINAL", "FINAL", "PRELIMINARY"]), "recommendation": "NONE",
                    "conclusion": ["x"], "child": self.child(), "child_attitude": ["x"], "custody_holder_attitudes": [], "length_words": 9,
                });
                self.fact(CASE, "AssessmentReported", says)
            }
            _ => {
                let says =
                    json!({ "sibling": who(SIBLING), "result": "NOT_NEEDED", "reasons": ["x"] });
                self.fact(CASE, "SiblingNeedAssessed", says)
            }
        };
    }

    fn voice(&mut self) {
        let occasions = [
            "CONTINUOUS",
            "NOTIFICATION_137",
            "EXAMINATION",
            "BEFORE_DECISION",
        ];
        let occasion = *self.dice.one(&occasions);
        match self.dice.below(5) {
            0 => {
                let says = json!({ "child": self.child(), "occasion": occasion, "ground": "AGE", "reasons": ["x"] });
                self.fact(CASE, "ChildHearingWaived", says)
            }
            1 => {
                let says = json!({
                    "child": who(CHILD), "method": "GENOGRAM", "child_asked": true, "result": "RESOURCE_FOUND", "resource_persons": [],
                    "judgements": [],
                });
                self.fact(CASE, "NetworkMapped", says)
            }
            _ => {
                let says = json!({
                    "child": self.child(), "occasion": occasion, "own_words": ["x"], "bisidder_right_told": self.dice.chance(30),
                    "without_parents": self.dice.chance(50),
                });
                self.fact(CASE, "ChildHeard", says)
            }
        };
    }

    fn decision(&mut self) {
        let measure = uuid(*self.dice.one(&MEASURES));
        match self.dice.below(3) {
            0 => {
                let position = *self.dice.one(&["REQUIRED", "NOT_REQUIRED"]);
                let says = json!({
                    "kind": self.dice.one(&["SUPPORT_32", "PLACEMENT_46", "CONTACT_104", "OTHER"]), "section": "BL § 32",
                    "outcome": self.dice.one(&["GRANT", "GRANT", "REFUSE"]), "child": self.child(), "measure": measure, "purpose": ["x"],
                    "plan_position": position, "plan_reasons": if position == "REQUIRED" || self.dice.chance(50) { json!(["x"]) } else { json!(null) },
                    "immediate_effect": self.dice.chance(20), "parties": [], "discretion_factors": ["x"], "key_facts": ["x"], "rests_on": [],
                    "fully_favourable": true, "competence": "CASEWORKER",
                });
                self.fact(CASE, "DecisionMade", says);
            }
            1 => {
                let kind = *self.dice.one(&["ACTION_PLAN", "CHILD_PLAN", "PARENT_PLAN"]);
                let with = if self.dice.chance(30) {
                    json!([self.child()])
                } else {
                    json!([])
                };
                let says = json!({ "kind": kind, "version": 1, "children": [who(CHILD)], "made_with": with, "goals": [], "given_to": [] });
                self.fact(CASE, "PlanAdopted", says);
            }
            _ => {
                let Some(decision) = self.last("DecisionMade") else {
                    return;
                };
                let at = format!("{}T08:00:00Z", calendar::text(self.day));
                let to = json!({ "who": who(MOTHER), "channel": "DIGITAL_POST", "available_at": at, "oral": false, "guidance": ["APPEAL"] });
                let says = json!({ "decision": Self::id(decision), "recipients": [to] });
                self.fact(CASE, "DecisionCommunicated", says);
            }
        }
    }

    fn support(&mut self) {
        let id = *self.dice.one(&MEASURES);
        let measure = uuid(id);
        let started = self.told.iter().any(|entry| {
            matches!(&entry.what, What::Fact("SupportStarted", says) if says["measure"] == measure)
        });
        if !started {
            let section = *self.dice.one(&["BL § 32", "BL § 46"]);
            let says = json!({
                "measure": measure, "section": section, "ladder_step": 2, "ladder_definition": "d", "provider": "p", "provisional": false,
            });
            self.fact(CASE, "SupportStarted", says);
            return;
        }
        match self.dice.below(5) {
            0 => {
                let says = json!({ "measure": measure, "ground": "PURPOSE_MET" });
                self.fact(CASE, "SupportEnded", says)
            }
            1 => {
                let says = json!({
                    "child": self.child(), "child_spoken_to": self.dice.chance(70), "staff_absent": true, "caseworkers": ["K1"],
                    "concerns_about_place": false,
                });
                self.fact(CASE, "SupervisionVisitHeld", says)
            }
            _ => {
                let says = json!({
                    "measures": [measure], "first": self.dice.chance(40), "child": self.child(), "child_involved": self.dice.chance(50),
                    "parents_involved": [], "wellbeing_judgement": ["x"], "measure_judgement": "KEEP", "new_assessment_needed": false,
                    "plan_revision_needed": false, "rhythm_told_to": [],
                });
                self.fact(CASE, "FollowUpHeld", says)
            }
        };
    }

    fn appeal(&mut self) {
        let id = |place: Option<usize>| place.map(Self::id);
        match self.dice.below(5) {
            0 => {
                let Some(decision) = id(self.last("DecisionMade")) else {
                    return;
                };
                let says = json!({
                    "complainant": who(MOTHER), "capacity": "CUSTODY_HOLDER", "decision": decision, "via": "MUNICIPALITY", "oral": false,
                    "in_time": self.dice.chance(70), "wants": ["x"],
                });
                self.fact(CASE, "ComplaintReceived", says);
            }
            1 => {
                let Some(complaint) = id(self.last("ComplaintReceived")) else {
                    return;
                };
                let outcome = *self.dice.one(&["MAINTAINED", "UPHELD_FULL"]);
                let says = json!({ "complaint": complaint, "outcome": outcome, "reasons": ["x"] });
                self.fact(CASE, "ComplaintReassessed", says);
            }
            2 => {
                let Some(complaint) = id(self.last("ComplaintReceived")) else {
                    return;
                };
                let says = json!({ "complaint": complaint, "manifest": [], "complainant_informed": true, "urgent": false });
                self.fact(CASE, "AppealForwarded", says);
            }
            3 => {
                let says = json!({ "requester": who(MOTHER), "basis": "OFL_8", "scope": ["x"] });
                self.fact(CASE, "FileAccessRequested", says);
            }
            _ => {
                let Some(request) = id(self.last("FileAccessRequested")) else {
                    return;
                };
                let says = json!({
                    "kind": "FILE_ACCESS", "request": request, "recipient": "r", "manifest": [], "redactions": [], "refused_in_part": false,
                    "format": "pdf",
                });
                self.fact(CASE, "DisclosureMade", says);
            }
        }
    }

    fn upkeep(&mut self) {
        let target = usize::try_from(self.dice.below(self.told.len() as u64)).unwrap();
        let stream = self.told[target].stream;
        let is_fact = matches!(self.told[target].what, What::Fact(..));
        // Whose case it is stays known; a value is corrected once.
        let opens = matches!(self.told[target].what, What::Fact("CaseOpened", _));
        let corrected = self.told.iter().any(|entry| match entry.what {
            What::OtherTime(of, _) | What::OtherValue(of, ..) => of == target,
            What::Fact(..) | What::Annulled(_) => false,
        });
        match self.dice.below(6) {
            0 | 1 if corrected => {}
            0 | 2 | 3 if opens => {}
            0 if is_fact => {
                let shifted = self.day - i64::try_from(self.dice.below(20)).unwrap();
                let text = self.occurred(shifted);
                self.add(stream, What::OtherTime(target, text));
            }
            1 => {
                let occasion = json!(*self.dice.one(&["EXAMINATION", "BEFORE_DECISION"]));
                if matches!(&self.told[target].what, What::Fact("ChildHeard", _)) {
                    self.add(stream, What::OtherValue(target, "occasion", occasion));
                }
            }
            2 => {
                self.add(stream, What::Annulled(target));
            }
            3 if is_fact && self.dice.chance(40) => self.told[target].erased = true,
            4 => {
                let (from, to) = *self.dice.one(&[("0999", "0101"), ("0101", "0999")]);
                let says =
                    json!({ "person": who(CHILD), "from": from, "to": to, "reason": "MOVE" });
                self.fact(CHILD, "ResponsibleMunicipalityChanged", says);
            }
            _ => {
                let says = json!({ "kind": "FACT", "text": ["x"] });
                self.fact(CASE, "NoteTaken", says);
            }
        }
    }

    fn life(&mut self) {
        let closed = self.last("CaseClosed") > self.last("CaseReopened");
        if closed {
            self.fact(CASE, "CaseReopened", json!({ "ground": ["x"] }));
        } else if self.dice.chance(40) {
            let says = json!({ "ground": "PURPOSE_MET", "reasons": ["x"], "open_obligations": [], "told_to": [] });
            self.fact(CASE, "CaseClosed", says);
        }
    }
}

/// A history.
pub(super) fn history(seed: u64) -> Vec<Told> {
    let mut dice = Dice::of(seed);
    let year = 2018 + i64::try_from(dice.below(8)).unwrap();
    let day = calendar::day(year, 1, 1) + i64::try_from(dice.below(365)).unwrap();
    let steps = 5 + dice.below(45);
    let mut growing = Growing {
        dice,
        told: Vec::new(),
        day,
        recorded: calendar::begins(day),
    };
    growing.opening();
    for _ in 0..steps {
        let pause = *growing.dice.one(&[0, 0, 1, 3, 10, 30, 90]);
        growing.day += pause;
        match growing.dice.below(16) {
            0..=2 => growing.notification(),
            3..=5 => growing.assessment(),
            6 | 7 => growing.voice(),
            8 | 9 => growing.decision(),
            10 | 11 => growing.support(),
            12 => growing.appeal(),
            13 | 14 => growing.upkeep(),
            _ => growing.life(),
        }
    }
    growing.told
}

/// The same history, and after it a whole matter of its own: a knowledge, an examination with its talk,
/// its look at the sibling and its report, a plan, a decision, another measure, its follow-up.
pub(super) fn with_another_matter(told: &[Told]) -> Vec<Told> {
    let last = told.last().map_or(0, |entry| entry.recorded);
    let day = calendar::day_at(last) + 60;
    let steps = examination_steps(day).into_iter().chain(help_steps());
    let more = steps.into_iter().map(|(after, kind, says)| Told {
        stream: CASE,
        occurred: calendar::text(day + after),
        recorded: calendar::ends(day + after),
        what: What::Fact(kind, says),
        erased: false,
    });
    told.iter().cloned().chain(more).collect()
}

fn examination_steps(day: Day) -> Vec<(i64, &'static str, Value)> {
    let child = who(CHILD);
    vec![
        (
            0,
            "NeedAwarenessEstablished",
            json!({ "aware_at": calendar::text(day) }),
        ),
        (
            1,
            "AssessmentOpened",
            json!({
                "kind": "EXAMINATION_20", "scope": ["x"], "children": [child], "is_decision": true, "parallel_to_support": false,
                "childrens_house_used": false,
            }),
        ),
        (
            2,
            "ChildHeard",
            json!({ "child": child, "occasion": "EXAMINATION", "own_words": ["x"] }),
        ),
        (
            3,
            "SiblingNeedAssessed",
            json!({ "sibling": who(SIBLING), "result": "NOT_NEEDED", "reasons": ["x"] }),
        ),
        (
            9,
            "AssessmentReported",
            json!({
                "kind": "EXAMINATION_20", "stage": "FINAL", "recommendation": "NONE", "conclusion": ["x"], "child": child,
                "child_attitude": ["x"], "custody_holder_attitudes": [], "length_words": 9,
            }),
        ),
    ]
}

fn help_steps() -> Vec<(i64, &'static str, Value)> {
    let (measure, child) = (uuid(23), who(CHILD));
    vec![
        (
            10,
            "PlanAdopted",
            json!({
                "kind": "ACTION_PLAN", "version": 9, "children": [child], "made_with": [], "goals": [], "given_to": [],
            }),
        ),
        (
            11,
            "DecisionMade",
            json!({
                "kind": "SUPPORT_32", "section": "BL § 32", "outcome": "GRANT", "child": child, "measure": measure, "purpose": ["x"],
                "plan_position": "REQUIRED", "parties": [], "discretion_factors": ["x"], "key_facts": ["x"], "rests_on": [],
                "fully_favourable": true, "competence": "CASEWORKER",
            }),
        ),
        (
            12,
            "SupportStarted",
            json!({
                "measure": measure, "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p", "provisional": false,
            }),
        ),
        (
            40,
            "FollowUpHeld",
            json!({
                "measures": [measure], "first": true, "child": child, "child_involved": true, "parents_involved": [],
                "wellbeing_judgement": ["x"], "measure_judgement": "KEEP", "new_assessment_needed": false, "plan_revision_needed": false,
                "rhythm_told_to": [],
            }),
        ),
    ]
}

/// The same history, and steps of a matter of their own that took place while it ran: another
/// notification, another measure, a complaint about another decision. They are recorded last, so no place changes.
pub(super) fn with_foreign_steps(told: &[Told], seed: u64) -> Vec<(&'static str, Vec<Told>)> {
    let mut dice = Dice::of(seed + 7_777);
    let (first, last) = (told[0].recorded, told.last().unwrap().recorded);
    let (first, last) = (calendar::day_at(first), calendar::day_at(last));
    let span = u64::try_from(last - first).unwrap() + 1;
    let mut day = || first + i64::try_from(dice.below(span)).unwrap();
    let with = |day: Day, steps: Vec<(Id, i64, &'static str, Value)>| {
        let more = steps.into_iter().map(|(stream, after, kind, says)| Told {
            stream,
            occurred: calendar::text(day + after),
            recorded: calendar::ends(last + 60),
            what: What::Fact(kind, says),
            erased: false,
        });
        told.iter().cloned().chain(more).collect::<Vec<Told>>()
    };
    let mut all = vec![("measure", with(day(), measure_steps()))];
    all.push(("complaint", with(day(), complaint_steps(told.len(), first))));
    let free = NOTICES
        .into_iter()
        .find(|notice| told.iter().all(|entry| entry.stream != *notice));
    if let Some(notice) = free {
        all.push(("notification", with(day(), notice_steps(notice))));
    }
    all
}

fn measure_steps() -> Vec<(Id, i64, &'static str, Value)> {
    let measure = uuid(23);
    let started = json!({
        "measure": measure, "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p", "provisional": false,
    });
    let held = json!({
        "measures": [measure], "first": true, "child": who(CHILD), "child_involved": false, "parents_involved": [],
        "wellbeing_judgement": ["x"], "measure_judgement": "KEEP", "new_assessment_needed": false, "plan_revision_needed": false,
        "rhythm_told_to": [],
    });
    let ended = json!({ "measure": measure, "ground": "PURPOSE_MET" });
    vec![
        (CASE, 0, "SupportStarted", started),
        (CASE, 9, "FollowUpHeld", held),
        (CASE, 15, "SupportEnded", ended),
    ]
}

fn complaint_steps(place: usize, day: Day) -> Vec<(Id, i64, &'static str, Value)> {
    let (decision, complaint) = (Growing::id(place), Growing::id(place + 2));
    let at = format!("{}T08:00:00Z", calendar::text(day));
    let made = json!({
        "kind": "OTHER", "section": "BL § 32", "outcome": "REFUSE", "child": who(CHILD), "purpose": ["x"], "plan_position": "NOT_REQUIRED",
        "parties": [], "discretion_factors": ["x"], "key_facts": ["x"], "rests_on": [],
        "fully_favourable": true, "competence": "CASEWORKER",
    });
    let to = json!({ "who": who(MOTHER), "channel": "DIGITAL_POST", "available_at": at, "oral": false, "guidance": ["APPEAL"] });
    let complained = json!({
        "complainant": who(MOTHER), "capacity": "CUSTODY_HOLDER", "decision": decision, "via": "MUNICIPALITY", "oral": false,
        "in_time": true, "wants": ["x"],
    });
    vec![
        (CASE, 0, "DecisionMade", made),
        (
            CASE,
            0,
            "DecisionCommunicated",
            json!({ "decision": decision, "recipients": [to] }),
        ),
        (CASE, 1, "ComplaintReceived", complained),
        (
            CASE,
            2,
            "ComplaintReassessed",
            json!({ "complaint": complaint, "outcome": "UPHELD_FULL", "reasons": ["x"] }),
        ),
        (
            CASE,
            2,
            "AppealForwarded",
            json!({ "complaint": complaint, "manifest": [], "complainant_informed": true, "urgent": false }),
        ),
    ]
}

fn notice_steps(notice: Id) -> Vec<(Id, i64, &'static str, Value)> {
    let received = json!({
        "notifier_kind": "PROFESSIONAL_133", "contactable": true, "children": [who(CHILD)],
        "unborn": false, "concerns": ["VIOLENCE"], "suspicions": [], "text": ["x"],
    });
    let assessed = json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": ["x"], "criteria": "v1" });
    let told = json!({ "outcome": "STARTED_SUPPORT", "type_and_duration_told": false });
    vec![
        (notice, 0, "NotificationReceived", received),
        (notice, 1, "AcuteAssessmentMade", assessed),
        (notice, 1, "NotificationReceiptConfirmed", json!({})),
        (notice, 2, "NotifierFeedbackGiven", told),
    ]
}
