//! The program from the outside: import, replay, audit, and everything that can be wrong with a
//! directory.

use std::path::Path;

use serde_json::{Value, json};
use tests::dirs::Dirs;
use tests::program::{Server, run, run_with, text};
use tests::world::{ALMA, files, ids, layout};

fn dossier(dir: &Path, lines: &str) -> String {
    let path = dir.join("dossier.jsonl");
    std::fs::write(&path, lines).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_import_carries_what_the_source_states_and_runs_twice_without_doubling() {
    let dir = tempfile::tempdir().unwrap();
    let file = dossier(dir.path(), ALMA);
    let first = run(dir.path(), &["import", &file]);
    assert_eq!(
        (first.status.code(), text(&first.stdout)),
        (
            Some(0),
            "67 commands recorded, 0 had been recorded before\n".into()
        )
    );
    let second = run(dir.path(), &["import", &file]);
    assert_eq!(
        text(&second.stdout),
        "0 commands recorded, 67 had been recorded before\n"
    );

    let case = ids().case().to_string();
    // By the log's own time nothing was known in 2024; by the source's statement it was.
    let proven = run(dir.path(), &["replay", &case, "--known-at", "2024-11-01"]);
    assert_eq!(proven.status.code(), Some(1));
    assert!(text(&proven.stderr).contains("there is no case"));
    let stated = run(
        dir.path(),
        &["replay", &case, "--known-at", "2024-11-01", "--stated"],
    );
    assert!(
        text(&stated.stdout).contains("2024-03-22 09:05  Acute measure needed"),
        "{}",
        text(&stated.stdout)
    );
    let now = run(dir.path(), &["replay", &case]);
    assert!(text(&now.stdout).contains("2024-03-22 08:40  Acute measure needed"));
    let before = run(
        dir.path(),
        &["replay", &case, "--occurred-by", "2024-04-05", "--json"],
    );
    let before: Value = serde_json::from_slice(&before.stdout).unwrap();
    assert_eq!(
        (&before["status"], &before["childVoice"]["count"]),
        (&json!("OPEN"), &json!(1))
    );
    assert_eq!(
        before["timeline"][0]["told"]["statedRecordedAt"],
        json!("2024-02-06T08:40:00Z")
    );

    let audit = run(dir.path(), &["audit", "--json"]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!((&audit["ok"], &audit["events"]), (&json!(true), &json!(69)));
}

#[test]
fn the_program_lists_cases() {
    let dir = tempfile::tempdir().unwrap();
    let file = dossier(dir.path(), ALMA);
    assert_eq!(run(dir.path(), &["import", &file]).status.code(), Some(0));
    let table = text(
        &run(
            dir.path(),
            &["cases", "--name", "alma prøve", "--status", "closed"],
        )
        .stdout,
    );
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].starts_with("status  opened      child       caseworkers"),
        "{table}"
    );
    assert!(
        lines[1].starts_with("closed  2024-03-22  Alma Prøve  ")
            && lines[1].ends_with(&ids().case().to_string()),
        "{table}"
    );
    let found = |more: &[&str]| {
        let answer = run(dir.path(), &[&["cases", "--json"], more].concat());
        assert_eq!(answer.status.code(), Some(0), "{}", text(&answer.stderr));
        (
            serde_json::from_slice::<Value>(&answer.stdout).unwrap(),
            text(&answer.stderr),
        )
    };
    let (all, said) = found(&[]);
    let statuses: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|case| &case["status"])
        .collect();
    assert_eq!(
        (statuses, said.as_str()),
        (vec![&json!("advice"), &json!("closed")], "")
    );
    assert_eq!(found(&["--newest"]).0[0]["case"], json!(ids().case()));
    let (one, said) = found(&["--limit", "1"]);
    assert_eq!(
        (one.as_array().unwrap().len(), said.as_str()),
        (1, "there are more than 1; --limit shows more\n")
    );
    assert_eq!(found(&["--opened-from", "2024-04-01"]).0, json!([]));
    let wrong = run(dir.path(), &["cases", "--name", "!!"]);
    assert_eq!(
        (wrong.status.code(), text(&wrong.stdout)),
        (Some(1), String::new())
    );
}

#[test]
fn an_import_stops_at_the_first_refusal_with_line_field_and_rule() {
    let lines: Vec<&str> = ALMA.lines().collect();
    let mut bent: Value = serde_json::from_str(lines[20]).unwrap();
    bent["input"]["occurred"] = json!("2099-01-01");
    let mut unknown: Value = serde_json::from_str(lines[20]).unwrap();
    unknown["input"]["facts"]["mood"] = json!("x");
    for (line, expected) in [
        (
            bent.to_string(),
            "line 21, row A7: TIME_IN_FUTURE, field input.occurred",
        ),
        (
            unknown.to_string(),
            "line 21, row A7: BAD_USER_INPUT, field input.facts.mood: is not a field here",
        ),
        ("{\"mutation\":".to_owned(), "line 21: MALFORMED"),
        (
            lines[20].replace("\"facts\": {", "\"facts\": {\"x\": 1, \"x\": 2, "),
            "line 21: MALFORMED: the member x stands twice",
        ),
        (
            "{\"row\":7,\"mutation\":\"takeNote\",\"input\":{}}".to_owned(),
            "line 21, row 7: MALFORMED, field actor",
        ),
        (
            "{\"mutation\":\"takeNote\",\"input\":{}}".to_owned(),
            "line 21: MALFORMED, field actor",
        ),
        (
            "{\"mutation\":\"a){b\",\"actor\":{},\"input\":{}}".to_owned(),
            "line 21: MALFORMED, field mutation",
        ),
        (
            "{\"order\":1}".to_owned(),
            "line 21: MALFORMED, field order",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dossier(
            dir.path(),
            &format!("{}\n{line}\n{}", lines[..20].join("\n"), lines[20]),
        );
        let stopped = run(dir.path(), &["import", &file]);
        assert_eq!(stopped.status.code(), Some(3), "{line}");
        assert!(
            text(&stopped.stderr).contains(expected),
            "{expected}: {}",
            text(&stopped.stderr)
        );
        let file = dossier(dir.path(), ALMA);
        let mended = run(dir.path(), &["import", &file]);
        assert_eq!(
            text(&mended.stdout),
            "47 commands recorded, 20 had been recorded before\n"
        );
    }
}

/// An editor puts a mark of the byte order in front of a text: the first line is read all the same, and
/// nowhere else is such a mark passed over. Standard input is read like a file.
#[test]
fn an_import_reads_marked_files_and_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let marked = format!("\u{feff}{ALMA}");
    let imported = run_with(dir.path(), &["import", "-"], marked.as_bytes());
    assert_eq!(
        text(&imported.stdout),
        "67 commands recorded, 0 had been recorded before\n",
        "{}",
        text(&imported.stderr)
    );
    let file = dossier(dir.path(), &marked);
    let again = run(dir.path(), &["import", &file]);
    assert_eq!(
        text(&again.stdout),
        "0 commands recorded, 67 had been recorded before\n"
    );
    let lines: Vec<&str> = ALMA.lines().collect();
    let within = format!("{}\n\u{feff}{}", lines[0], lines[1]);
    let refused = run_with(dir.path(), &["import", "-"], within.as_bytes());
    assert!(
        text(&refused.stderr).contains("line 2: MALFORMED"),
        "{}",
        text(&refused.stderr)
    );
}

/// Lines that register a child, open its case and take so many notes, each numbered.
fn case_lines(number: u128, notes: usize) -> Vec<Value> {
    let id = |kind: u128, of: u128| uuid::Uuid::from_u128(kind << 64 | number << 16 | of);
    let line = |of: u128, mutation: &str, mut input: Value| {
        input["commandId"] = json!(id(1, of));
        input["occurred"] = json!("2024-01-08");
        let actor = json!({ "id": "K1", "role": "CASEWORKER" });
        json!({ "mutation": mutation, "actor": actor, "input": input })
    };
    let child = json!({ "person": id(2, 0), "role": "CHILD" });
    let registered = json!({ "facts": { "person": child, "name": format!("Barn {number}") } });
    let opened = json!({
        "stream": id(3, 0),
        "facts": { "child": child, "ground": "absence", "kleNumber": "27.24.00" },
    });
    let mut lines = vec![
        line(1, "registerPerson", registered),
        line(2, "openCase", opened),
    ];
    lines.extend((0..notes).map(|note| {
        let facts = json!({ "kind": "CONTACT", "text": format!("note {note:03}") });
        let input = json!({ "stream": id(3, 0), "facts": facts });
        line(3 + note as u128, "takeNote", input)
    }));
    lines
}

/// The notes of a case as `replay` tells them, in order.
fn notes(dir: &Path, number: u128) -> Vec<String> {
    let case = uuid::Uuid::from_u128(3 << 64 | number << 16).to_string();
    let told = text(&run(dir, &["replay", &case]).stdout);
    let words = told.split_whitespace().collect::<Vec<_>>();
    let notes = words.windows(2).filter(|pair| pair[0] == "note");
    notes.map(|pair| pair[1].to_owned()).collect()
}

#[test]
fn lines_of_a_case_are_imported_in_order_whatever_stands_between_them() {
    const CASES: u128 = 12;
    const NOTES: usize = 20;
    let cases: Vec<Vec<Value>> = (1..=CASES)
        .map(|number| case_lines(number, NOTES))
        .collect();
    // One line of each case after the other, so that all are recorded at the same time.
    let mixed: Vec<&Value> = (0..NOTES + 2)
        .flat_map(|place| cases.iter().map(move |lines| &lines[place]))
        .collect();
    let write = |dir: &Path, lines: &[&Value]| {
        let lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        dossier(dir, &lines.join("\n"))
    };
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), &mixed);
    let imported = run(dir.path(), &["import", &file]);
    assert_eq!(
        text(&imported.stdout),
        "264 commands recorded, 0 had been recorded before\n",
        "{}",
        text(&imported.stderr)
    );
    let all: Vec<String> = (0..NOTES).map(|note| format!("{note:03}")).collect();
    for number in 1..=CASES {
        assert_eq!(notes(dir.path(), number), all);
    }

    // The tenth note of the first case cannot be recorded.
    let mut spoilt = cases[0][11].clone();
    spoilt["input"]["occurred"] = json!("2999-01-01");
    let mut lines = mixed;
    lines[11 * usize::try_from(CASES).unwrap()] = &spoilt;
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), &lines);
    let stopped = run(dir.path(), &["import", &file]);
    assert_eq!(stopped.status.code(), Some(3));
    assert!(
        text(&stopped.stderr).contains("line 133: "),
        "{}",
        text(&stopped.stderr)
    );
    assert_eq!(
        notes(dir.path(), 1),
        all[..9],
        "nothing behind it that is connected to it"
    );
    for number in 2..=CASES {
        let recorded = notes(dir.path(), number);
        assert!(recorded.len() >= 9, "everything before it");
        assert_eq!(recorded, all[..recorded.len()]);
    }
}

#[test]
fn what_is_wrong_with_a_directory_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dossier(dir.path(), ALMA);
    assert!(run(dir.path(), &["import", &file]).status.success());
    let fails = |arguments: &[&str], expected: &str| {
        let output = run(dir.path(), arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(expected), "{expected}: {error}");
    };
    let server = Server::start(dir.path());
    fails(&["import", &file], "in use");
    drop(server);
    fails(&["serve", "--listen", "0.0.0.0:0"], "identity provider");
    let misnamed = run(dir.path(), &["import", &file, "--municipality", "99"]);
    assert!(
        misnamed.status.code() == Some(2) && text(&misnamed.stderr).contains("four digits"),
        "{}",
        text(&misnamed.stderr)
    );
    fails(
        &["import", &file, "--host", "log.other.invalid"],
        "not log.other.invalid/0999/sag",
    );
    fails(&["import", "/nowhere.jsonl"], "/nowhere.jsonl");
    fails(
        &["import", &file, "--data", "/proc/nothing"],
        "/proc/nothing",
    );

    let keys = layout(dir.path()).key_dir();
    for path in files(&keys)
        .into_iter()
        .filter(|path| path.extension().is_some())
    {
        let aside = dir.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        fails(
            &["import", &file],
            path.file_name().unwrap().to_str().unwrap(),
        );
        std::fs::rename(&aside, &path).unwrap();
    }
    let aside = dir.path().join("all-keys");
    std::fs::rename(&keys, &aside).unwrap();
    fails(&["import", &file], "holds no keys");
    std::fs::remove_dir_all(&keys).ok();
    std::fs::rename(&aside, &keys).unwrap();

    let journal = layout(dir.path()).log_dir().join("journal/000000.seg");
    let mut bytes = std::fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    fails(&["import", &file], "STORE_CORRUPT");
    let audit = run(dir.path(), &["audit"]);
    assert_eq!(audit.status.code(), Some(3));
    assert!(
        text(&audit.stdout).contains("FAIL STORE_CORRUPT")
            && text(&audit.stdout).contains("000000.seg")
    );
    assert_eq!(
        std::fs::read(&journal).unwrap(),
        bytes,
        "an audit changes nothing"
    );
}

#[test]
fn the_demonstration_shows_the_case_and_a_clean_audit() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("demo");
    let demo = run(dir.path(), &["demo", "--dir", place.to_str().unwrap()]);
    let shown = text(&demo.stdout);
    assert!(demo.status.success(), "{}", text(&demo.stderr));
    for expected in [
        "as known on 2024-11-01: 09:05",
        "as known on 2024-11-06: 08:40",
        "21.1",
        "26.9",
        "33.0",
        "OK: nothing was altered",
        "/graphql",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let again = run(dir.path(), &["demo", "--dir", place.to_str().unwrap()]);
    assert!(
        text(&again.stderr).contains("fresh directory"),
        "an injected clock never meets a log that exists"
    );
    assert_eq!(run(dir.path(), &["nothing"]).status.code(), Some(2));
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["import", "--help"],
        &["replay", "--help"],
        &["audit", "--help"],
    ] {
        assert!(
            text(&run(dir.path(), arguments).stdout).contains("Example"),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_duties_of_a_case_are_printed_with_what_must_be_acted_on_first() {
    let dir = tempfile::tempdir().unwrap();
    let file = dossier(dir.path(), ALMA);
    assert_eq!(run(dir.path(), &["import", &file]).status.code(), Some(0));
    let case = ids().case().to_string();
    let then = ["obligations", &case, "--known-at", "2024-08-25", "--stated"];
    let all = text(&run(dir.path(), &then).stdout);
    let place = |words: &str| all.find(words).unwrap_or_else(|| panic!("{words}: {all}"));
    assert!(place("overdue (1)") < place("met (") && place("met (") < place("waived (1)"));
    assert!(
        all.contains("as of 2024-08-25 23:59") && all.contains("2024-08-21"),
        "{all}"
    );
    let overdue = run(
        dir.path(),
        &[&then[..], &["--status", "overdue,open", "--json"]].concat(),
    );
    let overdue: Value = serde_json::from_slice(&overdue.stdout).unwrap();
    let of_the_record = |duty: &&Value| {
        !["SOFT", "INFO"].contains(&duty["rule"]["severity"].as_str().unwrap())
            || duty["status"] == "OVERDUE"
    };
    let found: Vec<_> = overdue["obligations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(of_the_record)
        .map(|duty| &duty["rule"]["id"])
        .collect();
    assert_eq!(found, ["BL-95-OWN"]);
    let nobody = run(
        dir.path(),
        &["obligations", "dc7f2622-0000-5d18-9790-32c61c715ece"],
    );
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("there is no case"));
    assert_eq!(
        run(dir.path(), &["obligations", &case, "--status", "late"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn rules_are_listed_without_a_log_and_put_into_force_once() {
    let dir = tempfile::tempdir().unwrap();
    let listed = text(&run(dir.path(), &["rules", "list"]).stdout);
    assert!(
        listed.contains("BL-136-2-24H")
            && listed.contains("U-01: ")
            && listed.starts_with("rules "),
        "{listed}"
    );
    assert!(!dir.path().join("data").exists(), "no log is made for it");
    let rules: Value =
        serde_json::from_slice(&run(dir.path(), &["rules", "list", "--json"]).stdout).unwrap();
    assert_eq!(rules["rules"].as_array().unwrap().len(), 103);
    let activate = || {
        run(
            dir.path(),
            &[
                "rules",
                "activate",
                "--from",
                "2025-11-01",
                "--remarks",
                "read",
            ],
        )
    };
    let first = activate();
    assert!(
        text(&first.stdout).contains("in force from 2025-11-01; recorded at position "),
        "{}",
        text(&first.stderr)
    );
    assert!(text(&activate().stdout).contains("in force since 2025-11-01; nothing was recorded"));
    let audit: Value =
        serde_json::from_slice(&run(dir.path(), &["audit", "--json"]).stdout).unwrap();
    assert_eq!((&audit["ok"], &audit["events"]), (&json!(true), &json!(1)));
}

#[test]
fn a_server_gives_memory_back_and_outlives_its_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let id = server.child.id();
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let mut names = threads.map(|thread| {
        let path = thread.unwrap().path().join("comm");
        std::fs::read_to_string(path).unwrap_or_default()
    });
    assert!(
        names.any(|name| name.starts_with("jemalloc_bg")),
        "a thread of the allocator gives back what nobody uses"
    );
    for _ in 0..3 {
        assert!(
            std::process::Command::new("kill")
                .args(["-HUP", &id.to_string()])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(
            tests::http::send(server.address, "GET", "/readyz", &[], "")
                .unwrap()
                .status,
            200
        );
    }
    assert!(
        server.terminate().success(),
        "SIGHUP ended nothing, and SIGTERM does"
    );
}
