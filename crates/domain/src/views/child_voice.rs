//! The child's voice (V4): every time a child was heard, in the child's own words; what the child
//! asked for; and when it was not heard, why.

use std::collections::BTreeSet;

use events::event::Event;
use events::ids::EventId;
use events::involvement::{ChildHeard, DialogueTurn, HearingOccasion, WaiverGround};
use events::meta::Channel;
use events::person::{PersonRef, PersonRole};
use events::rights::RequestKind;
use events::text::{EmployeeId, Short};
use events::time::Occurred;
use events::words::Words;

use crate::reading::Reading;

/// A time at which a child was heard.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Hearing {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonRef,
    /// When.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// The child's own words; its turns where a dialogue was recorded.
    pub own_words: Words,
    /// The dialogue in turns, where it was recorded as one; turns that were erased are left out here, and
    /// stand as gaps among the child's words.
    pub dialogue: Vec<DialogueTurn>,
    /// How the child found the dialogue.
    pub dialogue_feedback: Option<Words>,
    /// Where.
    pub place: Option<Short>,
    /// Who else was present.
    pub present: Vec<PersonRef>,
    /// The companion (*bisidder*).
    pub companion: Option<PersonRef>,
    /// Whether the child was told of the right to one.
    pub companion_right_told: Option<bool>,
    /// The caseworkers who talked with the child, where they are named.
    pub caseworkers: Vec<EmployeeId>,
}

/// A time at which a child was not heard.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Waiver {
    /// The event.
    pub event: EventId,
    /// The child.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub child: PersonRef,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// Why not.
    pub ground: WaiverGround,
    /// How the child's view was found instead.
    pub views_obtained_by: Option<Words>,
}

/// Something that a child asked for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Wish {
    /// The event.
    pub event: EventId,
    /// The child.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub child: PersonRef,
    /// When.
    pub occurred: Occurred,
    /// For what.
    pub kind: RequestKind,
    /// In the child's own words.
    pub text: Words,
}

/// A visit to a placed child.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Visit {
    /// The event.
    pub event: EventId,
    /// The child.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub child: PersonRef,
    /// When.
    pub occurred: Occurred,
    /// Whether the child was spoken to.
    pub spoken_to: bool,
    /// Whether staff or foster parents were absent from the talk.
    pub staff_absent: bool,
    /// The child's own words.
    pub own_words: Option<Words>,
}

/// The child's voice, each list in the order in which it took place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChildVoice {
    /// The hearings.
    pub hearings: Vec<Hearing>,
    /// The channels used.
    pub channels: BTreeSet<Channel>,
    /// When it was not heard.
    pub waivers: Vec<Waiver>,
    /// What it asked for.
    pub wishes: Vec<Wish>,
    /// Visits where it is placed.
    pub visits: Vec<Visit>,
}

/// Folds the view.
///
/// # Example
/// A view shows what a reading holds, here one hearing:
///
/// ```
/// use domain::reading::{Reading, ReadingPoint};
/// use domain::recorded::Recorded;
/// use domain::views::child_voice::child_voice;
/// use events::event::Event;
/// use events::meta::{Actor, Meta, Role};
/// use events::raw::RawEvent;
/// use events::spec::StreamKind;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let heard = Event::from_json("ChildHeard", serde_json::json!({
///     "child": { "person": "00000000-0000-0000-0000-0000000000c1", "role": "CHILD" },
///     "occasion": "CONTINUOUS", "own_words": ["I want to sleep"],
/// }))?;
/// let actor = Actor {
///     id: "K1".into(),
///     role: Role::Caseworker,
///     unit: None,
///     municipality: "0999".into(),
/// };
/// let plain = heard.encode(&Meta::at("2024-01-08".parse()?), &actor, StreamKind::Case)?;
/// let record = Recorded {
///     index: 0,
///     recorded_at: "2024-01-08T12:00:00Z".parse()?,
///     stream: "00000000-0000-0000-0000-000000000001".parse()?,
///     seq: 1,
///     event: "00000000-0000-0000-0000-000000000002".parse()?,
///     raw: Some(RawEvent::from_plain(&plain)),
/// };
/// let voice = child_voice(&Reading::new(vec![record], ReadingPoint::default())?);
/// assert_eq!(voice.hearings[0].own_words.text(), "I want to sleep");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn child_voice(reading: &Reading) -> ChildVoice {
    let mut view = ChildVoice::default();
    for (event, shown) in reading.by_occurrence() {
        let (id, occurred, channel) = (event.event, shown.meta.occurred, shown.meta.channel);
        match &shown.facts {
            Event::ChildHeard(facts) => {
                view.channels.extend(channel);
                view.hearings.push(hearing(id, occurred, channel, facts));
            }
            Event::ChildHearingWaived(facts) => view.waivers.push(Waiver {
                event: id,
                child: facts.child,
                occurred,
                occasion: facts.occasion,
                ground: facts.ground,
                views_obtained_by: facts.views_obtained_by.clone(),
            }),
            Event::RequestMade(facts)
                if matches!(facts.by.role, PersonRole::Child | PersonRole::Sibling) =>
            {
                view.wishes.push(Wish {
                    event: id,
                    child: facts.by,
                    occurred,
                    kind: facts.kind,
                    text: facts.text.clone(),
                });
            }
            Event::SupervisionVisitHeld(facts) => view.visits.push(Visit {
                event: id,
                child: facts.child,
                occurred,
                spoken_to: facts.child_spoken_to,
                staff_absent: facts.staff_absent,
                own_words: facts.own_words.clone(),
            }),
            _ => {}
        }
    }
    view
}

fn hearing(
    event: EventId,
    occurred: Occurred,
    channel: Option<Channel>,
    facts: &ChildHeard,
) -> Hearing {
    Hearing {
        event,
        child: facts.child,
        occurred,
        channel,
        occasion: facts.occasion,
        own_words: facts.childs_words(),
        dialogue: facts.turns().cloned().collect(),
        dialogue_feedback: facts.dialogue_feedback.clone(),
        place: facts.place.clone(),
        present: facts.present.clone().unwrap_or_default(),
        companion: facts.bisidder,
        companion_right_told: facts.bisidder_right_told,
        caseworkers: facts.caseworkers.clone().unwrap_or_default(),
    }
}
