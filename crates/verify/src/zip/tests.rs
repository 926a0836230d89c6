use std::io::Cursor;

use super::{RATIO_FREE_BYTES, Zip};
use crate::code::Code;
use crate::files::{Failure, Files, whole};
use crate::test_support::bundle::finding;
use crate::test_support::zip::{Part, archive};

fn parts() -> Vec<Part> {
    vec![
        Part::new("a.txt", b"aaaa"),
        Part {
            deflate: true,
            ..Part::new("d/b\u{e6}.txt", &b"bbbb".repeat(20_000))
        },
        Part::new("empty", b""),
    ]
}

fn everything(bytes: &[u8]) -> Result<u64, Failure> {
    let mut zip = Zip::open(Cursor::new(bytes))?;
    let mut count = 0;
    for (name, _) in zip.list() {
        count += whole(&mut zip, &name, 1 << 20)?.len() as u64;
    }
    Ok(count)
}

#[track_caller]
fn refused(what: &str, bytes: &[u8], why: &str) {
    let found = finding(everything(bytes).expect_err(what));
    assert_eq!(found.code, Code::BundleFormat, "{what}");
    assert!(found.detail.contains(why), "{what}: {}", found.detail);
}

#[track_caller]
fn bent(what: &str, why: &str, change: impl FnOnce(&mut Vec<Part>)) {
    let mut parts = parts();
    change(&mut parts);
    refused(what, &archive(&parts), why);
}

#[test]
fn files_are_read_as_they_were_written() {
    let bytes = archive(&parts());
    assert_eq!(everything(&bytes).unwrap(), 80_004);
    let zip = Zip::open(Cursor::new(&bytes)).unwrap();
    assert_eq!(
        zip.list()
            .iter()
            .map(|(name, size)| (name.as_str(), *size))
            .collect::<Vec<_>>(),
        [("a.txt", 4), ("d/b\u{e6}.txt", 80_000), ("empty", 0)]
    );
    let (start, size) = zip.stored("a.txt").unwrap();
    assert_eq!(
        &bytes[usize::try_from(start).unwrap()..][..usize::try_from(size).unwrap()],
        b"aaaa"
    );
    assert_eq!(zip.stored("d/b\u{e6}.txt"), None);
    assert_eq!(everything(&archive(&[])).unwrap(), 0);
}

#[test]
fn an_archive_in_an_archive_is_read_where_it_lies() {
    let inner = archive(&parts());
    for deflate in [false, true] {
        let outer = archive(&[
            Part::new("first", b"1"),
            Part {
                deflate,
                ..Part::new("inner.zip", &inner)
            },
        ]);
        let mut outer = Zip::open(Cursor::new(outer)).unwrap();
        let mut inner = outer.archive("inner.zip").unwrap();
        assert_eq!(whole(&mut *inner, "a.txt", 10).unwrap(), b"aaaa");
        assert_eq!(inner.list().len(), 3);
        assert!(inner.archive("a.txt").is_err(), "this is none");
    }
}

#[test]
fn whatever_could_be_read_in_two_ways_is_refused() {
    bent("encrypted", "encrypted", |parts| parts[0].flags = 1);
    bent("descriptor", "unknown length", |parts| parts[0].flags = 8);
    bent("code page", "not marked", |parts| parts[1].flags = 0);
    bent("not UTF-8", "not UTF-8", |parts| parts[0].name = vec![0xe6]);
    bent("two names", "differ", |parts| {
        parts[0].local_name = Some(b"b.txt".to_vec())
    });
    bent("extra field", "extra field", |parts| {
        parts[0].extra = vec![0x55, 0x54, 1, 0, 0]
    });
    bent("useless long form", "extra field", |parts| {
        parts[0].extra = vec![1, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0]
    });
    bent("link", "regular file", |parts| parts[0].mode = 0o120_777);
    bent("folder", "regular file", |parts| parts[0].mode = 0o040_755);
    bent("gap", "belong to no file", |parts| {
        parts[0].gap = b"hidden".to_vec()
    });
    bent("gap at the end", "belong to no file", |parts| {
        parts[2].gap = b"hidden".to_vec()
    });
    bent("size", "two sizes", |parts| parts[0].size = Some(5));
    bent("size of a compressed file", "damaged", |parts| {
        parts[1].size = Some(79_999)
    });
    bent("size of a compressed file", "damaged", |parts| {
        parts[1].size = Some(80_001)
    });
    bent("bytes behind the stream", "damaged", |parts| {
        parts[1].tail = b"hidden".to_vec()
    });
    bent("sum", "damaged", |parts| parts[0].crc = Some(1));
    bent("capitals", "twice", |parts| {
        parts[2].name = b"A.TXT".to_vec()
    });
    let good = archive(&parts());
    refused(
        "in front",
        &[b"#!/bin/sh\n", good.as_slice()].concat(),
        "directory is not where",
    );
    refused("behind", &[good.as_slice(), b"\n"].concat(), "last bytes");
    refused("nothing", &[], "not a ZIP");
    refused(
        "age",
        b"age-encryption.org/v1\n-> X25519 abcdefghijklmnop\n",
        "decrypted first",
    );
    let mut comment = good.clone();
    let length = comment.len();
    comment[length - 2] = 1;
    comment.push(b'x');
    refused("comment", &comment, "last bytes");
    let mut volumes = good.clone();
    volumes[length - 18] = 1;
    refused("volumes", &volumes, "several volumes");
    let mut many = good.clone();
    many[length - 14..length - 10].fill(0xfe);
    refused("gigantic count", &many, "");
    let mut long = good;
    long[length - 14..length - 2].fill(0xff);
    refused("long form that is not there", &long, "long end");
}

#[test]
fn bombs_are_refused_before_they_burst() {
    let size = usize::try_from(RATIO_FREE_BYTES).unwrap() * 2;
    let bomb = Part {
        deflate: true,
        ..Part::new("bomb", &vec![0; size])
    };
    refused("bomb", &archive(std::slice::from_ref(&bomb)), "grow beyond");
    refused(
        "bomb that lies about its size",
        &archive(&[Part {
            size: Some(1_000),
            ..bomb
        }]),
        "damaged",
    );
    let claimed: Vec<Part> = (0..32)
        .map(|number| Part {
            deflate: true,
            size: Some(u32::MAX - 1),
            ..Part::new(&format!("{number}"), &[0; 64])
        })
        .collect();
    refused("claims", &archive(&claimed), "grow beyond");
}

#[test]
fn archives_cut_short_or_with_any_byte_bent_do_no_harm() {
    let good = archive(&parts());
    for length in 0..good.len() {
        assert!(everything(&good[..length]).is_err(), "cut at {length}");
    }
    let mut accepted = 0;
    for place in 0..good.len() {
        for bit in [0, 3, 7] {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << bit;
            accepted += usize::from(everything(&bytes).is_ok());
        }
    }
    // Versions, times of day and attributes say nothing about the content.
    assert!(
        accepted < 3 * (3 * 14 + 3 * 16),
        "{accepted} changes were not noticed"
    );
}

/// The long form, which an archive has when it holds more files than the short one can count.
#[test]
fn the_long_form_is_read_where_it_is_needed() {
    let count = 65_540;
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for number in 0..count {
        let name = format!("{number:06}");
        let common = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0; 12],
            &[6, 0, 0, 0],
        ]
        .concat();
        let start = u32::try_from(out.len()).unwrap();
        out.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes()].concat());
        directory.extend(
            [
                b"PK\x01\x02\x14\x03",
                common.as_slice(),
                &[0; 10],
                &start.to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let (start, bytes) = (out.len() as u64, directory.len() as u64);
    out.extend(&directory);
    let place = out.len() as u64;
    let numbers = [44_u64.to_le_bytes(), 0x2d_002d_u64.to_le_bytes()].concat();
    out.extend([b"PK\x06\x06".as_slice(), &numbers[..12], &[0; 8]].concat());
    for number in [count, count, bytes, start] {
        out.extend(number.to_le_bytes());
    }
    out.extend(
        [
            b"PK\x06\x07\0\0\0\0".as_slice(),
            &place.to_le_bytes(),
            &[1, 0, 0, 0],
        ]
        .concat(),
    );
    let end = |count: u16, start: u32| {
        let bytes = u32::try_from(bytes).unwrap().to_le_bytes();
        [
            b"PK\x05\x06\0\0\0\0".as_slice(),
            &count.to_le_bytes(),
            &count.to_le_bytes(),
            &bytes,
            &start.to_le_bytes(),
            &[0, 0],
        ]
        .concat()
    };
    let start = u32::try_from(start).unwrap();
    let good = [out.clone(), end(u16::MAX, start)].concat();
    assert_eq!(Zip::open(Cursor::new(&good)).unwrap().list().len(), 65_540);
    refused("two counts", &[out.clone(), end(4, start)].concat(), "");
    refused(
        "two places",
        &[out, end(u16::MAX, start - 1)].concat(),
        "differ",
    );
}
