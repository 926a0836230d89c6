//! What a reader may see, decided from facts alone and never from what somebody said.
//!
//! It is careful where the record cannot know: a person decides about giving access to the file,
//! this text only leaves out. Nothing here looks at a personal value.

use std::collections::BTreeSet;

use events::access::{DisclosureMade, RedactionClass};
use events::assessment::RiskResult;
use events::decision::DecisionKind;
use events::event::Event;
use events::ids::{EventId, PersonId};
use events::involvement::ChildHeard;
use events::notification::Suspicion;
use events::person::{PersonRef, PersonRole};
use events::rights::{ProtectionKind, ProtectionMarkerSet};
use events::time::Occurred;
use jiff::civil::Date;

use super::Reader;
use super::voice::Voice;
use crate::reading::{ReadEvent, Reading, Shown};

/// What is kept from the one who reads.
pub(super) struct Privacy {
    /// From this day on nothing is told: somebody must be talked to first.
    quiet_from: Option<Date>,
    /// Whether a place or an address is kept from the reader.
    place_hidden: bool,
    /// Persons whose own part is kept from the reader.
    barred: BTreeSet<PersonId>,
    /// Whether there was a suspicion, so that nobody but the child reads the child's words here.
    suspected: bool,
    /// Decisions that are no news any more.
    out: BTreeSet<EventId>,
    /// Decisions whose reasons were meant for the reader.
    reasons: BTreeSet<EventId>,
    /// Decisions that cannot tell where a child is placed.
    not_of_place: BTreeSet<EventId>,
}

impl Privacy {
    pub(super) fn new(reading: &Reading, voice: &Voice, today: Date) -> Self {
        let facts = reading.by_occurrence();
        let mut privacy = Self {
            quiet_from: None,
            place_hidden: false,
            barred: BTreeSet::new(),
            suspected: false,
            out: BTreeSet::new(),
            reasons: BTreeSet::new(),
            not_of_place: BTreeSet::new(),
        };
        let representatives = representatives(&facts, voice);
        for (event, shown) in &facts {
            match &shown.facts {
                Event::ProtectionMarkerSet(facts) => {
                    privacy.protect(
                        voice,
                        facts,
                        shown.meta.effective_to.is_none_or(|last| last >= today),
                    );
                }
                Event::DisclosureMade(disclosure) => {
                    let withheld = disclosure
                        .redactions
                        .iter()
                        .any(|redaction| redaction.class == RedactionClass::PlacementAddress);
                    // What was withheld when papers were given out is not told here.
                    privacy.place_hidden |= withheld
                        && receivers(&facts, disclosure).any(|person| {
                            voice.reader == Reader::Family || voice.is_reader(person)
                        });
                }
                _ => {}
            }
            privacy.news(voice, event.event, &shown.facts, &representatives, today);
        }
        privacy.suspected = facts.iter().any(|(_, shown)| suspicion(shown));
        privacy.quiet_from = quiet_from(&facts, voice, &privacy.out);
        privacy
    }

    fn protect(&mut self, voice: &Voice, marker: &ProtectionMarkerSet, in_force: bool) {
        let kept = match marker.kept_from {
            // The family's text is read by everybody in it.
            Some(from) => voice.reader == Reader::Family || voice.is_reader(from),
            None => !voice.is_reader(marker.person),
        };
        if !kept || !in_force {
            return;
        }
        match marker.kind {
            ProtectionKind::AddressProtected | ProtectionKind::PlacementSecret105 => {
                self.place_hidden = true
            }
            ProtectionKind::BarredForParty => {
                self.barred.insert(voice.same(marker.person.person));
            }
            // It governs which employees may look.
            ProtectionKind::EmployeeCase => {}
        }
    }

    /// Takes in by what a decision became known, and for whom its reasons were written.
    fn news(
        &mut self,
        voice: &Voice,
        event: EventId,
        facts: &Event,
        representatives: &[PersonId],
        today: Date,
    ) {
        match facts {
            Event::DecisionMade(facts) => {
                if facts.parties.iter().any(|party| voice.is_reader(*party)) {
                    self.reasons.insert(event);
                }
                if !of_place(facts.kind) {
                    self.not_of_place.insert(event);
                }
            }
            Event::DecisionCommunicated(facts) => {
                let arrived = facts
                    .recipients
                    .iter()
                    .filter(|to| Occurred::At(to.available_at).day() <= today);
                for recipient in arrived {
                    self.out.insert(facts.decision);
                    if voice.is_reader(recipient.who)
                        || representatives.contains(&recipient.who.person)
                    {
                        self.reasons.insert(facts.decision);
                    }
                }
            }
            Event::ProvisionalDecisionMade(facts) => {
                self.out.extend(facts.carried_out_at.map(|_| event))
            }
            Event::CommitteeDecisionMade(facts) => {
                let spoke = facts.spoke.iter().any(|who| voice.is_reader(*who));
                if spoke || facts.approves.is_some() {
                    self.out.insert(event);
                }
                // Approved is what was carried out before.
                self.out.extend(facts.approves);
                if spoke {
                    self.reasons.insert(event);
                }
            }
            // What is carried out, or complained of, is known.
            Event::SupportStarted(facts) => self.out.extend(facts.decision),
            Event::SupportAdjusted(facts) => self.out.extend(facts.decision),
            Event::SupportEnded(facts) => self.out.extend(facts.decision),
            Event::ComplaintReceived(facts) => {
                self.out.insert(facts.decision);
            }
            _ => {}
        }
    }

    /// Whether what took place then may be told already.
    pub(super) fn may_be_told(&self, occurred: Occurred) -> bool {
        self.quiet_from.is_none_or(|quiet| occurred.day() < quiet)
    }

    /// Whether a decision is known in the family. A letter, or somebody at the door, comes before
    /// this text does.
    pub(super) fn is_out(&self, decision: EventId) -> bool {
        self.out.contains(&decision)
    }

    /// Whether the reasons of a decision are told. They are written for adults and for those whom
    /// the decision is for.
    pub(super) fn shows_reasons(&self, voice: &Voice, decision: EventId) -> bool {
        match voice.reader {
            Reader::Child => false,
            Reader::Parent(_) => self.reasons.contains(&decision),
            Reader::Family => true,
        }
    }

    /// Whether it may be told where something took place or from where it came.
    pub(super) const fn shows_place(&self) -> bool {
        !self.place_hidden
    }

    /// Whether it may be told who gives the help that a decision started: where a place is secret,
    /// only when the decision is known to be about something else than a place.
    pub(super) fn shows_provider(&self, decision: Option<EventId>) -> bool {
        self.shows_place() || decision.is_some_and(|decision| self.not_of_place.contains(&decision))
    }

    /// Whether what stands about the child is shared with the reader: the plan, its goals, how the
    /// child answered.
    pub(super) fn shares_child(&self, voice: &Voice, child: PersonRef) -> bool {
        voice.is_reader(child) || !self.barred.contains(&voice.same(child.person))
    }

    /// Whether what the authority wrote about the child is told too.
    pub(super) fn tells_of_child(&self, voice: &Voice, child: PersonRef) -> bool {
        voice.is_reader(child) || (self.shares_child(voice, child) && !self.suspected)
    }

    /// Whether the reader reads what the child said in a talk: not when the child wished otherwise,
    /// and not when the parents were kept out of the talk for the child's sake.
    pub(super) fn shares_words(&self, voice: &Voice, talk: &ChildHeard) -> bool {
        let wish = talk.not_to_be_shared.is_some();
        let protected =
            talk.without_parents == Some(true) && talk.without_parents_consent != Some(true);
        voice.is_reader(talk.child)
            || (self.tells_of_child(voice, talk.child) && !wish && !protected)
    }
}

/// Whether a decision can tell where a child is placed.
const fn of_place(kind: DecisionKind) -> bool {
    match kind {
        DecisionKind::Placement46
        | DecisionKind::Placement47
        | DecisionKind::Request48
        | DecisionKind::Place52
        | DecisionKind::ChangePlacement97
        | DecisionKind::YouthSupport114
        | DecisionKind::Other => true,
        DecisionKind::Examination20
        | DecisionKind::Support32
        | DecisionKind::Treatment33
        | DecisionKind::ParentOrder38
        | DecisionKind::YouthOrder39
        | DecisionKind::ReturnHome100
        | DecisionKind::Contact104 => false,
    }
}

fn representatives(facts: &[(&ReadEvent, &Shown)], voice: &Voice) -> Vec<PersonId> {
    let appointed = facts.iter().filter_map(|(_, shown)| match &shown.facts {
        Event::RepresentativeAppointed(facts) if voice.is_reader(facts.of) => {
            Some(facts.representative.person)
        }
        _ => None,
    });
    appointed.collect()
}

/// Whom something was given to: the recipient, and those for whom it was asked.
pub(super) fn receivers<'a>(
    facts: &'a [(&ReadEvent, &Shown)],
    disclosure: &'a DisclosureMade,
) -> impl Iterator<Item = PersonRef> + 'a {
    let asked = facts
        .iter()
        .filter(|(event, _)| Some(event.event) == disclosure.request);
    let askers = asked.filter_map(|(_, shown)| match &shown.facts {
        Event::FileAccessRequested(facts) => Some(facts.on_behalf_of.unwrap_or(facts.requester)),
        _ => None,
    });
    disclosure.recipient_person.into_iter().chain(askers)
}

fn suspicion(shown: &Shown) -> bool {
    matches!(&shown.facts, Event::NotificationReceived(facts) if !facts.suspicions.is_empty())
}

/// The day from which on nothing may be told yet.
///
/// Where there is a suspicion, the child is talked to before anybody else learns of it, and this
/// text must not be how they do. The same holds while a provisional decision waits to be carried
/// out. An unborn child cannot be talked to.
fn quiet_from(
    facts: &[(&ReadEvent, &Shown)],
    voice: &Voice,
    out: &BTreeSet<EventId>,
) -> Option<Date> {
    let involving = involvement_is_safe(facts);
    let suspicions = facts.iter().filter(|(_, shown)| suspicion(shown)).copied();
    let quiet = |(event, shown): &(&ReadEvent, &Shown)| {
        let Event::NotificationReceived(notification) = &shown.facts else {
            return false;
        };
        let honour = notification.suspicions.contains(&Suspicion::HonourRelated);
        let since = (shown.meta.occurred.day(), event.index);
        (honour && !involving && voice.reader != Reader::Child)
            || !(notification.unborn || talked_since(facts, voice, since))
    };
    let mut days: Vec<Date> = suspicions
        .clone()
        .filter(quiet)
        .map(|(_, shown)| shown.meta.occurred.day())
        .collect();
    let waiting = facts.iter().filter(|(event, shown)| {
        matches!(shown.facts, Event::ProvisionalDecisionMade(_)) && !out.contains(&event.event)
    });
    let waits: Vec<Date> = waiting
        .map(|(_, shown)| shown.meta.occurred.day())
        .collect();
    if !waits.is_empty() {
        // What led to the decision would give it away.
        days.extend(
            suspicions
                .last()
                .map(|(_, shown)| shown.meta.occurred.day()),
        );
    }
    days.extend(waits);
    days.into_iter().min()
}

/// Whether parents and network may be involved where a conflict about honour is feared: the newest
/// assessment of risk says so.
fn involvement_is_safe(facts: &[(&ReadEvent, &Shown)]) -> bool {
    let newest = facts
        .iter()
        .rev()
        .find_map(|(_, shown)| match &shown.facts {
            Event::RiskAssessmentMade(facts) => Some(facts.result),
            _ => None,
        });
    match newest {
        Some(RiskResult::NoDanger | RiskResult::WithPrecautions) => true,
        Some(RiskResult::Danger) | None => false,
    }
}

/// Whether, after that day and place in the log, the child was talked to or a parent was involved
/// by the authority itself.
fn talked_since(facts: &[(&ReadEvent, &Shown)], voice: &Voice, since: (Date, u64)) -> bool {
    let parent = |person: &PersonRef| person.role == PersonRole::Parent;
    facts.iter().any(|(event, shown)| {
        let talked = match &shown.facts {
            Event::ChildHeard(facts) => voice.is_child(facts.child),
            Event::ChildHearingWaived(facts) => voice.is_child(facts.child),
            Event::DecisionCommunicated(facts) => facts.recipients.iter().any(|to| parent(&to.who)),
            Event::PartyHearingHeld(facts) => parent(&facts.party),
            Event::NetworkMeetingHeld(facts) => facts.participants.iter().any(parent),
            Event::FollowUpHeld(facts) => facts.parents_involved.iter().any(parent),
            Event::ConsentGiven(facts) => parent(&facts.giver),
            _ => false,
        };
        talked && (shown.meta.occurred.day(), event.index) > since
    })
}
