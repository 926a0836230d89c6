//! Whom a reader trusts: logs, witnesses, and how many of them must have seen a checkpoint.
//!
//! C2SP tlog-policy. A policy comes to the reader by another way than what is checked with it.

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::note::{self, Checkpoint, SignedNote, Verifier};
use crate::position::LogTime;

/// Bytes of a policy.
pub const BYTES_MAX: usize = 1 << 20;
/// Logs, witnesses and groups of a policy, each.
pub const NAMES_MAX: usize = 256;

struct Witness {
    name: String,
    key: Verifier,
}

enum Rule {
    Witness(usize),
    /// So many of these rules.
    Group(usize, Vec<usize>),
}

/// A policy.
pub struct Policy {
    logs: Vec<Verifier>,
    witnesses: Vec<Witness>,
    rules: Vec<Rule>,
    /// `None` where the policy asks for no cosignature.
    quorum: Option<usize>,
}

/// Who has cosigned a checkpoint, and when.
#[derive(Debug, Clone)]
pub(crate) struct Cosigned {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) body: String,
    /// Names of the policy.
    pub(crate) witnesses: Vec<String>,
    /// The lower median of the independent times.
    pub(crate) time: Option<LogTime>,
}

/// Whether the log's own second signature may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    Full,
    WithoutLog,
}

fn wrong(line: usize, what: impl std::fmt::Display) -> Finding {
    Finding::of(Code::Policy, format!("line {line}: {what}"))
}

#[derive(Default)]
struct Reading {
    logs: Vec<Verifier>,
    witnesses: Vec<Witness>,
    rules: Vec<Rule>,
    /// Each name with its rule, and whether a group has it already.
    names: BTreeMap<String, (usize, bool)>,
    quorum: Option<Option<usize>>,
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), String> {
        match words {
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] | ["witness", name, key, _] => self.witness(name, key),
            ["group", name, threshold, members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.quorum(name),
            _ => Err(
                "it is not a line of a policy; a comment must stand on a line of its own".into(),
            ),
        }
    }

    fn key(key: &str) -> Result<Verifier, String> {
        Verifier::parse(key)
            .ok_or_else(|| "the key is not of the form name+id+key, or its id does not fit".into())
    }

    fn log(&mut self, key: &str) -> Result<(), String> {
        let key = Self::key(key)?;
        if !key.signs_logs() {
            return Err("a log signs with an Ed25519 key (type 1)".into());
        }
        if self.logs.len() >= NAMES_MAX || self.logs.iter().any(|other| other.bytes == key.bytes) {
            return Err("the key of this log stands twice".into());
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str) -> Result<(), String> {
        let key = Self::key(key)?;
        if key.signs_logs() {
            return Err("a witness signs with a key of type 4 or 6".into());
        }
        if self
            .witnesses
            .iter()
            .any(|other| other.key.bytes == key.bytes)
        {
            return Err("the key of this witness stands twice".into());
        }
        self.name(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness {
            name: name.to_owned(),
            key,
        });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let needed = match threshold {
            "any" => 1,
            "all" => members.len(),
            number => note::number(number)
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(0),
        };
        if needed == 0 || needed > members.len() {
            return Err("a group needs any, all, or a number of its members".into());
        }
        let mut rules = Vec::new();
        for member in members {
            let (rule, taken) = self
                .names
                .get_mut(*member)
                .ok_or_else(|| format!("{member} is not defined above"))?;
            if std::mem::replace(taken, true) {
                return Err(format!("{member} is a member of a group already"));
            }
            rules.push(*rule);
        }
        self.name(name, Rule::Group(needed, rules))
    }

    fn name(&mut self, name: &str, rule: Rule) -> Result<(), String> {
        if name == "none"
            || self.rules.len() >= NAMES_MAX * 2
            || self
                .names
                .insert(name.to_owned(), (self.rules.len(), false))
                .is_some()
        {
            return Err(format!("the name {name} is taken, or there are too many"));
        }
        self.rules.push(rule);
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        let quorum = match name {
            "none" => None,
            name => Some(
                self.names
                    .get(name)
                    .ok_or_else(|| format!("{name} is not defined above"))?
                    .0,
            ),
        };
        match self.quorum.replace(quorum) {
            None => Ok(()),
            Some(_) => Err("there is a second quorum".into()),
        }
    }
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`Code::Policy`], naming the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, Finding> {
        if bytes.len() > BYTES_MAX {
            return Err(Finding::of(Code::Policy, "it is too long"));
        }
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line
                .iter()
                .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
            {
                return Err(wrong(
                    number,
                    "there are control characters, perhaps line ends of another system",
                ));
            }
            let line = line.trim_ascii_start();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let line = std::str::from_utf8(line).map_err(|_| wrong(number, "it is not UTF-8"))?;
            let words: Vec<&str> = line
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            reading.line(&words).map_err(|what| wrong(number, what))?;
        }
        let quorum = reading
            .quorum
            .ok_or_else(|| Finding::of(Code::Policy, "there is no quorum line"))?;
        Ok(Self {
            logs: reading.logs,
            witnesses: reading.witnesses,
            rules: reading.rules,
            quorum,
        })
    }

    /// Whether a witness of this name, or with a key of this name, is in the policy.
    #[must_use]
    pub fn knows(&self, witness: &str) -> bool {
        self.witness(witness).is_some()
    }

    /// The policy's own name of a witness.
    pub(crate) fn witness(&self, name: &str) -> Option<&str> {
        self.witnesses
            .iter()
            .find(|witness| witness.name == name || witness.key.name == name)
            .map(|witness| witness.name.as_str())
    }

    /// Checks a checkpoint of that log: signed by it, every known cosignature fits, enough of them.
    pub(crate) fn check(
        &self,
        note: &SignedNote,
        origin: &str,
        strictness: Strictness,
    ) -> Result<Cosigned, Finding> {
        if note.origin != origin || !self.logs.iter().any(|log| log.name == origin) {
            let what = format!(
                "it names {}, the bundle names {origin}, and the policy must list that log",
                note.origin
            );
            return Err(Finding::of(Code::CheckpointOrigin, what));
        }
        self.check_log(note)?;
        let (mut signed, mut times) = (vec![false; self.witnesses.len()], Vec::new());
        for (witness, signed) in self.witnesses.iter().zip(&mut signed) {
            let own = witness.key.name == origin;
            *signed = own && strictness == Strictness::WithoutLog;
            for (place, line) in note
                .lines
                .iter()
                .filter(|line| witness.key.made(line))
                .enumerate()
            {
                let time = witness.key.check(note, line).ok_or_else(|| {
                    Finding::of(
                        Code::WitnessSignature,
                        format!(
                            "the cosignature of {} ({}) does not fit",
                            witness.name, witness.key.name
                        ),
                    )
                })?;
                *signed = true;
                // A log cannot prove its own time, zero is no time, and a repeated line counts
                // once.
                if !own && time > LogTime::EPOCH && place == 0 {
                    times.push(time);
                }
            }
        }
        if self.quorum.is_some_and(|quorum| !self.met(quorum, &signed)) {
            let missing: Vec<&str> = self
                .witnesses
                .iter()
                .zip(&signed)
                .filter(|(_, signed)| !**signed)
                .map(|(w, _)| w.name.as_str())
                .collect();
            return Err(Finding::of(
                Code::WitnessQuorum,
                format!("not cosigned by {}", missing.join(", ")),
            ));
        }
        times.sort_unstable();
        let witnesses = self
            .witnesses
            .iter()
            .zip(&signed)
            .filter(|(_, signed)| **signed)
            .map(|(witness, _)| witness.name.clone())
            .collect();
        let time = times.get(times.len().saturating_sub(1) / 2).copied();
        Ok(Cosigned {
            checkpoint: note.checkpoint,
            body: note.body.clone(),
            witnesses,
            time,
        })
    }

    /// Checks only that the log has signed.
    pub(crate) fn check_log(&self, note: &SignedNote) -> Result<(), Finding> {
        note::signed_by_log(note, self.logs.iter().filter(|log| log.name == note.origin))
    }

    fn met(&self, rule: usize, signed: &[bool]) -> bool {
        match self.rules.get(rule) {
            None => false,
            Some(Rule::Witness(place)) => signed.get(*place).copied().unwrap_or(false),
            // A group names only what stands above it, so this ends.
            Some(Rule::Group(needed, members)) => {
                members
                    .iter()
                    .filter(|member| self.met(**member, signed))
                    .count()
                    >= *needed
            }
        }
    }
}

#[cfg(test)]
mod tests;
