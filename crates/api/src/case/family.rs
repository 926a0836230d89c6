//! The family. Its steps differ from `domain`'s, which tell apart what happened by an enum with
//! values; members, relations and the cases of a family are answered by `domain`'s own structs.

use async_graphql::SimpleObject;
use domain::views::family::{self, Member, Relation, Step, Taken};
use events::assessment::SiblingResult;
use events::ids::{EventId, FamilyId, StreamId};
use events::moving::{ResponsibilityReason, TransferDirection};
use events::person::PersonRef;
use events::text::MunicipalityCode;
use events::time::Occurred;

/// A step of the family's way through cases and municipalities; what is there depends on the step.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct FamilyStepFacts {
    /// Children that a notification is about.
    pub notified: Option<Vec<PersonRef>>,
    /// Cases that a notification was matched to.
    pub matched: Option<Vec<StreamId>>,
    /// Whether a case runs from here on.
    pub runs: Option<bool>,
    /// The person that it is about.
    pub person: Option<PersonRef>,
    /// What a brother or sister needs.
    pub sibling_result: Option<SiblingResult>,
    /// The other municipality.
    pub municipality: Option<MunicipalityCode>,
    /// Why it became responsible.
    pub responsibility_reason: Option<ResponsibilityReason>,
    /// Which way a case was handed over.
    pub transfer: Option<TransferDirection>,
}

/// A step with its time.
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyStep {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// When.
    pub occurred: Occurred,
    /// What.
    pub facts: FamilyStepFacts,
}

impl From<&Taken> for FamilyStep {
    fn from(taken: &Taken) -> Self {
        let none = FamilyStepFacts::default();
        let facts = match &taken.step {
            Step::Notified(children) => FamilyStepFacts {
                notified: Some(children.clone()),
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
                person: Some(*who),
                sibling_result: Some(*result),
                ..none
            },
            Step::MunicipalityTold(to) => FamilyStepFacts {
                municipality: Some(to.clone()),
                ..none
            },
            Step::Responsible(who, to, reason) => FamilyStepFacts {
                person: Some(*who),
                municipality: Some(to.clone()),
                responsibility_reason: Some(*reason),
                ..none
            },
            Step::Transferred(direction, other) => FamilyStepFacts {
                transfer: Some(*direction),
                municipality: Some(other.clone()),
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
pub struct Family {
    /// The family.
    pub family: Option<FamilyId>,
    /// Its members and their surroundings.
    pub members: Vec<Member>,
    /// How they belong together.
    pub relations: Vec<Relation>,
    /// Brothers and sisters whose need is to be looked at.
    pub flagged_siblings: Vec<PersonRef>,
    /// Its way, in the order in which it took place.
    pub steps: Vec<FamilyStep>,
}

impl From<family::Family> for Family {
    fn from(family: family::Family) -> Self {
        Self {
            family: family.family,
            members: family.members,
            relations: family.relations,
            flagged_siblings: family.flagged_siblings,
            steps: family.steps.iter().map(Into::into).collect(),
        }
    }
}
