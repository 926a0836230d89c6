//! The facts of one case, sorted and indexed once, so that each rule finds its facts at once.
//!
//! It says who the child is, what ran when, and what refers to what. It knows no rule.

use std::collections::{BTreeMap, BTreeSet};

use events::event::Event;
use events::ids::{EventId, PersonId};
use events::people::RelationKind;
use events::person::{PersonRef, PersonRole};
use jiff::civil::Date;

use crate::calendar::{age_on, birthday, days_between};
use crate::catalogue::Catalogue;
use crate::fact::{Circumstances, Fact};
use crate::finding::{Finding, FindingKind};
use crate::measure::{self, Measure};
use crate::moment::Moment;

/// A fact of one event type.
#[derive(Debug)]
pub struct Seen<'a, T> {
    /// The fact with its circumstances.
    pub fact: Fact<'a>,
    /// When it took place.
    pub moment: Moment,
    /// What it says.
    pub says: &'a T,
}

impl<T> Clone for Seen<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Seen<'_, T> {}

impl<T> Seen<'_, T> {
    /// The event's id.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.fact.event
    }
}

macro_rules! lists {
    ($($list:ident : $module:ident :: $kind:ident,)+) => {
        /// The facts by event type, each in the order in which they took place.
        #[derive(Debug, Default)]
        pub struct Lists<'a> {
            $(
                #[doc = concat!("See [`events::", stringify!($module), "::", stringify!($kind), "`].")]
                pub $list: Vec<Seen<'a, events::$module::$kind>>,
            )+
        }

        impl<'a> Lists<'a> {
            fn push(&mut self, fact: Fact<'a>, moment: Moment) {
                match fact.facts {
                    $(Event::$kind(says) => self.$list.push(Seen { fact, moment, says }),)+
                }
            }
        }
    };
}

lists! {
    notifications: notification::NotificationReceived,
    acute_assessments: notification::AcuteAssessmentMade,
    receipts: notification::NotificationReceiptConfirmed,
    matches: notification::NotificationMatched,
    reassessments: notification::NotificationReassessed,
    feedbacks: notification::NotifierFeedbackGiven,
    municipality_notices: moving::IntermunicipalNotificationSent,
    registrations: people::PersonRegistered,
    identifications: people::PersonIdentified,
    mergers: people::PersonsMerged,
    relations: people::RelationRecorded,
    moves: moving::ResponsibleMunicipalityChanged,
    consents: people::ConsentGiven,
    withdrawals: rights::ConsentWithdrawn,
    representatives: rights::RepresentativeAppointed,
    networks: people::NetworkMapped,
    markers: rights::ProtectionMarkerSet,
    advices: early_advice::EarlyAdviceStarted,
    openings: casework::CaseOpened,
    assignments: casework::CaseworkerAssigned,
    awareness: casework::NeedAwarenessEstablished,
    screenings: assessment::ScreeningConcluded,
    risks: assessment::RiskAssessmentMade,
    assessments: assessment::AssessmentOpened,
    reports: assessment::AssessmentReported,
    sibling_needs: assessment::SiblingNeedAssessed,
    hearings: involvement::ChildHeard,
    hearing_waivers: involvement::ChildHearingWaived,
    network_meetings: involvement::NetworkMeetingHeld,
    notes: casework::NoteTaken,
    information: casework::InformationObtained,
    documents: document::DocumentFiled,
    party_hearings: rights::PartyHearingHeld,
    requests: rights::RequestMade,
    decisions: decision::DecisionMade,
    communications: decision::DecisionCommunicated,
    provisional_decisions: committee::ProvisionalDecisionMade,
    submissions: committee::CommitteeSubmissionMade,
    committee_decisions: committee::CommitteeDecisionMade,
    plans: plan::PlanAdopted,
    goals: plan::GoalSet,
    goal_changes: plan::GoalChanged,
    starts: support::SupportStarted,
    adjustments: support::SupportAdjusted,
    ends: support::SupportEnded,
    follow_ups: plan::FollowUpHeld,
    wellbeing: support::WellbeingMeasured,
    visits: support::SupervisionVisitHeld,
    complaints: appeal::ComplaintReceived,
    complaint_reassessments: appeal::ComplaintReassessed,
    forwardings: appeal::AppealForwarded,
    appeal_outcomes: appeal::AppealOutcomeReceived,
    transfers: moving::CaseTransferred,
    closings: lifecycle::CaseClosed,
    reopenings: lifecycle::CaseReopened,
    references: casework::FactReferenced,
    corrections: correction::EventCorrected,
    annulments: correction::EventAnnulled,
    accesses: access::RecordAccessed,
    access_requests: access::FileAccessRequested,
    disclosures: access::DisclosureMade,
    retention_holds: erasure::RetentionHoldChanged,
    archive_approvals: erasure::ArchiveVersionApproved,
    erasure_orders: erasure::ErasureOrdered,
    erasures: erasure::ErasureExecuted,
    checks: log::IntegrityChecked,
    activations: log::RuleSetActivated,
    overrides: log::SafeguardOverridden,
}

/// The facts of one case at a reading point.
#[derive(Debug)]
pub struct Case<'a> {
    /// What surrounds it.
    pub circumstances: &'a Circumstances,
    /// The law that it is weighed by.
    pub catalogue: &'a Catalogue,
    /// The facts that had taken place, in that order.
    pub facts: Vec<(Moment, Fact<'a>)>,
    /// The same, by event type.
    pub lists: Lists<'a>,
    /// The child that the case is about.
    pub child: Option<PersonId>,
    /// The child's day of birth, where it can be read.
    pub birth: Option<Date>,
    /// Brothers and sisters that the case knows of.
    pub siblings: BTreeSet<PersonId>,
    /// The measures of the case.
    pub measures: Vec<Measure<'a>>,
    /// What does not fit, found while sorting.
    pub findings: Vec<Finding>,
    places: BTreeMap<EventId, usize>,
    merged: BTreeMap<PersonId, PersonId>,
    births: BTreeMap<PersonId, Date>,
    custody: Vec<Custody>,
}

#[derive(Debug)]
struct Custody {
    holder: PersonId,
    from: Option<Date>,
    to: Option<Date>,
}

impl<'a> Case<'a> {
    /// Sorts the facts and finds child, family and measures. Facts of the future are left out and
    /// found.
    #[must_use]
    pub fn new(
        facts: &[Fact<'a>],
        circumstances: &'a Circumstances,
        catalogue: &'a Catalogue,
    ) -> Self {
        let mut sorted: Vec<(Moment, Fact<'a>)> = facts
            .iter()
            .map(|fact| (Moment::from(fact.meta.occurred), *fact))
            .collect();
        sorted.sort_by_key(|(moment, fact)| (*moment, fact.index));
        let mut case = Self::empty(circumstances, catalogue);
        for (moment, fact) in sorted {
            if moment.earliest() > circumstances.as_of {
                case.findings
                    .push(Finding::new(fact.event, FindingKind::InTheFuture));
                continue;
            }
            if case.places.insert(fact.event, case.facts.len()).is_none() {
                case.facts.push((moment, fact));
                case.lists.push(fact, moment);
            }
        }
        case.find_family();
        case.measures = measure::measures(&case);
        case
    }

    fn empty(circumstances: &'a Circumstances, catalogue: &'a Catalogue) -> Self {
        Self {
            circumstances,
            catalogue,
            facts: Vec::new(),
            lists: Lists::default(),
            child: None,
            birth: None,
            siblings: BTreeSet::new(),
            measures: Vec::new(),
            findings: Vec::new(),
            places: BTreeMap::new(),
            merged: BTreeMap::new(),
            births: BTreeMap::new(),
            custody: Vec::new(),
        }
    }

    fn find_family(&mut self) {
        self.merged = self
            .lists
            .mergers
            .iter()
            .map(|merger| (merger.says.person.person, merger.says.into.person))
            .collect();
        for registration in &self.lists.registrations {
            if let Some(day) = registration
                .says
                .birth_date
                .as_ref()
                .and_then(|day| day.known())
            {
                self.births
                    .insert(self.person(registration.says.person), *day);
            }
        }
        for identification in &self.lists.identifications {
            if let Some(day) = identification
                .says
                .birth_date
                .as_ref()
                .and_then(|day| day.known())
            {
                self.births
                    .insert(self.person(identification.says.person), *day);
            }
        }
        self.child = self.find_child();
        self.birth = self
            .child
            .and_then(|child| self.births.get(&child).copied());
        let Some(child) = self.child else { return };
        for relation in &self.lists.relations {
            let (from, to) = (
                self.person(relation.says.from),
                self.person(relation.says.to),
            );
            if from != child && to != child {
                continue;
            }
            let other = if from == child { to } else { from };
            match relation.says.kind {
                RelationKind::CustodySole | RelationKind::CustodyJoint => {
                    let meta = relation.fact.meta;
                    self.custody.push(Custody {
                        holder: other,
                        from: meta.effective_from,
                        to: meta.effective_to,
                    });
                }
                RelationKind::Sibling => {
                    self.siblings.insert(other);
                }
                RelationKind::ParentNoCustody
                | RelationKind::Household
                | RelationKind::Foster
                | RelationKind::Other => {}
            }
        }
        let flagged = self
            .lists
            .matches
            .iter()
            .flat_map(|matched| &matched.says.flagged_siblings);
        let flagged: Vec<PersonId> = flagged
            .map(|sibling| self.person(*sibling))
            .filter(|sibling| *sibling != child)
            .collect();
        self.siblings.extend(flagged);
    }

    fn find_child(&self) -> Option<PersonId> {
        let openings = &self.lists.openings;
        let own = openings
            .iter()
            .find(|opening| Some(opening.fact.stream) == self.circumstances.case);
        let opened = own.or(openings.first()).map(|opening| opening.says.child);
        let notified = || {
            self.lists
                .notifications
                .first()
                .and_then(|notification| notification.says.children.first().copied())
        };
        let advised = || {
            self.lists
                .advices
                .first()
                .and_then(|advice| advice.says.child)
        };
        let registered = || {
            self.lists
                .registrations
                .iter()
                .map(|registered| registered.says.person)
                .find(|person| person.role == PersonRole::Child)
        };
        opened
            .or_else(notified)
            .or_else(advised)
            .or_else(registered)
            .map(|child| self.person(child))
    }

    /// The person that a reference means, registrations merged.
    #[must_use]
    pub fn person(&self, person: PersonRef) -> PersonId {
        let mut id = person.person;
        // A chain of merges is short; the bound keeps a circle of them from running for ever.
        for _ in 0..self.merged.len() {
            match self.merged.get(&id) {
                Some(into) => id = *into,
                None => break,
            }
        }
        id
    }

    /// Whether a fact that names these children is about the child of the case. Naming nobody is
    /// about everybody.
    #[must_use]
    pub fn concerns(&self, children: &[PersonRef]) -> bool {
        children.is_empty() || children.iter().any(|child| self.is_child(*child))
    }

    /// Whether a reference means the child of the case.
    #[must_use]
    pub fn is_child(&self, person: PersonRef) -> bool {
        self.child.is_none_or(|child| self.person(person) == child)
    }

    /// The day of birth of a person, where it can be read.
    #[must_use]
    pub fn birth_of(&self, person: PersonId) -> Option<Date> {
        self.births.get(&person).copied()
    }

    /// The child's age on a day, where the day of birth is known.
    #[must_use]
    pub fn child_age(&self, day: Date) -> Option<u16> {
        self.birth.map(|birth| age_on(birth, day))
    }

    /// The child's eighteenth birthday.
    #[must_use]
    pub fn comes_of_age(&self) -> Option<Date> {
        self.birth.map(|birth| birthday(birth, 18))
    }

    /// Who exercises the rights of a party on a day: holders of custody, and the child from
    /// the age that the catalogue states.
    #[must_use]
    pub fn parties(&self, day: Date) -> BTreeSet<PersonId> {
        let holds = |custody: &&Custody| {
            custody.from.is_none_or(|from| from <= day) && custody.to.is_none_or(|to| day <= to)
        };
        let mut parties: BTreeSet<PersonId> = self
            .custody
            .iter()
            .filter(holds)
            .map(|custody| custody.holder)
            .collect();
        if self
            .child_age(day)
            .is_some_and(|age| age >= self.party_age(day))
        {
            parties.extend(self.child);
        }
        parties
    }

    /// The day whose law holds on a day: that day, or the one that a question puts in its place.
    #[must_use]
    pub fn law_day(&self, day: Date) -> Date {
        self.circumstances.rules_of.unwrap_or(day)
    }

    /// Whether the law of a day is that of before *barnets lov*.
    #[must_use]
    pub fn under_old_act(&self, day: Date) -> bool {
        self.law_day(day) < self.catalogue.transition()
    }

    /// The age from which a child exercises the rights of a party on a day.
    #[must_use]
    pub fn party_age(&self, day: Date) -> u16 {
        self.catalogue.party_age(self.law_day(day))
    }

    /// Whether the municipality had any approval of the trial on a day.
    #[must_use]
    pub fn approved(&self, day: Date) -> bool {
        let day = self.law_day(day);
        let mut own = self
            .circumstances
            .approvals
            .iter()
            .filter(|approval| approval.municipality == self.circumstances.municipality);
        own.any(|approval| approval.from <= day && day <= approval.to)
    }

    /// The fact of that id.
    #[must_use]
    pub fn fact(&self, event: EventId) -> Option<&Fact<'a>> {
        self.places
            .get(&event)
            .and_then(|place| self.facts.get(*place))
            .map(|(_, fact)| fact)
    }

    /// Place of a fact in the order in which they took place.
    #[must_use]
    pub fn place(&self, event: EventId) -> Option<usize> {
        self.places.get(&event).copied()
    }

    /// When the case was closed for good after a moment, or is closed now; a case that was opened
    /// again did not end.
    #[must_use]
    pub fn closed_after(&self, moment: Moment) -> Option<Moment> {
        let closing = self
            .lists
            .closings
            .last()
            .filter(|closing| moment.not_after(closing.moment))?;
        let reopened = self
            .lists
            .reopenings
            .last()
            .is_some_and(|reopening| closing.moment.not_after(reopening.moment));
        (!reopened).then_some(closing.moment)
    }

    /// Whether an employee had recorded anything in the case before a moment.
    #[must_use]
    pub fn took_part_before(&self, employee: &str, moment: Moment) -> bool {
        let earlier = self.facts.iter().take_while(|(at, _)| *at < moment);
        let mut own = earlier.filter(|(_, fact)| {
            self.circumstances
                .case
                .is_none_or(|case| fact.stream == case)
        });
        own.any(|(_, fact)| fact.actor.is_some_and(|actor| actor.id == employee))
    }

    /// Whole days from a moment until now.
    #[must_use]
    pub fn days_until_now(&self, from: Moment) -> i32 {
        days_between(from.day, Moment::at(self.circumstances.as_of).day)
    }
}

/// The first fact that did not take place before a moment and fits.
pub fn first_after<'s, 'a, T>(
    list: &'s [Seen<'a, T>],
    from: Moment,
    fits: impl Fn(&Seen<'a, T>) -> bool,
) -> Option<&'s Seen<'a, T>> {
    let start = list.partition_point(|seen| seen.moment.day < from.day);
    let later = list.get(start..).unwrap_or_default();
    later
        .iter()
        .find(|seen| from.not_after(seen.moment) && fits(seen))
}

/// The last fact that took place no later than a moment and fits.
pub fn last_before<'s, 'a, T>(
    list: &'s [Seen<'a, T>],
    to: Moment,
    fits: impl Fn(&Seen<'a, T>) -> bool,
) -> Option<&'s Seen<'a, T>> {
    let end = list.partition_point(|seen| seen.moment.day <= to.day);
    let earlier = list.get(..end).unwrap_or_default();
    earlier
        .iter()
        .rev()
        .find(|seen| seen.moment.not_after(to) && fits(seen))
}
