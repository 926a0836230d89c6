//! Codes of user errors, and their kinds: why its author can mend a request.
//!
//! The words stand in `error.rs`, those of refusals in `domain`; the status of a kind in `server`.

use domain::refusal::RefusalCode;

/// Why its author can mend a request, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserErrorCode {
    /// A numbered rule refuses the command.
    Refused(RefusalCode),
    /// A field or parameter does not fit.
    BadUserInput,
    /// Somebody else recorded something in the stream.
    VersionConflict,
    /// The command id was used for another input.
    CommandIdReused,
    /// Another event has the event id.
    EventIdUsed,
    /// A document did not arrive whole.
    DocumentIncomplete,
    /// The access log holds no look at the case, so there is nothing to hand out.
    NobodyLooked,
    /// The command gave the case out before; another file needs another command.
    CommandAlreadyCarriedOut,
}

impl UserErrorCode {
    /// The code as clients read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused(code) => code.as_str(),
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::VersionConflict => "VERSION_CONFLICT",
            Self::CommandIdReused => "COMMAND_ID_REUSED",
            Self::EventIdUsed => "EVENT_ID_USED",
            Self::DocumentIncomplete => "DOCUMENT_INCOMPLETE",
            Self::NobodyLooked => "NOBODY_LOOKED",
            Self::CommandAlreadyCarriedOut => "COMMAND_ALREADY_CARRIED_OUT",
        }
    }

    /// The number of a refusal in the order of precedence; the other codes have none.
    #[must_use]
    pub const fn number(self) -> Option<u16> {
        match self {
            Self::Refused(code) => Some(code.number()),
            Self::BadUserInput
            | Self::VersionConflict
            | Self::CommandIdReused
            | Self::EventIdUsed
            | Self::DocumentIncomplete
            | Self::NobodyLooked
            | Self::CommandAlreadyCarriedOut => None,
        }
    }

    /// What kind of user error it is.
    #[must_use]
    pub const fn kind(self) -> UserErrorKind {
        match self {
            Self::Refused(code) => kind_of(code),
            Self::BadUserInput | Self::DocumentIncomplete => UserErrorKind::Malformed,
            Self::NobodyLooked => UserErrorKind::NotFound,
            Self::CommandAlreadyCarriedOut => UserErrorKind::AlreadyDone,
            Self::VersionConflict | Self::CommandIdReused | Self::EventIdUsed => {
                UserErrorKind::AgainstRule
            }
        }
    }
}

/// The kind of a refusal. Only rules about documents and about whether the stream is there have one of
/// their own; clients rely on 422 for all others, also where another status would seem to fit.
const fn kind_of(code: RefusalCode) -> UserErrorKind {
    match code {
        RefusalCode::RoleNotAllowed => UserErrorKind::NotPermitted,
        RefusalCode::StreamUnknown => UserErrorKind::NotFound,
        RefusalCode::DocumentTooLarge => UserErrorKind::TooLarge,
        RefusalCode::MediaTypeNotAllowed | RefusalCode::MediaTypeMismatch => {
            UserErrorKind::WrongMediaType
        }
        RefusalCode::StreamKindWrong
        | RefusalCode::StreamExists
        | RefusalCode::CompetenceMissing
        | RefusalCode::CommitteeNotReassessed
        | RefusalCode::ExpectedVersionNeeded
        | RefusalCode::TimeInFuture
        | RefusalCode::DatesContradict
        | RefusalCode::DateImpossible
        | RefusalCode::CaseClosed
        | RefusalCode::ListEmpty
        | RefusalCode::FieldRequired
        | RefusalCode::FieldNotApplicable
        | RefusalCode::ScoreOutOfRange
        | RefusalCode::ScoreTotalWrong
        | RefusalCode::VotesDoNotAddUp
        | RefusalCode::VotesInsufficient
        | RefusalCode::EventUnknown
        | RefusalCode::CaseUnknown
        | RefusalCode::OtherChild
        | RefusalCode::CaseNotClosed
        | RefusalCode::OtherPerson
        | RefusalCode::AlreadyMerged
        | RefusalCode::GoalUnknown
        | RefusalCode::GoalEnded
        | RefusalCode::GoalExists
        | RefusalCode::MeasureUnknown
        | RefusalCode::MeasureEnded
        | RefusalCode::MeasureExists
        | RefusalCode::DecisionUnknown
        | RefusalCode::PlanVersionNotNext
        | RefusalCode::ParticipantInvolved
        | RefusalCode::ComplaintUnknown
        | RefusalCode::TargetUnknown
        | RefusalCode::FieldUnknown
        | RefusalCode::TargetAnnulled
        | RefusalCode::ValueMisfit
        | RefusalCode::TargetFixed
        | RefusalCode::ApproverSame
        | RefusalCode::NothingToErase
        | RefusalCode::HoldInForce
        | RefusalCode::ArchiveNotApproved
        | RefusalCode::HoldUnknown
        | RefusalCode::DocumentEmpty
        | RefusalCode::CatalogueNotHeld => UserErrorKind::AgainstRule,
    }
}

/// Kinds of user errors: what a request beside GraphQL is answered with depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserErrorKind {
    /// A parameter does not fit, or the body did not arrive whole.
    Malformed,
    /// The role of the viewer may not do this.
    NotPermitted,
    /// What the request is about is not there.
    NotFound,
    /// The command was carried out before, and cannot be answered the same way again.
    AlreadyDone,
    /// The document has more bytes than the server takes.
    TooLarge,
    /// Documents of this type are not taken, or the content is of another one.
    WrongMediaType,
    /// Any other rule.
    AgainstRule,
}
