//! How the child was heard: hearings, waivers, wishes, visits.

use crate::person::PersonInRole;
use crate::person::people;
use crate::text::Wording;
use async_graphql::SimpleObject;
use domain::views::child_voice::{ChildVoice, Hearing};
use events::ids::EventId;
use events::involvement::{HearingOccasion, WaiverGround};
use events::meta::Channel;
use events::rights::RequestKind;
use events::time::Occurred;

/// A time at which a child was heard.
#[derive(Debug, Clone, SimpleObject)]
pub struct HearingView {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonInRole,
    /// When.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// The child's own words.
    pub own_words: Wording,
    /// How the child found the dialogue.
    pub dialogue_feedback: Option<Wording>,
    /// Where.
    pub place: Option<String>,
    /// Who else was present.
    pub present: Vec<PersonInRole>,
    /// The companion (bisidder).
    pub companion: Option<PersonInRole>,
    /// Whether the child was told of the right to one.
    pub companion_right_told: Option<bool>,
    /// The caseworkers who talked with the child, where they are named.
    pub caseworkers: Vec<String>,
}

impl From<Hearing> for HearingView {
    fn from(hearing: Hearing) -> Self {
        Self {
            event: hearing.event,
            child: hearing.child.into(),
            occurred: hearing.occurred,
            channel: hearing.channel,
            occasion: hearing.occasion,
            own_words: (&hearing.own_words).into(),
            dialogue_feedback: hearing.dialogue_feedback.as_ref().map(Into::into),
            place: hearing.place.map(|place| place.as_str().to_owned()),
            present: people(&hearing.present),
            companion: hearing.companion.map(Into::into),
            companion_right_told: hearing.companion_right_told,
            caseworkers: hearing
                .caseworkers
                .iter()
                .map(|id| id.as_str().to_owned())
                .collect(),
        }
    }
}

/// The child's voice (V4).
#[derive(Debug, Clone, SimpleObject)]
pub struct ChildVoiceView {
    /// How often the child was heard.
    pub count: usize,
    /// The channels used.
    pub channels: Vec<Channel>,
    /// Each time, in the order in which they took place.
    pub hearings: Vec<HearingView>,
    /// When the child was not heard, and why.
    pub waivers: Vec<WaiverView>,
    /// What the child asked for.
    pub wishes: Vec<WishView>,
    /// Visits where the child is placed.
    pub visits: Vec<VisitView>,
}

/// A time at which a child was not heard.
#[derive(Debug, Clone, SimpleObject)]
pub struct WaiverView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// Why not.
    pub ground: WaiverGround,
    /// How the child's view was found instead.
    pub views_obtained_by: Option<Wording>,
}

/// Something that a child asked for.
#[derive(Debug, Clone, SimpleObject)]
pub struct WishView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// For what.
    pub kind: RequestKind,
    /// In the child's own words.
    pub text: Wording,
}

/// A visit to a placed child.
#[derive(Debug, Clone, SimpleObject)]
pub struct VisitView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Whether the child was spoken to.
    pub spoken_to: bool,
    /// Whether staff or foster parents were absent from the talk.
    pub staff_absent: bool,
    /// The child's own words.
    pub own_words: Option<Wording>,
}

impl From<ChildVoice> for ChildVoiceView {
    fn from(voice: ChildVoice) -> Self {
        let waivers = voice.waivers.iter().map(|waiver| WaiverView {
            event: waiver.event,
            occurred: waiver.occurred,
            occasion: waiver.occasion,
            ground: waiver.ground,
            views_obtained_by: waiver.views_obtained_by.as_ref().map(Into::into),
        });
        let wishes = voice.wishes.iter().map(|wish| WishView {
            event: wish.event,
            occurred: wish.occurred,
            kind: wish.kind,
            text: (&wish.text).into(),
        });
        let visits = voice.visits.iter().map(|visit| VisitView {
            event: visit.event,
            occurred: visit.occurred,
            spoken_to: visit.spoken_to,
            staff_absent: visit.staff_absent,
            own_words: visit.own_words.as_ref().map(Into::into),
        });
        Self {
            count: voice.hearings.len(),
            channels: voice.channels.into_iter().collect(),
            waivers: waivers.collect(),
            wishes: wishes.collect(),
            visits: visits.collect(),
            hearings: voice.hearings.into_iter().map(Into::into).collect(),
        }
    }
}
