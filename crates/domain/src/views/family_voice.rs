//! The family's own view (V15): the case in short, plain sentences, in Danish or English, written
//! for the child, for one parent, or for the family together.
//!
//! It says what is recorded and nothing more: it counts no periods, cites no sections and gives no
//! advice beyond what everybody may know. It is no access to the file either (*aktindsigt*): what
//! it leaves out is not refused, and the reader is told whom to ask. What each reader may see is
//! decided in `privacy`, from facts alone.

use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::lifecycle::CaseClosed;
use events::plan::FollowUpHeld;
use jiff::civil::Date;

use crate::reading::Reading;

mod page;
mod privacy;
mod quote;
mod voice;

mod asked;
mod changes;
mod committee;
mod complaints;
mod consents;
mod decided;
mod goals;
mod help;
mod helpers;
mod meetings;
mod moving;
mod next;
mod origin;
mod people;
mod rights;
mod said;
mod story;
mod told;
mod wellbeing;

pub use events::labels::Language;

use page::{At, Case, Page};
use voice::say;

/// For whom the text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The child of the case: spoken to as *du*, extra plain, without what is written for adults.
    Child,
    /// One parent: spoken to as *du*, with what is that parent's own.
    Parent(PersonId),
    /// The family together: only what everybody in it may read.
    Family,
}

/// One line: a sentence of ours or a piece of somebody's words, at most 20 words long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "FamilyLine")
)]
pub struct Sentence {
    /// The line.
    pub text: String,
    /// The events that it rests on; empty for what everybody may know.
    pub events: Vec<EventId>,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "FamilySection")
)]
pub struct Section {
    /// Heading.
    pub heading: String,
    /// The lines, in the order in which they are read.
    #[cfg_attr(feature = "graphql", graphql(name = "lines"))]
    pub sentences: Vec<Sentence>,
}

/// The whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyVoice {
    /// Title.
    pub title: String,
    /// Sections that say something, in the order in which they are read.
    pub sections: Vec<Section>,
}

impl FamilyVoice {
    /// The text as it is read on paper: title, headings, one line each, a blank line between
    /// sections.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for section in &self.sections {
            text.push('\n');
            text.push_str(&section.heading);
            text.push('\n');
            for sentence in &section.sentences {
                text.push_str(&sentence.text);
                text.push('\n');
            }
        }
        text
    }
}

/// The sections that are filled event by event.
struct Pages {
    about: Page,
    story: Page,
    decided: Page,
    said: Page,
    wellbeing: Page,
    meetings: Page,
    helpers: Page,
    consents: Page,
    asked: Page,
    told: Page,
    changes: Page,
}

impl Pages {
    fn new(language: Language) -> Self {
        let page = || Page::new(language);
        Self {
            about: page(),
            story: page(),
            decided: page(),
            said: page(),
            wellbeing: page(),
            meetings: page(),
            helpers: page(),
            consents: page(),
            asked: page(),
            told: page(),
            changes: page(),
        }
    }
}

/// Folds the view. `today` is the day on which the text is read.
#[must_use]
pub fn family_voice(
    reading: &Reading,
    case: StreamId,
    reader: Reader,
    language: Language,
    today: Date,
) -> FamilyVoice {
    let case = Case::new(reading, case, reader, language, today);
    let pages = told_by_event(&case, reading);
    let sections = in_reading_order(&case, pages)
        .into_iter()
        .filter_map(|(heading, page)| page.section(heading))
        .collect();
    FamilyVoice {
        title: origin::title(&case),
        sections,
    }
}

/// Fills the sections that follow the events one by one.
fn told_by_event(case: &Case, reading: &Reading) -> Pages {
    let mut pages = Pages::new(case.voice.language);
    origin::opening(case, &mut pages.about);
    origin::status(case, &mut pages.about);
    for (event, shown) in &case.facts {
        tell(
            case,
            &mut pages,
            At {
                event: event.event,
                stream: event.stream,
                meta: &shown.meta,
            },
            &shown.facts,
        );
    }
    changes::holes(case, &mut pages.changes, reading);
    pages
}

/// All sections under their headings, also those that turn out empty.
fn in_reading_order(case: &Case, pages: Pages) -> [(String, Page); 17] {
    let headings = headings(case);
    [
        (headings.about, pages.about),
        (headings.next, next::next(case)),
        (headings.people, people::people(case)),
        (headings.story, pages.story),
        (headings.decided, pages.decided),
        (headings.help, help::help(case)),
        (headings.goals, goals::goals(case)),
        (headings.said, pages.said),
        (headings.wellbeing, pages.wellbeing),
        (headings.meetings, pages.meetings),
        (headings.helpers, pages.helpers),
        (headings.consents, pages.consents),
        (headings.asked, pages.asked),
        (headings.complaints, complaints::complaints(case)),
        (headings.told, pages.told),
        (headings.changes, pages.changes),
        (headings.rights, rights::rights(case)),
    ]
}

struct Headings {
    about: String,
    next: String,
    people: String,
    story: String,
    decided: String,
    help: String,
    goals: String,
    said: String,
    wellbeing: String,
    meetings: String,
    helpers: String,
    consents: String,
    asked: String,
    complaints: String,
    told: String,
    changes: String,
    rights: String,
}

fn headings(case: &Case) -> Headings {
    let v = &case.voice;
    let (child, you, your) = (v.child_subject(), v.you_object(), v.your_many());
    let own = v.reader == Reader::Child;
    Headings {
        about: origin::heading(v),
        next: say!(v, "Hvad sker der nu?", "What happens now?"),
        people: say!(
            v,
            "Hvem arbejder sammen med {you}?",
            "Who works with {you}?"
        ),
        story: say!(v, "Hvad er der sket?", "What has happened?"),
        decided: say!(v, "Hvad er der bestemt?", "What was decided?"),
        help: say!(v, "Hvilken hjælp er der?", "What help is there?"),
        goals: say!(v, "{your} mål", "{your} goals"),
        said: if own {
            say!(v, "Hvad har du sagt?", "What have you said?")
        } else {
            say!(v, "Hvad har {child} sagt?", "What has {child} said?")
        },
        wellbeing: if own {
            say!(v, "Hvordan har du det?", "How are you?")
        } else {
            say!(v, "Hvordan har {child} det?", "How is {child}?")
        },
        meetings: say!(v, "Møder og aftaler", "Meetings and agreements"),
        helpers: helpers::heading(v),
        consents: say!(
            v,
            "Hvad er der sagt ja og nej til?",
            "What was said yes and no to?"
        ),
        asked: say!(v, "Hvad er der bedt om?", "What was asked for?"),
        complaints: say!(v, "Klager", "Complaints"),
        told: say!(v, "Hvem har fået besked?", "Who was told?"),
        changes: say!(v, "Rettet og slettet", "Corrected and erased"),
        rights: rights::heading(v),
    }
}

/// Gives one fact to the section that tells it. What follows one goal, one measure or one complaint
/// over time is folded by those sections themselves. A new event type breaks the build here.
fn tell(
    case: &Case,
    Pages {
        about,
        story,
        decided,
        said,
        wellbeing,
        meetings,
        helpers,
        consents,
        asked,
        told,
        changes,
    }: &mut Pages,
    at: At,
    facts: &Event,
) {
    match facts {
        Event::NotificationReceived(facts) => origin::notification(case, about, at, facts),
        Event::AcuteAssessmentMade(facts) => origin::acute(case, about, at, facts),
        Event::NotificationReassessed(facts) => story::reassessed(case, story, at, facts),
        Event::CaseOpened(facts) => origin::opened(case, about, at, facts),
        Event::ScreeningConcluded(facts) => story::screened(case, story, at, facts),
        Event::AssessmentOpened(facts) => story::assessment_opened(case, story, at, facts),
        Event::AssessmentReported(facts) => story::assessment_reported(case, story, at, facts),
        Event::SiblingNeedAssessed(facts) => story::sibling(case, story, at, facts),
        Event::InformationObtained(facts) => story::information(case, story, at, facts),
        Event::ResponsibleMunicipalityChanged(facts) => moving::responsible(case, story, at, facts),
        Event::IntermunicipalNotificationSent(facts) => moving::notified(case, story, at, facts),
        Event::CaseTransferred(facts) => moving::transferred(case, story, at, facts),
        Event::CaseClosed(facts) => closed(case, story, told, at, facts),
        Event::CaseReopened(facts) => moving::reopened(case, story, at, facts),
        Event::CommitteeSubmissionMade(facts) => committee::submitted(case, decided, at, facts),
        Event::DecisionMade(facts) => decided::decision(case, decided, at, facts),
        Event::ProvisionalDecisionMade(facts) => committee::provisional(case, decided, at, facts),
        Event::CommitteeDecisionMade(facts) => committee::decided(case, decided, at, facts),
        Event::DecisionCommunicated(facts) => told::communicated(case, told, at, facts),
        Event::PartyHearingHeld(facts) => told::heard(case, told, at, facts),
        Event::DisclosureMade(facts) => told::disclosed(case, told, at, facts),
        Event::ChildHeard(facts) => said::heard(case, said, at, facts),
        Event::ChildHearingWaived(facts) => said::waived(case, said, at, facts),
        Event::SupervisionVisitHeld(facts) => said::visited(case, said, at, facts),
        Event::FollowUpHeld(facts) => followed_up(case, wellbeing, told, at, facts),
        Event::WellbeingMeasured(facts) => wellbeing::measured(case, wellbeing, at, facts),
        Event::NetworkMeetingHeld(facts) => meetings::held(case, meetings, at, facts),
        Event::NetworkMapped(facts) => helpers::mapped(case, helpers, at, facts),
        Event::RepresentativeAppointed(facts) => helpers::representative(case, helpers, at, facts),
        Event::ConsentGiven(facts) => consents::given(case, consents, at, facts),
        Event::ConsentWithdrawn(facts) => consents::withdrawn(case, consents, at, facts),
        Event::RequestMade(facts) => asked::request(case, asked, at, facts),
        Event::FileAccessRequested(facts) => asked::file_access(case, asked, at, facts),
        Event::EventCorrected(facts) => changes::corrected(case, changes, at, facts),
        Event::EventAnnulled(facts) => changes::annulled(case, changes, at, facts),
        Event::ErasureExecuted(_) => changes::erased(case, changes, at),
        // Told by `people`, `help`, `goals` and `complaints`, which follow one thing over time.
        Event::CaseworkerAssigned(_)
        | Event::EarlyAdviceStarted(_)
        | Event::SupportStarted(_)
        | Event::SupportAdjusted(_)
        | Event::SupportEnded(_)
        | Event::PlanAdopted(_)
        | Event::GoalSet(_)
        | Event::GoalChanged(_)
        | Event::ComplaintReceived(_)
        | Event::ComplaintReassessed(_)
        | Event::AppealForwarded(_)
        | Event::AppealOutcomeReceived(_) => {}
        // Read by `voice` and `privacy`: who is who, and what is kept from whom.
        Event::PersonRegistered(_)
        | Event::PersonIdentified(_)
        | Event::PersonsMerged(_)
        | Event::RelationRecorded(_)
        | Event::ProtectionMarkerSet(_)
        | Event::RiskAssessmentMade(_) => {}
        // Between the authority and who notified.
        Event::NotificationReceiptConfirmed(_)
        | Event::NotificationMatched(_)
        | Event::NotifierFeedbackGiven(_) => {}
        // Working notes and papers: they are seen in the file.
        Event::NeedAwarenessEstablished(_) | Event::NoteTaken(_) | Event::DocumentFiled(_) => {}
        // The trail of the record itself.
        Event::FactReferenced(_) | Event::RecordAccessed(_) | Event::ErasureOrdered(_) => {}
        Event::RetentionHoldChanged(_) | Event::ArchiveVersionApproved(_) => {}
        Event::IntegrityChecked(_) | Event::RuleSetActivated(_) | Event::SafeguardOverridden(_) => {
        }
    }
}

/// Told twice: that the case was closed, and who was told so.
fn closed(case: &Case, story: &mut Page, told: &mut Page, at: At, facts: &CaseClosed) {
    moving::closed(case, story, at, facts);
    told::closed(case, told, at, facts);
}

/// Told twice: how the child is, and who was told when that is looked at again.
fn followed_up(case: &Case, wellbeing: &mut Page, told: &mut Page, at: At, facts: &FollowUpHeld) {
    wellbeing::followed_up(case, wellbeing, at, facts);
    told::rhythm(case, told, at, facts);
}

#[cfg(test)]
pub(crate) mod tests;
