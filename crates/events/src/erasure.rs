//! Lawful erasure: ordered and listed before anything is destroyed, and reported after.

use crate::define::{event, object, vocabulary};
use crate::ids::{ErasureId, EventId};
use crate::meta::EventRef;
use crate::text::{Digest, EmployeeId, Short};
use crate::words::Words;

vocabulary! {
    /// How much is erased.
    ErasureScope {
        /// Single values.
        Value,
        /// All that an event holds about one subject.
        Part,
        /// A whole event.
        Event,
        /// All that stands about one person, in every stream.
        Person,
        /// A whole case or notification: every event of its stream.
        Case,
    }
}

vocabulary! {
    /// The ground of an erasure.
    ErasureGround {
        /// The data subject's right (GDPR article 17).
        Gdpr17 = "GDPR_17",
        /// It was entered in the wrong case or about the wrong person.
        WrongPerson,
        /// It should never have been recorded.
        NoBasis,
        /// The period of retention is over.
        RetentionEnded,
        /// A court or a supervisory authority ordered it.
        Ordered,
    }
}

vocabulary! {
    /// Why something must not be erased for the time being.
    HoldGround {
        /// A complaint or an appeal runs.
        Complaint,
        /// A court has the case.
        Court,
        /// A supervisory authority asked for it.
        Authority,
        /// The data subject asked that it be kept.
        DataSubject,
        /// Another ground.
        Other,
    }
}

event! {
    /// Nothing of this stream may be erased for the time being, or may be again.
    RetentionHoldChanged v 1 {
        danish: "sletning sat i bero eller frigivet",
        law: "GDPR art. 17",
        streams: [Case, Notification, Person],
        order: Some("changeRetentionHold"),
        roles: [Dpo, Leader, Lawyer],
        views: [Timeline, Retention],
    }
    fields {
        /// The event that set the hold which this one lifts; not stated when this one sets a hold.
        lifts: Option<EventId> => matter,
        /// Why.
        ground: HoldGround => matter,
        /// More about why, without names.
        reasons: Words => matter,
    }
}

event! {
    /// The receiving archive approved the archive version that holds this stream. Before that no
    /// period of retention ends.
    ArchiveVersionApproved v 1 {
        danish: "arkiveringsversion godkendt",
        law: "ARV §§ 5, 7",
        streams: [Case, Notification, Person],
        order: Some("recordArchiveApproval"),
        roles: [Records, Dpo],
        views: [Timeline, Retention],
    }
    fields {
        /// Which archive.
        archive: Short => matter,
        /// Id of the archive version, as the archive names it.
        version: Short => matter,
        /// SHA-256 of what was handed over, where it is one file.
        sha256: Option<Digest> => matter,
    }
}

object! {
    /// One thing that is erased, as the entry's own claim names it.
    ErasureTarget as "ErasureTargetInput" {
        /// The event.
        event: EventId,
        /// Its place in the stream, from 1.
        seq: u64,
        /// The part.
        part: u16,
        /// The value, by digest of its disclosure; not stated for a whole part.
        digest: Option<Digest>,
    }
}

event! {
    /// Something in this stream is to be erased: what, why, and who approved.
    ErasureOrdered v 1 {
        danish: "sletning besluttet",
        law: "GDPR art. 17; OFL § 13",
        streams: [Case, Notification, Person, Access],
        order: None,
        roles: [Dpo, Leader],
        views: [Timeline, Access, Integrity, Retention],
    }
    fields {
        /// The erasure.
        erasure: ErasureId => matter,
        /// How much.
        scope: ErasureScope => matter,
        /// On what ground.
        ground: ErasureGround => matter,
        /// The legal check: which duty to keep was weighed and why it yields.
        legal_check: Words => matter,
        /// Who approved it; never the one who ordered it.
        approved_by: EmployeeId => matter,
        /// What is erased in this stream.
        targets: Vec<ErasureTarget> => matter,
    }
}

event! {
    /// The erasure was carried out: keys and bytes are gone.
    ErasureExecuted v 1 {
        danish: "sletning gennemført",
        law: "GDPR art. 17",
        streams: [Case, Notification, Person, Access],
        order: None,
        roles: [System],
        views: [Timeline, FamilyVoice, Integrity, Retention],
    }
    fields {
        /// The erasure.
        erasure: ErasureId => matter,
        /// The event that ordered it.
        ordered: EventRef => matter,
        /// Key epoch that came into force with it.
        key_epoch: u32 => matter,
        /// Keys destroyed in this stream.
        keys_destroyed: u32 => matter,
        /// Blobs destroyed or rewritten in this stream.
        blobs_changed: u32 => matter,
    }
}
