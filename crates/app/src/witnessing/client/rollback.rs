//! Whether witnesses know more of a log than its store holds. It is asked before anything is
//! written: new entries in the place of some that others have seen could never be explained.
//!
//! Silence is no answer. Where those who did not answer could have cosigned a checkpoint among
//! themselves, nobody knows whether this log is behind it.

use std::collections::BTreeSet;

use record::checkpoint::Checkpoint;
use record::hash::sha256;
use record::note::Note;
use record::policy::{Policy, PolicyWitness};
use record::positions::Size;
use record::proof::root_at;
use store::log_store::LogStore;

use super::{Shown, WitnessTransport};
use crate::error::{BoxError, ReadError};
use crate::log::head::StoreNodes;

/// The store is not the log that witnesses have seen.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// It is an older copy.
    #[error(
        "STORE_ROLLED_BACK: the witness {witness} has cosigned {known} entries of this log, but only {held} lie here.\n\
         An older copy was put back, or the newest files are missing. Write nothing to it:\n\
         1. keep this directory as it is;\n\
         2. bring back the newest copy of the whole data directory, from a standby or a later backup;\n\
         3. if there is none, the log cannot go on under its name; see docs/guide/witness.md, \"When the store was rolled back\""
    )]
    Older {
        /// The witness that knows more.
        witness: String,
        /// How many entries it has cosigned.
        known: Size,
        /// How many there are.
        held: Size,
    },
    /// It has another past.
    #[error(
        "FORK: the witness {witness} has cosigned other {size} entries of this log than those that lie here; \
         write nothing, keep the directory, and see docs/guide/witness.md, \"When the store was rolled back\""
    )]
    Other {
        /// The witness.
        witness: String,
        /// The size at which the roots differ.
        size: Size,
    },
    /// Too few witnesses said what they know.
    #[error(
        "WITNESSES_SILENT: {silent} did not say what they know of this log, and could have cosigned more of it than lies here; an older \
         copy of data and keys would look like this one. Nothing was written. Start again when they can be reached. Whoever knows from \
         elsewhere that this is the newest copy starts with --without-witnesses REASON, which is recorded (docs/guide/witness.md, \"When the \
         store was rolled back\")"
    )]
    Silent {
        /// Names of the witnesses that did not answer, in the order of the policy.
        silent: String,
    },
    /// The store could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
}

/// Whether witnesses that did not answer could have cosigned something among themselves. The log's
/// own keys sign whatever it makes, so they count as silent too. Whoever has no URL is never asked
/// and cosigns nothing, unless nobody has one.
fn could_know_more(policy: &Policy, origin: &str, silent: &BTreeSet<&str>) -> bool {
    let own: BTreeSet<&str> = policy
        .witnesses()
        .iter()
        .filter(|witness| witness.key.name() == origin)
        .map(|witness| witness.name.as_str())
        .collect();
    let asked = policy
        .witnesses()
        .iter()
        .filter(|witness| witness.url.is_some())
        .count();
    if policy.is_quorum(&own) || asked == 0 {
        // No witness is needed for a quorum, or none can be asked: one that answers is all there is
        // to go by.
        return silent.len() == asked && policy.witnesses().len() > own.len();
    }
    policy.is_quorum(&own.union(silent).copied().collect())
}

/// The checkpoint that a witness shows, if both its own cosignature and the log's signature hold. A
/// mirror is answered for by the witness at its address: there is one place where both are asked,
/// and it shows what the witness has cosigned.
fn shown(policy: &Policy, witness: &PolicyWitness, origin: &str, note: &str) -> Option<Checkpoint> {
    let note = Note::parse(note).ok()?;
    let checkpoint = Checkpoint::parse_body(&note.body)
        .ok()
        .filter(|checkpoint| checkpoint.origin == origin)?;
    let standing = policy.judge(&checkpoint, &note);
    let mut there = policy
        .witnesses()
        .iter()
        .filter(|other| other.url == witness.url);
    (standing.signed_by_log && there.any(|other| standing.cosigned.contains_key(&other.name)))
        .then_some(checkpoint)
}

/// What each of the witnesses answers, all asked at once.
fn ask(
    witnesses: &[(&PolicyWitness, &str)],
    hash: &str,
    transport: &dyn WitnessTransport,
) -> Vec<Result<Shown, BoxError>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = witnesses
            .iter()
            .map(|(_, url)| scope.spawn(move || transport.latest(url, hash)))
            .collect();
        asking
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("the thread panicked".into()))
            })
            .collect()
    })
}

/// Whether the log is the one that a witness has seen, and no older copy of it.
fn agrees(
    log: &dyn LogStore,
    witness: &PolicyWitness,
    checkpoint: &Checkpoint,
) -> Result<(), RollbackError> {
    let (size, held) = (checkpoint.size, log.size());
    if size > held {
        return Err(RollbackError::Older {
            witness: witness.name.clone(),
            known: size,
            held,
        });
    }
    if root_at(&StoreNodes(log), size).map_err(ReadError::from)? != checkpoint.root {
        return Err(RollbackError::Other {
            witness: witness.name.clone(),
            size,
        });
    }
    Ok(())
}

/// Asks every witness of the policy for its latest checkpoint of this log, all at once. One that
/// shows none has cosigned none.
///
/// # Errors
/// [`RollbackError::Older`] and [`RollbackError::Other`] when one contradicts this log, whoever
/// else is silent; [`RollbackError::Silent`] when too few answered.
pub fn check(
    log: &dyn LogStore,
    origin: &str,
    policy: &Policy,
    transport: &dyn WitnessTransport,
) -> Result<(), RollbackError> {
    let hash = sha256(origin.as_bytes()).to_hex();
    let witnesses: Vec<(&PolicyWitness, &str)> = policy
        .witnesses()
        .iter()
        .filter_map(|witness| Some((witness, witness.url.as_deref()?)))
        .collect();
    let answers = ask(&witnesses, &hash, transport);
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    for ((witness, _), answer) in witnesses.iter().zip(answers) {
        let note = match answer {
            Ok(Shown {
                note: Some(note), ..
            }) => note,
            Ok(Shown { note: None, .. }) => continue,
            Err(error) => {
                tracing::warn!(witness = witness.name, %error, "a witness could not be asked what it knows of this log");
                silent.insert(&witness.name);
                continue;
            }
        };
        let Some(checkpoint) = shown(policy, witness, origin, &note) else {
            tracing::warn!(
                witness = witness.name,
                "a witness shows a checkpoint that is not signed by this log and itself"
            );
            silent.insert(&witness.name);
            continue;
        };
        agrees(log, witness, &checkpoint)?;
    }
    if could_know_more(policy, origin, &silent) {
        let names = witnesses
            .iter()
            .map(|(witness, _)| witness.name.as_str())
            .filter(|name| silent.contains(name));
        let names = names.collect::<Vec<_>>().join(", ");
        return Err(RollbackError::Silent {
            silent: if names.is_empty() {
                "the witnesses".to_owned()
            } else {
                names
            },
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use record::checkpoint::Checkpoint;
    use record::cosignature::CosignerKey;
    use record::hash::Hash;
    use record::note::Note;
    use record::positions::Size;
    use record::signing::LogKey;

    use super::{Policy, could_know_more, shown};

    const ORIGIN: &str = "log.test.invalid/0999/sag";

    /// A log with both keys and three witnesses that have a URL, unless `without` names them.
    fn policy(groups: &str, without: &[&str]) -> Policy {
        let log = LogKey::new(ORIGIN, &[1; 32]).vkey();
        let own = CosignerKey::ml_dsa_44(ORIGIN, &[2; 32]).unwrap().vkey();
        let witnesses: String = (1..=3)
            .map(|number| {
                let name = format!("w{number}");
                let vkey = CosignerKey::ml_dsa_44(
                    &format!("witness.test.invalid/{name}"),
                    &[2 + number; 32],
                )
                .unwrap()
                .vkey();
                let url = if without.contains(&name.as_str()) {
                    String::new()
                } else {
                    format!(" http://{name}/")
                };
                format!("witness {name} {vkey}{url}\n")
            })
            .collect();
        Policy::parse(&format!(
            "log {log}\nwitness logpq {own}\n{witnesses}{groups}\n"
        ))
        .unwrap()
    }

    #[track_caller]
    fn check(groups: &str, without: &[&str], silent: &[&str], expected: bool) {
        let silent: BTreeSet<&str> = silent.iter().copied().collect();
        assert_eq!(
            could_know_more(&policy(groups, without), ORIGIN, &silent),
            expected,
            "{groups}: {silent:?} of all but {without:?}"
        );
    }

    #[test]
    fn silence_matters_where_the_silent_could_be_a_quorum() {
        let usual = "group others any w2 w3\ngroup q all logpq w1 others\nquorum q";
        check(usual, &[], &[], false);
        check(usual, &[], &["w1", "w2", "w3"], true);
        check(usual, &[], &["w1", "w2"], true);
        check(usual, &[], &["w1"], false);
        check(usual, &[], &["w2", "w3"], false);
        let two = "group q 2 w1 w2 w3\nquorum q";
        check(two, &[], &["w3"], false);
        check(two, &[], &["w2", "w3"], true);
        // Where no witness is needed, one that answers is enough, and none is not.
        for open in ["quorum none", "quorum logpq"] {
            check(open, &[], &["w1", "w2"], false);
            check(open, &[], &["w1", "w2", "w3"], true);
        }
        // Who is never asked cannot keep the log closed, unless nobody can be asked at all.
        check("group q any w1 w2\nquorum q", &["w2"], &[], false);
        check("group q any w1 w2\nquorum q", &["w2"], &["w1", "w3"], true);
        check(usual, &["w1", "w2", "w3"], &[], true);
    }

    #[test]
    fn a_mirror_is_answered_for_by_the_witness_at_its_address() {
        let (log, witness) = (
            LogKey::new(ORIGIN, &[1; 32]),
            CosignerKey::ed25519("witness.test.invalid/w1", &[3; 32]).unwrap(),
        );
        let mirror = CosignerKey::ed25519("mirror.test.invalid/m1", &[4; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: Size::new(9),
            root: Hash::new([7; 32]),
        };
        let mut note = Note::parse(&checkpoint.sign(&log)).unwrap();
        let unsigned = note.text();
        note.lines.push(witness.cosign(&checkpoint, 5).unwrap());
        let policy = |url: &str| {
            let (log, witness, mirror) = (log.vkey(), witness.vkey(), mirror.vkey());
            Policy::parse(&format!(
                "log {log}\nwitness w1 {witness} http://a/\nwitness m1 {mirror} {url}\nquorum m1\n"
            ))
            .unwrap()
        };
        let shows =
            |policy: &Policy, note: &str| shown(policy, &policy.witnesses()[1], ORIGIN, note);
        assert_eq!(shows(&policy("http://a/"), &note.text()), Some(checkpoint));
        assert_eq!(
            shows(&policy("http://a/"), &unsigned),
            None,
            "nobody there has cosigned it"
        );
        assert_eq!(
            shows(&policy("http://b/"), &note.text()),
            None,
            "somebody else's cosignature"
        );
    }
}
