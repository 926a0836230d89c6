//! The measures of a case: what kind each is, and from when to when it ran.
//!
//! A measure's kind is read from the section that it rests on, then from its decision.

use events::decision::DecisionKind;
use events::event::Event;
use events::ids::MeasureId;
use events::support::{SupportEnded, SupportStarted};
use jiff::civil::Date;

use crate::case::Case;
use crate::section::{Law, section};
use crate::seen::{Seen, first_after};
use events::moment::Moment;

/// What kind of help a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeasureKind {
    /// Early preventive measure (BL § 30; SEL § 11(3)).
    Early,
    /// Support (BL § 32; SEL § 52(3)).
    Support,
    /// Treatment for drugs (BL § 33).
    Treatment,
    /// Order to parents or to a young person (BL §§ 38-39; SEL §§ 57 a-57 b).
    Order,
    /// Placement by consent (BL § 46; SEL § 52(3) no 7).
    PlacementByConsent,
    /// Placement by the committee or its chair (BL §§ 47, 49, 50, 67, 143; SEL §§ 58, 62, 75).
    PlacementByCommittee,
    /// Support for a young adult (BL §§ 114-116, 120; SEL §§ 76, 76 a).
    YouthSupport,
    /// Anything that cannot be told.
    Other,
}

impl MeasureKind {
    /// Whether the child lives outside the home.
    #[must_use]
    pub const fn is_placement(self) -> bool {
        matches!(self, Self::PlacementByConsent | Self::PlacementByCommittee)
    }
}

/// One measure.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    /// Its id.
    pub id: MeasureId,
    /// What kind of help it is.
    pub kind: MeasureKind,
    /// Its start.
    pub start: Seen<'a, SupportStarted>,
    /// Its end, where it has ended.
    pub end: Option<Seen<'a, SupportEnded>>,
}

impl Measure<'_> {
    /// Whether it ran on a day; on its last day it did not.
    #[must_use]
    pub fn ran_on(&self, day: Date) -> bool {
        self.start.moment.day <= day && self.end.is_none_or(|end| day < end.moment.day)
    }

    /// When it ended.
    #[must_use]
    pub fn ended(&self) -> Option<Moment> {
        self.end.map(|end| end.moment)
    }
}

/// The measures of a case in the order of their starts.
pub(crate) fn measures<'a>(case: &Case<'a>) -> Vec<Measure<'a>> {
    let starts = case.lists.starts.iter().map(|start| {
        let id = start.says.measure;
        let end =
            first_after(&case.lists.ends, start.moment, |end| end.says.measure == id).copied();
        Measure {
            id,
            kind: kind(case, start),
            start: *start,
            end,
        }
    });
    starts.collect()
}

/// The ends of measures at which no other one went on, in order.
pub(crate) fn ends_of_all_help(measures: &[Measure<'_>]) -> Vec<Moment> {
    let goes_on = |end: Moment| measures.iter().any(|measure| measure.ran_on(end.day));
    let ends = measures.iter().filter_map(Measure::ended);
    let mut idle: Vec<Moment> = ends.filter(|end| !goes_on(*end)).collect();
    idle.sort_unstable();
    idle
}

fn kind(case: &Case<'_>, start: &Seen<'_, SupportStarted>) -> MeasureKind {
    let cited = section(start.says.section.as_str());
    let by_section = cited.and_then(|cited| match (cited.law, cited.number, cited.letter) {
        (Law::Bl, 30, _) | (Law::Sel, 11, _) => Some(MeasureKind::Early),
        (Law::Bl, 32, _) => Some(MeasureKind::Support),
        (Law::Sel, 52, None) if cited.item == Some(7) => Some(MeasureKind::PlacementByConsent),
        (Law::Sel, 52, None) => Some(MeasureKind::Support),
        (Law::Bl, 33, _) => Some(MeasureKind::Treatment),
        (Law::Bl, 38 | 39, _) | (Law::Sel, 57, Some('a' | 'b')) => Some(MeasureKind::Order),
        (Law::Bl, 46, _) => Some(MeasureKind::PlacementByConsent),
        (Law::Bl, 47 | 49 | 50 | 67 | 143, _)
        | (Law::Sel, 58 | 62 | 75, _)
        | (Law::Sel, 68, Some('a')) => Some(MeasureKind::PlacementByCommittee),
        (Law::Bl, 52 | 97 | 98, _) => Some(place_kind(case, start.moment)),
        (Law::Bl, 114..=116 | 120, _) | (Law::Sel, 76, _) => Some(MeasureKind::YouthSupport),
        _ => None,
    });
    by_section.unwrap_or_else(|| kind_by_decision(case, start))
}

/// A place is chosen under whatever decision placed the child.
fn place_kind(case: &Case<'_>, moment: Moment) -> MeasureKind {
    let provisional = case
        .lists
        .provisional_decisions
        .iter()
        .any(|decision| decision.moment.day <= moment.day);
    let committee = case
        .lists
        .committee_decisions
        .iter()
        .any(|decision| decision.moment.day <= moment.day);
    if provisional || committee {
        MeasureKind::PlacementByCommittee
    } else {
        MeasureKind::PlacementByConsent
    }
}

fn kind_by_decision(case: &Case<'_>, start: &Seen<'_, SupportStarted>) -> MeasureKind {
    match start
        .says
        .decision
        .and_then(|decision| case.fact(decision))
        .map(|fact| fact.facts)
    {
        Some(Event::DecisionMade(decision)) => match decision.kind {
            DecisionKind::Support32 => MeasureKind::Support,
            DecisionKind::Treatment33 => MeasureKind::Treatment,
            DecisionKind::ParentOrder38 | DecisionKind::YouthOrder39 => MeasureKind::Order,
            DecisionKind::Placement46 => MeasureKind::PlacementByConsent,
            DecisionKind::Placement47 => MeasureKind::PlacementByCommittee,
            DecisionKind::Place52 | DecisionKind::ChangePlacement97 => {
                place_kind(case, start.moment)
            }
            DecisionKind::YouthSupport114 => MeasureKind::YouthSupport,
            DecisionKind::Examination20
            | DecisionKind::Request48
            | DecisionKind::ReturnHome100
            | DecisionKind::Contact104
            | DecisionKind::Other => MeasureKind::Other,
        },
        Some(Event::ProvisionalDecisionMade(_) | Event::CommitteeDecisionMade(_)) => {
            MeasureKind::PlacementByCommittee
        }
        _ => MeasureKind::Other,
    }
}
