//! The duties of the cases of Bastian and Clara.

use std::collections::BTreeSet;

use app::rules::basis::AS_IT_IS;
use domain::reading::{ReadingPoint, instant};
use tests::golden::same;
use tests::world::{World, family};

use super::{Names, duties, is_pending, known_at, rule};

/// The table of the heavy history, row by row, for each child.
const BASTIAN_IN_THE_END: &[&str] = &[
    "B1 BL-136-2-24H | 2025-02-15 22:40 | MET by B2",
    "B1 BL-137-3-ABUSETALK | no number, 1 d | MET by B4-bastian",
    "B1 BL-138-1-ACK (laerke) | 2025-02-24 | MET by B9-receipt",
    "B1 BL-138-2-FEEDBACK (laerke) | no number, 5 d | MET by B10-feedback",
    "B5 BL-20-1-DECIDE | no number, 2 d | MET by B9-open-b",
    "B9-open-b BL-125-CHILDHOUSE | before | MET by B9-open-b",
    "B6 BL-143-3-24H (signe) | 2025-02-16 10:30 | MET by B8-p1",
    "B6 BL-143-3-24H (kasper) | 2025-02-16 10:30 | MET by B8-p1",
    "B6 BL-143-3-24H (bastian) | 2025-02-16 10:30 | MET by B8-p1",
    "B6 BL-143-4-7D | 2025-02-22 | MET by B11",
    "B11 BL-143-5-1M | 2025-03-20 | MET by B22",
    "B6 BL-140-LAWYER (bastian) | before | MET by B8-p1",
    "B19 BL-140-LAWYER (bastian) | before | MET by B8-p1",
    "B3-aware-b BL-20-3-4M | 2025-06-14 | MET by B17-report-b",
    "B9-open-b BL-21-1-SIBLING (clara) | before | MET by B17-sibling-b",
    "B12-bastian BL-21-5-TWO | with it | MET by B3-assign-b",
    "B7-start-b BL-95-2-FIRST | 2025-03-06 | MET by B17-follow-b",
    "B17-follow-b BL-95-OWN | 2025-04-24 | MET by B28-follow-b",
    "B28-follow-b BL-95-OWN | 2025-06-19 | MET by B32-0619-b",
    "B32-0619-b BL-95-OWN | 2025-08-14 | MET by B32-0814-b",
    "B32-0814-b BL-95-OWN | 2025-10-09 | MET by B32-1009-b",
    "B32-1009-b BL-95-OWN | 2025-12-04 | OVERDUE",
    "B13 ADM-FVL16-7A (frederik) | 2025-03-07 | MET by B16",
    "B13 ADM-FVL9B-HOLD (frederik) | before | MET by B16",
    "B22 ADM-FVL19-HEAR (signe) | before | MET by B15-signe",
    "B22 ADM-FVL19-HEAR (kasper) | before | MET by B15-kasper",
    "B22 BL-91-2-PLAN47 | before | MET by B18-plan-b",
    "B7-start-b BL-77-PARENTPLAN | no number, 19 d | MET by B18-plan-parent",
    "B19 BL-51-CONTENTS | with it | MET by B19",
    "B7-decide BL-5-3-VIEWS | before | MET by B4-bastian",
    "B11 BL-5-3-VIEWS | before | MET by B10-bastian",
    "B17-follow-b BL-5-3-VIEWS | before | MET by B12-bastian",
    "B18-plan-b BL-5-3-VIEWS | before | MET by B12-bastian",
    "B22 BL-5-3-VIEWS | before | MET by B21-bastian",
    "B24-decide BL-5-3-VIEWS | before | MET by B23-bastian",
    "B23-tell ADM-BL146-COMPLAIN (kasper) | 2025-04-22 | MET by B26",
    "B24-tell ADM-RSL67-COMPLAIN (bastian) | 2025-04-22 | MET by B25",
    "B26 ADM-RSB11-6-FORWARD (kasper) | no number, 1 d | MET by B27",
    "B25 ADM-RSB11-4W (bastian) | 2025-04-30 | MET by B28-reassess B28-forward",
    "B27 ADM-RSL73-8W | 2025-06-18 | MET by B30",
    "B28-forward ADM-RSB15-8W | 2025-06-19 | MET by B31",
    "B30-tell ADM-BL147-COURT (signe) | 2025-07-10 | LAPSED",
    "B30-tell ADM-BL147-COURT (kasper) | 2025-07-10 | LAPSED",
    "B30-tell ADM-BL147-COURT (bastian) | 2025-07-10 | LAPSED",
    "B22 BL-50-RENEW | 2026-06-11 | OPEN",
    "B22 BL-105-EXPIRY | 2025-09-13 | MET by B35-note-b",
    "B7-start-b BL-156-5-VISITS | 2026-02-15 | MET by B29-bastian B36-bastian",
    "B33 BL-132-MOVE | no number, 0 d | MET by B33",
];
const CLARA_IN_THE_END: &[&str] = &[
    "B1 BL-136-2-24H | 2025-02-15 22:40 | MET by B2",
    "B1 BL-137-3-ABUSETALK | no number, 1 d | MET by B4-clara",
    "B6 BL-143-3-24H (signe) | 2025-02-16 10:30 | MET by B8-p1",
    "B6 BL-143-3-24H (kasper) | 2025-02-16 10:30 | MET by B8-p1",
    "B6 BL-143-4-7D | 2025-02-22 | MET by B11",
    "B11 BL-143-5-1M | 2025-03-20 | MET by B22",
    "B3-aware-c BL-20-3-4M | 2025-06-14 | MET by B17-report-c",
    "B9-open-c BL-21-1-SIBLING (bastian) | before | MET by B17-sibling-c",
    "B7-start-c BL-95-2-FIRST | 2025-03-06 | MET by B17-follow-c",
    "B32-0814-c BL-95-OWN | 2025-10-09 | MET by B32-1009-c",
    "B22 BL-91-2-PLAN47 | before | MET by B18-plan-c",
    "B22 BL-5-3-VIEWS | before | MET by B21-clara",
    "B24-decide BL-5-3-VIEWS | before | MET by B23-clara",
    "B38-decide BL-5-3-VIEWS | before | MET by B37-hear",
    "B23-tell ADM-BL146-COMPLAIN (kasper) | 2025-04-22 | MET by B26",
    "B26 ADM-RSB11-6-FORWARD (kasper) | no number, 1 d | MET by B27",
    "B27 ADM-RSL73-8W | 2025-06-18 | MET by B30",
    "B30 ADM-BOARD-ORDER | 2025-12-11 | MET by B38-decide",
    "B30-tell ADM-BL147-COURT (signe) | 2025-07-10 | LAPSED",
    "B22 BL-50-RENEW | 2025-12-11 | MET by B42",
    "B22 BL-105-EXPIRY | 2025-09-13 | MET by B35-note-c",
    "B7-start-c BL-156-5-VISITS | 2026-02-15 | MET by B29-clara B36-clara",
    "B38-decide BL-100-2-STATEMENT | before | MET by B36-statement",
    "B38-decide BL-102-5-TELL | no number, 0 d | MET by B38-committee",
    "B38-tell ADM-RSL67-COMPLAIN (signe) | 2025-10-30 | LAPSED",
    "B38-tell ADM-RSL67-COMPLAIN (kasper) | 2025-10-30 | LAPSED",
    "B33 BL-132-MOVE | no number, 0 d | MET by B33",
    "B43-responsible BL-132-MOVE | no number, 0 d | MET by B43-notify",
];

/// What the history itself leaves undone: nobody was heard on the place that stayed the same, nor
/// on the return home, and the approval of 20 February is not recorded as given in writing.
const UNDONE_IN_BOTH: [&str; 3] = [
    "B11 BL-142-7-WRITTEN | no number, 291 d | OPEN",
    "B24-decide ADM-FVL19-HEAR (signe) | before | OVERDUE",
    "B24-decide ADM-FVL19-HEAR (kasper) | before | OVERDUE",
];

#[tokio::test(flavor = "multi_thread")]
async fn golden_duties_of_the_heavy_history_in_the_end() {
    let world = World::with_family().await;
    let (ids, names) = (family(), Names::of(&family()));
    let mut page = String::from("# Every duty of the heavy history as known 2025-12-08\n");
    for (child, case) in [("Bastian", "B3-open-b"), ("Clara", "B3-open-c")] {
        page.push_str(&format!("\n{child}\n"));
        let lines = duties(
            &world,
            ids.stream(case),
            known_at("2025-12-08"),
            &names,
            |_| true,
        );
        lines
            .iter()
            .for_each(|line| page.push_str(&format!("  {line}\n")));
    }
    same("tests/golden/duties-bastian-clara.txt", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heavy_history_stands_as_its_table_says() {
    let world = World::with_family().await;
    let (ids, names) = (family(), Names::of(&family()));
    let end = known_at("2025-12-08");
    for (case, expected, more) in [
        (
            ids.stream("B3-open-b"),
            BASTIAN_IN_THE_END,
            vec![
                "B7-start-b BL-111-AFTERCARE | 2030-05-03 | OPEN",
                "B22 BL-50-RENEW | 2026-06-11 | OPEN",
                "B32-1009-b BL-95-OWN | 2025-12-04 | OVERDUE",
            ],
        ),
        (
            ids.stream("B3-open-c"),
            CLARA_IN_THE_END,
            vec![
                "B38-decide ADM-FVL19-HEAR (signe) | before | OVERDUE",
                "B38-decide ADM-FVL19-HEAR (kasper) | before | OVERDUE",
            ],
        ),
    ] {
        let lines = duties(&world, case, end, &names, |_| true);
        for row in expected {
            assert!(
                lines.iter().any(|line| line == row),
                "missing: {row}\n{}",
                lines.join("\n")
            );
        }
        assert!(
            lines.iter().all(|line| !rule(line).starts_with("BL-137-1")),
            "no measure ran when the notification came"
        );
        let pending: BTreeSet<String> = duties(&world, case, end, &names, is_pending)
            .into_iter()
            .collect();
        let left: BTreeSet<String> = UNDONE_IN_BOTH
            .into_iter()
            .chain(more)
            .map(str::to_owned)
            .collect();
        assert_eq!(pending, left);
    }
    let bastian = world
        .session()
        .duties(ids.stream("B3-open-b"), end, &AS_IT_IS)
        .unwrap()
        .unwrap();
    let warned = |rule: &str| {
        bastian
            .obligations
            .iter()
            .find(|duty| duty.rule.id == rule)
            .unwrap()
            .warn_at
    };
    assert_eq!(warned("BL-138-1-ACK"), instant("2025-02-21").ok());
    assert_eq!(
        warned("BL-143-5-1M"),
        instant("2025-03-15").ok(),
        "counted from the provisional decision"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_both_appeals_each_child_has_its_own_duties() {
    let world = World::with_family().await;
    let (ids, names) = (family(), Names::of(&family()));
    let pending = |case: &str, at: &str| -> BTreeSet<String> {
        duties(&world, ids.stream(case), known_at(at), &names, is_pending)
            .into_iter()
            .collect()
    };
    let of_both = [
        "B11 BL-142-7-WRITTEN | no number, 70 d | OPEN",
        "B22 BL-50-RENEW | 2026-03-13 | OPEN",
        "B22 BL-105-EXPIRY | 2025-09-13 | OPEN",
        "B24-decide ADM-FVL19-HEAR (signe) | before | OVERDUE",
        "B24-decide ADM-FVL19-HEAR (kasper) | before | OVERDUE",
        "B27 ADM-RSL73-8W | 2025-06-18 | OPEN",
    ];
    let with = |own: &[&str]| {
        of_both
            .iter()
            .chain(own)
            .map(|line| (*line).to_owned())
            .collect::<BTreeSet<String>>()
    };
    let bastian = [
        "B7-start-b BL-111-AFTERCARE | 2030-05-03 | OPEN",
        "B7-start-b BL-156-5-VISITS | 2026-02-15 | OPEN",
        "B28-follow-b BL-95-OWN | 2025-06-19 | OPEN",
        "B28-forward ADM-RSB15-8W | 2025-06-19 | OPEN",
    ];
    let clara = [
        "B7-start-c BL-111-AFTERCARE | 2036-02-19 | OPEN",
        "B7-start-c BL-156-5-VISITS | 2026-02-15 | OPEN",
        "B28-follow-c BL-95-OWN | 2025-06-19 | OPEN",
    ];
    assert_eq!(pending("B3-open-b", "2025-05-01"), with(&bastian));
    assert_eq!(pending("B3-open-c", "2025-05-01"), with(&clara));
    // The Board gives each child another day; that its outcome belongs to a case does nothing about
    // it.
    let bastian = pending("B3-open-b", "2025-06-30");
    let clara = pending("B3-open-c", "2025-06-30");
    assert!(
        bastian.contains("B22 BL-50-RENEW | 2026-06-11 | OPEN")
            && clara.contains("B22 BL-50-RENEW | 2025-12-11 | OPEN")
    );
    assert!(
        clara.contains("B30 ADM-BOARD-ORDER | 2025-12-11 | OPEN")
            && bastian.iter().all(|line| rule(line) != "ADM-BOARD-ORDER")
    );
}

/// The note about Clara's school stood in Bastian's case for a while.
#[tokio::test(flavor = "multi_thread")]
async fn a_note_in_the_wrong_case_counts_until_it_is_annulled() {
    let world = World::with_family().await;
    let ids = family();
    let annulled = ids.event("B39-wrong");
    let case = ids.stream("B3-open-b");
    let notes = |point: ReadingPoint| -> Vec<String> {
        let duties = world
            .session()
            .duties(case, point, &AS_IT_IS)
            .unwrap()
            .unwrap();
        let own = duties
            .obligations
            .iter()
            .filter(|duty| duty.event == annulled);
        own.map(|duty| duty.rule.id.clone()).collect()
    };
    let names = Names::of(&ids);
    assert_eq!(notes(known_at("2025-10-05")), ["LOC-NOTE-LAG-3A"]);
    assert_eq!(notes(known_at("2025-10-07")), [""; 0]);
    let rest = |at| {
        duties(&world, case, known_at(at), &names, |duty| {
            duty.event != annulled && !duty.is_pending()
        })
    };
    assert_eq!(
        rest("2025-10-05"),
        rest("2025-10-07"),
        "nothing else changed"
    );
}
