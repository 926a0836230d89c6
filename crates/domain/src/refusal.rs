//! Refusals: why a command was not carried out, as numbered codes that never change.
//!
//! Where several apply, the lowest number is given: first whether the thing exists, then who
//! asks, then times, then the fields, then what the case already holds.

use std::fmt;

macro_rules! refusals {
    ($($number:literal $variant:ident = $text:literal, $english:literal, $danish:literal;)+) => {
        /// Why a command was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum RefusalCode { $(#[doc = $english] $variant = $number,)+ }

        impl RefusalCode {
            /// Every code, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its number.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// Its stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// A sentence in English.
            #[must_use]
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $english,)+ }
            }

            /// A sentence in Danish.
            #[must_use]
            pub const fn danish(self) -> &'static str {
                match self { $(Self::$variant => $danish,)+ }
            }
        }
    };
}

refusals! {
    10 StreamUnknown = "STREAM_UNKNOWN", "There is no such case, notification or person.", "Sagen, underretningen eller personen findes ikke.";
    11 StreamKindWrong = "STREAM_KIND_WRONG", "This fact does not belong in this kind of stream.", "Oplysningen hører ikke til her.";
    12 StreamExists = "STREAM_EXISTS", "It was opened already.", "Den er allerede oprettet.";
    20 RoleNotAllowed = "ROLE_NOT_ALLOWED", "This role may not record this.", "Denne rolle må ikke registrere dette.";
    21 CompetenceMissing = "COMPETENCE_MISSING", "This decision belongs to the children and youth committee.", "Afgørelsen hører under børne- og ungeudvalget.";
    22 CommitteeNotReassessed = "COMMITTEE_NOT_REASSESSED", "A decision of the committee is not judged again by the municipality; the complaint is forwarded at once.", "En afgørelse fra udvalget genvurderes ikke af kommunen; klagen sendes straks videre.";
    30 ExpectedVersionNeeded = "EXPECTED_VERSION_NEEDED", "The outcome depends on what others recorded: say which version was on screen.", "Udfaldet afhænger af, hvad andre har registreret: angiv den version, der var på skærmen.";
    40 TimeInFuture = "TIME_IN_FUTURE", "A fact cannot take place in the future.", "En oplysning kan ikke ligge i fremtiden.";
    41 DatesContradict = "DATES_CONTRADICT", "The dates contradict each other.", "Datoerne modsiger hinanden.";
    42 DateImpossible = "DATE_IMPOSSIBLE", "Such a date cannot be true.", "En sådan dato kan ikke være rigtig.";
    51 CaseClosed = "CASE_CLOSED", "The case is closed.", "Sagen er lukket.";
    60 ListEmpty = "LIST_EMPTY", "At least one is needed.", "Der skal angives mindst én.";
    61 FieldRequired = "FIELD_REQUIRED", "This is needed here.", "Feltet skal udfyldes her.";
    62 FieldNotApplicable = "FIELD_NOT_APPLICABLE", "This does not apply here.", "Feltet hører ikke til her.";
    70 ScoreOutOfRange = "SCORE_OUT_OF_RANGE", "An item is 0 to 100 tenths.", "Et svar er 0 til 100 tiendedele.";
    71 ScoreTotalWrong = "SCORE_TOTAL_WRONG", "The total is not the sum of the items.", "Totalen er ikke summen af svarene.";
    72 VotesDoNotAddUp = "VOTES_DO_NOT_ADD_UP", "There are more votes than members present.", "Der er flere stemmer end fremmødte medlemmer.";
    73 VotesInsufficient = "VOTES_INSUFFICIENT", "This is adopted only by four votes, with the judge, an expert and a councillor present.", "Dette vedtages kun med fire stemmer og med dommer, sagkyndig og byrådsmedlem til stede.";
    81 EventUnknown = "EVENT_UNKNOWN", "The event that it refers to does not stand in this case.", "Den hændelse, der henvises til, findes ikke i sagen.";
    82 CaseUnknown = "CASE_UNKNOWN", "There is no such case.", "Sagen findes ikke.";
    83 OtherChild = "OTHER_CHILD", "This case is about another child.", "Sagen handler om et andet barn.";
    84 CaseNotClosed = "CASE_NOT_CLOSED", "The case is not closed.", "Sagen er ikke lukket.";
    85 OtherPerson = "OTHER_PERSON", "This stream is about another person.", "Her handler det om en anden person.";
    86 AlreadyMerged = "ALREADY_MERGED", "These registrations are one person already.", "Registreringerne er allerede sammenlagt.";
    90 GoalUnknown = "GOAL_UNKNOWN", "There is no such goal in this case.", "Målet findes ikke i sagen.";
    91 GoalEnded = "GOAL_ENDED", "The goal was met or dropped; it must be reopened first.", "Målet er nået eller opgivet; det skal genåbnes først.";
    92 GoalExists = "GOAL_EXISTS", "A goal with this id was set already.", "Målet er allerede sat.";
    93 MeasureUnknown = "MEASURE_UNKNOWN", "There is no such measure in this case.", "Indsatsen findes ikke i sagen.";
    94 MeasureEnded = "MEASURE_ENDED", "The measure has ended.", "Indsatsen er ophørt.";
    95 MeasureExists = "MEASURE_EXISTS", "A measure with this id was started already.", "Indsatsen er allerede iværksat.";
    96 DecisionUnknown = "DECISION_UNKNOWN", "There is no such decision in this case.", "Afgørelsen findes ikke i sagen.";
    97 PlanVersionNotNext = "PLAN_VERSION_NOT_NEXT", "This is not the next version of the plan.", "Det er ikke planens næste version.";
    98 ParticipantInvolved = "PARTICIPANT_INVOLVED", "The person named as uninvolved has worked on the case before.", "Den, der er angivet som udenforstående, har tidligere arbejdet med sagen.";
    99 ComplaintUnknown = "COMPLAINT_UNKNOWN", "There is no such complaint in this case.", "Klagen findes ikke i sagen.";
    110 TargetUnknown = "TARGET_UNKNOWN", "The event to be changed does not stand here.", "Den hændelse, der skal ændres, findes ikke her.";
    111 FieldUnknown = "FIELD_UNKNOWN", "The event has no such field or value.", "Hændelsen har ikke det felt eller den værdi.";
    112 TargetAnnulled = "TARGET_ANNULLED", "The event was annulled.", "Hændelsen er annulleret.";
    113 ValueMisfit = "VALUE_MISFIT", "The new value does not fit the field.", "Den nye værdi passer ikke til feltet.";
    114 TargetFixed = "TARGET_FIXED", "Such an event cannot be annulled.", "En sådan hændelse kan ikke annulleres.";
    120 ApproverSame = "APPROVER_SAME", "An erasure needs the approval of a second person.", "En sletning kræver godkendelse af en anden person.";
    121 NothingToErase = "NOTHING_TO_ERASE", "There is nothing to erase.", "Der er intet at slette.";
    122 HoldInForce = "HOLD_IN_FORCE", "A hold forbids erasing here; it must be lifted first.", "Sletning er sat i bero her; det skal først ophæves.";
    123 ArchiveNotApproved = "ARCHIVE_NOT_APPROVED", "Retention ends only when the receiving archive has approved the archive version.", "Bevaringen ophører først, når arkivet har godkendt arkiveringsversionen.";
    124 HoldUnknown = "HOLD_UNKNOWN", "There is no such hold in force here.", "Der er ikke sat noget sådant i bero her.";
    130 DocumentEmpty = "DOCUMENT_EMPTY", "The document holds no bytes.", "Dokumentet er tomt.";
    131 DocumentTooLarge = "DOCUMENT_TOO_LARGE", "The document is larger than this server takes.", "Dokumentet er større, end serveren tager imod.";
    132 MediaTypeNotAllowed = "MEDIA_TYPE_NOT_ALLOWED", "Documents of this type are not taken.", "Dokumenter af denne type tages der ikke imod.";
    133 MediaTypeMismatch = "MEDIA_TYPE_MISMATCH", "The content is of another type than stated.", "Indholdet er af en anden type end angivet.";
    140 CatalogueNotHeld = "CATALOGUE_NOT_HELD", "This program does not hold that catalogue of rules.", "Programmet har ikke dette regelsæt.";
}

/// A refusal: the code, and the field that it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Why.
    pub code: RefusalCode,
    /// The field, by its stored name; null when it is about the whole command.
    pub field: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(
                f,
                "{} ({field}): {}",
                self.code.as_str(),
                self.code.english()
            ),
            None => write!(f, "{}: {}", self.code.as_str(), self.code.english()),
        }
    }
}

impl std::error::Error for Refusal {}

/// Collects every reason against a command, so that the first in order can be given.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Vec<Refusal>);

impl Reasons {
    pub(crate) fn refuse(&mut self, code: RefusalCode, field: &str) {
        let field = (!field.is_empty()).then(|| field.to_owned());
        self.0.push(Refusal { code, field });
    }

    pub(crate) fn refuse_if(&mut self, condition: bool, code: RefusalCode, field: &str) {
        if condition {
            self.refuse(code, field);
        }
    }

    /// The reason with the lowest number; among equals the one found first.
    pub(crate) fn first(self) -> Result<(), Refusal> {
        match self.0.into_iter().min_by_key(|refusal| refusal.code) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_unique() {
        assert!(
            RefusalCode::ALL
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        let names: std::collections::BTreeSet<_> =
            RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), RefusalCode::ALL.len());
    }

    #[test]
    fn the_lowest_number_is_given() {
        let mut reasons = Reasons::default();
        reasons.refuse(RefusalCode::GoalUnknown, "goal");
        reasons.refuse(RefusalCode::TimeInFuture, "occurred");
        assert_eq!(reasons.first().unwrap_err().code, RefusalCode::TimeInFuture);
    }
}
