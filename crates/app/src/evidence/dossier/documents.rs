//! The documents of a dossier, as files that people open. Those of a bundle are its own matter.

use std::io::{Seek, Write};

use record::hash::Hash;

use super::DisclosureError;
use super::page::PageEvent;
use super::withhold::Resolved;
use crate::app::App;
use crate::commands::document::media::MediaType;
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::bag::Archive;
use crate::log::content::disclosed::document_in;

/// A document in the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DocumentFile {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) sha256: Hash,
}

impl App {
    /// Puts the documents in, under names that people can read.
    pub(super) fn put_documents<W: Write + Seek>(
        &self,
        archive: &mut Archive<W>,
        events: &[PageEvent],
        resolved: &Resolved,
    ) -> Result<Vec<DocumentFile>, DisclosureError> {
        let mut files: Vec<DocumentFile> = Vec::new();
        for event in events {
            let Some((digest, sha256)) = event.raw.as_ref().and_then(document_in) else {
                continue;
            };
            let withheld = resolved.streams.get(&event.stream);
            let hidden = |digest| {
                withheld.is_some_and(|withheld| withheld.reason(event.event, digest).is_some())
            };
            if hidden(&digest)
                || hidden(&event.payload)
                || files.iter().any(|file| file.sha256 == sha256)
            {
                continue;
            }
            let Some(mut document) = self.open_document(event.stream, event.event)? else {
                continue;
            };
            let path = format!(
                "documents/{}-{}",
                sha256.to_hex(),
                file_name(document.title.as_str(), document.media_type.as_str())
            );
            archive.stream(&path, &mut || {
                self.next_chunk(&mut document).map_err(BundleError::from)
            })?;
            files.push(DocumentFile {
                path,
                title: document.title.as_str().to_owned(),
                sha256,
            });
        }
        Ok(files)
    }
}

/// A file name that every system takes: letters, digits and hyphens of the title.
fn file_name(title: &str, media_type: &str) -> String {
    let name: String = title
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { '-' })
        .take(60)
        .collect();
    let ending = MediaType::named(media_type).map_or("bin", MediaType::ending);
    format!("{}.{ending}", name.trim_matches('-'))
}
