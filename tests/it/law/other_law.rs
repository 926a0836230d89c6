//! Duties under other law than that in force, and under that which was in force when they were
//! known. This file holds what these tests share.

mod histories;
mod questions;
mod rules_of_then;

use app::queries::figures::{Figures, FiguresQuery};
use app::rows::lists::ListError;
use app::rules::basis::{Overlay, WhatIf};
use domain::reading::ReadingPoint;
use jiff::civil::date;
use law::catalogue::CATALOGUE_JSON;
use law::key_figures::summary::Length;
use serde_json::{Value, json};
use tests::world::World;

/// Rules of a day, perhaps with another overlay.
fn rules_of(day: &str, overlay: Overlay) -> WhatIf {
    WhatIf {
        rules_of: Some(day.parse().unwrap()),
        overlay,
        catalogue: None,
    }
}

/// The built-in catalogue with another period for the plan, as a later release.
fn later() -> String {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    file["version"] = json!("2026-1");
    let rules = file["rules"].as_array_mut().unwrap();
    rules
        .iter_mut()
        .find(|rule| rule["id"] == "BL-91-1-PLAN")
        .unwrap()["due"] = json!({ "months": 2 });
    file.to_string()
}

fn year(
    world: &World,
    point: Option<ReadingPoint>,
    what_if: WhatIf,
    read_max: Option<u64>,
) -> Result<Figures, ListError> {
    let (from, to) = (date(2024, 1, 1), date(2024, 12, 31));
    let query = FiguresQuery {
        from,
        to,
        length: Length::Year,
        by: Vec::new(),
        point,
        what_if,
        read_max,
        cases_max: 0,
        small_groups: false,
        at_least: Some(world.public_log().size()),
    };
    world.session().key_figures(&query, &mut |_, _| {})
}
