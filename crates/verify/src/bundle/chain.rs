//! V4 and V5: the newest heads entry, and the keys that were valid at every place of the log.

use super::anchor::Anchor;
use super::bag::Bag;
use super::description::Description;
use crate::code::{Code, Finding};
use crate::entry::{self, Common, Heads, Kind};
use crate::files::Failure;
use crate::jws::{Key, Signed};
use crate::position::{LogIndex, LogTime};
use crate::tree::{self, Hash, ZERO};

pub(super) struct Chain {
    pub(super) heads: Heads,
    /// Place in the log and time of every keys and heads entry in the bundle.
    pub(super) times: Vec<(LogIndex, LogTime)>,
    /// From which place on which keys are valid.
    keys: Vec<(LogIndex, Vec<Key>)>,
}

impl Chain {
    /// The keys that may sign the entry at that place.
    pub(super) fn valid_at(&self, index: LogIndex) -> &[Key] {
        self.keys
            .iter()
            .rev()
            .find(|(from, _)| *from < index)
            .map_or(&[], |(_, keys)| keys)
    }
}

/// An entry that is not an event, with its place proven.
struct Placed<'a> {
    index: LogIndex,
    leaf: Hash,
    common: Common,
    kind: Kind,
    signed: Signed<'a>,
}

fn at(name: &str) -> impl Fn(Code, &str) -> Finding {
    move |code, what| Finding::of(code, format!("{name}: {what}"))
}

fn placed<'a>(
    text: &'a str,
    proof: &str,
    name: &str,
    anchor: &Anchor<'_>,
    origin: &str,
) -> Result<Placed<'a>, Finding> {
    let wrong = at(name);
    let signed =
        Signed::parse(text.as_bytes()).map_err(|code| wrong(code, "its outer form is wrong"))?;
    let leaf = tree::leaf(text.as_bytes());
    let index = anchor.included(name, proof, leaf)?;
    let (common, kind) = entry::read(&signed.typ, &signed.payload)
        .ok_or_else(|| wrong(Code::EventSchema, "its members are wrong"))?;
    if common.index != index {
        return Err(wrong(
            Code::EventIndex,
            "it names another place than the one where it stands",
        ));
    }
    if common.origin != origin {
        return Err(wrong(Code::EventOrigin, "it belongs to another log"));
    }
    Ok(Placed {
        index,
        leaf,
        common,
        kind,
        signed,
    })
}

pub(super) fn check(
    bag: &mut Bag<'_>,
    anchor: &Anchor<'_>,
    description: &Description,
) -> Result<Chain, Failure> {
    let size = anchor.cosigned.checkpoint.size;
    let name = "data/heads.jws";
    let text = bag.text(name, Code::BundleFormat)?;
    let proof = bag.text("data/heads.tlog-proof", Code::ProofFormat)?;
    let newest = placed(&text, &proof, name, anchor, &description.origin)?;
    let last = size.last();
    let Kind::Heads(heads) = newest.kind else {
        return Err(Failure::of(
            Code::HeadsNotLast,
            "the entry is not a list of newest entries",
        ));
    };
    if Some(newest.index) != last || Some(heads.covers.next()) != last {
        let what = format!(
            "it stands at {} and covers {} entries, the checkpoint has {size}",
            newest.index, heads.covers
        );
        return Err(Failure::of(Code::HeadsNotLast, what));
    }
    if description.size != size {
        return Err(Failure::of(
            Code::ProofCheckpoint,
            format!(
                "data/bundle.json speaks of {} entries, the checkpoint of {size}",
                description.size
            ),
        ));
    }
    let mut chain = Chain {
        heads,
        times: Vec::new(),
        keys: Vec::new(),
    };
    keys(bag, anchor, description, &mut chain)?;
    newest
        .signed
        .verify(chain.valid_at(newest.index))
        .map_err(|code| at(name)(code, &format!("key {}", newest.signed.kid)))?;
    chain.times.push((newest.index, newest.common.time));
    Ok(chain)
}

/// V5: every keys entry from the first of the log on, each signed by a key of the one before it.
fn keys(
    bag: &mut Bag<'_>,
    anchor: &Anchor<'_>,
    description: &Description,
    chain: &mut Chain,
) -> Result<(), Failure> {
    let mut prev = (None, ZERO);
    for name in bag
        .under("data/keys/")
        .into_iter()
        .filter(|name| name.ends_with(".jws"))
    {
        let text = bag.text(&name, Code::KeysChain)?;
        let proof = bag.text(&name.replace(".jws", ".tlog-proof"), Code::ProofFormat)?;
        let wrong = at(&name);
        let entry = placed(&text, &proof, &name, anchor, &description.origin)?;
        let Kind::Keys(keys) = entry.kind else {
            return Err(wrong(Code::KeysChain, "the entry lists no keys").into());
        };
        let in_order = prev
            .0
            .map_or(entry.index == LogIndex::FIRST, |index| entry.index > index);
        if !in_order || entry.common.prev != prev.1 {
            return Err(wrong(
                Code::KeysChain,
                "it does not follow the keys entry in front of it",
            )
            .into());
        }
        let valid = if prev.0.is_none() {
            keys.as_slice()
        } else {
            chain.valid_at(entry.index)
        };
        entry
            .signed
            .verify(valid)
            .map_err(|code| wrong(code, &format!("key {}", entry.signed.kid)))?;
        prev = (Some(entry.index), entry.leaf);
        chain.times.push((entry.index, entry.common.time));
        chain.keys.push((entry.index, keys));
    }
    if (prev.0, prev.1) != (Some(chain.heads.keys.0), chain.heads.keys.1) {
        return Err(Failure::of(
            Code::KeysChain,
            "the newest keys entry of the bundle is not the newest of the log",
        ));
    }
    let stray = bag
        .under("data/keys/")
        .into_iter()
        .find(|name| !bag.has(&name.replace(".tlog-proof", ".jws")));
    match stray {
        Some(name) => Err(Failure::of(
            Code::BundleFormat,
            format!("{name} belongs to no keys entry"),
        )),
        None => Ok(()),
    }
}
