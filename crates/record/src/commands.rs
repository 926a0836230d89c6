//! The proof of commands: which commands a commit carried out stands beside its entries, so the key
//! that signs entries signs that list as well. A list that was changed, moved or emptied by whoever
//! holds the files does not verify.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entry::{Entry, is_keys_entry, parse};
use crate::hash::Hash;
use crate::positions::LogIndex;
use crate::signing::{EventKey, PublicKey};

/// Keeps these signatures apart from those of entries, which sign base64url and a full stop.
const LABEL: &[u8] = b"sagsspor commands 1\n";

/// A command as its commit states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandLine {
    /// The id that the client chose.
    pub id: Uuid,
    /// A keyed hash of its input.
    pub input_mac: [u8; 32],
    /// The log index of its first entry.
    pub first: LogIndex,
    /// How many consecutive entries belong to it.
    pub count: u32,
}

impl CommandLine {
    /// Its entries.
    pub fn indexes(&self) -> impl Iterator<Item = LogIndex> + use<> {
        let end = self.first.size_after(u64::from(self.count));
        self.first.up_to(end)
    }

    /// Whether it has entries, and only such as are among the `count` entries of its commit, of
    /// which the first stands at `first`.
    #[must_use]
    pub fn is_within(&self, first: LogIndex, count: u64) -> bool {
        let own = self.first.size_after(u64::from(self.count));
        self.count > 0 && self.first >= first && own <= first.size_after(count)
    }
}

/// The signature under the list of commands of one commit (Ed25519, RFC 8032).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandProof(pub [u8; 64]);

/// What is signed: the label, the index of the first entry (8 bytes), the number of entries (4),
/// the SHA-256 over their leaf hashes, the number of commands (4), and of each its id (16), its
/// keyed hash (32), the index of its first entry (8) and the number of its entries (4). Integers
/// are big-endian.
#[must_use]
pub fn message(first: LogIndex, leaves: &[Hash], commands: &[CommandLine]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    leaves
        .iter()
        .for_each(|leaf| hasher.update(leaf.as_bytes()));
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = LABEL.to_vec();
    bytes.extend_from_slice(&first.to_be_bytes());
    bytes.extend_from_slice(&count(leaves.len()));
    bytes.extend_from_slice(&hasher.finalize());
    bytes.extend_from_slice(&count(commands.len()));
    for command in commands {
        bytes.extend_from_slice(command.id.as_bytes());
        bytes.extend_from_slice(&command.input_mac);
        bytes.extend_from_slice(&command.first.to_be_bytes());
        bytes.extend_from_slice(&command.count.to_be_bytes());
    }
    bytes
}

impl EventKey {
    /// Signs the list of commands of a commit.
    #[must_use]
    pub fn prove_commands(
        &self,
        first: LogIndex,
        leaves: &[Hash],
        commands: &[CommandLine],
    ) -> CommandProof {
        CommandProof(self.sign(&message(first, leaves, commands)))
    }
}

/// A list of commands is not the one that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandsError {
    /// A commit of events bears no signature.
    #[error("COMMAND_ROWS: the commands of a commit are not signed")]
    Unsigned,
    /// No key of the log has signed this list.
    #[error("COMMAND_ROWS: the commands of a commit are not those that were signed")]
    Signature,
    /// An entry without a stream cannot be read, or its key is not announced by the one before.
    #[error("COMMAND_ROWS: the keys of the log cannot be followed")]
    Keys,
}

/// Checks the lists of a log in order, with the keys that the log itself announces.
///
/// A list may be signed by any key of the log, even by one that is announced later: a list that was
/// upgraded from an older form, or restored from a copy, is signed by the key of that day.
#[derive(Debug, Clone, Default)]
pub struct CommandJudge {
    /// Known from elsewhere.
    known: Vec<PublicKey>,
    /// Announced by the log.
    keys: Vec<PublicKey>,
    waiting: Vec<(Vec<u8>, CommandProof)>,
}

impl CommandJudge {
    /// Knows keys besides those that the log announces.
    #[must_use]
    pub const fn knowing(keys: Vec<PublicKey>) -> Self {
        Self {
            known: keys,
            keys: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Goes on behind the front of a log, whose announced keys are these.
    #[must_use]
    pub const fn continuing(keys: Vec<PublicKey>) -> Self {
        Self {
            known: Vec::new(),
            keys,
            waiting: Vec::new(),
        }
    }

    /// Checks the next commit: its entries in order, with their leaf hashes.
    ///
    /// # Errors
    /// [`CommandsError::Unsigned`] when a commit of events or commands has no signature;
    /// [`CommandsError::Keys`] when a keys entry cannot be read, or no announced key signed it.
    pub fn commit<'a>(
        &mut self,
        first: LogIndex,
        entries: impl Iterator<Item = (&'a [u8], bool)>,
        leaves: &[Hash],
        commands: &[CommandLine],
        proof: Option<&CommandProof>,
    ) -> Result<(), CommandsError> {
        let mut events = false;
        for (entry, event) in entries {
            events |= event;
            if !event && is_keys_entry(entry) {
                self.announced(entry)?;
            }
        }
        match proof {
            None if events || !commands.is_empty() => Err(CommandsError::Unsigned),
            None => Ok(()),
            Some(proof) => {
                let message = message(first, leaves, commands);
                if !self.holds(&message, proof) {
                    self.waiting.push((message, *proof));
                }
                Ok(())
            }
        }
    }

    fn holds(&self, message: &[u8], proof: &CommandProof) -> bool {
        // The newest key signs most often.
        self.keys
            .iter()
            .rev()
            .chain(&self.known)
            .any(|key| key.verify(message, &proof.0).is_ok())
    }

    /// Takes in the keys of a keys entry: the first is signed by a key of its own, each later one
    /// by a key that was announced before.
    fn announced(&mut self, entry: &[u8]) -> Result<(), CommandsError> {
        let parsed = parse(entry).map_err(|_| CommandsError::Keys)?;
        let Entry::Keys(announced) = &parsed.entry else {
            return Ok(());
        };
        let signers = if self.keys.is_empty() {
            &announced.keys
        } else {
            &self.keys
        };
        if !signers.iter().any(|key| parsed.verify(key).is_ok()) {
            return Err(CommandsError::Keys);
        }
        for key in &announced.keys {
            if !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting = waiting
            .into_iter()
            .filter(|(message, proof)| !self.holds(message, proof))
            .collect();
        Ok(())
    }

    /// The log ends here.
    ///
    /// # Errors
    /// [`CommandsError::Signature`] when a list was signed by no key of the log.
    pub fn end(&self) -> Result<(), CommandsError> {
        if self.waiting.is_empty() {
            Ok(())
        } else {
            Err(CommandsError::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::KeysEntry;
    use crate::merkle::leaf_hash;
    use crate::positions::LogTime;

    fn key(byte: u8) -> EventKey {
        EventKey::from_seed(&[byte; 32])
    }

    fn keys_entry(index: LogIndex, keys: &[u8], signer: u8) -> Vec<u8> {
        let keys = keys
            .iter()
            .map(|byte| key(*byte).public().clone())
            .collect();
        let origin = "log.example/0999/sag".to_owned();
        let entry = KeysEntry {
            origin,
            index,
            recorded_at: LogTime::new(1),
            entry_id: Uuid::from_u128(1),
            keys,
            prev: Hash::ZERO,
        };
        entry.sign(&key(signer)).unwrap().bytes
    }

    fn lines(first: LogIndex) -> Vec<CommandLine> {
        vec![CommandLine {
            id: Uuid::from_u128(9),
            input_mac: [1; 32],
            first,
            count: 1,
        }]
    }

    /// A log of its keys and one commit, judged.
    fn judged(
        signer: u8,
        bend: impl Fn(&mut LogIndex, &mut Vec<Hash>, &mut Vec<CommandLine>, &mut Option<CommandProof>),
    ) -> Result<(), CommandsError> {
        let mut judge = CommandJudge::default();
        let begin = keys_entry(LogIndex::FIRST, &[1], 1);
        judge.commit(
            LogIndex::FIRST,
            [(begin.as_slice(), false)].into_iter(),
            &[leaf_hash(&begin)],
            &[],
            None,
        )?;
        let (mut first, mut leaves, mut commands) = (
            LogIndex::new(1),
            vec![leaf_hash(b"event")],
            lines(LogIndex::new(1)),
        );
        let mut proof = Some(key(signer).prove_commands(first, &leaves, &commands));
        bend(&mut first, &mut leaves, &mut commands, &mut proof);
        judge.commit(
            first,
            [(&b"event"[..], true)].into_iter(),
            &leaves,
            &commands,
            proof.as_ref(),
        )?;
        judge.end()
    }

    #[test]
    fn a_command_lies_within_its_commit_or_beside_it() {
        let within = |first, count, own, length| {
            let line = CommandLine {
                id: Uuid::nil(),
                input_mac: [0; 32],
                first: LogIndex::new(own),
                count: length,
            };
            line.is_within(LogIndex::new(first), count)
        };
        assert!(within(5, 3, 5, 3) && within(5, 3, 7, 1));
        assert!(!within(5, 3, 5, 4) && !within(5, 3, 8, 1) && !within(5, 3, 4, 2));
        assert!(!within(5, 3, 6, 0), "no entry of its own");
        assert!(!within(5, 3, u64::MAX, 9), "the end does not wrap");
        let line = lines(LogIndex::new(4)).remove(0);
        assert_eq!(line.indexes().collect::<Vec<_>>(), [LogIndex::new(4)]);
    }

    #[test]
    fn a_list_that_was_bent_does_not_verify() {
        assert_eq!(judged(1, |_, _, _, _| {}), Ok(()));
        assert_eq!(
            judged(2, |_, _, _, _| {}),
            Err(CommandsError::Signature),
            "a stranger's key"
        );
        assert_eq!(
            judged(1, |first, _, _, _| *first = LogIndex::new(2)),
            Err(CommandsError::Signature)
        );
        assert_eq!(
            judged(1, |_, leaves, _, _| leaves[0] = Hash::ZERO),
            Err(CommandsError::Signature)
        );
        assert_eq!(
            judged(1, |_, _, commands, _| commands[0].id = Uuid::from_u128(8)),
            Err(CommandsError::Signature)
        );
        assert_eq!(
            judged(1, |_, _, commands, _| commands[0].input_mac[0] ^= 1),
            Err(CommandsError::Signature)
        );
        assert_eq!(
            judged(1, |_, _, commands, _| commands.clear()),
            Err(CommandsError::Signature)
        );
        assert_eq!(
            judged(1, |_, _, commands, proof| {
                commands.clear();
                *proof = None;
            }),
            Err(CommandsError::Unsigned)
        );
    }

    #[test]
    fn any_key_of_the_log_may_have_signed_and_no_other() {
        let (begin, next) = (
            keys_entry(LogIndex::FIRST, &[1], 1),
            keys_entry(LogIndex::new(2), &[1, 2], 1),
        );
        let leaves = [leaf_hash(b"event")];
        let proof = key(2).prove_commands(LogIndex::new(1), &leaves, &lines(LogIndex::new(1)));
        let mut judge = CommandJudge::default();
        judge
            .commit(
                LogIndex::FIRST,
                [(begin.as_slice(), false)].into_iter(),
                &[leaf_hash(&begin)],
                &[],
                None,
            )
            .unwrap();
        judge
            .commit(
                LogIndex::new(1),
                [(&b"event"[..], true)].into_iter(),
                &leaves,
                &lines(LogIndex::new(1)),
                Some(&proof),
            )
            .unwrap();
        assert_eq!(
            judge.end(),
            Err(CommandsError::Signature),
            "its key is not announced yet"
        );
        judge
            .commit(
                LogIndex::new(2),
                [(next.as_slice(), false)].into_iter(),
                &[leaf_hash(&next)],
                &[],
                None,
            )
            .unwrap();
        assert_eq!(judge.end(), Ok(()));
        let stranger = keys_entry(LogIndex::new(3), &[3], 3);
        let taken = judge.commit(
            LogIndex::new(3),
            [(stranger.as_slice(), false)].into_iter(),
            &[leaf_hash(&stranger)],
            &[],
            None,
        );
        assert_eq!(taken, Err(CommandsError::Keys));
    }
}
