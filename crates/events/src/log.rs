//! Facts about the log itself.

use jiff::Timestamp;

use crate::define::{event, vocabulary};
use crate::ids::EventId;
use crate::text::{Digest, Short};
use crate::words::Words;

vocabulary! {
    /// What a check of the log found.
    IntegrityResult {
        /// Nothing wrong.
        Intact,
        /// Something wrong; what it is stands in the remarks.
        Broken,
    }
}

vocabulary! {
    /// What refuses to record although the disk would take it.
    Safeguard {
        /// The machine's clock is compared with everything that is known of the time.
        Clock,
        /// The log is compared with everything that is known of how far it had come.
        Rollback,
    }
}

event! {
    /// The log was checked against its checkpoint.
    IntegrityChecked v 1 {
        danish: "integritetskontrol",
        law: "",
        streams: [System],
        order: Some("recordIntegrityCheck"),
        roles: [System, Auditor],
        views: [Integrity],
    }
    fields {
        /// First entry checked.
        from: u64 => matter,
        /// Number of entries in the checked tree.
        size: u64 => matter,
        /// Root hash.
        root: Digest => matter,
        /// What was found.
        result: IntegrityResult => matter,
        /// Holes, each of which an erasure explains.
        explained_holes: u32 => matter,
        /// Events that an annulment takes out of the current reading.
        annulments: u32 => matter,
        /// The erasures that explain the holes.
        erasures: Vec<EventId> => matter,
        /// Remarks.
        remarks: Option<Words> => matter,
    }
}

event! {
    /// A catalogue of rules was put into force: from then on, duties are weighed by it.
    RuleSetActivated v 1 {
        danish: "regelsæt taget i brug",
        law: "",
        streams: [System],
        order: Some("activateRuleSet"),
        roles: [System],
        views: [Integrity],
    }
    fields {
        /// SHA-256 of the catalogue's bytes. The first day on which it is used stands among the
        /// circumstances (`effective_from`).
        catalogue: Digest => matter,
        /// Its version, for people.
        version: Short => matter,
        /// Number of its rules.
        rules: u32 => matter,
        /// Remarks.
        remarks: Option<Words> => matter,
    }
}

event! {
    /// An operator set a safeguard aside that refused to record; what follows rests on that word.
    SafeguardOverridden v 1 {
        danish: "tilsidesat sikring",
        law: "",
        streams: [System],
        order: None,
        roles: [System],
        views: [Integrity],
    }
    fields {
        /// What was set aside.
        safeguard: Safeguard => matter,
        /// Why, in the operator's words.
        reason: Words => matter,
        /// What the clock said.
        clock: Option<Timestamp> => matter,
        /// The time that it was compared with.
        known_time: Option<Timestamp> => matter,
        /// Number of entries that lay here.
        entries_here: Option<u64> => matter,
        /// Number of entries that were known.
        entries_known: Option<u64> => matter,
        /// Who or what knew that time or that number of entries.
        known_by: Option<Short> => matter,
    }
}
