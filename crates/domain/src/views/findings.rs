//! Findings: what is late, missing or unusual in a case. They are shown beside the fact and never
//! keep anybody from recording it; what cannot be true at all is refused instead (`refusal.rs`).
//!
//! Only what the facts of the case show by themselves stands here. Deadlines, and who is a party on
//! which day, are the law's (`docs/legal.md`).

use std::collections::BTreeMap;

use events::decision::{DecisionKind, DecisionMade, DecisionOutcome, Guidance};
use events::event::Event;
use events::ids::{EventId, MeasureId, PersonId, StreamId};
use events::involvement::MeetingBasis;
use events::meta::Channel;
use events::people::{ConsentCapacity, ConsentForm, ConsentPurpose};
use events::person::PersonRef;

use crate::ages::party_months;
use crate::persons::persons_of;
use crate::reading::Reading;
use crate::views::access::access;
use crate::views::appeal::appeals;
use crate::views::decisions::{Decision, Made, decisions};
use crate::views::integrity::integrity;
use crate::views::parties::parties;
use crate::views::party::{Person, Standing};
use crate::views::timeline::is_late;
use events::age::reaches;
use events::identity::Persons;

macro_rules! findings {
    ($($variant:ident = $text:literal, $law:literal, $unsure:expr, $english:literal, $danish:literal;)+) => {
        /// What was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $(#[doc = $english] $variant,)+ }

        impl FindingCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The section of law, or the practice, behind it.
            #[must_use]
            pub const fn law(self) -> &'static str {
                match self { $(Self::$variant => $law,)+ }
            }

            /// What is not settled about it, where something is not.
            #[must_use]
            pub const fn unsure(self) -> Option<&'static str> {
                match self { $(Self::$variant => $unsure,)+ }
            }

            /// A sentence in English.
            #[must_use]
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $english,)+ }
            }

            /// A sentence in Danish.
            #[must_use]
            pub const fn danish(self) -> &'static str {
                match self { $(Self::$variant => $danish,)+ }
            }
        }
    };
}

findings! {
    RecordedLate = "RECORDED_LATE", "OFL § 13", Some("three working days are proposed practice; the law says as soon as possible"), "This was recorded more than three working days after it took place.", "Oplysningen er registreret mere end tre arbejdsdage efter, at den fandt sted.";
    SharedMeetingTooMany = "SHARED_MEETING_TOO_MANY", "RSL § 11 e(2)", None, "Without consent only one meeting and, exceptionally, one to follow up may be held about a child.", "Uden samtykke må der kun holdes ét møde og undtagelsesvis ét opfølgende møde om et barn.";
    ConsentMissing = "CONSENT_MISSING", "BL §§ 32(2), 46", None, "A consent that this decision needs is not recorded as in force on its day.", "Et samtykke, som afgørelsen kræver, er ikke registreret som gældende på dagen.";
    PlacementConsentOral = "PLACEMENT_CONSENT_ORAL", "BL § 46", Some("whether a consent to placement must be in writing was not found in the sections read"), "A consent to placement was given by word of mouth.", "Et samtykke til anbringelse er givet mundtligt.";
    NotReachedDigitally = "NOT_REACHED_DIGITALLY", "DPL; BL § 3", None, "A party below 15 years was told through Digital Post only, which does not reach that person by law.", "En part under 15 år har kun fået meddelelsen digitalt, og Digital Post når ikke vedkommende efter loven.";
    GuidanceMissing = "GUIDANCE_MISSING", "FVL § 25; BL § 143(3)", None, "A decision was told in writing without the guidance that belongs to it: on complaint, or on a lawyer where it is provisional.", "En afgørelse er meddelt skriftligt uden den vejledning, der hører til: om klage, eller om advokat ved en foreløbig afgørelse.";
    SupportBeforeAssessment = "SUPPORT_BEFORE_ASSESSMENT", "BL § 32(4)", None, "Support started before any assessment or screening was recorded.", "En indsats er iværksat, før en screening eller vurdering er registreret.";
    EssentialChangeWithoutDecision = "ESSENTIAL_CHANGE_WITHOUT_DECISION", "BL § 95(4)", None, "An essential change of support names no decision.", "En væsentlig ændring af indsatsen henviser ikke til en afgørelse.";
    ClosedWhileSupportRuns = "CLOSED_WHILE_SUPPORT_RUNS", "BL § 99", None, "The case was closed while support still ran.", "Sagen er lukket, mens en indsats stadig løber.";
    TalkWithoutGround = "TALK_WITHOUT_GROUND", "BL §§ 5(3), 137(3)", None, "The child was heard without the parents and without their consent, and no ground is recorded.", "Barnet er hørt uden forældrene og uden deres samtykke, og der er ikke angivet en grund.";
    RiskAssessedLate = "RISK_ASSESSED_LATE", "BL § 18(3)", None, "The risk was judged after parents or network were involved.", "Risikovurderingen er foretaget, efter at forældre eller netværk blev inddraget.";
    ComplaintLate = "COMPLAINT_LATE", "RSL § 67; BL § 146(1); RSB § 13(1)", None, "The complaint came too late; it is forwarded at once with a remark.", "Klagen er kommet for sent; den sendes straks videre med en bemærkning.";
    ItemRecordedLater = "ITEM_RECORDED_LATER", "RSB § 14", None, "The dossier names something that was recorded only after it was sent.", "Klagesagens fortegnelse nævner noget, som først er registreret efter afsendelsen.";
    LookUpUnexplained = "LOOK_UP_UNEXPLAINED", "FVL § 32; GDPR art. 32", None, "Somebody looked without a purpose or without a relation to the case.", "Nogen har slået op uden formål eller uden tilknytning til sagen.";
    IdentityNumberTwice = "IDENTITY_NUMBER_TWICE", "DBL § 11; GDPR art. 5(1)(d)", None, "Another registration has the same identity number, and the two are not merged: they may be one person.", "En anden registrering har samme personnummer, og de to er ikke lagt sammen: Det kan være samme person.";
    HoleUnexplained = "HOLE_UNEXPLAINED", "", None, "An event cannot be read, and no erasure of this case explains it.", "En hændelse kan ikke læses, og ingen sletning i sagen forklarer det.";
}

/// A finding on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The event that it is on.
    pub event: EventId,
    /// What was found.
    pub code: FindingCode,
    /// The person that it is about, where it is about one.
    pub person: Option<PersonRef>,
}

struct Found(Vec<Finding>);

impl Found {
    fn put(&mut self, event: EventId, code: FindingCode) {
        self.0.push(Finding {
            event,
            code,
            person: None,
        });
    }

    fn put_if(&mut self, condition: bool, event: EventId, code: FindingCode) {
        if condition {
            self.put(event, code);
        }
    }
}

/// Registrations with one identity number that nobody merged. Whether it is written with a dash makes no
/// difference.
fn same_number(reading: &Reading, found: &mut Found) {
    let persons = persons_of(reading);
    let mut first: BTreeMap<String, PersonId> = BTreeMap::new();
    for (person, known) in persons.registrations() {
        let number = known.id_number.as_ref().and_then(|number| number.known());
        let Some(number) = number.map(events::text::IdNumber::undashed) else {
            continue;
        };
        let other = *first.entry(number).or_insert(person);
        let event = known.events.last().copied();
        if let Some(event) = event.filter(|_| !persons.same(other, person)) {
            found.put(event, FindingCode::IdentityNumberTwice);
        }
    }
}

/// Folds the findings of a case, in log order of the events that they are on.
#[must_use]
pub fn findings(reading: &Reading, case: StreamId) -> Vec<Finding> {
    let mut found = Found(Vec::new());
    each_fact(reading, &mut found);
    in_turn(reading, case, &mut found);
    decided(reading, case, &mut found);
    same_number(reading, &mut found);
    for appeal in appeals(reading).appeals {
        found.put_if(
            !appeal.in_time,
            appeal.complaint,
            FindingCode::ComplaintLate,
        );
        for forwarded in appeal.forwarded {
            found.put_if(
                !forwarded.recorded_later.is_empty(),
                forwarded.event,
                FindingCode::ItemRecordedLater,
            );
        }
    }
    for look_up in access(reading).look_ups {
        found.put_if(
            look_up.flagged(),
            look_up.event,
            FindingCode::LookUpUnexplained,
        );
    }
    for hole in integrity(reading).unexplained {
        found.put(hole, FindingCode::HoleUnexplained);
    }
    let places: BTreeMap<EventId, u64> = reading
        .events
        .iter()
        .map(|event| (event.event, event.index))
        .collect();
    found.0.sort_by_key(|finding| {
        (
            places.get(&finding.event).copied(),
            finding.code,
            finding.person,
        )
    });
    found.0
}

/// What a fact shows by itself.
fn each_fact(reading: &Reading, found: &mut Found) {
    for (event, shown) in reading.facts() {
        let id = event.event;
        found.put_if(is_late(event), id, FindingCode::RecordedLate);
        match &shown.facts {
            Event::ChildHeard(facts) => {
                let alone = facts.without_parents == Some(true)
                    && facts.without_parents_consent != Some(true);
                found.put_if(
                    alone && facts.without_parents_ground.is_none(),
                    id,
                    FindingCode::TalkWithoutGround,
                );
            }
            Event::RiskAssessmentMade(facts) => found.put_if(
                !facts.made_before_involvement,
                id,
                FindingCode::RiskAssessedLate,
            ),
            Event::SupportAdjusted(facts) => {
                found.put_if(
                    facts.essential_change && facts.decision.is_none(),
                    id,
                    FindingCode::EssentialChangeWithoutDecision,
                );
            }
            Event::ConsentGiven(facts) => {
                let placement = facts.purpose == ConsentPurpose::Placement;
                found.put_if(
                    placement && facts.form == ConsentForm::Oral,
                    id,
                    FindingCode::PlacementConsentOral,
                );
            }
            _ => {}
        }
    }
}

/// What shows only in the order in which things took place.
fn in_turn(reading: &Reading, case: StreamId, found: &mut Found) {
    let (mut shared, mut assessed) = (0_u32, false);
    let mut running: BTreeMap<MeasureId, bool> = BTreeMap::new();
    for (event, shown) in reading.by_occurrence() {
        match &shown.facts {
            Event::NetworkMeetingHeld(facts)
                if matches!(
                    facts.basis,
                    MeetingBasis::Rsl11eFirst | MeetingBasis::Rsl11eFollowUp
                ) =>
            {
                shared += 1;
                found.put_if(shared > 2, event.event, FindingCode::SharedMeetingTooMany);
            }
            Event::ScreeningConcluded(_)
            | Event::AssessmentOpened(_)
            | Event::AssessmentReported(_)
            | Event::ProvisionalDecisionMade(_) => {
                assessed = true;
            }
            Event::SupportStarted(facts) if event.stream == case => {
                running.insert(facts.measure, true);
                found.put_if(!assessed, event.event, FindingCode::SupportBeforeAssessment);
            }
            Event::SupportEnded(facts) => {
                running.insert(facts.measure, false);
            }
            Event::CaseClosed(_) if event.stream == case => {
                found.put_if(
                    running.values().any(|runs| *runs),
                    event.event,
                    FindingCode::ClosedWhileSupportRuns,
                );
            }
            _ => {}
        }
    }
}

/// What shows of a decision together with consents, persons and letters.
fn decided(reading: &Reading, case: StreamId, found: &mut Found) {
    let persons = persons_of(reading);
    for decision in decisions(reading) {
        let rights = parties(reading, case, decision.occurred.day());
        if let Made::Administration(facts) = &decision.made {
            consents(&decision, facts, &rights, found);
        }
        communicated(&decision, &persons, found);
    }
}

fn consents(decision: &Decision, facts: &DecisionMade, rights: &[Person], found: &mut Found) {
    let granted = matches!(
        facts.outcome,
        DecisionOutcome::Grant | DecisionOutcome::Partial
    );
    if !granted
        || !matches!(
            facts.kind,
            DecisionKind::Support32 | DecisionKind::Placement46
        )
    {
        return;
    }
    let on = decision.occurred.day();
    let placement = facts.kind == DecisionKind::Placement46;
    for person in rights {
        let young =
            placement && person.standing == Standing::Child && person.digital_post == Some(true);
        if person.standing != Standing::CustodyHolder && !young {
            continue;
        }
        let covers = |purpose: ConsentPurpose| match purpose {
            ConsentPurpose::Placement => placement,
            ConsentPurpose::Measure => !placement,
            ConsentPurpose::InformationExchange
            | ConsentPurpose::Attendance
            | ConsentPurpose::Examination
            | ConsentPurpose::Other => false,
        };
        let given = person.consents.iter().any(|consent| {
            let capacity = if young {
                ConsentCapacity::Youth15
            } else {
                ConsentCapacity::CustodyHolder
            };
            covers(consent.purpose) && consent.capacity == Some(capacity) && consent.in_force(on)
        });
        if !given {
            found.0.push(Finding {
                event: decision.event,
                code: FindingCode::ConsentMissing,
                person: Some(person.person),
            });
        }
    }
}

fn communicated(decision: &Decision, persons: &Persons, found: &mut Found) {
    let needed = match &decision.made {
        Made::Administration(facts) if facts.fully_favourable => None,
        Made::Administration(_) | Made::Committee(_) => Some(Guidance::Appeal),
        Made::Provisional(_) => Some(Guidance::Lawyer),
    };
    let mut reached: BTreeMap<PersonRef, (EventId, bool)> = BTreeMap::new();
    for told in &decision.communicated {
        let to = &told.recipient;
        let digital = to.channel == Channel::DigitalPost;
        reached
            .entry(to.who)
            .and_modify(|(_, only)| *only &= digital)
            .or_insert((told.event, digital));
        if !to.oral && needed.is_some_and(|needed| !to.guidance.contains(&needed)) {
            found.0.push(Finding {
                event: told.event,
                code: FindingCode::GuidanceMissing,
                person: Some(to.who),
            });
        }
    }
    for (who, (event, only_digital)) in reached {
        let born = persons
            .get(who.person)
            .and_then(|known| known.birth_date.as_ref()?.known().copied());
        let on = decision.occurred.day();
        let below = |months| {
            born.and_then(|born| reaches(born, months))
                .is_some_and(|from| from > on)
        };
        if only_digital && below(crate::ages::DIGITAL_POST_MONTHS) && !below(party_months(on)) {
            found.0.push(Finding {
                event,
                code: FindingCode::NotReachedDigitally,
                person: Some(who),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sentences_end() {
        let names: std::collections::BTreeSet<_> =
            FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), FindingCode::ALL.len());
        for code in FindingCode::ALL {
            assert!(
                code.english().ends_with('.') && code.danish().ends_with('.'),
                "{}",
                code.as_str()
            );
        }
    }
}
