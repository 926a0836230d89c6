//! What an answer of a witness means. Nothing in it is believed before it is checked.

use record::checkpoint::Checkpoint;
use record::cosignature::NoteVerifier;
use record::note::{SignatureLine, parse_lines};
use record::positions::{LogTime, Size};

use super::{FRESH_SECONDS, TransportAnswer};

/// So much of a refusal's text is kept.
const TEXT_MAX: usize = 200;

/// How far the clocks of log and witness may differ, as readers allow it, in seconds.
const CLOCK_SKEW_MAX_SECONDS: u64 = 5;

/// What a witness was asked, as far as its answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    /// The size before.
    pub(super) old: Size,
    /// When it was asked, seconds of Unix time by the log's clock.
    pub(super) asked_at: u64,
    /// The time of the newest entry of the checkpoint, where it can be read.
    pub(super) newest: Option<LogTime>,
}

impl Request {
    /// What is wrong with the time that a cosignature states. One far behind the request would let
    /// an entry that was recorded meanwhile seem dated back; one before the newest entry would let
    /// that entry seem dated ahead.
    fn untimely(self, time: u64) -> Option<String> {
        if time > self.asked_at.saturating_add(FRESH_SECONDS) {
            let late = time - self.asked_at;
            return Some(format!(
                "its cosignature states {late} s after it was asked: its clock or this log's is wrong, or it was slow"
            ));
        }
        // A log whose own time lies ahead cannot ask for more.
        let newest = self.newest?.get().min(self.asked_at);
        let early = newest.saturating_sub(time);
        (early > CLOCK_SKEW_MAX_SECONDS)
            .then(|| format!("its cosignature states {early} s before the newest entry: its clock or this log's is wrong"))
    }
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The cosignature, which holds, and the time that it states.
    Cosigned(SignatureLine, u64),
    /// The witness has cosigned a checkpoint of this size already.
    Knows(Size),
    /// At the size that was submitted it has cosigned another root.
    OtherRoot,
    /// It has cosigned, and states a time that would be evidence against the log's own entries.
    Untimely(String),
    /// Anything else.
    Failed(String),
}

/// The first line of a text, without what could upset a terminal or a log file.
fn tame(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(TEXT_MAX)
        .collect()
}

/// Judges the answer to a checkpoint that was submitted.
pub(super) fn judge(
    key: &NoteVerifier,
    checkpoint: &Checkpoint,
    request: Request,
    answer: &TransportAnswer,
) -> Meaning {
    let old = request.old;
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
                Some((line, time)) if time > 0 => request
                    .untimely(time)
                    .map_or(Meaning::Cosigned(line, time), Meaning::Untimely),
                Some(_) => Meaning::Failed("its cosignature states no time".into()),
                None => Meaning::Failed(
                    "no line of its answer is a cosignature of this checkpoint with its key".into(),
                ),
            }
        }
        409 => {
            let size = answer.body.strip_suffix('\n');
            let size = size.and_then(|size| size.parse::<Size>().ok());
            match size {
                Some(size) if size == old && old == checkpoint.size => Meaning::OtherRoot,
                Some(size) if size == old => {
                    Meaning::Failed(format!("it contradicts itself about the size {size}"))
                }
                Some(size) => Meaning::Knows(size),
                None => Meaning::Failed("it answered a conflict without a size".into()),
            }
        }
        status => Meaning::Failed(format!(
            "it refused with status {status}: {}",
            tame(&answer.body)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::cosignature::CosignerKey;
    use record::hash::Hash;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "log.example.invalid/0999/sag".into(),
            size: Size::new(9),
            root: Hash::new([4; 32]),
        }
    }

    fn meaning(status: u16, body: &str, old: Size) -> Meaning {
        let key = CosignerKey::ed25519("w", &[1; 32]).unwrap();
        let verifier = NoteVerifier::parse(&key.vkey()).unwrap();
        let request = Request {
            old,
            asked_at: 100,
            newest: Some(LogTime::new(90)),
        };
        judge(
            &verifier,
            &checkpoint(),
            request,
            &TransportAnswer {
                status,
                body: body.to_owned(),
            },
        )
    }

    #[test]
    fn a_cosignature_that_would_accuse_an_honest_entry_does_not_count() {
        let own = CosignerKey::ed25519("w", &[1; 32]).unwrap();
        let at = |time| {
            meaning(
                200,
                &own.cosign(&checkpoint(), time).unwrap().text(),
                Size::new(3),
            )
        };
        for time in [85, 90, 100, 130] {
            assert!(
                matches!(at(time), Meaning::Cosigned(_, stated) if stated == time),
                "{time}"
            );
        }
        for (time, what) in [
            (84, "6 s before the newest entry"),
            (131, "31 s after it was asked"),
            (1_000_000, "999900 s after"),
        ] {
            assert!(
                matches!(at(time), Meaning::Untimely(text) if text.contains(what)),
                "{time}"
            );
        }
        // A log whose entries are dated ahead, by an earlier fault, is cosigned all the same.
        let ahead = Request {
            old: Size::new(3),
            asked_at: 100,
            newest: Some(LogTime::new(9_000)),
        };
        assert_eq!(ahead.untimely(100), None);
    }

    #[test]
    fn only_a_cosignature_that_holds_is_one() {
        let own = CosignerKey::ed25519("w", &[1; 32]).unwrap();
        let line = |time| own.cosign(&checkpoint(), time).unwrap().text();
        let foreign = CosignerKey::ed25519("w", &[2; 32])
            .unwrap()
            .cosign(&checkpoint(), 97)
            .unwrap()
            .text();
        assert!(
            matches!(meaning(200, &line(97), Size::new(3)), Meaning::Cosigned(found, 97) if found.text() == line(97))
        );
        assert!(
            matches!(
                meaning(200, &format!("{foreign}{}", line(98)), Size::new(3)),
                Meaning::Cosigned(_, 98)
            ),
            "lines of unknown keys are passed over"
        );
        let of_another = own
            .cosign(
                &Checkpoint {
                    size: Size::new(10),
                    ..checkpoint()
                },
                97,
            )
            .unwrap()
            .text();
        for body in [
            foreign.as_str(),
            &line(0),
            &of_another,
            "",
            "<html>\u{1b}[2J",
            line(97).trim_end(),
        ] {
            assert!(
                matches!(meaning(200, body, Size::new(3)), Meaning::Failed(_)),
                "{body}"
            );
        }
    }

    #[test]
    fn conflicts_and_refusals_are_told_apart() {
        assert_eq!(
            meaning(409, "7\n", Size::new(3)),
            Meaning::Knows(Size::new(7))
        );
        assert_eq!(
            meaning(409, "12\n", Size::new(3)),
            Meaning::Knows(Size::new(12))
        );
        assert_eq!(meaning(409, "9\n", Size::new(9)), Meaning::OtherRoot);
        for (body, old) in [
            ("3\n", 3),
            ("07\n", 3),
            ("7", 3),
            ("seven\n", 3),
            ("", 3),
            ("-1\n", 3),
        ] {
            assert!(
                matches!(meaning(409, body, Size::new(old)), Meaning::Failed(_)),
                "{body}"
            );
        }
        for status in [400, 403, 404, 422, 429, 500, 503, 301, 204] {
            let Meaning::Failed(text) = meaning(status, "no\u{7}\nsecond line", Size::new(3))
            else {
                panic!("{status}")
            };
            assert_eq!(text, format!("it refused with status {status}: no"));
        }
    }
}
