//! The family as clients see it.

use async_graphql::SimpleObject;
use domain::views::family::{ChildCase, Family, Member, Overview, Step, Taken};
use events::assessment::SiblingResult;
use events::ids::{EventId, FamilyId, StreamId};
use events::moving::{ResponsibilityReason, TransferDirection};
use events::people::RelationKind;
use events::time::Occurred;
use jiff::civil::Date;

use crate::case::CaseStatusView;
use crate::person::{PersonInRole, people};
use crate::text::PersonalText;

/// A member of the family or of its surroundings.
#[derive(Debug, Clone, SimpleObject)]
pub struct MemberView {
    /// Who, under the id that goes on.
    pub person: PersonInRole,
    /// Name.
    pub name: Option<PersonalText>,
    /// Day of birth.
    pub birth_date: Option<PersonalText>,
    /// Expected day of birth.
    pub due_date: Option<PersonalText>,
}

impl From<&Member> for MemberView {
    fn from(member: &Member) -> Self {
        Self {
            person: member.person.into(),
            name: member.name.as_ref().map(Into::into),
            birth_date: member.birth_date.as_ref().map(Into::into),
            due_date: member.due_date.as_ref().map(Into::into),
        }
    }
}

/// How two persons belong together.
#[derive(Debug, Clone, SimpleObject)]
pub struct RelationView {
    /// The event.
    pub event: EventId,
    /// From whom.
    pub from: PersonInRole,
    /// To whom.
    pub to: PersonInRole,
    /// How.
    pub kind: RelationKind,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A step of the family's way through cases and municipalities; what is there depends on the step.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct FamilyStepFacts {
    /// Children that a notification is about.
    pub notified: Option<Vec<PersonInRole>>,
    /// Cases that a notification was matched to.
    pub matched: Option<Vec<StreamId>>,
    /// Whether a case runs from here on.
    pub runs: Option<bool>,
    /// The person that it is about.
    pub person: Option<PersonInRole>,
    /// What a brother or sister needs.
    pub sibling_result: Option<SiblingResult>,
    /// The other municipality.
    pub municipality: Option<String>,
    /// Why it became responsible.
    pub responsibility_reason: Option<ResponsibilityReason>,
    /// Which way a case was handed over.
    pub transfer: Option<TransferDirection>,
}

/// A step with its time.
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyStepView {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// When.
    pub occurred: Occurred,
    /// What.
    pub facts: FamilyStepFacts,
}

impl From<&Taken> for FamilyStepView {
    fn from(taken: &Taken) -> Self {
        let none = FamilyStepFacts::default();
        let facts = match &taken.step {
            Step::Notified(children) => FamilyStepFacts {
                notified: Some(people(children)),
                ..none
            },
            Step::Matched(cases) => FamilyStepFacts {
                matched: Some(cases.clone()),
                ..none
            },
            Step::Opened | Step::Reopened => FamilyStepFacts {
                runs: Some(true),
                ..none
            },
            Step::Closed => FamilyStepFacts {
                runs: Some(false),
                ..none
            },
            Step::SiblingAssessed(who, result) => FamilyStepFacts {
                person: Some((*who).into()),
                sibling_result: Some(*result),
                ..none
            },
            Step::MunicipalityTold(to) => FamilyStepFacts {
                municipality: Some(to.as_str().to_owned()),
                ..none
            },
            Step::Responsible(who, to, reason) => FamilyStepFacts {
                person: Some((*who).into()),
                municipality: Some(to.as_str().to_owned()),
                responsibility_reason: Some(*reason),
                ..none
            },
            Step::Transferred(direction, other) => FamilyStepFacts {
                transfer: Some(*direction),
                municipality: Some(other.as_str().to_owned()),
                ..none
            },
        };
        Self {
            event: taken.event.event,
            stream: taken.event.stream,
            occurred: taken.occurred,
            facts,
        }
    }
}

/// The family as one case shows it (V13).
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyView {
    /// The family.
    pub family: Option<FamilyId>,
    /// Its members and their surroundings.
    pub members: Vec<MemberView>,
    /// How they belong together.
    pub relations: Vec<RelationView>,
    /// Brothers and sisters whose need is to be looked at.
    pub flagged_siblings: Vec<PersonInRole>,
    /// Its way, in the order in which it took place.
    pub steps: Vec<FamilyStepView>,
}

impl From<Family> for FamilyView {
    fn from(family: Family) -> Self {
        let relations = family.relations.iter().map(|relation| RelationView {
            event: relation.event,
            from: relation.from.into(),
            to: relation.to.into(),
            kind: relation.kind,
            valid_from: relation.valid.0,
            valid_to: relation.valid.1,
        });
        Self {
            family: family.family,
            members: family.members.iter().map(Into::into).collect(),
            relations: relations.collect(),
            flagged_siblings: people(&family.flagged_siblings),
            steps: family.steps.iter().map(Into::into).collect(),
        }
    }
}

/// One child of a family with the child's case.
#[derive(Debug, Clone, SimpleObject)]
pub struct ChildCaseView {
    /// The case's stream.
    pub case: StreamId,
    /// The child.
    pub child: Option<PersonInRole>,
    /// Name.
    pub name: Option<PersonalText>,
    /// Day of birth.
    pub birth_date: Option<PersonalText>,
    /// How far the case has come.
    pub status: CaseStatusView,
    /// The municipality that answers for the child, where it changed.
    pub responsible_municipality: Option<String>,
}

impl From<&ChildCase> for ChildCaseView {
    fn from(child: &ChildCase) -> Self {
        Self {
            case: child.case,
            child: child.child.map(Into::into),
            name: child.name.as_ref().map(Into::into),
            birth_date: child.birth_date.as_ref().map(Into::into),
            status: child.status.into(),
            responsible_municipality: child
                .responsible
                .as_ref()
                .map(|code| code.as_str().to_owned()),
        }
    }
}

/// The cases of one family side by side (V13).
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyOverviewView {
    /// The children with their cases.
    pub children: Vec<ChildCaseView>,
    /// Children of the family without a case of their own, an unborn child among them.
    pub others: Vec<MemberView>,
}

impl From<Overview> for FamilyOverviewView {
    fn from(overview: Overview) -> Self {
        Self {
            children: overview.children.iter().map(Into::into).collect(),
            others: overview.others.iter().map(Into::into).collect(),
        }
    }
}
