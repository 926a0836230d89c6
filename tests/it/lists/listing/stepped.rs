//! Rows that are brought forward without evaluating their case again are the rows of a whole
//! evaluation, and only facts that stand alone spare one.

use app::queries::figures::{Figures, FiguresQuery};
use app::rules::basis::WhatIf;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use law::key_figures::summary::{Dimension, Length};
use serde_json::{Value, json};
use tests::world::{World, ids};

use super::{Orders, case, person, world};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn note(of: uuid::Uuid, about: Value) -> Value {
    let facts = json!({ "kind": "FACT", "about": about, "text": "Et notat." });
    json!({ "stream": of, "facts": facts })
}

/// Counts evaluations.
struct Counter {
    last: u64,
}

impl Counter {
    /// From now on.
    fn on(world: &World) -> Self {
        let mut counter = Self { last: 0 };
        counter.since(world);
        counter
    }

    /// How many there were since the last time, once the lists reflect everything.
    fn since(&mut self, world: &World) -> u64 {
        world.operator.lists_ready(&mut |_, _| {}).unwrap();
        let now = world.operator.list_evaluations();
        now - std::mem::replace(&mut self.last, now)
    }
}

fn as_made_anew(world: &World) -> bool {
    world.operator.check_lists().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_cost_no_evaluation_once_their_case_is_known() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    let thor = json!({ "person": person(3), "role": "CHILD" });
    orders.must("takeNote", note(case(3), thor.clone())).await;
    let mut counter = Counter::on(&world);
    for _ in 0..70 {
        orders.must("takeNote", note(case(3), thor.clone())).await;
        assert_eq!(counter.since(&world), 0);
    }
    assert!(as_made_anew(&world));
    // Somebody whom nobody named before; the section of a rule; and another kind of fact.
    let wivi = json!({ "person": person(2), "role": "PARENT" });
    orders.must("takeNote", note(case(3), wivi.clone())).await;
    assert_eq!(counter.since(&world), 1);
    orders.must("takeNote", note(case(3), wivi)).await;
    assert_eq!(counter.since(&world), 0, "she is known now");
    let mut cites = note(case(3), thor.clone());
    cites["legalBasis"] = json!(["BL § 125"]);
    orders.must("takeNote", cites).await;
    assert_eq!(counter.since(&world), 1);
    let heard = json!({ "child": thor, "occasion": "CONTINUOUS", "ownWords": "Jeg vil sove." });
    let heard = json!({ "stream": case(3), "facts": heard });
    orders.must("hearChild", heard).await;
    assert_eq!(counter.since(&world), 1);
    assert!(as_made_anew(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_pass_between_notes_are_in_the_row() {
    let world = World::with_alma().await;
    let mut now: Timestamp = "2024-11-06T12:00:00Z".parse().unwrap();
    world.clock.set(now);
    let (mut spared, mut evaluated) = (0, 0);
    let mut orders = Orders::on(&world);
    let mut counter = Counter::on(&world);
    let alma = json!(ids().child());
    for round in 0..40_u32 {
        orders
            .must("takeNote", note(ids().case().uuid(), alma.clone()))
            .await;
        match counter.since(&world) {
            0 => spared += 1,
            _ => evaluated += 1,
        }
        assert!(as_made_anew(&world), "round {round}");
        now += DAY * (1 + i32::try_from(round % 7).unwrap() * 5);
        world.clock.set(now);
    }
    assert!(spared > 10 && evaluated > 1, "{spared} and {evaluated}");
    let (sums, cases) = (figures(&world, 0), figures(&world, 1_000));
    assert!(sums.figures.len() > 5 && sums.cases > 0, "{sums:?}");
    let cases = Figures {
        // An entry about the log itself may have come between.
        position: sums.position,
        ..without_cases(cases)
    };
    assert_eq!(sums, cases, "sums say what the cases add");
}

/// Key figures from the beginning of 2024 to some day in the middle of a month, by unit and weight, with
/// at most so many cases behind each.
fn figures(world: &World, cases_max: usize) -> Figures {
    let query = FiguresQuery {
        from: date(2024, 1, 1),
        to: date(2027, 5, 17),
        length: Length::Quarter,
        by: vec![Dimension::Unit, Dimension::Weight],
        point: None,
        what_if: WhatIf::default(),
        read_max: None,
        cases_max,
        small_groups: false,
        at_least: Some(world.public_log().size()),
    };
    let figures = world.session().key_figures(&query, &mut |_, _| {});
    figures.unwrap()
}

fn without_cases(mut figures: Figures) -> Figures {
    figures
        .figures
        .iter_mut()
        .for_each(|figure| figure.cases.clear());
    figures
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_stream_says_is_not_missed_after_notes() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    let thor = json!({ "person": person(3), "role": "CHILD" });
    for name in ["Halfdan Schmidt", "Thor Schmidt Møller"] {
        orders.must("takeNote", note(case(3), thor.clone())).await;
        let mut counter = Counter::on(&world);
        let facts = json!({ "person": thor, "name": name, "source": "CPR" });
        let renamed = json!({ "stream": person(3), "facts": facts });
        orders.must("identifyPerson", renamed).await;
        orders.must("takeNote", note(case(3), thor.clone())).await;
        assert!(counter.since(&world) > 0);
        assert!(as_made_anew(&world));
        assert_eq!(
            super::found(&world, &format!("name: \"{name}\""))
                .await
                .len(),
            2
        );
    }
}
