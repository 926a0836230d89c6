//! The child's voice, with how often the child was heard; each hearing, waiver, wish and visit is
//! answered by `domain`'s own struct.

use crate::plain::PlainList;
use async_graphql::SimpleObject;
use domain::views::child_voice::{self, Hearing, Visit, Waiver, Wish};
use events::meta::Channel;

/// The child's voice (V4).
#[derive(Debug, Clone, SimpleObject)]
pub struct ChildVoice {
    /// How often the child was heard.
    pub count: usize,
    /// The channels used.
    pub channels: Vec<Channel>,
    /// Each time, in the order in which they took place.
    pub hearings: PlainList<Hearing>,
    /// When the child was not heard, and why.
    pub waivers: PlainList<Waiver>,
    /// What the child asked for.
    pub wishes: PlainList<Wish>,
    /// Visits where the child is placed.
    pub visits: PlainList<Visit>,
}

impl From<child_voice::ChildVoice> for ChildVoice {
    fn from(voice: child_voice::ChildVoice) -> Self {
        Self {
            count: voice.hearings.len(),
            channels: voice.channels.into_iter().collect(),
            hearings: voice.hearings.into(),
            waivers: voice.waivers.into(),
            wishes: voice.wishes.into(),
            visits: voice.visits.into(),
        }
    }
}
