//! What a log says of another log: it only grows, and an auditor of the other log holds it to it.

use serde_json::{Value, json};

use crate::audit::{Auditor, Checks, anchors_of};
use crate::code::Code;
use crate::position::Size;
use crate::test_support::log::{Log, b64, pin};

const OTHER: &str = "log.aarhus.example/0751/adgang";

fn said(size: u64, root: u8) -> Value {
    json!({ "n": size, "o": OTHER, "root": b64(&[root; 32]) })
}

/// A log that goes on with one heads entry for each of these.
fn anchoring(rows: &[Value]) -> Log {
    let mut log = Log::honest();
    for row in rows {
        log.append_event(&[]);
        let key = log.event_key.clone();
        log.seal_with(&key, &[("x", row.clone())]);
    }
    log
}

#[test]
fn what_is_said_of_another_log_is_reported_as_it_was_said_last() {
    let log = anchoring(&[
        json!([said(4, 1)]),
        json!([said(4, 1)]),
        json!([said(9, 2)]),
    ]);
    let report = log.audit().unwrap();
    assert_eq!(report.anchors.len(), 1);
    assert_eq!(
        (
            report.anchors[0].origin.as_str(),
            report.anchors[0].size,
            report.anchors[0].root
        ),
        (OTHER, Size::new(9), [2; 32])
    );
    assert_eq!(
        anchors_of(&log.entries.last().unwrap().bytes),
        report.anchors
    );
    assert_eq!(
        anchors_of(&log.entries[1].bytes),
        Vec::new(),
        "an event says nothing of other logs"
    );
    assert_eq!(anchors_of(b"no entry"), Vec::new());
    // Nothing is asked of a heads entry that says nothing.
    let mut silent = log;
    silent.append_event(&[]);
    let key = silent.event_key.clone();
    silent.seal(&key);
    assert_eq!(silent.audit().unwrap().anchors[0].size, Size::new(9));
}

#[test]
fn what_is_said_of_another_log_does_not_go_back() {
    let own = json!([{ "n": 1, "o": crate::test_support::log::ORIGIN, "root": b64(&[1; 32]) }]);
    let others: Vec<Value> = (0..17)
        .map(|number| json!({ "n": 1, "o": format!("{OTHER}{number}"), "root": b64(&[1; 32]) }))
        .collect();
    let wrong: [(&str, &[Value]); 5] = [
        ("smaller", &[json!([said(9, 1)]), json!([said(8, 1)])]),
        ("other root", &[json!([said(9, 1)]), json!([said(9, 2)])]),
        ("twice in one entry", &[json!([said(9, 1), said(9, 2)])]),
        ("its own", &[own]),
        ("too many", &[json!(others)]),
    ];
    for (name, rows) in wrong {
        assert_eq!(
            anchoring(rows).audit().map(|_| ()),
            Err(Code::HeadsChain),
            "{name}"
        );
    }
    for form in [
        json!([]),
        json!([{ "n": 1, "o": OTHER }]),
        json!([{ "n": "1", "o": OTHER, "root": b64(&[1; 32]) }]),
        json!({}),
    ] {
        assert!(
            anchoring(std::slice::from_ref(&form)).audit().is_err(),
            "{form}"
        );
    }
}

#[test]
fn a_resumed_audit_remembers_what_was_said() {
    let first = anchoring(&[json!([said(9, 1)])]);
    let mut auditor = Auditor::new(first.trust.clone(), Checks::default());
    auditor.expect(&first.note).unwrap();
    auditor.read(&first, &mut |_| {}).unwrap();
    let saved = auditor.save().unwrap();
    let back = anchoring(&[json!([said(9, 1)]), json!([said(8, 1)])]);
    let mut resumed = Auditor::resume(&saved, back.trust.clone(), Checks::default()).unwrap();
    resumed.expect(&back.note).unwrap();
    assert!(resumed.read(&back, &mut |_| {}).is_err());
    assert_eq!(resumed.sound().unwrap_err().code, Code::HeadsChain);
}

#[test]
fn every_pin_is_held_to_and_its_holder_is_named() {
    let mut log = Log::honest();
    let roots = |size: usize| {
        let mut tree = crate::tree::Growing::default();
        log.entries[..size]
            .iter()
            .for_each(|entry| tree.add(crate::tree::leaf(&entry.bytes)));
        tree.root()
    };
    let good = [pin(3, roots(3)), pin(11, roots(11))].concat();
    log.trust.pins.clone_from(&good);
    assert!(log.audit().is_ok());
    for (wrong, code) in [
        (pin(5, [7; 32]), Code::Fork),
        (pin(12, [7; 32]), Code::Rollback),
    ] {
        log.trust.pins = [good.clone(), wrong].concat();
        let mut auditor = Auditor::new(log.trust.clone(), Checks::default());
        let announced = auditor.expect(&log.note).map(|_| ());
        let found = announced.and_then(|()| {
            assert!(auditor.read(&log, &mut |_| {}).is_err());
            auditor.sound()
        });
        let finding = found.unwrap_err();
        assert_eq!(finding.code, code);
        assert!(
            finding.to_string().contains("an outsider knows"),
            "{finding}"
        );
    }
}
