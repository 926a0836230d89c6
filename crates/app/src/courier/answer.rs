//! What an answer of a witness means. Nothing in it is believed before it is checked.

use record::checkpoint::Checkpoint;
use record::cosignature::NoteVerifier;
use record::note::{SignatureLine, parse_lines};

use super::TransportAnswer;

/// So much of a refusal's text is kept.
const TEXT_MAX: usize = 200;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The cosignature, which holds, and the time that it states.
    Cosigned(SignatureLine, u64),
    /// The witness has cosigned a checkpoint of this size already.
    Knows(u64),
    /// At the size that was submitted it has cosigned another root.
    OtherRoot,
    /// Anything else.
    Failed(String),
}

/// The first line of a text, without what could upset a terminal or a log file.
fn tame(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

/// Judges the answer to a checkpoint that was submitted with `old` as the size before.
pub(super) fn judge(key: &NoteVerifier, checkpoint: &Checkpoint, old: u64, answer: &TransportAnswer) -> Meaning {
    match answer.status {
        200 => {
            let Ok(lines) = parse_lines(&answer.body) else {
                return Meaning::Failed("it answered with something that is no cosignature".into());
            };
            let verified = lines.into_iter().find_map(|line| {
                let time = key.verify(checkpoint, &line).ok().flatten()?;
                Some((line, time))
            });
            match verified {
                Some((line, time)) if time > 0 => Meaning::Cosigned(line, time),
                Some(_) => Meaning::Failed("its cosignature states no time".into()),
                None => Meaning::Failed("no line of its answer is a cosignature of this checkpoint with its key".into()),
            }
        }
        409 => {
            let size = answer.body.strip_suffix('\n').and_then(|size| size.parse::<u64>().ok().filter(|number| number.to_string() == size));
            match size {
                Some(size) if size == old && old == checkpoint.size => Meaning::OtherRoot,
                Some(size) if size == old => Meaning::Failed(format!("it contradicts itself about the size {size}")),
                Some(size) => Meaning::Knows(size),
                None => Meaning::Failed("it answered a conflict without a size".into()),
            }
        }
        status => Meaning::Failed(format!("it refused with status {status}: {}", tame(&answer.body))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::cosignature::CosignerKey;
    use record::hash::Hash;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "log.example.invalid/0999/sag".into(), size: 9, root: Hash::new([4; 32]) }
    }

    fn meaning(status: u16, body: &str, old: u64) -> Meaning {
        let key = CosignerKey::ed25519("w", &[1; 32]).unwrap();
        let verifier = NoteVerifier::parse(&key.vkey()).unwrap();
        judge(&verifier, &checkpoint(), old, &TransportAnswer { status, body: body.to_owned() })
    }

    #[test]
    fn only_a_cosignature_that_holds_is_one() {
        let own = CosignerKey::ed25519("w", &[1; 32]).unwrap();
        let line = |time| own.cosign(&checkpoint(), time).unwrap().text();
        let foreign = CosignerKey::ed25519("w", &[2; 32]).unwrap().cosign(&checkpoint(), 7).unwrap().text();
        assert!(matches!(meaning(200, &line(7), 3), Meaning::Cosigned(found, 7) if found.text() == line(7)));
        assert!(
            matches!(meaning(200, &format!("{foreign}{}", line(8)), 3), Meaning::Cosigned(_, 8)),
            "lines of unknown keys are passed over"
        );
        let of_another = own.cosign(&Checkpoint { size: 10, ..checkpoint() }, 7).unwrap().text();
        for body in [foreign.as_str(), &line(0), &of_another, "", "<html>\u{1b}[2J", line(7).trim_end()] {
            assert!(matches!(meaning(200, body, 3), Meaning::Failed(_)), "{body}");
        }
    }

    #[test]
    fn conflicts_and_refusals_are_told_apart() {
        assert_eq!(meaning(409, "7\n", 3), Meaning::Knows(7));
        assert_eq!(meaning(409, "12\n", 3), Meaning::Knows(12));
        assert_eq!(meaning(409, "9\n", 9), Meaning::OtherRoot);
        for (body, old) in [("3\n", 3), ("07\n", 3), ("7", 3), ("seven\n", 3), ("", 3), ("-1\n", 3)] {
            assert!(matches!(meaning(409, body, old), Meaning::Failed(_)), "{body}");
        }
        for status in [400, 403, 404, 422, 429, 500, 503, 301, 204] {
            let Meaning::Failed(text) = meaning(status, "no\u{7}\nsecond line", 3) else { panic!("{status}") };
            assert_eq!(text, format!("it refused with status {status}: no"));
        }
    }
}
