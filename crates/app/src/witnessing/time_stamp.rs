//! Time stamps of RFC 3161: the query over a checkpoint, and what its answer says.
//!
//! Whether the authority's certificate is to be trusted is not judged here but by whoever verifies
//! the token later (`openssl ts -verify`); what is archived must be a stamp of what was sent.

mod stamper;

pub use stamper::{StampSettings, StampStatus, StampTransport, Stamper};

use der::asn1::{AnyRef, IntRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// An answer is no time stamp of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The authority refused.
    #[error("the authority refused with status {0}")]
    Refused(u64),
    /// Not DER of the types that RFC 3161 demands.
    #[error("the answer is malformed: {0}")]
    Malformed(der::Error),
    /// Well-formed, and still not what RFC 3161 demands.
    #[error("the answer is malformed: {0}")]
    Content(&'static str),
    /// Of something else.
    #[error("the stamp is of something else")]
    Imprint,
    /// An older answer, sent again.
    #[error("the stamp is not an answer to this query")]
    Nonce,
}

impl From<der::Error> for StampError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error)
    }
}

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

// The types of RFC 3161 §2.4 and RFC 5652 §5.1, as far as they are looked at. What is not looked at is
// any value, so that an authority may put there what it likes.

/// `TimeStampReq`.
#[derive(Sequence)]
struct Request<'a> {
    version: u8,
    imprint: Imprint<'a>,
    nonce: UintRef<'a>,
    wants_certificate: bool,
}

/// `MessageImprint`: what is stamped.
#[derive(Sequence)]
struct Imprint<'a> {
    algorithm: Algorithm<'a>,
    hash: &'a OctetStringRef,
}

/// `AlgorithmIdentifier`.
#[derive(Sequence)]
struct Algorithm<'a> {
    id: ObjectIdentifier,
    parameters: Option<AnyRef<'a>>,
}

/// `TimeStampResp`.
#[derive(Sequence)]
struct Answer<'a> {
    status: Status<'a>,
    /// Missing when the authority refused.
    token: Option<Content<'a>>,
}

/// `PKIStatusInfo`.
#[derive(Sequence)]
struct Status<'a> {
    status: u64,
    text: Option<AnyRef<'a>>,
    failure: Option<AnyRef<'a>>,
}

/// `ContentInfo`, and `EncapsulatedContentInfo`, which has the same form.
#[derive(Sequence)]
struct Content<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: AnyRef<'a>,
}

/// `SignedData`.
#[derive(Sequence)]
struct SignedData<'a> {
    version: u8,
    digests: AnyRef<'a>,
    content: Content<'a>,
    /// Certificates, revocations and signatures, of which the first two may be missing.
    first: Option<AnyRef<'a>>,
    second: Option<AnyRef<'a>>,
    third: Option<AnyRef<'a>>,
}

/// `TSTInfo`: what the authority states.
#[derive(Sequence)]
struct Statement<'a> {
    version: u8,
    policy: AnyRef<'a>,
    imprint: Imprint<'a>,
    serial: IntRef<'a>,
    /// A `GeneralizedTime`; that of the library has no fractions of a second, which RFC 3161 allows.
    time: AnyRef<'a>,
    accuracy: Option<Accuracy<'a>>,
    ordering: Option<bool>,
    nonce: Option<IntRef<'a>>,
    authority: Option<AnyRef<'a>>,
    extensions: Option<AnyRef<'a>>,
}

/// `Accuracy`: seconds, thousandths and millionths, each of which may be missing.
#[derive(Sequence)]
struct Accuracy<'a> {
    first: Option<AnyRef<'a>>,
    second: Option<AnyRef<'a>>,
    third: Option<AnyRef<'a>>,
}

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

    /// The query in DER, which asks for the certificate of the authority as well.
    ///
    /// # Errors
    /// As the library reports; no hash and no number brings it about.
    pub fn der(&self) -> Result<Vec<u8>, der::Error> {
        let request = Request {
            version: 1,
            imprint: Imprint {
                algorithm: Algorithm {
                    id: SHA_256,
                    parameters: Some(AnyRef::NULL),
                },
                hash: OctetStringRef::new(&self.hash)?,
            },
            nonce: UintRef::new(&self.nonce)?,
            wants_certificate: true,
        };
        request.to_der()
    }

    /// Checks an answer (a `TimeStampResp` in DER); answers the time that it states.
    ///
    /// # Errors
    /// [`StampError::Refused`] when the authority refused; [`StampError::Malformed`] or
    /// [`StampError::Content`] when it is no time stamp; [`StampError::Imprint`] when it is of something
    /// else; [`StampError::Nonce`] when it answers another query.
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
/// [`StampError::Refused`] and [`StampError::Malformed`] when it is no time stamp;
/// [`StampError::Imprint`] when it is of no SHA-256 hash.
pub fn stated_time(token: &[u8]) -> Result<Timestamp, StampError> {
    Ok(Info::read(token)?.time)
}

/// What a token says, as far as it matters.
struct Info<'a> {
    hash: [u8; 32],
    time: Timestamp,
    nonce: Option<&'a [u8]>,
}

impl<'a> Info<'a> {
    fn read(answer: &'a [u8]) -> Result<Self, StampError> {
        let answer = Answer::from_der(answer)?;
        // Granted, or granted with modifications.
        if answer.status.status > 1 {
            return Err(StampError::Refused(answer.status.status));
        }
        let token = answer.token.ok_or(StampError::Content("no token"))?;
        if token.kind != SIGNED_DATA {
            return Err(StampError::Content("the token is not signed"));
        }
        let content = token.content.decode_as::<SignedData<'a>>()?.content;
        if content.kind != TST_INFO {
            return Err(StampError::Content("what is signed is no time stamp"));
        }
        let octets: &OctetStringRef = content.content.decode_as()?;
        Self::of(&Statement::from_der(octets.as_bytes())?)
    }

    fn of(said: &Statement<'a>) -> Result<Self, StampError> {
        if said.imprint.algorithm.id != SHA_256 {
            return Err(StampError::Imprint);
        }
        let hash = said.imprint.hash.as_bytes().try_into();
        said.time.tag().assert_eq(Tag::GeneralizedTime)?;
        Ok(Self {
            hash: hash.map_err(|_| StampError::Imprint)?,
            time: time(said.time.value()).ok_or(StampError::Content("the time is malformed"))?,
            nonce: said.nonce.map(|nonce| nonce.as_bytes()),
        })
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

    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;

    /// As `openssl ts -query` writes it.
    #[test]
    fn a_query_is_the_one_der_of_its_content() {
        let query = StampQuery::new([0xab; 32], [0xff, 1, 2, 3, 4, 5, 6, 7]);
        let mut expected = vec![
            SEQUENCE, 67, INTEGER, 1, 1, SEQUENCE, 49, SEQUENCE, 13, 6, 9,
        ];
        expected.extend([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 5, 0]);
        expected.extend([4, 32]);
        expected.extend([0xab; 32]);
        expected.extend([INTEGER, 8, 0x7f, 1, 2, 3, 4, 5, 6, 7, 1, 1, 0xff]);
        assert_eq!(query.der().unwrap(), expected);
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

    /// An answer as an authority makes it: what may be left out is left out, or is there.
    fn answer(time: &[u8], nonce: Option<&[u8]>, full: bool) -> Vec<u8> {
        let any = |yes: bool| yes.then_some(AnyRef::NULL);
        let imprint = Imprint {
            algorithm: Algorithm {
                id: SHA_256,
                parameters: any(full),
            },
            hash: OctetStringRef::new(&[1; 32]).unwrap(),
        };
        let accuracy = Accuracy {
            first: any(true),
            second: None,
            third: None,
        };
        let statement = Statement {
            version: 1,
            policy: AnyRef::NULL,
            imprint,
            serial: IntRef::new(&[0x7f; 20]).unwrap(),
            time: AnyRef::new(Tag::GeneralizedTime, time).unwrap(),
            accuracy: full.then_some(accuracy),
            ordering: full.then_some(true),
            nonce: nonce.map(|nonce| IntRef::new(nonce).unwrap()),
            authority: any(full),
            extensions: any(full),
        };
        let statement = statement.to_der().unwrap();
        let signed = SignedData {
            version: 3,
            digests: AnyRef::NULL,
            content: Content {
                kind: TST_INFO,
                content: AnyRef::new(Tag::OctetString, &statement).unwrap(),
            },
            first: any(true),
            second: any(full),
            third: any(full),
        };
        let signed = signed.to_der().unwrap();
        let answer = Answer {
            status: Status {
                status: u64::from(full),
                text: any(full),
                failure: any(full),
            },
            token: Some(Content {
                kind: SIGNED_DATA,
                content: AnyRef::from_der(&signed).unwrap(),
            }),
        };
        answer.to_der().unwrap()
    }

    #[test]
    fn an_answer_is_taken_with_and_without_what_may_be_left_out() {
        let query = StampQuery::new([1; 32], [0x41; 8]);
        let at: Timestamp = "2026-11-20T10:15:00Z".parse().unwrap();
        for full in [false, true] {
            let good = answer(b"20261120101500.5Z", Some(&[0x41; 8]), full);
            assert_eq!(query.check(&good), Ok(at));
            let without = answer(b"20261120101500Z", None, full);
            assert_eq!(stated_time(&without), Ok(at));
            assert_eq!(query.check(&without), Err(StampError::Nonce));
            let wrong = StampQuery::new([2; 32], [0x41; 8]);
            assert_eq!(wrong.check(&good), Err(StampError::Imprint));
            let bent = answer(b"20261120101500", Some(&[0x41; 8]), full);
            assert!(matches!(query.check(&bent), Err(StampError::Content(_))));
            // Nothing may follow, nothing may be missing, and no byte makes the reader stop.
            assert!(query.check(&[&good[..], &[0]].concat()).is_err());
            for place in 0..good.len() {
                assert!(query.check(&good[..place]).is_err(), "{place}");
                let mut other = good.clone();
                other[place] ^= 0x80;
                drop(query.check(&other));
            }
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
                matches!(
                    query.check(nonsense),
                    Err(StampError::Malformed(_) | StampError::Content(_))
                ),
                "{nonsense:?}"
            );
        }
    }
}
