//! Positions: where their numbers end, how they are written, and that the ways between them agree.

use std::num::NonZeroU64;

use proptest::prelude::*;

use crate::positions::{LogIndex, LogTime, ParsePositionError, Seq, Size, StreamVersion};

#[test]
fn arithmetic_ends_where_the_numbers_end() {
    let (index, size) = (LogIndex::new(u64::MAX), Size::new(u64::MAX));
    assert_eq!((index.next(), index.size()), (None, None));
    assert_eq!(LogIndex::FIRST.previous(), None);
    assert_eq!((size.grown_by(0), size.grown_by(1)), (Some(size), None));
    assert!(!size.holds(index), "a tree of that size ends one before it");
    assert_eq!(StreamVersion::new(u64::MAX).next_seq(), None);
    assert_eq!(Seq::new(u64::MAX).and_then(Seq::next), None);
    assert_eq!((index.plus(0), index.plus(1)), (Some(index), None));
    assert_eq!(index.size_after(7), Size::MAX);
    assert_eq!(LogIndex::FIRST.offset_from(index), None);
    assert_eq!(LogIndex::new(9).offset_from(LogIndex::new(7)), Some(2));
    assert_eq!(Seq::from_be_bytes([0; 8]), None);
    assert_eq!(index.and_behind().collect::<Vec<_>>(), [index]);
    assert_eq!((size.grown(), Size::MAX), (size, size));
    assert_eq!(Size::new(3).beyond(size), 0);
    assert_eq!(Size::new(3).without(2), Size::new(1));
    assert_eq!(Size::new(3).without(4), Size::EMPTY);
}

#[test]
fn a_time_before_1970_is_the_epoch_and_no_time_wraps() {
    let last = LogTime::new(u64::MAX);
    assert_eq!((last.later(1), LogTime::EPOCH.since(last)), (last, 0));
    assert_eq!(LogTime::new(9).since(LogTime::new(4)), 5);
    for (seconds, time) in [
        (i64::MIN, 0),
        (-1, 0),
        (0, 0),
        (7, 7),
        (i64::MAX, i64::MAX.unsigned_abs()),
    ] {
        assert_eq!(LogTime::from_unix(seconds), LogTime::new(time), "{seconds}");
    }
}

#[test]
fn what_stands_between_two_places_is_named_in_order() {
    let index = LogIndex::new(2);
    let between: Vec<u64> = index.up_to(Size::new(5)).map(LogIndex::get).collect();
    assert_eq!(between, [2, 3, 4]);
    assert_eq!(index.up_to(Size::new(2)).next(), None);
    assert_eq!(Size::EMPTY.indexes().next(), None);
    assert_eq!(Size::of(3).indexes().next_back(), Some(index));
    assert_eq!(StreamVersion::EMPTY.seqs().next(), None);
    let seqs: Vec<u64> = StreamVersion::of(2).seqs().map(Seq::get).collect();
    assert_eq!(seqs, [1, 2]);
}

#[test]
fn nothing_is_held_by_the_empty_tree_or_stands_in_the_empty_stream() {
    assert!(Size::EMPTY.is_empty() && !Size::EMPTY.holds(LogIndex::FIRST));
    assert_eq!(Size::EMPTY.next_index(), LogIndex::FIRST);
    assert_eq!(StreamVersion::EMPTY.last(), None);
}

#[test]
fn a_position_has_one_text() {
    for text in [
        "",
        "+1",
        "-1",
        "01",
        " 1",
        "1 ",
        "1.0",
        "18446744073709551616",
    ] {
        assert_eq!(text.parse::<LogIndex>(), Err(ParsePositionError), "{text}");
        assert_eq!(text.parse::<Seq>(), Err(ParsePositionError), "{text}");
    }
    assert_eq!("0".parse(), Ok(Size::EMPTY));
    assert_eq!("0".parse::<Seq>(), Err(ParsePositionError));
}

#[test]
fn in_json_a_position_is_its_number() {
    let json = serde_json::to_string(&(LogIndex::new(3), Seq::FIRST)).unwrap();
    assert_eq!(json, "[3,1]");
    assert!(serde_json::from_str::<Seq>("0").is_err());
    assert_eq!(
        serde_json::from_str::<LogTime>("9").unwrap(),
        LogTime::new(9)
    );
}

#[test]
fn an_open_page_begins_behind_the_last_full_one() {
    let four = NonZeroU64::new(4).unwrap();
    assert_eq!(Size::new(11).pages(four), (2, 3));
    assert_eq!(LogIndex::new(10).page(four), (2, 2), "the last of them");
    assert_eq!(StreamVersion::new(8).pages(four), (2, 0));
    assert_eq!(StreamVersion::new(8).beyond(StreamVersion::new(5)), 3);
    assert_eq!(StreamVersion::new(5).beyond(StreamVersion::new(8)), 0);
    let eighth = Seq::new(8).unwrap();
    assert_eq!((Seq::FIRST.page(four), eighth.page(four)), ((0, 0), (1, 3)));
    let behind: Vec<u64> = eighth.up_to(StreamVersion::new(9)).map(Seq::get).collect();
    assert_eq!(behind, [8, 9]);
    assert_eq!(eighth.up_to(StreamVersion::new(7)).next(), None);
}

proptest! {
    #[test]
    fn halving_ends_at_any_place(place in 0..200_u64, newest in 1..200_u64) {
        let (mut low, mut high) = (StreamVersion::EMPTY, StreamVersion::new(newest));
        while let Some(middle) = low.between(high) {
            prop_assert!(middle > low.next_seq().unwrap() || low.next_seq() == Some(middle));
            prop_assert!(middle.version() < high);
            if middle.get() <= place { low = middle.version() } else { high = middle.version() }
        }
        prop_assert_eq!(low.get(), place.min(newest - 1));
    }

    #[test]
    fn a_tree_holds_what_stands_before_its_size(index in 0..u64::MAX, size: u64) {
        let (index, size) = (LogIndex::new(index), Size::new(size));
        prop_assert_eq!(size.holds(index), index.size().unwrap() <= size);
        prop_assert_eq!(index.size().unwrap().last(), Some(index));
        prop_assert_eq!(index.next().unwrap().previous(), Some(index));
        prop_assert_eq!(index.plus(1), index.next());
        prop_assert_eq!(index.size_after(1), index.size().unwrap());
        prop_assert_eq!(LogIndex::from_be_bytes(index.to_be_bytes()), index);
        prop_assert_eq!(index.size_before().grown(), index.size().unwrap());
        prop_assert_eq!(size.holds(index), size.beyond(index.size_before()) > 0);
        prop_assert_eq!(Size::of(index.offset().unwrap()), index.size_before());
    }

    #[test]
    fn the_newest_event_stands_at_the_version(number in 1..u64::MAX) {
        let seq = Seq::new(number).unwrap();
        prop_assert_eq!(seq.version().last(), Some(seq));
        prop_assert_eq!(seq.version().next_seq(), seq.next());
        prop_assert_eq!(seq.next().unwrap().previous(), Some(seq));
        let later = seq.next().unwrap().version();
        prop_assert_eq!(seq.version().between(later), None, "they are neighbours");
        prop_assert_eq!(seq.to_string().parse(), Ok(seq));
        prop_assert_eq!(Seq::from_be_bytes(seq.to_be_bytes()), Some(seq));
        prop_assert_eq!(Seq::of_offset(seq.offset().unwrap()), seq);
    }
}
