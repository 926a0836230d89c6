//! The facts of one case, sorted and indexed once, so that each rule finds its facts at once.
//!
//! It says who the child is, what ran when, and what refers to what. It knows no rule.

mod family;

use std::collections::{BTreeMap, BTreeSet};

use events::identity::Persons;
use events::ids::{EventId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::fact::{Circumstances, Fact};
use crate::finding::{Finding, FindingKind};
use crate::measure::{self, Measure};
use crate::seen::{Lists, first_after};
use events::calendar::days_between;
use events::moment::Moment;
use events::moving::TransferDirection;

/// The facts of one case at a reading point.
#[derive(Debug)]
pub struct Case<'a> {
    /// What surrounds it.
    pub circumstances: &'a Circumstances,
    /// The law that it is evaluated by.
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
    /// Facts that show direct contact with the child, in the order in which they took place.
    pub(crate) contacts: Vec<(Moment, u64, EventId)>,
    /// When all help had ended for a while, in order.
    idle_from: Vec<Moment>,
    /// When it was closed for good, in order.
    closed_for_good: Vec<Moment>,
    /// When another municipality became responsible for the child, and when this one did again.
    responsible: Vec<(Moment, bool)>,
    /// What does not fit, found while sorting.
    pub findings: Vec<Finding>,
    places: BTreeMap<EventId, usize>,
    persons: Persons,
    custody: Vec<Custody>,
}

/// A time of custody, as a relation states it.
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
        case.contacts = case.find_contacts();
        case.closed_for_good = case.find_closings();
        case.responsible = case.find_responsible();
        case.idle_from = measure::ends_of_all_help(&case.measures);
        case
    }

    /// Whether all help had ended for a while between two moments: what was planned for it is over.
    pub(crate) fn help_ended_between(&self, from: Moment, to: Moment) -> bool {
        let later = self.idle_from.partition_point(|end| end.not_after(from));
        self.idle_from
            .get(later)
            .is_some_and(|end| end.not_after(to))
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
            contacts: Vec::new(),
            idle_from: Vec::new(),
            closed_for_good: Vec::new(),
            responsible: Vec::new(),
            findings: Vec::new(),
            places: BTreeMap::new(),
            persons: Persons::default(),
            custody: Vec::new(),
        }
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

    /// When the case was closed for good after a moment. A case that was opened again did not end,
    /// unless it was opened for a new matter: then what belonged to the old one stays ended.
    #[must_use]
    pub fn closed_after(&self, moment: Moment) -> Option<Moment> {
        let mut closings = self.closed_for_good.iter().copied();
        closings.find(|closing| moment.not_after(*closing))
    }

    /// Since when the case is closed, where that is after a moment and nobody opened it again.
    #[must_use]
    pub fn closed_since(&self, moment: Moment) -> Option<Moment> {
        let last = self.lists.closings.last()?.moment;
        let reopened = first_after(&self.lists.reopenings, last, |_| true);
        (moment.not_after(last) && reopened.is_none()).then_some(last)
    }

    fn find_closings(&self) -> Vec<Moment> {
        let closings = self.lists.closings.iter().map(|closing| closing.moment);
        let for_good = closings.filter(|closing| {
            let reopened = first_after(&self.lists.reopenings, *closing, |_| true);
            reopened.is_none_or(|reopened| self.new_matter_between(*closing, reopened.moment))
        });
        for_good.collect()
    }

    /// Whether the municipality was told of the child, or became aware of a need, between a closing of
    /// the case and its reopening.
    fn new_matter_between(&self, closing: Moment, reopening: Moment) -> bool {
        let within = |told: Moment| !told.not_after(closing) && told.not_after(reopening);
        let notified = first_after(&self.lists.notifications, closing, |seen| {
            within(seen.moment)
        });
        let mut aware = self.lists.awareness.iter();
        notified.is_some() || aware.any(|seen| within(Moment::on(seen.says.aware_at)))
    }

    /// Since when another municipality is responsible for the child at a time (RSL §§ 9, 9 a): its
    /// registration says so, or the other one has accepted the case. Null where this one is.
    #[must_use]
    pub fn away_at(&self, at: Timestamp) -> Option<Moment> {
        let mut since = None;
        let known = self.responsible.iter();
        for (from, away) in known.take_while(|(from, _)| from.earliest() <= at) {
            since = away.then(|| since.unwrap_or(*from));
        }
        since
    }

    /// When another municipality became responsible, and when this one did again, in order.
    fn find_responsible(&self) -> Vec<(Moment, bool)> {
        let own = self.circumstances.municipality.as_str();
        let moves = self.lists.moves.iter();
        let moves = moves.filter(|moved| self.is_child(moved.says.person));
        let moved = moves.map(|moved| {
            let from = moved.fact.meta.effective_from;
            (
                from.map_or(moved.moment, Moment::on),
                moved.says.to.as_str() != own,
            )
        });
        let handed = self.lists.transfers.iter();
        let handed = handed.filter(|handed| handed.says.accepted != Some(false));
        let handed = handed.filter_map(|handed| match handed.says.direction {
            TransferDirection::In => Some((handed.moment, false)),
            TransferDirection::Out => {
                (handed.says.accepted == Some(true)).then_some((handed.moment, true))
            }
        });
        let mut changes: Vec<(Moment, bool)> = moved.chain(handed).collect();
        changes.sort_by_key(|(from, _)| *from);
        changes
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
