//! Which media type a content is.
//!
//! A type is told by the first bytes, a text by all of them. What a document says is not looked at:
//! this is no search for malware.

use super::MediaType;

/// Looks at a content that comes chunk by chunk.
#[derive(Debug, Default)]
pub struct Look {
    begun: bool,
    found: Option<MediaType>,
    text: PlainText,
}

impl Look {
    /// Takes the next chunk in. The first one must hold the beginning of the content, at least
    /// some thousand bytes of it where there are as many.
    pub fn take(&mut self, chunk: &[u8]) {
        if self.begun && self.found != Some(MediaType::Text) {
            return;
        }
        self.text.take(chunk);
        if !self.begun {
            self.begun = true;
            self.found = if self.text.is_plain() {
                textual(chunk)
            } else {
                binary(chunk)
            };
        }
    }

    /// The type so far; only a text may still turn out to be none.
    #[must_use]
    pub fn found(&self) -> Option<MediaType> {
        let broken = self.found == Some(MediaType::Text) && !self.text.is_plain();
        if broken { None } else { self.found }
    }

    /// The type of the whole; none when it is not one that is taken.
    #[must_use]
    pub fn finish(self) -> Option<MediaType> {
        let broken = self.found == Some(MediaType::Text) && !self.text.is_whole();
        if broken { None } else { self.found }
    }
}

/// What a content without control characters is. Signatures of other formats are ignored: some
/// are so short that a letter may begin with them.
fn textual(head: &[u8]) -> Option<MediaType> {
    let marked =
        infer::get(head).is_some_and(|kind| kind.matcher_type() == infer::MatcherType::Text);
    match head {
        _ if head.starts_with(b"%PDF-") => Some(MediaType::Pdf),
        // HTML, XML, scripts.
        _ if marked => None,
        _ => Some(MediaType::Text),
    }
}

fn binary(head: &[u8]) -> Option<MediaType> {
    match infer::get(head)?.mime_type() {
        "application/pdf" => Some(MediaType::Pdf),
        "image/png" => Some(MediaType::Png),
        "image/jpeg" => Some(MediaType::Jpeg),
        "application/vnd.oasis.opendocument.text" => Some(MediaType::Odt),
        "application/vnd.oasis.opendocument.spreadsheet" => Some(MediaType::Ods),
        "audio/mpeg" => Some(MediaType::Mp3),
        "audio/m4a" => Some(MediaType::M4a),
        "audio/x-wav" => Some(MediaType::Wav),
        "video/mp4" => Some(MediaType::Mp4),
        _ => office(head),
    }
}

/// Bytes in which the first folder of an office file is looked for.
const OFFICE_HEAD: usize = 1024 * 1024;
/// Beginning of a file's header in a ZIP archive, and its length.
const ZIP_ENTRY: &[u8; 4] = b"PK\x03\x04";
const ZIP_ENTRY_HEADER: usize = 30;

/// Office files are ZIP archives that are told by their folders, in whatever order the program
/// that wrote them put these.
fn office(head: &[u8]) -> Option<MediaType> {
    if !head.starts_with(ZIP_ENTRY) {
        return None;
    }
    let head = head.get(..OFFICE_HEAD).unwrap_or(head);
    let entries = head
        .windows(ZIP_ENTRY.len())
        .enumerate()
        .filter(|(_, bytes)| bytes == ZIP_ENTRY)
        .map(|(place, _)| place);
    let mut names = entries.filter_map(|place| head.get(place + ZIP_ENTRY_HEADER..));
    names.find_map(|name| {
        let folders = [
            (&b"word/"[..], Some(MediaType::Docx)),
            (b"xl/", Some(MediaType::Xlsx)),
            (b"ppt/", None),
        ];
        folders
            .into_iter()
            .find(|(folder, _)| name.starts_with(folder))
            .map(|(_, found)| found)
    })?
}

/// Checks that a content is UTF-8 without control characters other than those of a text.
#[derive(Debug)]
struct PlainText {
    plain: bool,
    /// The beginning of a character whose end is in the next chunk.
    carry: Vec<u8>,
}

impl Default for PlainText {
    fn default() -> Self {
        Self {
            plain: true,
            carry: Vec::new(),
        }
    }
}

impl PlainText {
    fn take(&mut self, mut bytes: &[u8]) {
        while self.plain && !self.carry.is_empty() {
            let Some((first, rest)) = bytes.split_first() else {
                return;
            };
            self.carry.push(*first);
            bytes = rest;
            match std::str::from_utf8(&self.carry) {
                Ok(_) => self.carry.clear(),
                Err(error) => self.plain = error.error_len().is_none(),
            }
        }
        if !self.plain {
            return;
        }
        let whole = match std::str::from_utf8(bytes) {
            Ok(text) => text.len(),
            Err(error) => {
                self.plain = error.error_len().is_none();
                error.valid_up_to()
            }
        };
        let (text, rest) = bytes.split_at_checked(whole).unwrap_or((bytes, &[]));
        self.plain &= text.iter().all(|byte| {
            *byte >= b' ' && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)
        });
        self.carry.extend_from_slice(rest);
    }

    /// Whether nothing so far speaks against a text.
    const fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether it ends with a whole character.
    fn is_whole(&self) -> bool {
        self.plain && self.carry.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(chunks: &[&[u8]]) -> Option<MediaType> {
        let mut look = Look::default();
        chunks.iter().for_each(|chunk| look.take(chunk));
        look.finish()
    }

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in names {
            bytes.extend_from_slice(ZIP_ENTRY);
            bytes.extend_from_slice(&[0; 22]);
            bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b"\x01\x02content");
        }
        bytes
    }

    #[test]
    fn each_type_is_told_by_its_first_bytes() {
        let odf = |kind: &str| {
            zip(&[&format!(
                "mimetypeapplication/vnd.oasis.opendocument.{kind}"
            )])
        };
        let sound = |brand: &str| {
            [
                &[0, 0, 0, 32],
                b"ftyp".as_slice(),
                brand.as_bytes(),
                &[0; 20],
            ]
            .concat()
        };
        for (bytes, expected) in [
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".to_vec(), MediaType::Pdf),
            (
                b"%PDF-1.4\nwithout a binary comment".to_vec(),
                MediaType::Pdf,
            ),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), MediaType::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), MediaType::Jpeg),
            (
                "Kære Alma\r\n\tHvordan går det?".as_bytes().to_vec(),
                MediaType::Text,
            ),
            ("\u{feff}BMI-måling".as_bytes().to_vec(), MediaType::Text),
            (b"BMI 17".to_vec(), MediaType::Text),
            (b"MZ er forkortelsen for".to_vec(), MediaType::Text),
            (
                zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]),
                MediaType::Docx,
            ),
            (
                zip(&[
                    "_rels/.rels",
                    "docProps/core.xml",
                    "docProps/app.xml",
                    "word/_rels/document.xml.rels",
                ]),
                MediaType::Docx,
            ),
            (
                zip(&["[Content_Types].xml", "xl/workbook.xml"]),
                MediaType::Xlsx,
            ),
            (odf("text"), MediaType::Odt),
            (odf("spreadsheet"), MediaType::Ods),
            (b"ID3\x04\0\0\0\0".to_vec(), MediaType::Mp3),
            (b"\xff\xfb\x90\0".to_vec(), MediaType::Mp3),
            (sound("M4A "), MediaType::M4a),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), MediaType::Wav),
            (sound("isom"), MediaType::Mp4),
        ] {
            assert_eq!(
                look(&[&bytes]),
                Some(expected),
                "{:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_nothing() {
        for bytes in [
            &b"MZ\x90\0\x03\0\0\0"[..],
            b"<!DOCTYPE html><p>",
            b"  <html >",
            b"<?xml version=\"1.0\"?>",
            b"#!/bin/sh\nrm",
            b"GIF89a\x01\0",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
            b"text with a \0 in it",
            b"latin-1: b\xe5d",
            &zip(&["[Content_Types].xml", "ppt/presentation.xml"]),
            &zip(&["some.exe"]),
            b"PK\x03\x04",
        ] {
            assert_eq!(look(&[bytes]), None, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_text_is_a_text_to_its_last_byte() {
        let text = "blåbærgrød 👧 ".repeat(3).into_bytes();
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            // An empty first chunk never comes.
            if cut > 0 {
                assert_eq!(look(&[first, second]), Some(MediaType::Text), "{cut}");
            }
        }
        assert_eq!(look(&[b"abc", b"\x00"]), None);
        assert_eq!(look(&[b"abc", b"\xc3"]), None, "half a character");
        assert_eq!(look(&[b"abc\xc3", b"x"]), None);
        assert_eq!(
            look(&[b"%PDF-1.7\n\xff\xfe", b"\x00"]),
            Some(MediaType::Pdf),
            "only a text is looked at to its end"
        );
    }

    #[test]
    fn no_content_is_too_odd_to_be_looked_at() {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let beginnings: [&[u8]; 9] = [
            b"",
            b"PK\x03\x04",
            b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0[Content_Types].xml",
            b"\x1a\x45\xdf\xa3",
            b"\0\0\0\xffftyp",
            b"\xff\xff\xff\xffftypheic",
            b"\x50\x2a\x4d\x18\xff\xff\xff\xff",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"RIFF",
        ];
        for beginning in beginnings {
            for length in 0..600_usize {
                let rest: Vec<u8> = (0..length).map(|_| next()).collect();
                look(&[&[beginning, &rest].concat()]);
            }
        }
    }
}
