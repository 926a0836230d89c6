//! The child's voice (V4): every time a child was heard, in the child's own words.

use std::collections::BTreeSet;

use events::event::Event;
use events::ids::EventId;
use events::involvement::HearingOccasion;
use events::meta::Channel;
use events::person::PersonRef;
use events::text::Short;
use events::time::Occurred;
use events::words::Words;

use crate::reading::Reading;

/// One hearing.
#[derive(Debug, Clone, PartialEq)]
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
    /// The child's own words.
    pub own_words: Words,
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
}

/// All hearings, in the order in which they took place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChildVoice {
    /// The hearings.
    pub hearings: Vec<Hearing>,
    /// The channels used.
    pub channels: BTreeSet<Channel>,
}

/// Folds the view.
#[must_use]
pub fn child_voice(reading: &Reading) -> ChildVoice {
    let mut view = ChildVoice::default();
    for (event, shown) in reading.facts() {
        let Event::ChildHeard(facts) = &shown.facts else { continue };
        view.channels.extend(shown.meta.channel);
        view.hearings.push(Hearing {
            event: event.event,
            child: facts.child,
            occurred: shown.meta.occurred,
            channel: shown.meta.channel,
            occasion: facts.occasion,
            own_words: facts.own_words.clone(),
            dialogue_feedback: facts.dialogue_feedback.clone(),
            place: facts.place.clone(),
            present: facts.present.clone().unwrap_or_default(),
            companion: facts.bisidder,
            companion_right_told: facts.bisidder_right_told,
        });
    }
    view.hearings.sort_by_key(|hearing| hearing.occurred.earliest());
    view
}
