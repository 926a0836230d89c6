use super::{Policy, Strictness};
use crate::code::Code;
use crate::note;
use crate::position::LogTime;
use crate::test_support::signing::{fixed, vkey};
use crate::test_support::world::World;

const ORIGIN: &str = crate::test_support::log::ORIGIN;

#[track_caller]
fn refused(text: &str, why: &str) {
    let Err(finding) = Policy::parse(text.as_bytes()) else {
        panic!("{text}")
    };
    assert_eq!(finding.code, Code::Policy);
    assert!(finding.detail.contains(why), "{}", finding.detail);
}

fn key(name: &str) -> String {
    let key = ed25519_dalek::SigningKey::from_bytes(&fixed(name));
    vkey(name, 4, key.verifying_key().as_bytes())
}

#[test]
fn policies_are_read_strictly() {
    let (a, b, c) = (key("a.example"), key("b.example"), key("c.example"));
    let base = format!("witness a {a}\nwitness b {b}\n");
    assert!(Policy::parse(format!("{base}group g 1 a b\nquorum g\n").as_bytes()).is_ok());
    assert!(
        Policy::parse(
            format!("  # x\n\t\n witness\t a  {a} https://w.example/ \nquorum a").as_bytes()
        )
        .is_ok()
    );
    assert!(
        Policy::parse(b"# only\xe6 that\nquorum none\n").is_ok(),
        "a comment may hold any byte"
    );
    groups_that_are_refused(&base);
    refused(&format!("{base}witness c {a}\nquorum a\n"), "stands twice");
    refused(&format!("{base}witness a {c}\nquorum a\n"), "is taken");
    refused(
        &format!("witness a {a} # comment\nquorum a\n"),
        "line of its own",
    );
    refused(&format!("{base}quorum a\r\n"), "control characters");
    refused("peer x\nquorum none\n", "not a line of a policy");
    refused(&format!("log {a}\nquorum none\n"), "type 1");
    refused(
        &format!("witness a {}\nquorum a\n", a.replace("+", "-")),
        "name+id+key",
    );
    keys_of_logs_that_are_refused();
    refused(&"#".repeat(super::BYTES_MAX + 1), "too long");
}

fn groups_that_are_refused(base: &str) {
    refused(base, "no quorum");
    refused(&format!("{base}quorum a\nquorum b\n"), "second quorum");
    refused(&format!("{base}quorum c\n"), "not defined");
    refused(&format!("quorum a\n{base}"), "not defined");
    refused(&format!("{base}group g all a c\nquorum g\n"), "not defined");
    refused(
        &format!("{base}group g all a a\nquorum g\n"),
        "member of a group already",
    );
    refused(
        &format!("{base}group g any a\ngroup h any a b\nquorum h\n"),
        "member of a group already",
    );
    refused(&format!("{base}group a any b\nquorum a\n"), "is taken");
    refused(
        &format!("{base}group none any b\nquorum none\n"),
        "is taken",
    );
    refused(
        &format!("{base}group g any none\nquorum g\n"),
        "not defined",
    );
    refused(&format!("{base}group g any g\nquorum g\n"), "not defined");
    for threshold in ["0", "3", "01", "-1", "some", ""] {
        refused(
            &format!("{base}group g {threshold} a b\nquorum g\n"),
            "line 3",
        );
    }
    refused(&format!("{base}group g all\nquorum g\n"), "any, all");
}

fn keys_of_logs_that_are_refused() {
    let key = ed25519_dalek::SigningKey::from_bytes(&fixed("log"));
    let log = vkey("log.example", 1, key.verifying_key().as_bytes());
    refused(
        &format!("log {log}\nlog {log}\nquorum none\n"),
        "stands twice",
    );
    refused(&format!("witness l {log}\nquorum l\n"), "type 4 or 6");
    let bent = log.replacen(
        &log[12..14],
        if &log[12..14] == "00" { "11" } else { "00" },
        1,
    );
    refused(&format!("log {bent}\nquorum none\n"), "id does not fit");
    refused(
        &format!("log {}\nquorum none\n", vkey("log.example", 1, &[0; 32])),
        "name+id+key",
    );
}

#[test]
fn groups_count_members_that_have_seen_it() {
    let world = World::honest();
    let base = world.policy_text();
    let base = base.split("group").next().unwrap();
    let judged = |rules: &str, witnesses: &[usize]| {
        let policy = Policy::parse(format!("{base}{rules}").as_bytes()).unwrap();
        let note = note::open(&world.note(10, witnesses)).unwrap();
        policy
            .check(&note, ORIGIN, Strictness::Full)
            .map(|cosigned| cosigned.witnesses.len())
            .map_err(|finding| finding.code)
    };
    let lacking = Err(Code::WitnessQuorum);
    assert_eq!(
        judged("quorum none\n", &[]),
        Ok(1),
        "the log's own second signature"
    );
    assert_eq!(judged("quorum w2\n", &[1]), Ok(2));
    assert_eq!(judged("quorum w2\n", &[0, 2]), lacking);
    let two = "group g 2 w1 w2 w3\nquorum g\n";
    assert_eq!(judged(two, &[0]), lacking);
    assert_eq!(judged(two, &[0, 2]), Ok(3));
    let nested = "group x 2 w1 w2\ngroup y any w3\ngroup z all x y\nquorum z\n";
    assert_eq!(judged(nested, &[0, 1]), lacking);
    assert_eq!(judged(nested, &[0, 2]), lacking);
    assert_eq!(judged(nested, &[0, 1, 2]), Ok(4));
}

/// Long streams come without the log's own second signatures, which are large; nothing else may
/// lack.
#[test]
fn only_the_logs_own_second_signature_may_be_left_out_of_long_evidence() {
    let world = World::honest();
    let policy = Policy::parse(world.policy_text().as_bytes()).unwrap();
    let whole = world.note(10, &[0, 1]);
    let lattice = whole.lines().nth(5).unwrap().to_owned() + "\n";
    let bare = whole.replace(&lattice, "");
    let judged = |note: &str, strictness| {
        policy
            .check(&note::open(note).unwrap(), ORIGIN, strictness)
            .map(|cosigned| cosigned.time)
            .map_err(|finding| finding.code)
    };
    assert_eq!(judged(&bare, Strictness::Full), Err(Code::WitnessQuorum));
    assert_eq!(
        judged(&bare, Strictness::WithoutLog),
        Ok(Some(LogTime::new(world.clock)))
    );
    let one = world.note(10, &[1]).replace(&lattice, "");
    assert_eq!(
        judged(&one, Strictness::WithoutLog),
        Err(Code::WitnessQuorum)
    );
    let wrong = bare + &world.lattice_line(8, &world.leaves().root(0, 8));
    assert_eq!(
        judged(&wrong, Strictness::WithoutLog),
        Err(Code::WitnessSignature)
    );
}
