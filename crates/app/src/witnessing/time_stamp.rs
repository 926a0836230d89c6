//! Time stamps of RFC 3161: the query over a checkpoint, and what its answer says.
//!
//! Whether the authority's certificate is to be trusted is not judged here but by whoever verifies
//! the token later (`openssl ts -verify`); what is archived must be a stamp of what was sent.

mod stamper;

pub use stamper::{StampSettings, StampStatus, StampTransport, Stamper};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// An answer is no time stamp of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The authority refused.
    #[error("the authority refused with status {0}")]
    Refused(u64),
    /// Not written as RFC 3161 demands.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// Of something else.
    #[error("the stamp is of something else")]
    Imprint,
    /// An older answer, sent again.
    #[error("the stamp is not an answer to this query")]
    Nonce,
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The tag `[0]`, explicit.
const EXPLICIT_0: u8 = 0xa0;

/// SHA-256 as an algorithm: its object identifier, and no parameters.
const SHA_256: [u8; 15] = [
    SEQUENCE, 13, OID, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
];
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TST_INFO: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];

/// A query over a SHA-256 hash, which asks for the certificate as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampQuery {
    hash: [u8; 32],
    nonce: [u8; 8],
}

impl StampQuery {
    /// Over a hash, with a number that no other query has.
    #[must_use]
    pub const fn new(hash: [u8; 32], mut nonce: [u8; 8]) -> Self {
        // The first byte makes it a positive integer of exactly eight bytes.
        nonce[0] = nonce[0] & 0x3f | 0x40;
        Self { hash, nonce }
    }

    /// The query in DER.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let mut imprint = SHA_256.to_vec();
        imprint.extend_from_slice(&[OCTETS, 32]);
        imprint.extend_from_slice(&self.hash);
        let mut body = vec![INTEGER, 1, 1, SEQUENCE, 49];
        body.extend_from_slice(&imprint);
        body.extend_from_slice(&[INTEGER, 8]);
        body.extend_from_slice(&self.nonce);
        // certReq: TRUE.
        body.extend_from_slice(&[0x01, 1, 0xff]);
        let mut query = vec![SEQUENCE, 67];
        query.append(&mut body);
        query
    }

    /// Checks an answer (a `TimeStampResp` in DER); answers the time that it states.
    ///
    /// # Errors
    /// [`StampError`].
    pub fn check(&self, answer: &[u8]) -> Result<Timestamp, StampError> {
        let info = Info::read(answer)?;
        if info.hash != self.hash {
            return Err(StampError::Imprint);
        }
        if info.nonce != Some(&self.nonce[..]) {
            Err(StampError::Nonce)
        } else {
            Ok(info.time)
        }
    }
}

/// The time that an archived token states.
///
/// # Errors
/// [`StampError`].
pub fn stated_time(token: &[u8]) -> Result<Timestamp, StampError> {
    Ok(Info::read(token)?.time)
}

/// Values of DER, one after the other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next(&mut self, what: &'static str) -> Result<(u8, &'a [u8]), StampError> {
        let malformed = || StampError::Malformed(what);
        let (tag, rest) = self.0.split_first().ok_or_else(malformed)?;
        let (first, rest) = rest.split_first().ok_or_else(malformed)?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest
                    .split_at_checked(usize::from(first & 0x7f))
                    .ok_or_else(malformed)?;
                let len = digits
                    .iter()
                    .fold(0_usize, |len, digit| len << 8 | usize::from(*digit));
                (len, rest)
            }
            // DER has no indefinite lengths, and no token has four gigabytes.
            _ => return Err(malformed()),
        };
        let (value, rest) = rest.split_at_checked(len).ok_or_else(malformed)?;
        self.0 = rest;
        Ok((*tag, value))
    }

    fn expect(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], StampError> {
        match self.next(what)? {
            (found, value) if found == tag => Ok(value),
            _ => Err(StampError::Malformed(what)),
        }
    }

    fn inner(&mut self, tag: u8, what: &'static str) -> Result<Self, StampError> {
        self.expect(tag, what).map(Self)
    }
}

/// What a token says (`TSTInfo`), as far as it matters.
struct Info<'a> {
    hash: [u8; 32],
    time: Timestamp,
    nonce: Option<&'a [u8]>,
}

impl<'a> Info<'a> {
    fn read(answer: &'a [u8]) -> Result<Self, StampError> {
        let malformed = StampError::Malformed;
        let mut outer = Der(answer);
        let mut response = outer.inner(SEQUENCE, "no response")?;
        if !outer.0.is_empty() {
            return Err(malformed("something follows the response"));
        }
        let mut status = response.inner(SEQUENCE, "no status")?;
        let status = status
            .expect(INTEGER, "no status")?
            .iter()
            .fold(0_u64, |number, digit| number << 8 | u64::from(*digit));
        // Granted, or granted with modifications.
        if status > 1 {
            return Err(StampError::Refused(status));
        }
        let mut token = response.inner(SEQUENCE, "no token")?;
        if token.expect(OID, "no content type")? != SIGNED_DATA {
            return Err(malformed("the token is not signed"));
        }
        let mut signed = token
            .inner(EXPLICIT_0, "no signed data")?
            .inner(SEQUENCE, "no signed data")?;
        signed.expect(INTEGER, "no version")?;
        signed.expect(SET, "no digests")?;
        let mut content = signed.inner(SEQUENCE, "no content")?;
        if content.expect(OID, "no content type")? != TST_INFO {
            return Err(malformed("what is signed is no time stamp"));
        }
        let octets = content
            .inner(EXPLICIT_0, "no time stamp")?
            .expect(OCTETS, "no time stamp")?;
        Self::of(Der(octets).inner(SEQUENCE, "no time stamp")?)
    }

    fn of(mut info: Der<'a>) -> Result<Self, StampError> {
        info.expect(INTEGER, "no version")?;
        info.expect(OID, "no policy")?;
        let mut imprint = info.inner(SEQUENCE, "no imprint")?;
        let mut algorithm = imprint.inner(SEQUENCE, "no algorithm")?;
        let sha_256 = SHA_256.get(4..13).unwrap_or_default();
        if algorithm.expect(OID, "no algorithm")? != sha_256 {
            return Err(StampError::Imprint);
        }
        let hash = imprint
            .expect(OCTETS, "no hash")?
            .try_into()
            .map_err(|_| StampError::Imprint)?;
        info.expect(INTEGER, "no serial number")?;
        let time = time(info.expect(GENERALIZED_TIME, "no time")?)
            .ok_or(StampError::Malformed("the time is malformed"))?;
        let mut nonce = None;
        while !info.0.is_empty() {
            if let (INTEGER, value) = info.next("what follows the time")? {
                nonce = Some(value);
            }
        }
        Ok(Self { hash, time, nonce })
    }
}

/// `YYYYMMDDhhmmss[.f]Z`.
fn time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() != 14
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let time = DateTime::new(
        year,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?,
        0,
    )
    .ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_the_one_der_of_its_content() {
        let query = StampQuery::new([0xab; 32], [0xff, 1, 2, 3, 4, 5, 6, 7]).der();
        assert_eq!(query.len(), 69);
        let mut outer = Der(&query);
        let mut body = outer.inner(SEQUENCE, "").unwrap();
        assert!(outer.0.is_empty());
        assert_eq!(body.expect(INTEGER, "").unwrap(), [1]);
        let mut imprint = body.inner(SEQUENCE, "").unwrap();
        assert_eq!(imprint.expect(SEQUENCE, "").unwrap(), &SHA_256[2..]);
        assert_eq!(imprint.expect(OCTETS, "").unwrap(), [0xab; 32]);
        assert_eq!(
            body.expect(INTEGER, "").unwrap(),
            [0x7f, 1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(body.0, [1, 1, 0xff]);
    }

    #[test]
    fn times_are_read_with_and_without_fractions() {
        let at = |text: &str| time(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(
            at("20261120101500Z").as_deref(),
            Some("2026-11-20T10:15:00Z")
        );
        assert_eq!(
            at("20261120101500.123Z").as_deref(),
            Some("2026-11-20T10:15:00Z")
        );
        for wrong in [
            "",
            "20261120101500",
            "2026112010150Z",
            "20261320101500Z",
            "20261120101500+0100",
            "2026112010150xZ",
            "20261120101500.Z.",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn refusals_and_nonsense_are_told_apart() {
        let query = StampQuery::new([1; 32], [1; 8]);
        let refusal = [SEQUENCE, 5, SEQUENCE, 3, INTEGER, 1, 2];
        assert_eq!(query.check(&refusal), Err(StampError::Refused(2)));
        for nonsense in [
            &[][..],
            b"<html>",
            &[SEQUENCE, 0x80, 0, 0],
            &[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[SEQUENCE, 5, SEQUENCE, 3, INTEGER, 1, 0],
        ] {
            assert!(
                matches!(query.check(nonsense), Err(StampError::Malformed(_))),
                "{nonsense:?}"
            );
        }
    }
}
