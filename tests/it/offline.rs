//! Evidence that is handed out while no server runs: witnesses that read the log's tiles are shown them.

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

use crate::town::{LogKeys, Town};

/// A log with two witnesses, of which the first reads its tiles at an address where nobody listens yet.
fn witnessed(dir: &Path) -> (Town, SocketAddr) {
    let lines = policy_lines(&text(&run(dir, &["log-key"]).stdout));
    let keys = LogKeys(lines.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect());
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut town = Town::new();
    town.time.store(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs(), Ordering::Relaxed);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::MlDsa44, None);
    std::fs::write(dir.join("policy"), town.policy_text(&keys)).unwrap();
    (town, address)
}

fn hand_out(dir: &Path, listen: &str, out: &str, arguments: &[&str]) -> String {
    let (policy, case) = (dir.join("policy"), ids().case().to_string());
    let path = dir.join(out);
    let common = ["--case", &case, "--out", path.to_str().unwrap(), "--witness-policy", policy.to_str().unwrap(), "--listen", listen];
    let output = run(dir, &[arguments, &common].concat());
    assert!(output.status.success(), "{out}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn trust(dir: &Path) -> Trust {
    let policy = Policy::parse(&std::fs::read(dir.join("policy")).unwrap()).unwrap();
    Trust { policy, pin: None, receipts: Vec::new(), verifying: Some("w1".into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_out_offline_is_cosigned_by_a_witness_that_reads_the_tiles() {
    let dir = imported();
    let dir = dir.path();
    let (town, address) = witnessed(dir);
    let listen = address.to_string();
    let told = hand_out(dir, &listen, "case.zip", &["bundle"]);
    assert!(told.contains("cosigned by witnesses"), "{told}");
    let mut zip = Zip::open(Cursor::new(std::fs::read(dir.join("case.zip")).unwrap())).unwrap();
    let verdict = verify::bundle::check(&mut zip, &trust(dir), &NoAuthority, &mut |_, _| {}).unwrap_or_else(|_| panic!("a finding"));
    assert_eq!(verdict.verifying.as_deref(), Some("w1"));
    let dossier = ["dossier", "make", "--kind", "board-dossier", "--recipient", "Ankestyrelsen"];
    let told = hand_out(dir, &listen, "dossier.zip", &dossier);
    assert!(told.contains("cosigned by witnesses"), "{told}");
    let mut zip = Zip::open(Cursor::new(std::fs::read(dir.join("dossier.zip")).unwrap())).unwrap();
    let verdict = verify::dossier::check(&mut zip, &trust(dir), &NoAuthority, &mut |_, _| {}).unwrap_or_else(|_| panic!("a finding"));
    assert!(verdict.bundles.iter().all(|(_, bundle)| bundle.verifying.as_deref() == Some("w1")));
    let nobody = TcpListener::bind(address).unwrap();

    // Where the address is taken that is said. The disclosure that was recorded meanwhile is in no cosigned
    // checkpoint, and nothing is handed out that its reader would refuse.
    let (later, policy) = (dir.join("later.zip"), dir.join("policy"));
    let case = ids().case().to_string();
    let arguments = ["bundle", "--wait", "1", "--case", &case, "--listen", &listen, "--out"];
    let files = [later.to_str().unwrap(), "--witness-policy", policy.to_str().unwrap()];
    let refused = run(dir, &[&arguments[..], &files].concat());
    let told = text(&refused.stderr);
    assert!(!refused.status.success() && told.contains("cannot listen on") && told.contains("have not cosigned"), "{told}");
    assert!(told.contains("reads the log's tiles") && !later.exists(), "{told}");
    drop((nobody, town));
    // An address beyond this machine is not taken.
    let beyond =
        ["bundle", "--case", &case, "--out", "x.zip", "--listen", "0.0.0.0:0", "--without-witnesses", "a test", "--witness-policy"];
    let refused = run(dir, &[&beyond[..], &[policy.to_str().unwrap()]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("this machine only"), "{}", text(&refused.stderr));
}
