//! Time stamps (RFC 3161) that nobody has signed.

use crate::tree::hash;

/// A response over `body` that states `time`: enough for a reader that only compares.
pub(crate) fn time_stamp(body: &[u8], time: &str) -> Vec<u8> {
    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        let length = u8::try_from(value.len()).unwrap();
        if length < 0x80 {
            [&[tag, length], value.as_slice()].concat()
        } else {
            [&[tag, 0x81, length], value.as_slice()].concat()
        }
    }
    let algorithm = der(
        0x30,
        &[
            &der(
                0x06,
                &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]],
            ),
            &der(0x05, &[]),
        ],
    );
    let imprint = der(0x30, &[&algorithm, &der(0x04, &[&hash(body)])]);
    let number = der(0x02, &[&[1]]);
    let info = der(
        0x30,
        &[
            &number,
            &der(0x06, &[&[0x2a, 0x03, 0x04]]),
            &imprint,
            &number,
            &der(0x18, &[time.as_bytes()]),
        ],
    );
    let kind = der(
        0x06,
        &[&[
            0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
        ]],
    );
    let content = der(0x30, &[&kind, &der(0xa0, &[&der(0x04, &[&info])])]);
    let data = der(0x30, &[&number, &der(0x31, &[]), &content, &der(0x31, &[])]);
    let token = der(
        0x30,
        &[
            &der(
                0x06,
                &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]],
            ),
            &der(0xa0, &[&data]),
        ],
    );
    der(0x30, &[&der(0x30, &[&der(0x02, &[&[0]])]), &token])
}
