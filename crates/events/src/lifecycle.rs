//! The end of a case.

use crate::define::{event, object, vocabulary};
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::text::{Line, Short};
use crate::words::Words;

vocabulary! {
    /// Why a case is closed.
    CloseGround {
        /// The purpose is met.
        PurposeMet,
        /// No need of support was found.
        NoNeed,
        /// The family moved and the case was handed over.
        Moved,
        /// The young person came of age.
        Age18 = "AGE_18",
        /// Consent was withdrawn and nothing can be done without it.
        Withdrawn,
        /// Another ground.
        Other,
    }
}

object! {
    /// A duty that is still open when a case closes.
    OpenObligation as "OpenObligationInput" {
        /// The duty's rule.
        rule: Short,
        /// Why the case can close nevertheless.
        reason: Line,
    }
}

event! {
    /// A case was closed.
    CaseClosed v 1 {
        danish: "sag lukket",
        law: "OFL § 15",
        streams: [Case],
        order: Some("closeCase"),
        roles: [Caseworker, Leader],
        views: [Timeline, Family, FamilyVoice, Retention],
    }
    fields {
        /// Why.
        ground: CloseGround => matter,
        /// More about why.
        reasons: Words => matter,
        /// Duties that are still open; empty when none is.
        open_obligations: Vec<OpenObligation> => matter,
        /// Who was told.
        told_to: Vec<PersonRef> => matter,
    }
}

event! {
    /// A closed case was opened again; nothing of what stands in it is lost.
    CaseReopened v 1 {
        danish: "sag genåbnet",
        law: "OFL § 15; BL § 18",
        streams: [Case],
        order: Some("reopenCase"),
        roles: [Caseworker, Leader],
        views: [Timeline, Family, FamilyVoice, Retention],
    }
    fields {
        /// Why.
        ground: Words => matter,
        /// The event that led to it, for example a notification.
        source_event: Option<EventRef> => matter,
    }
}
