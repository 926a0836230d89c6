//! The duties of Alma's case.

use std::collections::BTreeSet;

use app::rules::basis::AS_IT_IS;
use domain::reading::{Known, ReadingPoint, instant};
use events::ids::StreamId;
use jiff::Timestamp;
use law::obligation::Status;
use tests::golden::same;
use tests::world::{Ids, World, ids};

use super::{Names, OF_THE_RECORD, duties, is_pending, known_at, line, local, rule};

/// The table of the light history, row by row: what the law asked of it in the end.
const ALMA_IN_THE_END: [&str; 33] = [
    "A3 LOC-NETMEET-6-8W | 2024-03-19..2024-04-02 | MOOT 2024-03-22",
    "A5 BL-136-2-24H | 2024-03-22 14:10 | MET by A6",
    "A5 BL-138-1-ACK (henrik) | 2024-04-03 | MET by A8",
    "A5 BL-138-2-FEEDBACK (henrik) | no number, 18 d | MET by A12",
    "A5 LOC-6W | 2024-05-02 | MET by A20-start",
    "A7-aware BL-18-SCREEN | no number, 5 d | MET by A9-screen",
    "A7-open BL-6-1-BISIDDER | no number, 12 d | MET by A10",
    "A7-open BL-8-3-NETWORK | no number, 13 d | MET by A11",
    "A9-open BL-19-3-SIBLING (emil) | before | MET by A15",
    "A9-open LOC-FEEDBACK-14D (henrik) | 2024-04-09 | MET by A12",
    "A16 LOC-SHORTDOC | no number, 0 d | MET by A16",
    "A19-decide BL-5-3-VIEWS | before | MET by A18",
    "A19-decide BL-10-3-START | no number, 4 d | MET by A20-start",
    "A19-decide BL-91-1-PLAN | 2024-07-19 | MET by A22-plan",
    "A19-decide BL-91-1-POSITION | with it | MET by A19-decide",
    "A19-decide ADM-FVL19-HEAR (mette) | before | MET by A19-decide",
    "A19-decide ADM-FVL19-HEAR (jonas) | before | MET by A19-decide",
    "A19-tell ADM-RSL67-COMPLAIN (mette) | 2024-05-17 | LAPSED",
    "A19-tell ADM-RSL67-COMPLAIN (jonas) | 2024-05-17 | LAPSED",
    "A20-start BL-95-2-FIRST | 2024-07-23 | MET by A25-follow",
    "A22-plan BL-5-3-VIEWS | before | MET by A22-hear",
    "A25-follow BL-5-3-VIEWS | before | MET by A25-hear",
    "A25-follow BL-95-3-RHYTHM | with it | MET by A25-follow",
    "A25-follow BL-95-OWN | 2024-08-21 | MET late 7 d by A29-follow",
    "A26 BL-136-2-24H | 2024-08-22 14:00 | MET by A27-acute",
    "A26 BL-138-1-ACK | 2024-08-29 | WAIVED A26",
    "A27-match BL-137-1-REASSESS-24 | no number, 2 d | MET by A28",
    "A29-follow BL-95-OWN | 2024-10-23 | MET by A30-follow",
    "A31-decide BL-5-3-VIEWS | before | MET by A30-hear",
    "A31-decide ADM-FVL19-HEAR (mette) | before | MET by A31-decide",
    "A31-decide ADM-FVL19-HEAR (jonas) | before | MET by A31-decide",
    "A31-tell ADM-RSL67-COMPLAIN (mette) | 2024-11-27 | OPEN",
    "A31-tell ADM-RSL67-COMPLAIN (jonas) | 2024-11-27 | OPEN",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_light_history_stands_as_its_table_says() {
    let world = World::with_alma().await;
    let (ids, names) = (ids(), Names::of(&ids()));
    let case = ids.case();
    assert_eq!(
        duties(&world, case, known_at("2024-11-06"), &names, |_| true),
        ALMA_IN_THE_END
    );
    let end = world
        .session()
        .duties(case, known_at("2024-11-06"), &AS_IT_IS)
        .unwrap()
        .unwrap();
    assert_eq!(end.findings, []);
    let dormant: Vec<_> = end
        .dormant
        .iter()
        .map(|dormant| (dormant.rule.id.as_str(), dormant.would_be_due.to_string()))
        .collect();
    assert_eq!(
        dormant,
        [("BL-20-3-4M", "2024-07-21".to_owned())],
        "shown, and not raised"
    );
    let receipt = end
        .obligations
        .iter()
        .find(|duty| duty.rule.id == "BL-138-1-ACK")
        .unwrap();
    assert_eq!(
        (receipt.warn_at, receipt.overdue_after),
        (instant("2024-03-30").ok(), instant("2024-04-03").ok())
    );
    let first_help = end
        .obligations
        .iter()
        .find(|duty| duty.rule.id == "LOC-6W")
        .unwrap();
    assert_eq!(first_help.age_days, 33);
    let of_the_record = end
        .obligations
        .iter()
        .filter(|duty| OF_THE_RECORD.contains(&duty.rule.id.as_str()));
    let of_the_record: Vec<String> = of_the_record.map(|duty| line(duty, &names)).collect();
    let journalised = ["A5", "A8", "A13", "A16", "A19-decide", "A26", "A31-decide"];
    let journalised =
        journalised.map(|row| format!("{row} ADM-OFL15-JOURNAL | no number, 0 d | MET by {row}"));
    let note = "A4 LOC-NOTE-LAG-3A | 2024-03-22 | MET by A4".to_owned();
    assert_eq!(
        of_the_record,
        [note].into_iter().chain(journalised).collect::<Vec<_>>(),
        "a contact is no fact to be noted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_light_history_is_weighed_by_what_was_known() {
    let world = World::with_alma().await;
    let (ids, names) = (ids(), Names::of(&ids()));
    let pending = |at: &str| duties(&world, ids.case(), known_at(at), &names, is_pending);
    assert_eq!(
        pending("2024-03-22"),
        [
            "A5 BL-138-1-ACK (henrik) | 2024-04-03 | OPEN",
            "A5 BL-138-2-FEEDBACK (henrik) | no number, 1 d | OPEN",
            "A7-aware BL-18-SCREEN | no number, 1 d | OPEN",
            "A7-open BL-6-1-BISIDDER | no number, 0 d | OPEN",
            "A7-open BL-8-3-NETWORK | no number, 0 d | OPEN",
        ]
    );
    assert_eq!(
        pending("2024-04-11"),
        [""; 0],
        "the sibling was looked at, and nothing is decided yet"
    );
    assert_eq!(
        pending("2024-05-01"),
        [
            "A19-decide BL-91-1-PLAN | 2024-07-19 | OPEN",
            "A19-tell ADM-RSL67-COMPLAIN (mette) | 2024-05-17 | OPEN",
            "A19-tell ADM-RSL67-COMPLAIN (jonas) | 2024-05-17 | OPEN",
            "A20-start BL-95-2-FIRST | 2024-07-23 | OPEN",
        ]
    );
    assert_eq!(
        pending("2024-08-21"),
        ["A25-follow BL-95-OWN | 2024-08-21 | OPEN"],
        "its last day"
    );
    assert_eq!(
        pending("2024-08-25"),
        ["A25-follow BL-95-OWN | 2024-08-21 | OVERDUE"]
    );
    a_correction_moves_when_the_duty_was_met(&world, ids.case(), &names);
    // What had happened by then, with all that was recorded since: the same duties, as they stood.
    let by = ReadingPoint {
        occurred_by: instant("2024-08-25").ok(),
        ..ReadingPoint::default()
    };
    assert_eq!(
        duties(&world, ids.case(), by, &names, is_pending),
        ["A25-follow BL-95-OWN | 2024-08-21 | OVERDUE"]
    );
}

/// The correction of A6 moves when the duty was met, and nothing else.
fn a_correction_moves_when_the_duty_was_met(world: &World, case: StreamId, names: &Names) {
    for (at, met) in [
        ("2024-11-01", "2024-03-22 09:05"),
        ("2024-11-06", "2024-03-22 08:40"),
    ] {
        let then = world
            .session()
            .duties(case, known_at(at), &AS_IT_IS)
            .unwrap()
            .unwrap();
        let acute = then
            .obligations
            .iter()
            .find(|duty| duty.rule.id == "BL-136-2-24H")
            .unwrap();
        let Status::Met {
            at: when,
            late_by: None,
        } = &acute.status
        else {
            panic!("{:?}", acute.status)
        };
        assert_eq!(local(when.at.unwrap()), met, "{at}");
        assert_eq!(
            duties(world, case, known_at(at), names, |_| true),
            ALMA_IN_THE_END
        );
    }
}

/// Rows of a dossier with the moment at which each stood in the record.
fn rows(ids: &Ids) -> Vec<(String, Timestamp)> {
    let mut rows: Vec<(String, Timestamp)> = Vec::new();
    for line in ids.lines() {
        let (row, at) = (
            line["row"].as_str().unwrap(),
            line["input"]["source"]["recordedAt"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
        );
        match rows.last_mut().filter(|(last, _)| last == row) {
            Some((_, last)) => *last = at,
            None => rows.push((row.to_owned(), at)),
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_duties_of_the_light_history_after_each_row() {
    let world = World::with_alma().await;
    let (ids, names) = (ids(), Names::of(&ids()));
    let applying: BTreeSet<&str> = ALMA_IN_THE_END.into_iter().map(rule).collect();
    let mut page =
        String::from("# What is open or overdue in the light history after each of its rows\n");
    for (row, at) in rows(&ids) {
        let point = ReadingPoint {
            known: Known::At(at),
            ..ReadingPoint::default()
        };
        for line in duties(&world, ids.case(), point, &names, |_| true) {
            assert!(
                applying.contains(rule(&line)),
                "{row}: no such duty applies to a light case: {line}"
            );
        }
        page.push_str(&format!("\n{row} {}\n", local(at)));
        duties(&world, ids.case(), point, &names, is_pending)
            .iter()
            .for_each(|line| page.push_str(&format!("  {line}\n")));
    }
    same("tests/golden/duties-alma.txt", &page);
}
