//! Lawful erasure: ordered and listed before anything is destroyed, and reported after.

use crate::define::{event, object, vocabulary};
use crate::ids::{ErasureId, EventId};
use crate::meta::EventRef;
use crate::text::{Digest, EmployeeId};
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
        streams: [Case, Notification, Person],
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
        streams: [Case, Notification, Person],
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
