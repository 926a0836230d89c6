//! What cannot be true about a person.

use events::event::Event;
use events::spec::StreamKind;

use super::{Command, State};
use crate::refusal::{Reasons, RefusalCode};
use crate::state::StreamState;

pub(super) fn check(
    command: &Command,
    own: &StreamState,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    let subject = match &command.facts {
        Event::PersonRegistered(facts) => {
            let both = facts.birth_date.is_some() && facts.due_date.is_some();
            return reasons.refuse_if(both, RefusalCode::FieldNotApplicable, "due_date");
        }
        Event::PersonIdentified(facts) => {
            let nothing =
                facts.name.is_none() && facts.birth_date.is_none() && facts.id_number.is_none();
            reasons.refuse_if(nothing, RefusalCode::FieldRequired, "name");
            facts.person
        }
        Event::PersonsMerged(facts) => {
            reasons.refuse_if(
                facts.into.person == facts.person.person,
                RefusalCode::FieldNotApplicable,
                "into",
            );
            let unknown = state.streams.kind(facts.into.person.into()) != Some(StreamKind::Person);
            reasons.refuse_if(unknown, RefusalCode::EventUnknown, "into");
            facts.person
        }
        Event::RelationRecorded(facts) => {
            reasons.refuse_if(
                facts.to.person == facts.from.person,
                RefusalCode::FieldNotApplicable,
                "to",
            );
            facts.from
        }
        Event::ResponsibleMunicipalityChanged(facts) => {
            reasons.refuse_if(
                facts.from == facts.to,
                RefusalCode::FieldNotApplicable,
                "to",
            );
            facts.person
        }
        Event::ProtectionMarkerSet(facts) => facts.person,
        _ => return,
    };
    reasons.refuse_if(
        own.about_another(subject),
        RefusalCode::OtherPerson,
        "person",
    );
}
