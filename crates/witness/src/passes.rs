//! Passes: entries that the operator of the witness accepts although their stated time is out of
//! bounds. Each pass is stored with its reason in an append-only file, which everybody may read.

use std::ops::RangeInclusive;

use verify::position::{LogIndex, LogTime};

/// A pass that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// When, seconds of Unix time.
    given: LogTime,
    entries: RangeInclusive<LogIndex>,
    reason: String,
}

/// All passes of one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passes(Vec<Pass>);

impl Pass {
    fn parse(line: &str) -> Option<Self> {
        let (given, rest) = line.split_once(' ')?;
        let (entries, reason) = rest.split_once(' ')?;
        let pass = Self {
            given: LogTime::new(given.parse().ok()?),
            entries: range(entries)?,
            reason: reason.to_owned(),
        };
        (pass.line() == format!("{line}\n")).then_some(pass)
    }

    fn line(&self) -> String {
        format!(
            "{} {}..{} {}\n",
            self.given,
            self.entries.start(),
            self.entries.end(),
            self.reason
        )
    }
}

/// Reads `FIRST..LAST`.
#[must_use]
pub fn range(text: &str) -> Option<RangeInclusive<LogIndex>> {
    let (first, last) = text.split_once("..")?;
    let (first, last) = (
        LogIndex::new(first.parse().ok()?),
        LogIndex::new(last.parse().ok()?),
    );
    (first <= last).then_some(first..=last)
}

impl Passes {
    /// Reads the file; none when it is damaged.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let lines = text
            .strip_suffix('\n')
            .map_or_else(|| text.is_empty().then_some(""), Some)?;
        lines
            .split('\n')
            .filter(|_| !text.is_empty())
            .map(Pass::parse)
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(Pass::line).collect()
    }

    pub(crate) fn cover(&self, index: LogIndex) -> bool {
        self.0.iter().any(|pass| pass.entries.contains(&index))
    }

    /// These and one more; none when the very same stands there already, so that a service that is
    /// started again with the same order gives it once. A reason is one line.
    pub(crate) fn with(
        &self,
        given: LogTime,
        entries: RangeInclusive<LogIndex>,
        reason: &str,
    ) -> Option<Self> {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if self
            .0
            .iter()
            .any(|pass| pass.entries == entries && pass.reason == reason)
        {
            return None;
        }
        let mut more = self.clone();
        more.0.push(Pass {
            given,
            entries,
            reason,
        });
        Some(more)
    }
}

#[cfg(test)]
mod tests {
    use verify::position::{LogIndex, LogTime};

    use super::{Passes, range};

    fn one_more(passes: &Passes, given: u64, entries: &str, reason: &str) -> Option<Passes> {
        passes.with(LogTime::new(given), range(entries).unwrap(), reason)
    }

    #[test]
    fn passes_are_read_as_they_were_written_and_given_once() {
        let none = Passes::parse("").unwrap();
        let one = one_more(&none, 100, "12..14", "the clock of\n the log was wrong").unwrap();
        assert_eq!(one.text(), "100 12..14 the clock of the log was wrong\n");
        assert!(one_more(&one, 200, "12..14", "the clock of the log was wrong").is_none());
        let two = one_more(&one, 200, "12..14", "another reason").unwrap();
        assert!(two.text().starts_with(&one.text()), "it is only added to");
        assert_eq!(Passes::parse(&two.text()), Some(two.clone()));
        assert_eq!(
            [11, 12, 14, 15].map(|index| two.cover(LogIndex::new(index))),
            [false, true, true, false]
        );
        for damaged in [
            "100 12..14 x",
            "100 12..14\n",
            "100 14..12 x\n",
            "x 12..14 x\n",
            "\n",
            "100 12..14 x\n\n",
            "0100 12..14 x\n",
        ] {
            assert_eq!(Passes::parse(damaged), None, "{damaged:?}");
        }
        assert_eq!(
            (range("3..3"), range("3..2"), range("3-4")),
            (Some(LogIndex::new(3)..=LogIndex::new(3)), None, None)
        );
    }
}
