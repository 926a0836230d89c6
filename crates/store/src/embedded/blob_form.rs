//! A denser form of encrypted parts: the base64url fields of a compact JWE as bare bytes. What
//! does not come back exactly stays as it is.

use record::b64u;

/// The dense form; none when the bytes would not come back exactly.
pub(crate) fn pack(blob: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(blob.len());
    for field in blob.split(|byte| *byte == b'.') {
        let bytes = b64u::decode(field).ok()?;
        packed.extend_from_slice(&u32::try_from(bytes.len()).ok()?.to_be_bytes());
        packed.extend_from_slice(&bytes);
    }
    (unpack(&packed).as_deref() == Some(blob)).then_some(packed)
}

/// The bytes behind a dense form; none when it is malformed.
pub(crate) fn unpack(mut packed: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        fields.push(b64u::encode(field));
        packed = rest;
    }
    packed.is_empty().then(|| fields.join(".").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_comes_back_exactly_or_is_left_alone() {
        let blob = b"eyJhIjoxfQ..AAECAwQFBgcICQoL.3q2-7w.AAAAAAAAAAAAAAAAAAAAAA";
        let packed = pack(blob).unwrap();
        assert_eq!(unpack(&packed).unwrap(), blob);
        for odd in [&b"not base64!"[..], b"AB", b"AA=="] {
            assert_eq!(pack(odd), None);
        }
        assert_eq!(unpack(&[0, 0, 0, 9, 1]), None);
    }
}
