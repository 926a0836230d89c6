//! What each rule asks, read from its words in the catalogue: "trigger", "condition", "satisfied by",
//! "waived by" and "reading". One function a rule, or a pair of the old Act and the new one.

use serde_json::Value;

use super::calendar;
use super::judged::Owed;
use super::told::{CASE, CHILD, Id, Known, MOTHER, SIBLING, When, World, person_in, uuid};

/// Under the old Act, under the new one, and what both ask.
pub(super) type Pair = (
    Option<&'static str>,
    Option<&'static str>,
    fn(&World) -> Vec<Owed>,
);

pub(super) const PAIRS: &[Pair] = &[
    (Some("SEL-155-2-24H"), Some("BL-136-2-24H"), acute),
    (Some("SEL-155B-1-ACK"), Some("BL-138-1-ACK"), receipt),
    (
        Some("SEL-155B-2-FEEDBACK"),
        Some("BL-138-2-FEEDBACK"),
        feedback,
    ),
    (
        Some("SEL-155A-2-ABUSETALK"),
        Some("BL-137-3-ABUSETALK"),
        abuse_talk,
    ),
    (Some("SEL-50-7-4M"), Some("BL-20-3-4M"), examination),
    (None, Some("BL-26-3-4M"), before_birth),
    (None, Some("BL-18-SCREEN"), screening),
    (Some("SEL-50-3-TALK"), None, examination_talk),
    (Some("SEL-50-8-SIBLING"), Some("BL-21-1-SIBLING"), sibling),
    (Some("SEL-48-TALK"), None, talk_before_decision),
    (None, Some("BL-5-3-VIEWS"), views),
    (Some("SEL-47-NETWORK"), Some("BL-8-3-NETWORK"), network),
    (None, Some("BL-6-1-BISIDDER"), companion),
    (Some("SEL-140-1-PLAN"), None, plan_before),
    (None, Some("BL-91-1-POSITION"), plan_position),
    (None, Some("BL-10-3-START"), start),
    (Some("SEL-70-1-3M"), Some("BL-95-2-FIRST"), first_follow_up),
    (None, Some("ADM-RSL67-COMPLAIN"), complaint_period),
    (None, Some("ADM-RSB11-4W"), reassessed),
    (None, Some("ADM-RSB11-6-FORWARD"), forwarded_at_once),
    (None, Some("ADM-FVL16-7A"), access),
    (None, Some("LOC-NOTE-LAG-3A"), note_lag),
];

fn owed(fact: &Known) -> Owed {
    Owed::from(fact.place, fact.when)
}

/// The first fact of a type, no earlier than a moment, that fits.
fn first<'w>(
    world: &'w World,
    kind: &str,
    from: When,
    fits: impl Fn(&Known) -> bool,
) -> Option<&'w Known> {
    let mut later = world
        .of(kind)
        .into_iter()
        .filter(|fact| from.no_later(fact.when));
    later.find(|fact| fits(fact))
}

fn met(fact: Option<&Known>) -> Option<(When, usize)> {
    fact.map(|fact| (fact.when, fact.place))
}

fn when(fact: Option<&Known>) -> Option<When> {
    fact.map(|fact| fact.when)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn about_child(world: &World, children: &Value) -> bool {
    list(children).is_empty() || list(children).iter().any(|child| world.is_child(child))
}

/// Not born on a day. Where no birth is registered, an examination before birth of less than ten months
/// before or after says so.
fn unborn(world: &World, day: i64) -> bool {
    if let Some(birth) = world.birth() {
        return day < birth;
    }
    world.of("AssessmentOpened").into_iter().any(|one| {
        let (first, last) = (day.min(one.when.day), day.max(one.when.day));
        one.says["kind"] == "UNBORN_26"
            && about_child(world, &one.says["children"])
            && last < calendar::months_on(first, 10)
    })
}

/// The mother is a party while custody is registered, and where nobody is known to be one.
fn mother_is_party(world: &World, day: i64) -> bool {
    let custody = world.of("RelationRecorded").into_iter();
    let mut custody = custody.filter(|fact| fact.says["kind"] == "CUSTODY_SOLE");
    let from = if day < calendar::parse("2024-01-01") {
        12
    } else {
        10
    };
    let of_age = world
        .birth()
        .is_some_and(|birth| calendar::years(birth, day) >= from);
    custody.next().is_some() || !of_age
}

/// "An acute assessment of that notification."
fn acute(world: &World) -> Vec<Owed> {
    let all = world.of("NotificationReceived").into_iter();
    let each = all.map(|told| {
        let own = |fact: &Known| fact.stream == told.stream;
        Owed {
            met: met(first(world, "AcuteAssessmentMade", told.when, own)),
            ..owed(told)
        }
    });
    each.collect()
}

/// "A receipt sent"; waived by "the notifier cannot be reached, or a recorded reason".
fn receipt(world: &World) -> Vec<Owed> {
    let all = world.of("NotificationReceived").into_iter();
    let each = all.map(|told| {
        let possible = |fact: &Known, possible: bool| {
            fact.stream == told.stream && fact.says["not_possible"].is_null() == possible
        };
        let kind = "NotificationReceiptConfirmed";
        let waived = when(first(world, kind, told.when, |fact| possible(fact, false)));
        let unreachable = (told.says["contactable"] == false).then_some(told.when);
        Owed {
            met: met(first(world, kind, told.when, |fact| possible(fact, true))),
            waived: unreachable.or(waived),
            ..owed(told)
        }
    });
    each.collect()
}

/// "The notifier is told what was started"; waived by "feedback withheld".
fn feedback(world: &World) -> Vec<Owed> {
    let all = world.of("NotificationReceived").into_iter();
    let professional = all.filter(|told| told.says["notifier_kind"] == "PROFESSIONAL_133");
    let each = professional.map(|told| {
        let withheld = |fact: &Known, withheld: bool| {
            fact.stream == told.stream && (fact.says["outcome"] == "WITHHELD") == withheld
        };
        let kind = "NotifierFeedbackGiven";
        Owed {
            met: met(first(world, kind, told.when, |fact| withheld(fact, false))),
            waived: when(first(world, kind, told.when, |fact| withheld(fact, true))),
            ..owed(told)
        }
    });
    each.collect()
}

/// "A talk with the child because of the notification; without the parents where they are the
/// suspected side"; "the child is born".
fn abuse_talk(world: &World) -> Vec<Owed> {
    let all = world.of("NotificationReceived").into_iter();
    let suspected = all.filter(|told| {
        list(&told.says["suspicions"])
            .iter()
            .any(|one| one == "ABUSE")
    });
    let born = suspected.filter(|told| !unborn(world, told.when.day));
    let each = born.map(|told| {
        let parents = list(&told.says["suspicions"])
            .iter()
            .any(|one| one == "PARENT_SIDE");
        let talk = |fact: &Known| {
            fact.says["occasion"] == "NOTIFICATION_137" && world.is_child(&fact.says["child"])
        };
        let alone = |fact: &Known| !parents || fact.says["without_parents"] == true;
        Owed {
            met: met(first(world, "ChildHeard", told.when, |fact| {
                talk(fact) && alone(fact)
            })),
            waived: when(first(world, "ChildHearingWaived", told.when, talk)),
            ..owed(told)
        }
    });
    each.collect()
}

fn aware(fact: &Known) -> When {
    When::on(calendar::parse(fact.says["aware_at"].as_str().unwrap()))
}

fn next_awareness<'w>(world: &'w World, fact: &Known) -> Option<&'w Known> {
    let mut all = world.of("NeedAwarenessEstablished").into_iter();
    all.find(|next| (next.when.day, next.when.at) > (fact.when.day, fact.when.at))
}

fn is_examination(fact: &Known, with_unborn: bool) -> bool {
    fact.says["kind"] == "EXAMINATION_20" || (with_unborn && fact.says["kind"] == "UNBORN_26")
}

/// "An examination was opened or the screening asks for one"; "a final report of the examination".
/// Under *barnets lov* the child is born; the old Act examined the unborn by the same rule.
fn examination(world: &World) -> Vec<Owed> {
    let mut all = Vec::new();
    for fact in world.of("NeedAwarenessEstablished") {
        let not_born = unborn(world, aware(fact).day);
        if not_born && fact.when.day >= calendar::parse("2024-01-01") {
            continue;
        }
        let next = next_awareness(world, fact).map(|next| next.when);
        let within = |one: &Known| next.is_none_or(|next| one.when.earlier(next));
        let opened = first(world, "AssessmentOpened", aware(fact), |one| {
            is_examination(one, not_born) && about_child(world, &one.says["children"])
        });
        let asked = first(world, "ScreeningConcluded", aware(fact), |one| {
            one.says["outcome"] == "EXAMINATION_20"
        });
        if !opened.is_some_and(within) && !asked.is_some_and(within) {
            continue;
        }
        let report = first(world, "AssessmentReported", aware(fact), |report| {
            let own = next
                .is_none_or(|next| report.when.earlier(next) || opened_before(world, report, next));
            own && is_examination(report, not_born)
                && report.says["stage"] == "FINAL"
                && world.is_child(&report.says["child"])
        });
        all.push(Owed {
            from: aware(fact),
            met: met(report),
            follows: Some(if not_born { "BL-26-3-4M" } else { "BL-20-3-4M" }),
            ..owed(fact)
        });
    }
    all
}

/// Whether a report is that of an examination that was opened before a moment: no other was opened
/// in between, and no report of it ended the matter before.
fn opened_before(world: &World, report: &Known, moment: When) -> bool {
    examinations(world).into_iter().any(|(opened, end)| {
        opened.when.earlier(moment)
            && opened.when.no_later(report.when)
            && end.is_none_or(|end| report.when.earlier(end))
    })
}

/// Each examination about the child, and from when on nothing belongs to it any more: the next one is
/// opened, or after its final report the municipality becomes aware again or closes the case.
fn examinations(world: &World) -> Vec<(&Known, Option<When>)> {
    let all = world.of("AssessmentOpened").into_iter();
    let own =
        all.filter(|one| is_examination(one, false) && about_child(world, &one.says["children"]));
    let own: Vec<&Known> = own.collect();
    let each = own.iter().enumerate().map(|(place, opened)| {
        let next = own.get(place + 1).map(|next| next.when);
        let mut ends: Vec<When> = next.into_iter().collect();
        if let Some(report) = final_report(world, opened, next) {
            for kind in ["NeedAwarenessEstablished", "CaseClosed"] {
                let later = world.of(kind).into_iter().map(|fact| fact.when);
                ends.extend(later.filter(|later| report.when.earlier(*later)));
            }
        }
        (*opened, ends.into_iter().min())
    });
    each.collect()
}

fn final_report<'w>(world: &'w World, opened: &Known, next: Option<When>) -> Option<&'w Known> {
    let report = first(world, "AssessmentReported", opened.when, |report| {
        is_examination(report, false)
            && report.says["stage"] == "FINAL"
            && world.is_child(&report.says["child"])
    });
    report.filter(|report| next.is_none_or(|next| report.when.earlier(next)))
}

/// "The child is not born"; "a final report of the examination before birth".
fn before_birth(world: &World) -> Vec<Owed> {
    let all = world.of("NeedAwarenessEstablished").into_iter();
    let each = all
        .filter(|fact| unborn(world, aware(fact).day))
        .map(|fact| {
            let report = first(world, "AssessmentReported", aware(fact), |report| {
                report.says["kind"] == "UNBORN_26"
                    && report.says["stage"] == "FINAL"
                    && world.is_child(&report.says["child"])
            });
            let next = next_awareness(world, fact).map(|next| next.when);
            let report = report.filter(|report| next.is_none_or(|next| report.when.earlier(next)));
            Owed {
                from: aware(fact),
                met: met(report),
                ..owed(fact)
            }
        });
    each.collect()
}

/// "A screening", for every awareness of a need.
fn screening(world: &World) -> Vec<Owed> {
    let all = world.of("NeedAwarenessEstablished").into_iter();
    let each = all.map(|fact| Owed {
        from: aware(fact),
        met: met(first(world, "ScreeningConcluded", aware(fact), |_| true)),
        ..owed(fact)
    });
    each.collect()
}

/// "A talk with the child in the examination", before its report.
fn examination_talk(world: &World) -> Vec<Owed> {
    let mut all = Vec::new();
    let each = examinations(world);
    for (place, (opened, end)) in each.iter().enumerate() {
        let next = each.get(place + 1).map(|(next, _)| next.when);
        let talk = |fact: &Known| {
            fact.says["occasion"] == "EXAMINATION" && world.is_child(&fact.says["child"])
        };
        let own = |fact: &&Known| end.is_none_or(|end| fact.when.earlier(end));
        all.push(Owed {
            met: met(first(world, "ChildHeard", opened.when, talk).filter(own)),
            waived: when(first(world, "ChildHearingWaived", opened.when, talk).filter(own)),
            target: when(final_report(world, opened, next)),
            ..owed(opened)
        });
    }
    all
}

/// "The need of each brother or sister is judged", before the report.
fn sibling(world: &World) -> Vec<Owed> {
    let mut all = Vec::new();
    let mut related = world.of("RelationRecorded").into_iter();
    if !related.any(|fact| fact.says["kind"] == "SIBLING") {
        return all;
    }
    let each = examinations(world);
    for (place, (opened, end)) in each.iter().enumerate() {
        let next = each.get(place + 1).map(|(next, _)| next.when);
        let judged = first(world, "SiblingNeedAssessed", opened.when, |fact| {
            world.is(&fact.says["sibling"], SIBLING)
        });
        let judged = judged.filter(|fact| end.is_none_or(|end| fact.when.earlier(end)));
        all.push(Owed {
            subject: Some(SIBLING),
            met: met(judged),
            target: when(final_report(world, opened, next)),
            ..owed(opened)
        });
    }
    all
}

fn decisions(world: &World) -> Vec<&Known> {
    let all = world.of("DecisionMade").into_iter();
    all.filter(|one| world.is_child(&one.says["child"]))
        .collect()
}

/// When the decision before was made.
fn decided_before(world: &World, moment: When) -> Option<When> {
    let earlier = decisions(world).into_iter().map(|one| one.when);
    earlier
        .filter(|one| (one.day, one.at, one.about) < (moment.day, moment.at, moment.about))
        .max()
}

/// The last fact of a type up to a moment and since the decision before that fits.
fn run_up<'w>(
    world: &'w World,
    kind: &str,
    moment: When,
    fits: impl Fn(&Known) -> bool,
) -> Option<&'w Known> {
    let since = decided_before(world, moment);
    let all = world.of(kind).into_iter().rev();
    let mut own = all.filter(|fact| fact.when.no_later(moment));
    own.find(|fact| since.is_none_or(|since| since.no_later(fact.when)) && fits(fact))
}

/// "A talk about the decision, or a talk in the examination immediately before it."
fn talk_before_decision(world: &World) -> Vec<Owed> {
    let listed = ["SUPPORT_32", "PLACEMENT_46", "CONTACT_104"];
    let all = decisions(world).into_iter().filter(|one| {
        listed.iter().any(|kind| one.says["kind"] == *kind) && !unborn(world, one.when.day)
    });
    let each = all.map(|one| {
        let own = |fact: &Known| world.is_child(&fact.says["child"]);
        let about = run_up(world, "ChildHeard", one.when, |fact| {
            own(fact) && fact.says["occasion"] == "BEFORE_DECISION"
        });
        let last = run_up(world, "ChildHeard", one.when, own);
        let examined = last.filter(|fact| fact.says["occasion"] == "EXAMINATION");
        let candidates = [met(about), met(examined)];
        Owed {
            met: candidates.into_iter().flatten().min(),
            waived: when(run_up(world, "ChildHearingWaived", one.when, own)),
            ..owed(one)
        }
    });
    each.collect()
}

/// "The child was heard, or other direct contact with it is recorded, since the decision before", at
/// each decision, plan and first follow-up of a child who is born.
fn views(world: &World) -> Vec<Owed> {
    let plans = world.of("PlanAdopted").into_iter().filter(|plan| {
        plan.says["kind"] != "PARENT_PLAN" && about_child(world, &plan.says["children"])
    });
    let firsts = world.of("FollowUpHeld").into_iter();
    let firsts =
        firsts.filter(|one| one.says["first"] == true && world.is_child(&one.says["child"]));
    let all = decisions(world).into_iter().chain(plans).chain(firsts);
    let born = all.filter(|fact| !unborn(world, fact.when.day));
    let each = born.map(|fact| {
        let own = |one: &Known| world.is_child(&one.says["child"]);
        let heard = run_up(world, "ChildHeard", fact.when, own);
        let contact = [
            run_up(world, "SupervisionVisitHeld", fact.when, |one| {
                own(one) && one.says["child_spoken_to"] == true
            }),
            run_up(world, "PlanAdopted", fact.when, |one| {
                let with = list(&one.says["made_with"]).iter();
                about_child(world, &one.says["children"])
                    && with.into_iter().any(|who| world.is_child(who))
            }),
            run_up(world, "FollowUpHeld", fact.when, |one| {
                own(one) && one.says["child_involved"] == true
            }),
        ];
        let contact = contact
            .into_iter()
            .flatten()
            .map(|one| (one.when, one.place))
            .max();
        Owed {
            met: met(heard).or(contact),
            waived: when(run_up(world, "ChildHearingWaived", fact.when, own)),
            ..owed(fact)
        }
    });
    each.collect()
}

fn openings(world: &World) -> Vec<&Known> {
    let all = world.of("CaseOpened").into_iter();
    all.filter(|one| world.is_child(&one.says["child"]))
        .collect()
}

/// "The child's network is mapped", whenever it was.
fn network(world: &World) -> Vec<Owed> {
    let mapped = world.of("NetworkMapped").into_iter().next();
    let each = openings(world).into_iter().map(|one| Owed {
        met: met(mapped),
        ..owed(one)
    });
    each.collect()
}

/// "The child is told of the right to a companion"; born when the case is opened.
fn companion(world: &World) -> Vec<Owed> {
    let all = openings(world)
        .into_iter()
        .filter(|one| !unborn(world, one.when.day));
    let each = all.map(|one| {
        let told = first(world, "ChildHeard", one.when, |heard| {
            heard.says["bisidder_right_told"] == true && world.is_child(&heard.says["child"])
        });
        Owed {
            met: met(told),
            ..owed(one)
        }
    });
    each.collect()
}

fn grants<'w>(world: &'w World, kinds: &[&str]) -> Vec<&'w Known> {
    let all = decisions(world).into_iter().filter(|one| {
        one.says["outcome"] == "GRANT" && kinds.iter().any(|kind| one.says["kind"] == *kind)
    });
    all.collect()
}

fn measure_end(world: &World, measure: &Value) -> Option<When> {
    let started = world
        .of("SupportStarted")
        .into_iter()
        .find(|one| one.says["measure"] == *measure)?;
    when(first(world, "SupportEnded", started.when, |end| {
        end.says["measure"] == *measure
    }))
}

/// "An action plan", of a decision that could wait. A plan stands until all help that ran has ended;
/// one that comes later counts for the decision nearest to it, while its measure runs.
fn plan_before(world: &World) -> Vec<Owed> {
    let all = grants(world, &["SUPPORT_32", "PLACEMENT_46"]);
    let plan = |fact: &Known| {
        fact.says["kind"] != "PARENT_PLAN" && about_child(world, &fact.says["children"])
    };
    let plans: Vec<&Known> = world
        .of("PlanAdopted")
        .into_iter()
        .filter(|fact| plan(fact))
        .collect();
    let mut found = Vec::new();
    for one in all
        .iter()
        .filter(|one| one.says["immediate_effect"] != true)
    {
        let mut earlier = plans
            .iter()
            .rev()
            .filter(|plan| plan.when.no_later(one.when));
        let standing = earlier.find(|plan| !help_ended(world, plan.when, one.when));
        let end = measure_end(world, &one.says["measure"]);
        let days = |one: &Known, plan: &Known| (one.when.day - plan.when.day).abs();
        let nearest = |plan: &Known| all.iter().all(|other| days(one, plan) <= days(other, plan));
        let mut later = plans.iter().filter(|plan| one.when.no_later(plan.when));
        let later = later.find(|plan| nearest(plan));
        let later = later.filter(|plan| end.is_none_or(|end| plan.when.earlier(end)));
        found.push(Owed {
            met: met(standing.or(later).copied()),
            ..owed(one)
        });
    }
    found
}

/// Whether at some end of a measure between two moments no other one ran.
fn help_ended(world: &World, from: When, to: When) -> bool {
    let started = world.of("SupportStarted");
    let runs = |day: i64| {
        started.iter().any(|one| {
            let end = measure_end_of(world, one);
            one.when.day <= day && end.is_none_or(|end| day < end.day)
        })
    };
    let ends = started.iter().filter_map(|one| measure_end_of(world, one));
    let mut between = ends.filter(|end| from.earlier(*end) && end.no_later(to));
    between.any(|end| !runs(end.day))
}

fn measure_end_of(world: &World, start: &Known) -> Option<When> {
    let measure = &start.says["measure"];
    when(first(world, "SupportEnded", start.when, |end| {
        end.says["measure"] == *measure
    }))
}

/// "The decision says whether a plan is needed, with reasons when it is not."
fn plan_position(world: &World) -> Vec<Owed> {
    let each = grants(world, &["SUPPORT_32"]).into_iter().map(|one| {
        let stated =
            one.says["plan_position"] == "REQUIRED" || !list(&one.says["plan_reasons"]).is_empty();
        Owed {
            met: stated.then_some((one.when, one.place)),
            ..owed(one)
        }
    });
    each.collect()
}

/// "The measure starts."
fn start(world: &World) -> Vec<Owed> {
    let each = grants(world, &["SUPPORT_32", "PLACEMENT_46"])
        .into_iter()
        .map(|one| {
            let mut all = world.of("SupportStarted").into_iter();
            let started = all.find(|start| start.says["measure"] == one.says["measure"]);
            Owed {
                met: met(started),
                ..owed(one)
            }
        });
    each.collect()
}

/// "A follow-up of the measure"; under BL § 95(2) earlier where an assessment that runs beside it is
/// finished first.
fn first_follow_up(world: &World) -> Vec<Owed> {
    let each = world.of("SupportStarted").into_iter().map(|one| {
        let held = first(world, "FollowUpHeld", one.when, |held| {
            let covers = list(&held.says["measures"]);
            (covers.is_empty() || covers.contains(&one.says["measure"]))
                && world.is_child(&held.says["child"])
        });
        let report = first(world, "AssessmentReported", one.when, |report| {
            report.says["stage"] == "FINAL" && world.is_child(&report.says["child"])
        });
        let end = measure_end_of(world, one);
        let beside = report.filter(|report| {
            world.of("AssessmentOpened").into_iter().any(|opened| {
                opened.says["kind"] == report.says["kind"]
                    && opened.when.no_later(report.when)
                    && end.is_none_or(|end| opened.when.no_later(end))
                    && about_child(world, &opened.says["children"])
            })
        });
        Owed {
            met: met(held),
            own_day: beside.map(|report| report.when.day),
            measure_ended: end,
            ..owed(one)
        }
    });
    each.collect()
}

/// "A complaint of that party", from when the decision was available.
fn complaint_period(world: &World) -> Vec<Owed> {
    let mut all = Vec::new();
    for one in decisions(world) {
        if !mother_is_party(world, one.when.day) {
            continue;
        }
        let told = world.of("DecisionCommunicated").into_iter();
        let told = told.filter(|told| told.says["decision"] == uuid(1_000 + one.place as u64));
        let mut told: Vec<(When, &Known)> = told
            .flat_map(|told| {
                let to = list(&told.says["recipients"]).iter();
                let own = to.filter(|to| world.is(&to["who"], MOTHER));
                own.map(move |to| (When::read(to["available_at"].as_str().unwrap()), told))
            })
            .collect();
        told.sort_by_key(|(at, told)| (*at, told.place));
        let Some((at, told)) = told.first() else {
            continue;
        };
        let mut complaints = world.of("ComplaintReceived").into_iter();
        let complaint = complaints.find(|complaint| {
            complaint.says["decision"] == uuid(1_000 + one.place as u64)
                && world.is(&complaint.says["complainant"], MOTHER)
        });
        all.push(Owed {
            subject: Some(MOTHER),
            met: met(complaint),
            ..Owed::from(told.place, *at)
        });
    }
    all
}

fn complaints(world: &World) -> Vec<&Known> {
    let all = world
        .of("ComplaintReceived")
        .into_iter()
        .filter(|complaint| {
            let mut about = world.of("DecisionMade").into_iter();
            about.any(|one| complaint.says["decision"] == uuid(1_000 + one.place as u64))
        });
    all.collect()
}

fn sent<'w>(world: &'w World, complaint: &Known) -> Option<&'w Known> {
    let id = uuid(1_000 + complaint.place as u64);
    first(world, "AppealForwarded", complaint.when, |sent| {
        sent.says["complaint"] == id
    })
}

/// "It is judged again and upheld, or sent to Ankestyrelsen"; a complaint in time.
fn reassessed(world: &World) -> Vec<Owed> {
    let all = complaints(world)
        .into_iter()
        .filter(|one| one.says["in_time"] == true);
    let each = all.map(|one| {
        let id = uuid(1_000 + one.place as u64);
        let again = first(world, "ComplaintReassessed", one.when, |again| {
            again.says["complaint"] == id
        });
        let met = again.and_then(|again| {
            if again.says["outcome"] != "MAINTAINED" {
                return Some((again.when, again.place));
            }
            sent(world, one).map(|sent| (again.when.max(sent.when), again.place))
        });
        Owed {
            subject: Some(person_in(&one.says["complainant"])),
            also_met: again
                .filter(|again| again.says["outcome"] == "MAINTAINED")
                .and_then(|_| sent(world, one))
                .map(|sent| sent.place),
            met,
            ..owed(one)
        }
    });
    each.collect()
}

/// "It is sent to Ankestyrelsen"; a late complaint.
fn forwarded_at_once(world: &World) -> Vec<Owed> {
    let all = world
        .of("ComplaintReceived")
        .into_iter()
        .filter(|one| one.says["in_time"] == false);
    let each = all.map(|one| Owed {
        subject: Some(person_in(&one.says["complainant"])),
        met: met(sent(world, one)),
        ..owed(one)
    });
    each.collect()
}

/// "Access is given or refused."
fn access(world: &World) -> Vec<Owed> {
    let each = world.of("FileAccessRequested").into_iter().map(|one| {
        let id = uuid(1_000 + one.place as u64);
        let given = first(world, "DisclosureMade", one.when, |given| {
            given.says["request"] == id
        });
        Owed {
            subject: Some(MOTHER),
            met: met(given),
            ..owed(one)
        }
    });
    each.collect()
}

/// Every note, by when the log recorded it.
fn note_lag(world: &World) -> Vec<Owed> {
    let each = world.of("NoteTaken").into_iter().map(|note| Owed {
        met: Some((When::at(note.recorded), note.place)),
        ..owed(note)
    });
    each.collect()
}

/// Ids that a rule may name as its subject.
pub(super) const SUBJECTS: [Id; 4] = [CASE, CHILD, MOTHER, SIBLING];
