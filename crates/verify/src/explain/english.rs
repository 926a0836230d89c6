//! The explanations in English.

use super::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    (
        Code::CheckpointFormat,
        [
            "The checkpoint, which is the log's signed statement of its size and content, is not written in the one allowed form.",
            "It does not show that any event was changed; the file may be damaged or come from another program.",
            "Ask the sender for the bundle again; if it fails again, ask the operator of the log for its checkpoint.",
        ],
    ),
    (
        Code::CheckpointOrigin,
        [
            "The checkpoint belongs to another log than the bundle or the policy names.",
            "It does not show that the content is false; most often the policy of another municipality was used.",
            "Check that the policy is the one of this municipality, and that it lists this log.",
        ],
    ),
    (
        Code::CheckpointSignature,
        [
            "The checkpoint is not signed with the key of the log that the policy names, or was changed after signing.",
            "It does not say who changed it, nor what was changed.",
            "Do not rely on the bundle. Get the policy again by a way that you trust; if it still fails, keep the file and report it.",
        ],
    ),
    (
        Code::CheckpointMissing,
        [
            "The log has no checkpoint, so nothing signed vouches for its entries.",
            "It does not show that an entry is wrong; a new log has none yet.",
            "Have a checkpoint made, and audit again.",
        ],
    ),
    (
        Code::TileMissing,
        [
            "A file of the log, as it is published for audits, is missing.",
            "It does not show that an entry was removed from the log itself.",
            "Have the files of the log made again from it, and audit again.",
        ],
    ),
    (
        Code::TileFormat,
        [
            "A file of the log, as it is published for audits, has another length or form than it must have.",
            "It does not show that an entry was changed; the file may be damaged or cut off.",
            "Have the files of the log made again from it, and audit again.",
        ],
    ),
    (
        Code::TileLeaf,
        [
            "An entry and the fingerprint that is published for it do not fit together.",
            "It does not show which of the two was changed.",
            "Compare both with a backup or a mirror; if the log itself differs, report it.",
        ],
    ),
    (
        Code::TileLevel,
        [
            "The published fingerprints do not add up to those above them.",
            "It does not show that an entry was changed.",
            "Have the files of the log made again from it; if they differ again, report it.",
        ],
    ),
    (
        Code::Rollback,
        [
            "The log shown here is shorter than a log that you know existed: from a pinned checkpoint or a receipt.",
            "The bundle may be genuine and merely old; it does not show that entries were deleted.",
            "Ask for a fresh bundle. If the newest one is still shorter, entries have been lost or removed: report it.",
        ],
    ),
    (
        Code::LogMissing,
        [
            "A whole log is not there, although another log of the same municipality, or a checkpoint kept elsewhere, names its entries.",
            "It does not say who removed it, nor that the other log was touched; a wrong directory looks the same.",
            "Check the directory that was named. Then bring the log back from a copy, and report it: who looked, or what was recorded, is gone.",
        ],
    ),
    (
        Code::Fork,
        [
            "There are two versions of the log's past: the one shown here contradicts the one known from elsewhere.",
            "It does not say which version is the true one.",
            "Keep both. Ask the witnesses which version they have signed; this is serious and should be reported.",
        ],
    ),
    (
        Code::Root,
        [
            "The entries of the log do not add up to the fingerprint that the log itself signed.",
            "It does not name the entry that was changed.",
            "Compare with a backup or a mirror, entry by entry, and report it.",
        ],
    ),
    (
        Code::JwsFormat,
        [
            "An entry is not a signed text of the required form.",
            "It does not show that a genuine entry was altered; it may be damaged on the way.",
            "Ask for the bundle again; for a log, compare with a backup.",
        ],
    ),
    (
        Code::JwsHeader,
        [
            "An entry states another way of signing, or another type, than this format allows.",
            "It does not show that the content is false.",
            "Do not rely on it; ask the operator where the entry comes from.",
        ],
    ),
    (
        Code::JwsKey,
        [
            "An entry is signed with a key that was not among the log's valid keys at that place.",
            "It does not show who signed; the key may be stolen, withdrawn, or one of another system.",
            "Do not rely on the entry; ask the operator to account for the key.",
        ],
    ),
    (
        Code::JwsSignature,
        [
            "The signature of an entry does not fit its text.",
            "It does not show what the text was before.",
            "Do not rely on the entry; ask for the bundle again, and report it if it fails again.",
        ],
    ),
    (
        Code::JsonNoncanonical,
        [
            "An entry is not written in the one form in which nothing can be read in two ways.",
            "It does not show that its content is false.",
            "Do not rely on it; it was not written by a correct program.",
        ],
    ),
    (
        Code::JsonDuplicateKey,
        [
            "A text states the same thing twice, so that two programs could read two different things.",
            "It is hardly ever an accident, but it does not show which of the two was meant.",
            "Do not rely on it, and report it.",
        ],
    ),
    (
        Code::EventSchema,
        [
            "An entry lacks something that it must state, or states something that it must not.",
            "It does not show that an event was changed.",
            "Do not rely on the entry; check whether a newer version of this program is needed.",
        ],
    ),
    (
        Code::EventIndex,
        [
            "An entry states another place in the log than the one at which it stands.",
            "It does not show whether the entry or its place is wrong.",
            "Do not rely on it, and report it: a correct log cannot contain it.",
        ],
    ),
    (
        Code::EventOrigin,
        [
            "An entry was made for another log, for example that of another municipality.",
            "It does not show that its content is false there.",
            "Do not rely on it here; ask why it stands in this log.",
        ],
    ),
    (
        Code::EventDuplicate,
        [
            "The same event stands twice.",
            "It does not show that the event itself is false.",
            "Do not rely on the second one, and report it: a correct log cannot contain it.",
        ],
    ),
    (
        Code::TimeOrder,
        [
            "An entry is dated before one that stands in front of it in the log.",
            "It does not show which of the two dates is false.",
            "Treat the times around it as unproven, and report it.",
        ],
    ),
    (
        Code::StreamId,
        [
            "An event belongs to another case or stream than the bundle is about.",
            "It does not show that the event is false in its own case.",
            "Do not rely on the bundle; ask for one of the right case.",
        ],
    ),
    (
        Code::StreamGap,
        [
            "An event in the middle of the case is missing, stands twice, or stands in another order.",
            "It does not show what the missing event says.",
            "Ask for a complete bundle; withheld content may be blackened, but no event may be left out.",
        ],
    ),
    (
        Code::StreamPrev,
        [
            "An event does not name the one in front of it as its predecessor.",
            "It does not show which of the two was exchanged.",
            "Do not rely on the order of events, and report it.",
        ],
    ),
    (
        Code::HeadsRoot,
        [
            "The log's own list of the newest event of each case is not what its entries say, or does not know this case.",
            "It does not show that an event shown here is false.",
            "Completeness is not proven; ask for an audit of the whole log.",
        ],
    ),
    (
        Code::HeadsChain,
        [
            "A list of newest events does not continue the list in front of it.",
            "It does not show that an event is false.",
            "Ask for an audit of the whole log.",
        ],
    ),
    (
        Code::HeadsNotLast,
        [
            "The checkpoint does not end in a complete list of the newest events, so something could stand behind it.",
            "It does not show that something is missing.",
            "Ask for a bundle at a checkpoint that does; a correct log signs no other.",
        ],
    ),
    (
        Code::KeysChain,
        [
            "The chain of the log's signing keys is broken, incomplete, or its newest link is left out.",
            "It does not show that an event is signed by a wrong key.",
            "Ask for the bundle again with all keys entries; otherwise report it.",
        ],
    ),
    (
        Code::ErasureScope,
        [
            "An erasure names something that does not exist in its case, or did not exist yet when it was recorded.",
            "It does not show that anything was lost.",
            "Ask what the erasure was meant for.",
        ],
    ),
    (
        Code::BlobHash,
        [
            "An encrypted part in the store is not the one that its entry commits to.",
            "It does not show what the part said; nothing was decrypted.",
            "Restore it from a backup and audit again.",
        ],
    ),
    (
        Code::BlobMissing,
        [
            "An encrypted part is missing, and no recorded erasure explains it.",
            "It does not show that somebody removed it on purpose.",
            "Restore it from a backup; if it cannot be found, record the loss.",
        ],
    ),
    (
        Code::ErasedButPresent,
        [
            "Something that was lawfully erased is still there, or is shown here.",
            "It does not make the rest false; the erasure was recorded, but not carried out everywhere.",
            "Do not pass it on. Tell the data protection officer.",
        ],
    ),
    (
        Code::BundleFormat,
        [
            "The file is not a bundle as it must be: an unknown file, a trick of the archive, or damage.",
            "It does not show that any event is false.",
            "Use the file exactly as it was received, decrypted but not unpacked and packed again; otherwise ask for it again.",
        ],
    ),
    (
        Code::BundleManifest,
        [
            "A file in the bundle was changed, lost or exchanged after the bundle was made.",
            "It does not show who did it; transport damage looks the same.",
            "Ask the sender for the bundle again.",
        ],
    ),
    (
        Code::Policy,
        [
            "The policy, your own statement of whom you trust, cannot be read.",
            "It says nothing about the bundle, which was not judged.",
            "Correct the line named, or get the policy again.",
        ],
    ),
    (
        Code::WitnessSignature,
        [
            "A signature that claims to be of a witness you know does not fit.",
            "It does not show that the witness did anything wrong.",
            "Do not rely on the bundle; ask for it again, and report it if it fails again.",
        ],
    ),
    (
        Code::WitnessQuorum,
        [
            "Too few of the independent witnesses you trust have signed this state of the log.",
            "The content may be true; but the operator alone could have made a second version of the log.",
            "Ask for a bundle whose checkpoint the witnesses have signed; a fresh one needs a minute or so.",
        ],
    ),
    (
        Code::ConsistencyMissing,
        [
            "The proof is missing that the log has grown out of the checkpoint that you know from elsewhere.",
            "It does not show that the log was rewritten.",
            "Tell the sender the size of your checkpoint, and ask for a bundle with that proof.",
        ],
    ),
    (
        Code::ProofFormat,
        [
            "A proof is missing or is not written in the required form.",
            "It does not show that what it was to prove is false.",
            "Ask for the bundle again.",
        ],
    ),
    (
        Code::ProofCheckpoint,
        [
            "A proof, or the description of the bundle, belongs to another checkpoint than the one in the bundle.",
            "It does not show that an event is false; the parts may come from two bundles.",
            "Ask for the bundle again, made in one piece.",
        ],
    ),
    (
        Code::Inclusion,
        [
            "An entry does not stand in the log at the place claimed: it was changed, re-signed, or never recorded.",
            "It does not show what the true entry says.",
            "Do not rely on the bundle, and report it.",
        ],
    ),
    (
        Code::StreamOrder,
        [
            "Two events stand in the log in another order than in the case.",
            "It does not show which of them is at fault.",
            "Do not rely on the order of events, and report it.",
        ],
    ),
    (
        Code::StreamTruncated,
        [
            "At the time of the checkpoint the case had newer events than the bundle shows.",
            "It does not show what those events say.",
            "Ask for a complete bundle; content may be withheld openly, events may not be left out.",
        ],
    ),
    (
        Code::TimeProof,
        [
            "The witnesses' evidence of when an event was recorded does not hold, or is of something else.",
            "It does not show that the stated time is false.",
            "Treat the time of that event as unproven, and ask for the bundle again.",
        ],
    ),
    (
        Code::TimeBackdated,
        [
            "An event states a time at which, as witnesses saw, it was not yet in the log.",
            "It does not show that what it says is false; only that it was recorded later than it claims.",
            "Do not rely on its time, and report it.",
        ],
    ),
    (
        Code::TimeAfterCosignature,
        [
            "An event states a time that lies after the moment at which witnesses had already seen it.",
            "It does not show that what it says is false; a clock may be wrong.",
            "Do not rely on its time, and ask for the clocks to be checked.",
        ],
    ),
    (
        Code::TimeSealedLate,
        [
            "Witnesses first saw the event more than a day after the time that it states, so it could have been written later.",
            "It does not show that it was; the witnesses may have been out of reach.",
            "Ask the operator what happened in that time.",
        ],
    ),
    (
        Code::SdFormat,
        [
            "A disclosed value is not written in the required form, or its random protection is too short.",
            "It does not show that the value is false.",
            "Do not rely on it; ask for the bundle again.",
        ],
    ),
    (
        Code::SdDuplicate,
        [
            "A disclosed value stands twice.",
            "It does not show that the value is false.",
            "Ask for the bundle again.",
        ],
    ),
    (
        Code::SdUnreferenced,
        [
            "A value is shown that the event was not recorded with: it was changed, invented, or moved from another event.",
            "It does not show what the recorded value says.",
            "Do not rely on the bundle, and report it.",
        ],
    ),
    (
        Code::SdUndeclaredOmission,
        [
            "Something is left out silently: it is neither erased by a recorded erasure nor listed as withheld.",
            "It does not show what was left out.",
            "Ask for it, or for its place in the list of what is withheld, with the reason.",
        ],
    ),
    (
        Code::RedactionManifest,
        [
            "The list of what is withheld names something that does not exist or that is shown, or gives no reason.",
            "It does not show that anything was withheld unlawfully.",
            "Ask the sender for a correct list.",
        ],
    ),
    (
        Code::ArchiveMissing,
        [
            "The log says how many cosigned checkpoints and time stamps it had archived, and some of them are not there any more.",
            "No entry is missing or changed; what is lost is evidence of when entries were seen by others.",
            "Bring the archive back from a backup. Who took it away could only do so with access to the machine: report it.",
        ],
    ),
    (
        Code::ArchiveRecord,
        [
            "An archived checkpoint or time stamp was altered, or does not belong to this log.",
            "It does not show that an entry was changed: the log itself is compared apart from it.",
            "Do not rely on times that rest on this record. Compare the archive with a backup, and report the difference.",
        ],
    ),
    (
        Code::FileDigest,
        [
            "An attached document is not the one that was filed.",
            "It does not show what the filed document says.",
            "Do not rely on the document; ask for the original, whose fingerprint is recorded.",
        ],
    ),
    (
        Code::ReceiptMismatch,
        [
            "The event is not the one for which the receipt in the letter was given.",
            "A mistyped receipt looks the same.",
            "Read the receipt again from the letter. If it is right, the event was exchanged: report it.",
        ],
    ),
    (
        Code::TstInvalid,
        [
            "A time stamp of an authority is over something else, or its signature does not hold.",
            "It does not show that the checkpoint or an event is false.",
            "Treat the bundle as one without that time stamp, and ask where it comes from.",
        ],
    ),
    (
        Code::DossierFormat,
        [
            "The dossier is not built as it must be, or holds something that no event vouches for.",
            "It does not show that a bundle in it is false; each can be checked by itself.",
            "Use the file exactly as it was received; otherwise ask for it again.",
        ],
    ),
    (
        Code::DossierFile,
        [
            "A file of the dossier was changed, lost or exchanged after the dossier was made.",
            "It does not show that an event is false.",
            "Ask the sender for the dossier again.",
        ],
    ),
    (
        Code::TimeUnbounded,
        [
            "For an event there is no evidence by witnesses of how early, or how late, it was recorded.",
            "It does not show that the stated time is false; very early events of a log have no earlier evidence.",
            "If the time matters, ask for a bundle with full evidence of time.",
        ],
    ),
    (
        Code::TimeWide,
        [
            "Witnesses saw the log without the event and with it, and more than half an hour lies in between, so that its time is proven roughly only.",
            "It does not show that the stated time is false; a log that was cut off for a while gives such evidence too.",
            "If the time matters, ask what happened to the log in between, and for other evidence of that hour.",
        ],
    ),
    (
        Code::FileAbsent,
        [
            "An event names a document that is not enclosed; its fingerprint is recorded.",
            "It does not show that the document is lost.",
            "Ask for the document if you need it; it can be compared at any time.",
        ],
    ),
    (
        Code::TstUnverified,
        [
            "A time stamp fits the checkpoint, but nobody checked which authority issued it.",
            "It does not show that the time stamp is false.",
            "Check again with --tsa-ca and the certificate of the authority, on a machine that has openssl.",
        ],
    ),
    (
        Code::CompletenessOperatorOnly,
        [
            "That no event of the case is missing rests on the operator's word: no witness that reads every entry has signed.",
            "It does not show that anything is missing.",
            "Name such a witness with --verifying if your policy has one, or ask for an audit of the whole log.",
        ],
    ),
    (
        Code::CaseBindingMissing,
        [
            "Nothing disclosed says which case this is: its number, or the child that it is about, is withheld or not stated; of look-ups, the stream that was looked at.",
            "It does not show that it is another case.",
            "Ask for that to be disclosed, or check with a receipt from a letter in the case (--receipt).",
        ],
    ),
    (
        Code::StreamAbsent,
        [
            "The case refers to something, for example a notification, or names a person, and the bundle of it is not in the dossier.",
            "It does not show that it was withheld unlawfully; a person who was never registered has no bundle.",
            "Ask for it if you need it.",
        ],
    ),
];
