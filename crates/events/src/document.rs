//! Documents: filed once, referred to ever after.

use crate::define::{event, object};
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{Digest, FileName, Line, Short};

object! {
    /// The content of a document: where its chunks lie and what they add up to. It lies under the
    /// same key as the chunks, so that not even a fingerprint outlives an erased document.
    DocumentContent as "DocumentContentInput" {
        /// Numbers of the blobs that hold its chunks, in order; 8 MiB each, the last one may be
        /// shorter.
        blobs: Vec<u16>,
        /// Size in bytes.
        size: u64,
        /// Media type, found by looking at the content.
        media_type: Short,
        /// SHA-256 of the whole.
        sha256: Digest,
    }
}

event! {
    /// A document was filed. It is uploaded through the server; other facts refer to it.
    DocumentFiled v 1 {
        danish: "dokument journaliseret",
        law: "OFL § 15",
        streams: [Case, Notification],
        order: None,
        roles: [Intake, Oncall, Caseworker, Leader, Lawyer, CommitteeSec, Records, Provider],
        views: [Timeline, Appeal],
    }
    fields {
        /// Title, without names.
        title: Line => matter,
        /// The one person that it is about, where it is about one: name, content and chunks lie
        /// under that person's key. It cannot be corrected, because the chunks stay where they are.
        about: Option<PersonRef> => matter,
        /// Name of the file as it was received.
        file_name: Option<Personal<FileName>> => person(about),
        /// The content. It cannot be corrected: it says what the chunks are.
        content: Personal<DocumentContent> => person(about),
    }
}

impl DocumentFiled {
    /// Stored name of the field that says what the chunks are.
    pub const CONTENT: &'static str = "content";
    /// Fields that say where the chunks of a document lie and under which key.
    pub const FIXED: [&'static str; 2] = ["about", Self::CONTENT];
}
