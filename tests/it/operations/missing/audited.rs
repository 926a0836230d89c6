//! The audit holds both logs to what lies outside them: keys, and what is known of their size.

use serde_json::{Value, json};
use tests::copies::{copy, put_back};
use tests::dirs::Dirs;
use tests::orders::{look, take_note};
use tests::program::{audited, policy_lines, run, text};
use tests::world::{World, layout};

use super::{refused, remove, two_logs};

/// Another access log in the place of the true one, with keys of its own, all made to fit each
/// other.
#[tokio::test(flavor = "multi_thread")]
async fn both_logs_are_audited_with_keys_from_outside() {
    let dir = two_logs().await;
    let keys = |accesses: bool| {
        let arguments = [
            &["log-key"][..],
            if accesses { &["--accesses"] } else { &[] },
        ]
        .concat();
        let lines = policy_lines(&text(&run(dir.path(), &arguments).stdout));
        lines
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (cases, accesses) = (keys(false), keys(true));
    let given = |more: &[&str]| {
        let all = [
            "audit",
            "--json",
            "--log-key",
            &cases[0],
            "--log-key",
            &cases[1],
            "--access-log-key",
            &accesses[0],
            "--access-log-key",
            &accesses[1],
        ];
        let output = run(dir.path(), &[&all[..], more].concat());
        let reports: Vec<Value> = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (reports, output.status.code().unwrap())
    };
    let (reports, exit) = given(&[]);
    assert_eq!(exit, 0, "{reports:?}");
    assert!(
        reports.iter().all(|report| report["verifierKey"] == "given"
            && !report["notes"].to_string().contains("beside the log")),
        "{reports:?}"
    );
    let (beside, _) = audited(dir.path());
    assert!(
        beside
            .iter()
            .all(|report| report["verifierKey"] == "beside the log"
                && report["notes"].to_string().contains("--")),
        "{beside:?}"
    );
    // The keys of the one log are not those of the other.
    let crossed = run(dir.path(), &["audit", "--log-key", &accesses[0]]);
    assert_eq!(crossed.status.code(), Some(2), "{}", text(&crossed.stdout));

    // Somebody makes an access log of his own, which nothing of the case log's newest entries
    // names.
    let (other, place) = (two_logs().await, layout(dir.path()).accesses());
    put_back(&layout(other.path()).accesses().log_dir(), &place.log_dir());
    remove(&place.known_file());
    let (reports, exit) = given(&[]);
    assert_eq!(
        (exit, &reports[1]["code"]),
        (3, &json!("CHECKPOINT_SIGNATURE")),
        "{reports:?}"
    );
    // By the key that lies beside it, it is in order with itself, and another than the one that is
    // named.
    let (reports, exit) = audited(dir.path());
    assert_eq!(exit, 3, "{reports:?}");
    assert!(
        ["FORK", "ROLLBACK"].contains(&reports[1]["code"].as_str().unwrap()),
        "{reports:?}"
    );
}

/// The data directory is put back as it was; the keys stay.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_holds_a_log_to_what_lies_beside_its_keys() {
    let world = World::with_alma().await;
    look(&world, 1).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 1).await;
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    let older = tempfile::tempdir().unwrap();
    copy(&world.dir.path().join("data"), older.path());
    take_note(&world, 2).await;
    look(&world, 2).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    world.operator.checkpoint().unwrap();
    let (dir, _) = world.stop();
    put_back(older.path(), &dir.path().join("data"));
    refused("older data", dir.path(), "STORE_ROLLED_BACK");
    let (reports, exit) = audited(dir.path());
    assert_eq!(
        (exit, &reports[0]["code"], &reports[1]["code"]),
        (3, &json!("ROLLBACK"), &json!("ROLLBACK")),
        "{reports:?}"
    );
    assert!(
        reports[0]["message"].as_str().unwrap().contains("keys"),
        "{reports:?}"
    );
    // Another past of the same length is another log.
    let known = layout(dir.path()).known_file();
    let note = std::fs::read_to_string(&known).unwrap();
    let size = std::fs::read_to_string(layout(dir.path()).log_dir().join("checkpoint"))
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .to_owned();
    let bent: Vec<&str> = note.lines().collect();
    std::fs::write(
        &known,
        note.replacen(&format!("\n{}\n", bent[1]), &format!("\n{size}\n"), 1),
    )
    .unwrap();
    assert_eq!(audited(dir.path()).0[0]["code"], json!("FORK"));
    // Without the keys the audit says that it could not hold the log to anything.
    std::fs::rename(dir.path().join("keys"), dir.path().join("elsewhere")).unwrap();
    let (reports, exit) = audited(dir.path());
    assert_eq!(exit, 0, "{reports:?}");
    assert!(
        reports
            .iter()
            .all(|report| report["notes"].to_string().contains("are not at hand")),
        "{reports:?}"
    );
    // The key directory can be named, as for every other command.
    let named = run(
        dir.path(),
        &[
            "audit",
            "--json",
            "--keys",
            dir.path().join("elsewhere").to_str().unwrap(),
        ],
    );
    assert_eq!(named.status.code(), Some(3), "{}", text(&named.stdout));
}
