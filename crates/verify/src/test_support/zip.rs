//! Archives for tests, with any field of their headers bent.

/// A file of an archive.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) name: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) deflate: bool,
    pub(crate) flags: u16,
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) extra: Vec<u8>,
    pub(crate) mode: u32,
    /// Bytes behind the end of the compressed stream, counted as part of it.
    pub(crate) tail: Vec<u8>,
    /// Bytes between this file and the next.
    pub(crate) gap: Vec<u8>,
    /// What the directory says instead of the true size.
    pub(crate) size: Option<u32>,
    pub(crate) crc: Option<u32>,
}

impl Part {
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            deflate: false,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            local_name: None,
            extra: Vec::new(),
            mode: 0o100_644,
            tail: Vec::new(),
            gap: Vec::new(),
            size: None,
            crc: None,
        }
    }

    fn data(&self) -> Vec<u8> {
        let data = if self.deflate {
            miniz_oxide::deflate::compress_to_vec(&self.bytes, 6)
        } else {
            self.bytes.clone()
        };
        [data, self.tail.clone()].concat()
    }

    /// The fields that both headers have.
    fn common(&self) -> Vec<u8> {
        let data = self.data();
        let size = self
            .size
            .unwrap_or(u32::try_from(self.bytes.len()).unwrap());
        let mut fields = Vec::new();
        fields.extend(20_u16.to_le_bytes());
        fields.extend(self.flags.to_le_bytes());
        fields.extend(if self.deflate { 8_u16 } else { 0 }.to_le_bytes());
        fields.extend([0; 4]);
        fields.extend(
            self.crc
                .unwrap_or_else(|| crc32fast::hash(&self.bytes))
                .to_le_bytes(),
        );
        fields.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        fields.extend(size.to_le_bytes());
        fields
    }
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap().to_le_bytes()
}

/// Writes an archive.
pub(crate) fn archive(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let start = u32::try_from(out.len()).unwrap();
        let local_name = part.local_name.as_ref().unwrap_or(&part.name);
        out.extend(b"PK\x03\x04");
        out.extend(part.common());
        out.extend(length(local_name));
        out.extend([0; 2]);
        out.extend(local_name);
        out.extend(part.data());
        out.extend(&part.gap);
        directory.extend(b"PK\x01\x02");
        directory.extend([20, 3]);
        directory.extend(part.common());
        directory.extend(length(&part.name));
        directory.extend(length(&part.extra));
        directory.extend([0; 6]);
        directory.extend((part.mode << 16).to_le_bytes());
        directory.extend(start.to_le_bytes());
        directory.extend(&part.name);
        directory.extend(&part.extra);
    }
    let start = u32::try_from(out.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(u16::try_from(parts.len()).unwrap().to_le_bytes());
    out.extend(u16::try_from(parts.len()).unwrap().to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}
