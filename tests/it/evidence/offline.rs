//! Evidence that is handed out while no server runs: the program shows the log's tiles to witnesses
//! that read them.

use std::io::Cursor;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use tests::program::{imported, policy_lines, run, text};
use tests::world::ids;
use verify::bundle::{NoAuthority, Trust};
use verify::policy::Policy;
use verify::zip::Zip;
use witness::keys::KeyKind;

use tests::loopback_servers::{LogKeys, Town};

/// A log with two witnesses, of which the first reads its tiles at an address where nobody listens
/// yet.
fn witnessed(dir: &Path) -> (Town, SocketAddr) {
    let lines = policy_lines(&text(&run(dir, &["log-key"]).stdout));
    let keys = LogKeys(
        lines
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect(),
    );
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut town = Town::new();
    town.time.store(
        SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        Ordering::Relaxed,
    );
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::MlDsa44, None);
    std::fs::write(dir.join("policy"), town.policy_text(&keys)).unwrap();
    (town, address)
}

fn hand_out(
    dir: &Path,
    listen: &str,
    out: &str,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let (policy, case) = (dir.join("policy"), ids().case().to_string());
    let path = dir.join(out);
    let common = [
        "--case",
        &case,
        "--out",
        path.to_str().unwrap(),
        "--witness-policy",
        policy.to_str().unwrap(),
        "--listen",
        listen,
    ];
    let output = run(dir, &[arguments, &common].concat());
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn trust(dir: &Path) -> Trust {
    let policy = Policy::parse(&std::fs::read(dir.join("policy")).unwrap()).unwrap();
    Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: Some("w1".into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_out_offline_is_cosigned_by_a_witness_that_reads_the_tiles() {
    let dir = imported();
    let dir = dir.path();
    let (town, address) = witnessed(dir);
    let listen = address.to_string();
    let (code, told, failed) = hand_out(dir, &listen, "case.zip", &["bundle"]);
    assert!(
        code == Some(0) && told.contains("cosigned by witnesses"),
        "{told}{failed}"
    );
    let mut zip = Zip::open(Cursor::new(std::fs::read(dir.join("case.zip")).unwrap())).unwrap();
    let verdict = verify::bundle::check(&mut zip, &trust(dir), &NoAuthority, &mut |_, _| {})
        .unwrap_or_else(|_| panic!("a finding"));
    assert_eq!(verdict.verifying.as_deref(), Some("w1"));
    let dossier = [
        "dossier",
        "make",
        "--kind",
        "board-dossier",
        "--recipient",
        "Ankestyrelsen",
    ];
    let (code, told, failed) = hand_out(dir, &listen, "dossier.zip", &dossier);
    assert!(
        code == Some(0) && told.contains("cosigned by witnesses"),
        "{told}{failed}"
    );
    let mut zip = Zip::open(Cursor::new(std::fs::read(dir.join("dossier.zip")).unwrap())).unwrap();
    let verdict = verify::dossier::check(&mut zip, &trust(dir), &NoAuthority, &mut |_, _| {})
        .unwrap_or_else(|_| panic!("a finding"));
    assert!(
        verdict
            .bundles
            .iter()
            .all(|(_, bundle)| bundle.verifying.as_deref() == Some("w1"))
    );

    // Where the address is taken that is said beside what comes of it: the disclosure that was
    // recorded meanwhile is in no cosigned checkpoint.
    let taken = TcpListener::bind(address).unwrap();
    let (code, told, failed) = hand_out(dir, &listen, "later.zip", &["bundle", "--wait", "1"]);
    assert!(
        failed.contains("cannot listen on") && failed.contains("reads the log's tiles"),
        "{told}{failed}"
    );
    assert!(
        code == Some(1) && failed.contains("have not cosigned"),
        "{told}{failed}"
    );
    drop((taken, town));
    // An address beyond this machine is not taken.
    let (code, _, failed) = hand_out(
        dir,
        "0.0.0.0:0",
        "never.zip",
        &["bundle", "--without-witnesses", "a test"],
    );
    assert!(
        code == Some(2) && failed.contains("this machine only"),
        "{failed}"
    );
}
