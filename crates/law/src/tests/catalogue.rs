//! The catalogue as data: it is whole, and a bent one is refused by rule and reason.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::story::CATALOGUE;
use crate::catalogue::CATALOGUE_JSON;
use crate::library::of_this_program;
use crate::predicates::PREDICATES;
use crate::rule::{Due, RuleSet};

#[test]
fn the_catalogue_holds_103_rules_in_five_sets() {
    let count = |set| {
        CATALOGUE
            .rules()
            .iter()
            .filter(|rule| rule.set == set)
            .count()
    };
    let counts = [
        RuleSet::Sel,
        RuleSet::Fri,
        RuleSet::Bl,
        RuleSet::Adm,
        RuleSet::Local,
    ]
    .map(count);
    assert_eq!(counts, [22, 5, 50, 21, 5]);
    assert_eq!(PREDICATES.len(), 103);
    let order: Vec<&str> = PREDICATES.iter().map(|predicate| predicate.rule).collect();
    assert_eq!(
        order,
        CATALOGUE
            .rules()
            .iter()
            .map(|rule| rule.id.as_str())
            .collect::<Vec<_>>()
    );
    assert_eq!(CATALOGUE.version(), "2026-12-1");
}

#[test]
fn the_hash_names_the_bytes_of_the_file() {
    assert_eq!(CATALOGUE.hash().len(), 64);
    let other = CATALOGUE_JSON.replacen(
        "Acute assessment within 24 hours",
        "Acute assessment within 24 hrs",
        1,
    );
    assert_ne!(of_this_program(&other).unwrap().hash(), CATALOGUE.hash());
}

#[test]
fn what_is_unsure_is_told_by_key_and_every_key_is_used() {
    let used: BTreeSet<&String> = CATALOGUE
        .rules()
        .iter()
        .flat_map(|rule| &rule.uncertain)
        .collect();
    // Three keys are added by the engine: succession, duties taken up again, and duties that fall due
    // elsewhere; one is about all rules.
    let extra = ["U-08", "U-10", "U-24", "U-26", "U-28"];
    for key in CATALOGUE.uncertainties().keys() {
        assert!(used.contains(key) || extra.contains(&key.as_str()), "{key}");
    }
}

#[test]
fn what_is_read_by_choice_says_how() {
    for rule in CATALOGUE.rules() {
        let chosen = rule
            .uncertain
            .iter()
            .any(|key| key == "W-READ" || key == "W-FACT");
        assert_eq!(rule.reading.is_some(), chosen, "{}", rule.id);
    }
}

#[test]
fn every_old_rule_of_a_person_has_a_successor() {
    for rule in CATALOGUE
        .rules()
        .iter()
        .filter(|rule| rule.set == RuleSet::Sel)
    {
        assert!(!rule.successors.is_empty(), "{}", rule.id);
    }
}

/// Changes one rule of the file and tells what is wrong then.
fn bent(id: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    let rules = file["rules"].as_array_mut().unwrap();
    change(rules.iter_mut().find(|rule| rule["id"] == id).unwrap());
    of_this_program(&file.to_string()).unwrap_err().to_string()
}

#[test]
fn a_bent_catalogue_is_refused_by_rule_and_reason() {
    assert_eq!(
        bent("LOC-6W", |rule| rule["id"] = json!("LOC-7W")),
        "rule LOC-7W: no predicate is known for it"
    );
    assert_eq!(
        bent("SEL-47-NETWORK", |rule| rule["successors"][0]["rule"] =
            json!("BL-0")),
        "rule SEL-47-NETWORK: successors names BL-0, which does not exist"
    );
    assert_eq!(
        bent("SEL-47-NETWORK", |rule| rule["successors"] = json!([])),
        "rule SEL-47-NETWORK: no successor is given"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["law"] = json!(" ")),
        "rule BL-33-14D: no section of law is given"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["source"] = json!([])),
        "rule BL-33-14D: no source is given"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["source"] = json!(["X"])),
        "rule BL-33-14D: source names X, which does not exist"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["uncertain"] = json!(["X"])),
        "rule BL-33-14D: uncertain names X, which does not exist"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["to"] = json!("2020-01-01")),
        "rule BL-33-14D: its period ends before it begins"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["basis"] = json!("WEEKDAYS")),
        "rule BL-33-14D: its basis does not fit its period"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["successors"] =
            json!([{ "rule": "BL-33-14D", "clock": "NEW" }])),
        "rule BL-33-14D: its successors lead back to it"
    );
    assert_eq!(
        bent("BL-52-5-HOST", |rule| rule["due"] =
            json!({ "before": "Whenever" })),
        "rule BL-52-5-HOST: due names Whenever, which does not exist"
    );
    assert_eq!(
        bent("BL-33-14D", |rule| rule["colour"] = json!("red")),
        "the rule catalogue cannot be read"
    );
}

#[test]
fn longer_circles_of_successors_are_found() {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    let rules = file["rules"].as_array_mut().unwrap();
    rules
        .iter_mut()
        .find(|rule| rule["id"] == "BL-8-3-NETWORK")
        .unwrap()["successors"] = json!([{ "rule": "SEL-47-NETWORK", "clock": "NEW" }]);
    let error = of_this_program(&file.to_string()).unwrap_err().to_string();
    assert_eq!(error, "rule SEL-47-NETWORK: its successors lead back to it");
}

#[test]
fn two_entries_of_one_rule_may_follow_but_not_overlap() {
    let with_copy = |from: &str| {
        let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
        let rules = file["rules"].as_array_mut().unwrap();
        let mut copy = rules
            .iter()
            .find(|rule| rule["id"] == "BL-137-1-REASSESS-24")
            .unwrap()
            .clone();
        copy["from"] = json!(from);
        copy["to"] = Value::Null;
        rules.push(copy);
        of_this_program(&file.to_string())
    };
    assert_eq!(
        with_copy("2024-12-31").unwrap_err().to_string(),
        "rule BL-137-1-REASSESS-24: two entries hold on 2024-12-31"
    );
    assert!(with_copy("2025-01-01").is_ok());
}

#[test]
fn a_predicate_without_a_rule_is_refused() {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    file["rules"]
        .as_array_mut()
        .unwrap()
        .retain(|rule| rule["id"] != "LOC-6W");
    assert_eq!(
        of_this_program(&file.to_string()).unwrap_err().to_string(),
        "predicate LOC-6W: no rule has this id"
    );
}

#[test]
fn dues_are_typed() {
    assert_eq!(
        CATALOGUE.rule("BL-136-2-24H").unwrap().1.due,
        Due::Hours(24)
    );
    assert_eq!(
        CATALOGUE.rule("BL-111-AFTERCARE").unwrap().1.due,
        Due::BeforeBirthday { age: 18, months: 6 }
    );
    assert_eq!(
        CATALOGUE.rule("BL-50-RENEW").unwrap().1.due,
        Due::Renewal {
            months: 12,
            after_recent_placement: 24
        }
    );
}

#[test]
fn approvals_cover_rules_that_the_trial_lifts() {
    assert_eq!(CATALOGUE.approvals().len(), 3);
    let wrong = with("approvals", |approvals| {
        approvals[0]["covers"] = json!(["BL-33-14D"])
    });
    assert_eq!(
        wrong,
        "the approval of municipality 0159 covers BL-33-14D, which no rule of the trial lifts"
    );
}

/// Changes one member of the file and tells what is wrong then.
fn with(member: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    change(&mut file[member]);
    of_this_program(&file.to_string()).unwrap_err().to_string()
}

#[test]
fn published_periods_and_ages_that_do_not_fit_are_refused() {
    let period = json!({ "municipality": "0999", "rule": "ADM-RSL3A-REMIT", "from": "2025-01-01", "days": 30, "source": "Its page" });
    let wrong = |member: &str, value: Value| {
        let mut period = period.clone();
        period[member] = value;
        with("published", |published| *published = json!([period]))
    };
    let refused = |rule: &str, reason: &str| {
        format!("rule {rule}: the published period of municipality 0999 {reason}")
    };
    assert_eq!(
        wrong("rule", json!("BL-0")),
        refused("BL-0", "names a rule that does not exist")
    );
    assert_eq!(
        wrong("rule", json!("BL-33-14D")),
        refused("BL-33-14D", "belongs to a rule whose day it does not set")
    );
    assert_eq!(
        wrong("days", json!(0)),
        refused("ADM-RSL3A-REMIT", "has no days")
    );
    assert_eq!(
        wrong("source", json!(" ")),
        refused("ADM-RSL3A-REMIT", "does not say where it was published")
    );
    assert!(wrong("municipality", json!("99")).ends_with("is not of a four-digit code"));
    let twice = with("published", |published| {
        *published = json!([period, period])
    });
    assert_eq!(
        twice,
        refused("ADM-RSL3A-REMIT", "is given twice from the same day")
    );
    let ages =
        "party_ages: the first has no day, and each other one begins later than the one before";
    assert_eq!(
        with("party_ages", |party_ages| *party_ages = json!([])),
        ages
    );
    assert_eq!(
        with("party_ages", |party_ages| party_ages[1]["from"] =
            Value::Null),
        ages
    );
    assert_eq!(
        with("party_ages", |party_ages| party_ages[0]["from"] =
            json!("2020-01-01")),
        ages
    );
}

#[test]
fn each_entry_of_a_rule_counts_its_own_time() {
    let two = super::story::changed(|file| {
        let rules = file["rules"].as_array_mut().unwrap();
        let place = rules
            .iter()
            .position(|rule| rule["id"] == "BL-136-2-24H")
            .unwrap();
        let mut later = rules[place].clone();
        rules[place]["to"] = json!("2024-12-31");
        later["from"] = json!("2025-01-01");
        later["due"] = json!({ "hours": 12 });
        rules.insert(place + 1, later);
    });
    let mut story = super::story::Story::new();
    story.catalogue = two;
    story.notice("2024-12-31 10:00", "NotificationReceived", json!({}));
    story.on(
        super::story::NOTICE + 1,
        "2025-01-01 10:00",
        "NotificationReceived",
        json!({}),
    );
    let evaluation = story.at("2025-01-01 11:00");
    let duties = super::story::of(&evaluation, "BL-136-2-24H");
    let due: Vec<_> = duties
        .iter()
        .map(|duty| duty.overdue_after.unwrap())
        .collect();
    assert_eq!(
        due,
        ["2025-01-01 10:00", "2025-01-01 22:00"].map(super::story::instant)
    );
    let places: Vec<_> = duties
        .iter()
        .map(|duty| two.place(duty.rule).unwrap())
        .collect();
    assert_eq!(
        places[1],
        places[0] + 1,
        "two entries of one id are two places"
    );
    assert!(
        duties
            .iter()
            .zip(places)
            .all(|(duty, place)| std::ptr::eq(two.rule_at(place).unwrap(), duty.rule))
    );
}
