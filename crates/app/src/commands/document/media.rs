//! The media types of documents: which are taken, under which names, and whether what is stated fits
//! what the content is. The content itself is looked at in [`content`].

pub mod content;

use domain::refusal::RefusalCode;

/// A media type that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// PDF.
    Pdf,
    /// PNG image.
    Png,
    /// JPEG image.
    Jpeg,
    /// Plain text in UTF-8.
    Text,
    /// Word document (`.docx`).
    Docx,
    /// Excel workbook (`.xlsx`).
    Xlsx,
    /// `OpenDocument` text.
    Odt,
    /// `OpenDocument` spreadsheet.
    Ods,
    /// MP3 sound.
    Mp3,
    /// Sound in an MP4 container.
    M4a,
    /// WAV sound.
    Wav,
    /// Film in an MP4 container.
    Mp4,
}

impl MediaType {
    /// Every type that is taken.
    pub const ALL: &'static [Self] = &[
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Text,
        Self::Docx,
        Self::Xlsx,
        Self::Odt,
        Self::Ods,
        Self::Mp3,
        Self::M4a,
        Self::Wav,
        Self::Mp4,
    ];

    /// Its names: first the one that is recorded, then others that mean the same.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["application/pdf"],
            Self::Png => &["image/png"],
            Self::Jpeg => &["image/jpeg", "image/jpg"],
            Self::Text => &["text/plain"],
            Self::Docx => {
                &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]
            }
            Self::Xlsx => &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
            Self::Odt => &["application/vnd.oasis.opendocument.text"],
            Self::Ods => &["application/vnd.oasis.opendocument.spreadsheet"],
            Self::Mp3 => &["audio/mpeg", "audio/mp3"],
            Self::M4a => &["audio/mp4", "audio/m4a", "audio/x-m4a"],
            Self::Wav => &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
            Self::Mp4 => &["video/mp4"],
        }
    }

    /// The name that is recorded.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// Usual ending of a file name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Text => "txt",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Mp3 => "mp3",
            Self::M4a => "m4a",
            Self::Wav => "wav",
            Self::Mp4 => "mp4",
        }
    }

    /// The type of that name, as it is recorded or stated.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let named = |known: &Self| {
            known
                .names()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        Self::ALL.iter().copied().find(named)
    }

    /// The type that a `Content-Type` states; none when it is not taken, or a text in another
    /// encoding than UTF-8.
    #[must_use]
    pub fn stated(header: &str) -> Option<Self> {
        let mut fields = header.split(';').map(str::trim);
        let found = Self::named(fields.next()?)?;
        let foreign = |field: &str| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let value = value.trim_matches('"');
            name.eq_ignore_ascii_case("charset")
                && !["utf-8", "us-ascii"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(value))
        };
        (found != Self::Text || !fields.any(foreign)).then_some(found)
    }
}

/// The type to be recorded, from what was stated and what was found.
///
/// # Errors
/// [`RefusalCode::MediaTypeMismatch`]; [`RefusalCode::MediaTypeNotAllowed`] where nothing was
/// stated and the type found is not taken.
pub fn agreed(
    stated: Option<MediaType>,
    found: Option<MediaType>,
) -> Result<MediaType, RefusalCode> {
    match (stated, found) {
        (None, None) => Err(RefusalCode::MediaTypeNotAllowed),
        (None, Some(found)) => Ok(found),
        (Some(stated), Some(found)) if stated == found => Ok(found),
        // The container does not say whether there are pictures in it.
        (Some(MediaType::M4a), Some(MediaType::Mp4)) => Ok(MediaType::M4a),
        (Some(_), _) => Err(RefusalCode::MediaTypeMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_stated_under_its_names_and_must_agree_with_the_content() {
        for known in MediaType::ALL {
            assert!(
                known
                    .names()
                    .iter()
                    .all(|name| MediaType::stated(&name.to_uppercase()) == Some(*known))
            );
            assert!(
                agreed(Some(*known), Some(*known)) == Ok(*known)
                    && agreed(None, Some(*known)) == Ok(*known)
            );
        }
        assert_eq!(
            MediaType::stated("text/plain; charset=UTF-8"),
            Some(MediaType::Text)
        );
        assert_eq!(
            MediaType::stated("text/plain;charset=\"utf-8\""),
            Some(MediaType::Text)
        );
        for header in [
            "text/plain; charset=iso-8859-1",
            "text/html",
            "",
            "application/octet-stream",
            "application/msword",
        ] {
            assert_eq!(MediaType::stated(header), None, "{header}");
        }
        assert_eq!(
            agreed(Some(MediaType::M4a), Some(MediaType::Mp4)),
            Ok(MediaType::M4a)
        );
        assert_eq!(
            agreed(Some(MediaType::Mp4), Some(MediaType::M4a)),
            Err(RefusalCode::MediaTypeMismatch)
        );
        assert_eq!(
            agreed(Some(MediaType::Pdf), None),
            Err(RefusalCode::MediaTypeMismatch)
        );
        assert_eq!(agreed(None, None), Err(RefusalCode::MediaTypeNotAllowed));
    }
}
