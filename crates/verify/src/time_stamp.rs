//! What a time stamp (RFC 3161) says: over which hash, at which time. Not who says so.

use crate::position::LogTime;
use crate::tree::Hash;

/// Nesting of DER that is followed.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;

pub(crate) struct Stamp {
    pub(crate) imprint: Hash,
    pub(crate) time: LogTime,
}

/// DER values, taken from the front.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let ([tag, length], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match *length {
            short @ 0..=127 => (usize::from(short), rest),
            long @ 129..=132 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
                let length = bytes
                    .iter()
                    .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
                // The shortest form only, so that there is one way to read it.
                (length >= 0x80 && bytes.first() != Some(&0)).then_some((length, rest))?
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, value))
    }

    fn take(&mut self, tag: u8) -> Option<Der<'a>> {
        let (found, value) = self.any()?;
        (found == tag).then_some(Der(value))
    }
}

/// Reads a response; what is wrong as text.
pub(crate) fn read(response: &[u8]) -> Result<Stamp, &'static str> {
    let mut outer = Der(response);
    let mut fields = outer
        .take(SEQUENCE)
        .filter(|_| outer.0.is_empty())
        .ok_or("it is not one DER value")?;
    let status = fields
        .take(SEQUENCE)
        .and_then(|mut status| status.take(INTEGER))
        .ok_or("its status is missing")?;
    if !matches!(status.0, [0 | 1]) {
        return Err("the authority has not granted it");
    }
    let info = signed(&mut fields).ok_or("it holds no signed time stamp")?;
    stamp(info).ok_or("its content is not a time stamp over a SHA-256")
}

/// The content of the signed data.
fn signed<'a>(fields: &mut Der<'a>) -> Option<&'a [u8]> {
    let mut token = fields.take(SEQUENCE).filter(|_| fields.0.is_empty())?;
    let is_signed = token.take(OID)?.0 == SIGNED_DATA;
    let mut data = token
        .take(EXPLICIT_0)?
        .take(SEQUENCE)
        .filter(|_| is_signed && token.0.is_empty())?;
    data.take(INTEGER)?;
    data.take(SET)?;
    let mut content = data.take(SEQUENCE)?;
    let is_stamp = content.take(OID)?.0 == TST_INFO;
    let mut wrapped = content
        .take(EXPLICIT_0)
        .filter(|_| is_stamp && content.0.is_empty())?;
    wrapped
        .take(OCTETS)
        .filter(|_| wrapped.0.is_empty())
        .map(|octets| octets.0)
}

fn stamp(info: &[u8]) -> Option<Stamp> {
    let mut outer = Der(info);
    let mut fields = outer.take(SEQUENCE).filter(|_| outer.0.is_empty())?;
    let version = fields.take(INTEGER)?;
    fields.take(OID)?;
    let mut imprint = fields.take(SEQUENCE)?;
    let mut algorithm = imprint.take(SEQUENCE)?;
    let is_sha256 = algorithm.take(OID)?.0 == SHA256;
    let no_parameters =
        algorithm.0.is_empty() || (algorithm.take(NULL)?.0.is_empty() && algorithm.0.is_empty());
    let hash = imprint
        .take(OCTETS)
        .filter(|_| imprint.0.is_empty())?
        .0
        .try_into()
        .ok()?;
    fields.take(INTEGER)?;
    let time = LogTime::new(seconds(fields.take(TIME)?.0)?);
    (version.0 == [1] && is_sha256 && no_parameters).then_some(Stamp {
        imprint: hash,
        time,
    })
}

/// `YYYYMMDDhhmmss[.f]Z` as seconds since 1970.
fn seconds(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() != 14
        || fraction.is_empty()
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let field = |from: usize, to: usize| whole.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (field(0, 4)?, field(4, 6)?, field(6, 8)?);
    let (hour, minute, second) = (field(8, 10)?, field(10, 12)?, field(12, 14)?);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let length = |month: u64| match month {
        2 => 28 + u64::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970
        || !(1..=12).contains(&month)
        || !(1..=length(month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let days = (1970..year)
        .map(|year| 365 + u64::from(leap(year)))
        .sum::<u64>()
        + (1..month).map(length).sum::<u64>()
        + day
        - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests;
