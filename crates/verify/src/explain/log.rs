//! The log as a whole: its checkpoint, its files, its past.

use super::row::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::CheckpointFormat,
        english: [
            "The checkpoint, which is the log's signed statement of its size and content, is not written in the one allowed form.",
            "It does not show that any event was changed; the file may be damaged or come from another program.",
            "Ask the sender for the bundle again; if it fails again, ask the operator of the log for its checkpoint.",
        ],
        danish: [
            "Kontrolpunktet, som er logbogens underskrevne udsagn om sin størrelse og sit indhold, er ikke skrevet i den ene tilladte form.",
            "Det viser ikke, at en hændelse er ændret; filen kan være beskadiget eller stamme fra et andet program.",
            "Bed afsenderen om bevispakken igen; fejler den igen, så bed logbogens driftsansvarlige om kontrolpunktet.",
        ],
    },
    Row {
        code: Code::CheckpointOrigin,
        english: [
            "The checkpoint belongs to another log than the bundle or the policy names.",
            "It does not show that the content is false; most often the policy of another municipality was used.",
            "Check that the policy is the one of this municipality, and that it lists this log.",
        ],
        danish: [
            "Kontrolpunktet hører til en anden logbog end den, som bevispakken eller tillidspolitikken nævner.",
            "Det viser ikke, at indholdet er falsk; oftest er der brugt en anden kommunes tillidspolitik.",
            "Kontrollér, at tillidspolitikken er denne kommunes, og at den nævner denne logbog.",
        ],
    },
    Row {
        code: Code::CheckpointSignature,
        english: [
            "The checkpoint is not signed with the key of the log that the policy names, or was changed after signing.",
            "It does not say who changed it, nor what was changed.",
            "Do not rely on the bundle. Get the policy again by a way that you trust; if it still fails, keep the file and report it.",
        ],
        danish: [
            "Kontrolpunktet er ikke underskrevet med den nøgle, som tillidspolitikken nævner, eller er ændret efter underskriften.",
            "Det siger ikke, hvem der ændrede det, eller hvad der blev ændret.",
            "Stol ikke på bevispakken. Hent tillidspolitikken igen ad en vej, du har tillid til; fejler det stadig, så gem filen og anmeld det.",
        ],
    },
    Row {
        code: Code::CheckpointMissing,
        english: [
            "The log has no checkpoint, so nothing signed vouches for its entries.",
            "It does not show that an entry is wrong; a new log has none yet.",
            "Have a checkpoint made, and audit again.",
        ],
        danish: [
            "Logbogen har intet kontrolpunkt, så intet underskrevet står inde for dens poster.",
            "Det viser ikke, at en post er forkert; en ny logbog har endnu intet.",
            "Få lavet et kontrolpunkt, og revidér igen.",
        ],
    },
    Row {
        code: Code::TileMissing,
        english: [
            "A file of the log, as it is published for audits, is missing.",
            "It does not show that an entry was removed from the log itself.",
            "Have the files of the log made again from it, and audit again.",
        ],
        danish: [
            "En af logbogens filer, som den offentliggøres til revision, mangler.",
            "Det viser ikke, at en post er fjernet fra selve logbogen.",
            "Få logbogens filer lavet igen ud fra den, og revidér igen.",
        ],
    },
    Row {
        code: Code::TileFormat,
        english: [
            "A file of the log, as it is published for audits, has another length or form than it must have.",
            "It does not show that an entry was changed; the file may be damaged or cut off.",
            "Have the files of the log made again from it, and audit again.",
        ],
        danish: [
            "En af logbogens filer, som den offentliggøres til revision, har en anden længde eller form, end den skal have.",
            "Det viser ikke, at en post er ændret; filen kan være beskadiget eller skåret af.",
            "Få logbogens filer lavet igen ud fra den, og revidér igen.",
        ],
    },
    Row {
        code: Code::TileLeaf,
        english: [
            "An entry and the fingerprint that is published for it do not fit together.",
            "It does not show which of the two was changed.",
            "Compare both with a backup or a mirror; if the log itself differs, report it.",
        ],
        danish: [
            "En post og det fingeraftryk, der er offentliggjort for den, passer ikke sammen.",
            "Det viser ikke, hvilken af de to der er ændret.",
            "Sammenlign begge med en sikkerhedskopi eller et spejl; er selve logbogen anderledes, så anmeld det.",
        ],
    },
    Row {
        code: Code::TileLevel,
        english: [
            "The published fingerprints do not add up to those above them.",
            "It does not show that an entry was changed.",
            "Have the files of the log made again from it; if they differ again, report it.",
        ],
        danish: [
            "De offentliggjorte fingeraftryk giver ikke tilsammen dem, der står over dem.",
            "Det viser ikke, at en post er ændret.",
            "Få logbogens filer lavet igen ud fra den; er de stadig anderledes, så anmeld det.",
        ],
    },
    Row {
        code: Code::Rollback,
        english: [
            "The log shown here is shorter than a log that you know existed: from a pinned checkpoint or a receipt.",
            "The bundle may be genuine and merely old; it does not show that entries were deleted.",
            "Ask for a fresh bundle. If the newest one is still shorter, entries have been lost or removed: report it.",
        ],
        danish: [
            "Logbogen er her kortere end en logbog, som du ved har eksisteret: fra et kendt kontrolpunkt eller en kvittering.",
            "Bevispakken kan være ægte og blot gammel; det viser ikke, at poster er slettet.",
            "Bed om en frisk bevispakke. Er den nyeste stadig kortere, er poster tabt eller fjernet: anmeld det.",
        ],
    },
    Row {
        code: Code::LogMissing,
        english: [
            "A whole log is not there, although another log of the same municipality, or a checkpoint kept elsewhere, names its entries.",
            "It does not say who removed it, nor that the other log was touched; a wrong directory looks the same.",
            "Check the directory that was named. Then bring the log back from a copy, and report it: who looked, or what was recorded, is gone.",
        ],
        danish: [
            "En hel logbog mangler, selv om kommunens anden logbog eller et kontrolpunkt, der er gemt et andet sted, nævner dens poster.",
            "Det viser ikke, hvem der har fjernet den, eller at den anden logbog er ændret; en forkert mappe ser ud på samme måde.",
            "Se efter, om den rigtige mappe er angivet. Hent så logbogen tilbage fra en kopi, og anmeld det.",
        ],
    },
    Row {
        code: Code::Fork,
        english: [
            "There are two versions of the log's past: the one shown here contradicts the one known from elsewhere.",
            "It does not say which version is the true one.",
            "Keep both. Ask the witnesses which version they have signed; this is serious and should be reported.",
        ],
        danish: [
            "Der findes to udgaver af logbogens fortid: den viste modsiger den, der kendes andetsteds fra.",
            "Det siger ikke, hvilken udgave der er den sande.",
            "Gem begge. Spørg vidnerne, hvilken udgave de har underskrevet; det er alvorligt og bør anmeldes.",
        ],
    },
    Row {
        code: Code::Root,
        english: [
            "The entries of the log do not add up to the fingerprint that the log itself signed.",
            "It does not name the entry that was changed.",
            "Compare with a backup or a mirror, entry by entry, and report it.",
        ],
        danish: [
            "Logbogens poster giver ikke tilsammen det fingeraftryk, som logbogen selv har underskrevet.",
            "Det udpeger ikke den post, der er ændret.",
            "Sammenlign med en sikkerhedskopi eller et spejl, post for post, og anmeld det.",
        ],
    },
];
