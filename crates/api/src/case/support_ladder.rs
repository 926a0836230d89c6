//! Help around the child as clients see it: the support ladder, the network and its meetings.

use async_graphql::{Enum, SimpleObject};
use domain::views::ladder::{Movement, Step, SupportLadder};
use events::ids::MeasureId;
use events::time::Occurred;

/// What changed on the support ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Movement")]
pub enum LadderMovement {
    /// Help began.
    Started,
    /// Help changed.
    Adjusted,
    /// Help ended.
    Ended,
}

/// A moment at which help changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct LadderStepView {
    /// When.
    pub occurred: Occurred,
    /// The measure or the course of advice.
    pub measure: MeasureId,
    /// What changed.
    pub movement: LadderMovement,
    /// The highest step of what runs afterwards; none when nothing does.
    pub level: Option<u8>,
    /// The definition that the step belongs to.
    pub definition: Option<String>,
}

impl From<&Step> for LadderStepView {
    fn from(step: &Step) -> Self {
        Self {
            occurred: step.occurred,
            measure: step.measure,
            movement: step.movement.into(),
            level: step.level,
            definition: step
                .definition
                .as_ref()
                .map(|definition| definition.as_str().to_owned()),
        }
    }
}

/// The support ladder (V7).
#[derive(Debug, Clone, SimpleObject)]
pub struct SupportLadderView {
    /// The highest step of what runs now; none when nothing does.
    pub current: Option<u8>,
    /// Each change.
    pub steps: Vec<LadderStepView>,
}

impl From<SupportLadder> for SupportLadderView {
    fn from(ladder: SupportLadder) -> Self {
        Self {
            current: ladder.current,
            steps: ladder.steps.iter().map(Into::into).collect(),
        }
    }
}
