//! Every command of the program is run on a directory without a log: only commands that record
//! something new may begin a log there. The list is compared with the program's own help, so that a
//! new command must say which kind it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tests::dirs::Dirs;
use tests::program::{command, imported, policy_lines, run, text};
use tests::world::{files, layout};

/// What a command does where there is no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// It needs what is there: an error, and nothing is made.
    Needs,
    /// It may begin a log.
    Begins,
    /// It has nothing to do with a log of this machine.
    Other,
}

const CASE: &str = "dc7f2622-9fc8-5d18-9790-32c61c715ece";
const EVENT: &str = "7c1f6a52-2b1e-4d36-9d5c-0b7f3a1e8d44";

/// Every command with arguments under which it could be carried out on a log; FILE is a file that
/// is there, NEW one that is not.
const COMMANDS: [(&str, &[&str], Does); 35] = [
    ("serve", &[], Does::Begins),
    ("witness", &[], Does::Other),
    ("witness key", &[], Does::Other),
    ("log-key", &[], Does::Needs),
    ("demo", &[], Does::Other),
    ("import", &[], Does::Begins),
    ("cases", &[], Does::Needs),
    ("inbox", &[], Does::Needs),
    ("board", &[], Does::Needs),
    (
        "figures",
        &["--from", "2024-01-01", "--to", "2024-12-31"],
        Does::Needs,
    ),
    (
        "document file",
        &[CASE, "FILE", "--title", "Brev", "--occurred", "2024-11-05"],
        Does::Needs,
    ),
    ("document get", &[CASE, EVENT, "--out", "NEW"], Does::Needs),
    ("replay", &[CASE], Does::Needs),
    ("difference", &[CASE, "--from", "2024-04-19"], Does::Needs),
    ("family", &[CASE], Does::Needs),
    ("obligations", &[CASE], Does::Needs),
    ("rules list", &[], Does::Other),
    ("rules activate", &[], Does::Begins),
    ("bundle", &["--case", CASE, "--out", "NEW"], Does::Needs),
    (
        "dossier make",
        &[
            "--case",
            CASE,
            "--out",
            "NEW",
            "--recipient",
            "Ankestyrelsen",
        ],
        Does::Needs,
    ),
    ("dossier suggest", &["--case", CASE], Does::Needs),
    ("receipt show", &[CASE, EVENT], Does::Needs),
    (
        "receipt check",
        &["log.test.invalid/0999/sag|dc7f2622-9fc8-5d18-9790-32c61c715ece|1|AAAA|9"],
        Does::Needs,
    ),
    ("keys show", &[], Does::Needs),
    ("keys create", &[], Does::Begins),
    ("keys lock", &["--none"], Does::Needs),
    ("keys rotate", &["--root"], Does::Needs),
    ("keys retire-log-key", &[], Does::Needs),
    ("keys accept-loss", &[], Does::Needs),
    ("keys cancel-log-key", &[], Does::Needs),
    (
        "keys recover",
        &["--recovery-seed", "SEED", "--recovery", "NEW"],
        Does::Needs,
    ),
    ("repair", &["--from", "EMPTY"], Does::Needs),
    ("audit", &[], Does::Needs),
    ("tiles export", &["NEW"], Does::Needs),
    ("upgrade", &[], Does::Needs),
];

/// Without a log of this machine as well.
const ELSEWHERE: [&str; 3] = ["schema print", "witness", "bench"];

/// The commands that a help lists; `None` where it lists none.
pub(crate) fn listed(help: &str) -> Option<impl Iterator<Item = &str>> {
    let (_, list) = help.split_once("\nCommands:\n")?;
    let below = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = below.filter_map(|line| line.split_whitespace().next());
    Some(names.filter(|name| *name != "help"))
}

/// The commands that the program's help names, with those below them.
fn named(above: &str) -> Vec<String> {
    let words: Vec<&str> = above.split_whitespace().chain(["--help"]).collect();
    let help = text(&run(&PathBuf::from("."), &words).stdout);
    let Some(names) = listed(&help) else {
        return vec![above.to_owned()];
    };
    let mut found: Vec<String> = names
        .flat_map(|name| named(format!("{above} {name}").trim()))
        .collect();
    // Its first line of usage tells whether it can do without one of those below.
    let usage = help
        .lines()
        .find(|line| line.starts_with("Usage:"))
        .unwrap_or_default();
    if !usage.contains("<COMMAND>") && !above.is_empty() {
        found.push(above.to_owned());
    }
    found
}

/// The command is an error that says what is missing, and makes not even a directory.
fn makes_nothing(dir: &Path, name: &str, arguments: &[&str], before: &[PathBuf]) {
    let output = run(dir, arguments);
    let told = text(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(1 | 3)),
        "{name}: {:?} {told}",
        output.status
    );
    assert_eq!(files(dir), before, "{name}");
    assert!(
        !dir.join("data").exists() && !dir.join("keys").exists(),
        "{name}: not even a directory"
    );
    assert!(
        told.contains("there is no log")
            || told.contains("there are no keys")
            || told.contains("neither a data directory"),
        "{name}: {told}"
    );
}

/// The keys are those of a log, and lie where they lay.
fn touches_no_keys(dir: &Path, keyed: &Path, name: &str, arguments: &[&str], before: &[PathBuf]) {
    let keys = files(&keyed.join("keys"));
    let mut mistyped = command(dir, arguments);
    let output = mistyped
        .env("SAGSSPOR_KEYS", keyed.join("keys"))
        .output()
        .unwrap();
    assert!(
        name == "keys lock" || matches!(output.status.code(), Some(1 | 3)),
        "{name}: {}",
        text(&output.stdout)
    );
    assert_eq!(files(dir), before, "{name} with keys");
    if name != "keys lock" {
        assert_eq!(files(&keyed.join("keys")), keys, "{name}");
    }
}

/// The access log is a log as well: it is begun when somebody says so.
fn the_access_log_is_begun_by_a_word(keyed: &Path, new: &Path) {
    let asked = run(keyed, &["log-key", "--accesses"]);
    assert!(
        asked.status.code() == Some(1) && text(&asked.stderr).contains("--begin"),
        "{}",
        text(&asked.stderr)
    );
    assert!(
        !layout(keyed).accesses().log_dir().exists()
            && !layout(keyed).accesses().key_dir().exists()
    );
    let unbegun = run(
        keyed,
        &[
            "bundle",
            "--case",
            CASE,
            "--accesses",
            "--out",
            new.to_str().unwrap(),
        ],
    );
    assert_eq!(unbegun.status.code(), Some(1));
    assert!(!layout(keyed).accesses().log_dir().exists());
    assert!(
        run(keyed, &["log-key", "--accesses", "--begin"])
            .status
            .success()
    );
    assert!(text(&run(keyed, &["log-key", "--accesses"]).stdout).contains("/0999/adgang+"));
}

#[test]
fn no_command_that_needs_a_log_makes_one() {
    let listed: BTreeSet<String> = COMMANDS
        .iter()
        .map(|(name, ..)| *name)
        .chain(ELSEWHERE)
        .map(str::to_owned)
        .collect();
    assert_eq!(
        named("").into_iter().collect::<BTreeSet<_>>(),
        listed,
        "every command is in the table, and no other"
    );

    let dir = tempfile::tempdir().unwrap();
    let (file, seed, empty) = (
        dir.path().join("letter.txt"),
        dir.path().join("seed"),
        dir.path().join("empty"),
    );
    std::fs::write(&file, "Et brev.").unwrap();
    std::fs::write(
        &seed,
        format!("sagsspor recovery key 1\n{}\n", "07".repeat(32)),
    )
    .unwrap();
    std::fs::create_dir(&empty).unwrap();
    let before = files(dir.path());
    // A policy, and keys that exist: the directory of the data alone is mistyped.
    let keyed = imported();
    let place = |argument: &str| match argument {
        "FILE" => file.to_str().unwrap().to_owned(),
        "SEED" => seed.to_str().unwrap().to_owned(),
        "EMPTY" => empty.to_str().unwrap().to_owned(),
        "NEW" => dir.path().join("new").to_str().unwrap().to_owned(),
        other => other.to_owned(),
    };
    for (name, arguments, does) in COMMANDS {
        if does != Does::Needs {
            continue;
        }
        let arguments: Vec<String> = name
            .split(' ')
            .map(str::to_owned)
            .chain(arguments.iter().map(|argument| place(argument)))
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        makes_nothing(dir.path(), name, &arguments, &before);
        touches_no_keys(dir.path(), keyed.path(), name, &arguments, &before);
    }
    the_access_log_is_begun_by_a_word(keyed.path(), &dir.path().join("new"));
}

/// What the program prints, the verifier and the program itself take as it is; what is malformed is
/// wrong usage.
#[test]
fn a_printed_policy_is_one_and_a_malformed_one_is_wrong_usage() {
    let dir = imported();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let good = |policy: &str, bundle: &str| {
        let parsed = record::policy::Policy::parse(policy).unwrap();
        assert!(
            !parsed.is_quorum(&BTreeSet::new()),
            "the log's own second signature is asked for"
        );
        assert!(verify::policy::Policy::parse(policy.as_bytes()).is_ok());
        let trust = verify::bundle::Trust {
            policy: verify::policy::Policy::parse(policy.as_bytes()).unwrap(),
            pin: None,
            receipts: Vec::new(),
            verifying: None,
        };
        let mut zip = verify::zip::Zip::open(std::fs::File::open(bundle).unwrap()).unwrap();
        verify::bundle::check(
            &mut zip,
            &trust,
            &verify::bundle::NoAuthority,
            &mut |_, _| {},
        )
        .map(|verdict| verdict.witnesses)
    };
    let bundle = |name: &str| {
        let made = run(
            dir.path(),
            &["bundle", "--case", CASE, "--out", &path(name)],
        );
        assert!(made.status.success(), "{}", text(&made.stderr));
        path(name)
    };
    let first = text(&run(dir.path(), &["log-key"]).stdout);
    assert_eq!(good(&first, &bundle("one.zip")).unwrap(), ["logpq"]);
    // While keys are exchanged it names both pairs, and either is enough.
    assert!(
        run(dir.path(), &["keys", "rotate", "--log-key"])
            .status
            .success()
    );
    let both = text(&run(dir.path(), &["log-key"]).stdout);
    assert_eq!(policy_lines(&both).lines().count(), 4, "{both}");
    let exchanged = bundle("two.zip");
    assert!(good(&both, &exchanged).is_ok() && good(&first, &exchanged).is_ok());
    assert!(
        run(dir.path(), &["keys", "retire-log-key"])
            .status
            .success()
    );
    let last = bundle("three.zip");
    assert!(good(&both, &last).is_ok() && good(&first, &last).is_err());

    std::fs::write(
        path("bent"),
        both.replacen("quorum own", "quorum nobody", 1),
    )
    .unwrap();
    malformed_words_are_wrong_usage(dir.path(), &path("bent"));
}

/// A malformed policy in a file, and arguments that are none.
fn malformed_words_are_wrong_usage(dir: &Path, bent: &str) {
    for arguments in [
        &["cases", "--witness-policy"][..],
        &["serve", "--witness-policy"],
        &["audit", "--witness-policy"],
    ] {
        let refused = run(dir, &[arguments, &[bent]].concat());
        assert_eq!(
            refused.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&refused.stderr)
        );
        assert!(
            text(&refused.stderr).contains("nobody is not defined above"),
            "{}",
            text(&refused.stderr)
        );
    }
    for arguments in [
        &["audit", "--pin", "many"][..],
        &["audit", "--log-key", "key"],
        &["audit", "--access-log-key", "key"],
        &["audit", "--entries-only"],
        &["cases", "--municipality", "99"],
        &["cases", "--without-witnesses", ""],
        &["cases", "--without-witnesses", " "],
        &["serve", "--ask-first", "w1"],
    ] {
        let refused = run(dir, arguments);
        assert_eq!(
            refused.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&refused.stderr)
        );
    }
}
