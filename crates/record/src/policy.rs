//! Which witnesses must have cosigned a checkpoint: the trust policy file of C2SP tlog-policy.
//!
//! Names of witnesses and groups mean something within the file only. As the specification asks,
//! they are bytes; a file that is not UTF-8 is refused, which is stricter.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::Checkpoint;
use crate::cosignature::{KeyKind, NoteVerifier};
use crate::note::Note;

/// The most logs, the most witnesses and the most groups that a file may have.
pub const COUNT_MAX: usize = 64;

/// A line of a policy file does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {what}")]
pub struct PolicyError {
    /// The line, from 1; one behind the last for what is missing.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// A log whose checkpoints are accepted.
#[derive(Debug, Clone)]
pub struct PolicyLog {
    /// Its verifier key; its name is the log's origin.
    pub key: NoteVerifier,
    /// Where it is reached.
    pub url: Option<String>,
}

/// A witness that may count.
#[derive(Debug, Clone)]
pub struct PolicyWitness {
    /// Its name in the file.
    pub name: String,
    /// Its verifier key.
    pub key: NoteVerifier,
    /// Where checkpoints are submitted to it; null for one that is not asked, such as the log
    /// itself.
    pub url: Option<String>,
}

/// At least so many of the members.
#[derive(Debug, Clone)]
struct Group {
    threshold: usize,
    members: Vec<String>,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: BTreeMap<String, Group>,
    quorum: Option<String>,
}

/// What a note's lines amount to under a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether a log of the policy has signed it.
    pub signed_by_log: bool,
    /// The witnesses that cosigned it, by their names in the file, with the time that each states.
    pub cosigned: BTreeMap<String, u64>,
    /// Whether they are enough.
    pub quorum: bool,
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: BTreeMap<String, Group>,
    quorum: Option<Option<String>>,
    names: BTreeSet<String>,
    members: BTreeSet<String>,
}

impl Reading {
    fn log(&mut self, words: &[&str]) -> Result<(), String> {
        let (key, url) = match words {
            [key] => (key, None),
            [key, url] => (key, Some((*url).to_owned())),
            _ => return Err("a log is written: log VKEY [URL]".into()),
        };
        let key = NoteVerifier::parse(key).map_err(|_| "the log's verifier key is malformed")?;
        if key.kind() != KeyKind::Ed25519 {
            return Err("a log's verifier key is of type 01 (Ed25519)".into());
        }
        if self.logs.iter().any(|log| log.key.public() == key.public()) {
            return Err("the log stands twice".into());
        }
        self.logs.push(PolicyLog { key, url });
        if self.logs.len() > COUNT_MAX {
            Err("there are too many logs".into())
        } else {
            Ok(())
        }
    }

    fn witness(&mut self, words: &[&str]) -> Result<(), String> {
        let (name, key, url) = match words {
            [name, key] => (name, key, None),
            [name, key, url] => (name, key, Some((*url).to_owned())),
            _ => return Err("a witness is written: witness NAME VKEY [URL]".into()),
        };
        let key = NoteVerifier::parse(key)
            .map_err(|_| format!("the verifier key of {name} is malformed"))?;
        if key.kind() == KeyKind::Ed25519 {
            return Err(format!(
                "the verifier key of {name} is of a log; that of a witness is of type 04 or 06"
            ));
        }
        if self
            .witnesses
            .iter()
            .any(|witness| witness.key.public() == key.public())
        {
            return Err(format!("the key of {name} stands twice"));
        }
        self.name(name)?;
        self.witnesses.push(PolicyWitness {
            name: (*name).to_owned(),
            key,
            url,
        });
        if self.witnesses.len() > COUNT_MAX {
            Err("there are too many witnesses".into())
        } else {
            Ok(())
        }
    }

    fn name(&mut self, name: &str) -> Result<(), String> {
        if name == "none" || !self.names.insert(name.to_owned()) {
            return Err(format!("the name {name} is taken"));
        }
        Ok(())
    }

    fn group(&mut self, words: &[&str]) -> Result<(), String> {
        let [name, threshold, members @ ..] = words else {
            return Err("a group is written: group NAME all|any|NUMBER NAME...".into());
        };
        if members.is_empty() {
            return Err(format!("the group {name} has no member"));
        }
        let threshold = match *threshold {
            "all" => members.len(),
            "any" => 1,
            digits => digits
                .parse()
                .ok()
                .filter(|number: &usize| number.to_string() == digits)
                .ok_or("the threshold is not a number")?,
        };
        if threshold == 0 || threshold > members.len() {
            return Err(format!(
                "the threshold of {name} is not between 1 and {}",
                members.len()
            ));
        }
        for member in members {
            if !self.names.contains(*member) {
                return Err(format!("{member} is not defined above"));
            }
            if !self.members.insert((*member).to_owned()) {
                return Err(format!("{member} is a member already"));
            }
        }
        self.name(name)?;
        self.groups.insert(
            (*name).to_owned(),
            Group {
                threshold,
                members: members.iter().map(|member| (*member).to_owned()).collect(),
            },
        );
        if self.groups.len() > COUNT_MAX {
            Err("there are too many groups".into())
        } else {
            Ok(())
        }
    }

    fn quorum(&mut self, words: &[&str]) -> Result<(), String> {
        let [name] = words else {
            return Err("a quorum is written: quorum NAME".into());
        };
        if self.quorum.is_some() {
            return Err("there is a quorum already".into());
        }
        if *name != "none" && !self.names.contains(*name) {
            return Err(format!("{name} is not defined above"));
        }
        self.quorum = Some((*name != "none").then(|| (*name).to_owned()));
        Ok(())
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the first line that is wrong, or the line behind the last for what is
    /// missing.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        let mut lines = 0;
        for (line, content) in (1..).zip(text.split_terminator('\n')) {
            lines = line;
            let failed = |what: String| PolicyError { line, what };
            if content
                .chars()
                .any(|c| (c < ' ' && c != '\t') || c == '\u{7f}')
            {
                return Err(failed("there is a control character".into()));
            }
            let content = content.trim_matches([' ', '\t']);
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = content
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            let read = match words.split_first() {
                Some((&"log", rest)) => reading.log(rest),
                Some((&"witness", rest)) => reading.witness(rest),
                Some((&"group", rest)) => reading.group(rest),
                Some((&"quorum", rest)) => reading.quorum(rest),
                _ => Err("a line begins with log, witness, group or quorum".into()),
            };
            read.map_err(failed)?;
        }
        let missing = PolicyError {
            line: lines + 1,
            what: "there is no quorum".into(),
        };
        let Reading {
            logs,
            witnesses,
            groups,
            quorum,
            ..
        } = reading;
        Ok(Self {
            logs,
            witnesses,
            groups,
            quorum: quorum.ok_or(missing)?,
        })
    }

    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether these witnesses, by their names in the file, are enough.
    #[must_use]
    pub fn is_quorum(&self, cosigned: &BTreeSet<&str>) -> bool {
        self.quorum
            .as_deref()
            .is_none_or(|name| self.holds(name, cosigned))
    }

    /// A name is a member of one group at most and names only what stands above it, so this ends.
    fn holds(&self, name: &str, cosigned: &BTreeSet<&str>) -> bool {
        match self.groups.get(name) {
            Some(group) => {
                group
                    .members
                    .iter()
                    .filter(|member| self.holds(member, cosigned))
                    .count()
                    >= group.threshold
            }
            None => cosigned.contains(name),
        }
    }

    /// What the lines of a checkpoint amount to. Lines of unknown keys, and lines of known keys
    /// that do not fit, do not count.
    #[must_use]
    pub fn judge(&self, checkpoint: &Checkpoint, note: &Note) -> Standing {
        let of = |key: &NoteVerifier| {
            note.lines
                .iter()
                .find_map(|line| key.verify(checkpoint, line).ok())
        };
        let signed_by_log = self
            .logs
            .iter()
            .any(|log| log.key.name() == checkpoint.origin && of(&log.key).is_some());
        let found = self
            .witnesses
            .iter()
            .filter_map(|witness| Some((witness.name.clone(), of(&witness.key)?.unwrap_or(0))));
        let cosigned: BTreeMap<String, u64> = found.collect();
        let quorum = self.is_quorum(&cosigned.keys().map(String::as_str).collect());
        Standing {
            signed_by_log,
            cosigned,
            quorum,
        }
    }
}
