//! V2 and V3: the checkpoint that everything in the bundle hangs on, and what is known beforehand.

use super::bag::Bag;
use super::description::Description;
use super::trust::Trust;
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::note;
use crate::policy::{Cosigned, Policy, Strictness};
use crate::position::LogIndex;
use crate::proof;
use crate::tree::Hash;

pub(super) struct Anchor<'a> {
    policy: &'a Policy,
    pub(super) cosigned: Cosigned,
    /// The last checkpoint that stood in a proof and was found to be this one.
    same: std::cell::RefCell<String>,
}

pub(super) fn check<'a>(
    bag: &mut Bag<'_>,
    trust: &'a Trust,
    description: &Description,
) -> Result<Anchor<'a>, Failure> {
    let text = bag.text("data/checkpoint", Code::BundleFormat)?;
    let note = note::open(&text).map_err(|what| Failure::of(Code::CheckpointFormat, what))?;
    let cosigned = trust
        .policy
        .check(&note, &description.origin, Strictness::Full)?;
    let anchor = Anchor {
        policy: &trust.policy,
        cosigned,
        same: std::cell::RefCell::new(text),
    };
    pinned(bag, trust, description, &anchor)?;
    Ok(anchor)
}

/// V3: the checkpoint continues the one that the reader knows.
fn pinned(
    bag: &mut Bag<'_>,
    trust: &Trust,
    description: &Description,
    anchor: &Anchor<'_>,
) -> Result<(), Failure> {
    let Some(pin) = &trust.pin else { return Ok(()) };
    if pin.origin != description.origin {
        return Err(Failure::of(
            Code::CheckpointOrigin,
            format!("the pinned checkpoint names {}", pin.origin),
        ));
    }
    let (old, new) = (pin.checkpoint, anchor.cosigned.checkpoint);
    if old.size > new.size {
        let what = format!(
            "the checkpoint has {} entries, {} are known from elsewhere",
            new.size, old.size
        );
        return Err(Failure::of(Code::Rollback, what));
    }
    let mut path = Vec::new();
    if old.size < new.size && !old.size.is_empty() {
        let name = format!("data/consistency/{}.txt", old.size);
        let text = bag.text(&name, Code::ConsistencyMissing)?;
        path = proof::parse_lines(&text)
            .ok_or_else(|| Failure::of(Code::ProofFormat, format!("{name} is malformed")))?;
    }
    if proof::is_consistent((old.size, old.root), (new.size, new.root), &path) {
        return Ok(());
    }
    Err(Failure::of(
        Code::Fork,
        format!(
            "the log of {} entries is no continuation of the one known at {}",
            new.size, old.size
        ),
    ))
}

impl Anchor<'_> {
    /// Checks that a leaf stands in the log where its proof says; returns its index.
    pub(super) fn included(&self, name: &str, text: &str, leaf: Hash) -> Result<LogIndex, Finding> {
        let wrong = |code: Code, what: &str| Finding::of(code, format!("{name}: {what}"));
        let proof = proof::parse(text).map_err(|what| wrong(Code::ProofFormat, what))?;
        if *self.same.borrow() != proof.note {
            let note = note::open(proof.note).map_err(|what| wrong(Code::ProofFormat, what))?;
            if note.body != self.cosigned.body {
                return Err(wrong(
                    Code::ProofCheckpoint,
                    "its checkpoint is another than the bundle's",
                ));
            }
            self.policy.check_log(&note).map_err(|_| {
                wrong(
                    Code::ProofCheckpoint,
                    "its checkpoint is not signed by the log",
                )
            })?;
            proof.note.clone_into(&mut self.same.borrow_mut());
        }
        let checkpoint = self.cosigned.checkpoint;
        if proof::root_by_inclusion(leaf, proof.index, checkpoint.size, &proof.path)
            != Some(checkpoint.root)
        {
            return Err(wrong(
                Code::Inclusion,
                "the entry does not stand in the log at this place",
            ));
        }
        Ok(proof.index)
    }
}
