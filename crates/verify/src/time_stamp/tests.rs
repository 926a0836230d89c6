use super::{read, seconds};
use crate::position::LogTime;
use crate::test_support::time_stamp::time_stamp;
use crate::tree::hash;

#[test]
fn times_are_read_in_their_one_form() {
    assert_eq!(seconds(b"19700101000000Z"), Some(0));
    assert_eq!(seconds(b"20000229235959Z"), Some(951_868_799));
    assert_eq!(seconds(b"20261125120000.5Z"), Some(1_795_608_000));
    assert_eq!(seconds(b"21000301000000Z"), Some(4_107_542_400));
    for bad in [
        "",
        "Z",
        "20261125120000",
        "202611251200Z",
        "20261325120000Z",
        "20260229000000Z",
        "20261125240000Z",
        "20261125120000.Z",
        "2026112512000xZ",
    ] {
        assert_eq!(seconds(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn a_time_stamp_says_over_what_and_when() {
    let stamp = time_stamp(b"body", "20261125120000Z");
    let read_back = read(&stamp).unwrap();
    assert_eq!(
        (read_back.imprint, read_back.time),
        (hash(b"body"), LogTime::new(1_795_608_000))
    );
    for length in 0..stamp.len() {
        assert!(read(&stamp[..length]).is_err(), "cut at {length}");
    }
    // Nobody has signed it yet, so a bent byte may go unnoticed here; it must only do no harm.
    let harmless = (0..stamp.len()).filter(|place| {
        let mut bent = stamp.clone();
        bent[*place] ^= 0x40;
        read(&bent)
            .is_ok_and(|bent| bent.imprint == read_back.imprint && bent.time == read_back.time)
    });
    assert!(
        harmless.count() < 10,
        "a policy and numbers that say nothing here"
    );
    let oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let place = stamp
        .windows(oid.len())
        .position(|window| window == oid)
        .unwrap();
    let mut other = stamp.clone();
    other[place + oid.len() - 1] = 0x02;
    assert!(read(&other).is_err(), "over another kind of hash");
    let refused = [&stamp[..6], &[2], &stamp[7..]].concat();
    assert!(read(&refused).is_err(), "not granted");
    assert!(
        read(&[stamp, vec![0]].concat()).is_err(),
        "a byte behind it"
    );
}
