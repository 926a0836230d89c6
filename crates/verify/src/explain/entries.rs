//! Entries, their order, and the ciphertexts beside them.

use super::row::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::JwsFormat,
        english: [
            "An entry is not a signed text of the required form.",
            "It does not show that a genuine entry was altered; it may be damaged on the way.",
            "Ask for the bundle again; for a log, compare with a backup.",
        ],
        danish: [
            "En post er ikke en underskrevet tekst af den krævede form.",
            "Det viser ikke, at en ægte post er ændret; den kan være beskadiget undervejs.",
            "Bed om bevispakken igen; er det en logbog, så sammenlign med en sikkerhedskopi.",
        ],
    },
    Row {
        code: Code::JwsHeader,
        english: [
            "An entry states another way of signing, or another type, than this format allows.",
            "It does not show that the content is false.",
            "Do not rely on it; ask the operator where the entry comes from.",
        ],
        danish: [
            "En post angiver en anden underskriftsmåde eller type, end formatet tillader.",
            "Det viser ikke, at indholdet er falsk.",
            "Stol ikke på den; spørg den driftsansvarlige, hvor posten kommer fra.",
        ],
    },
    Row {
        code: Code::JwsKey,
        english: [
            "An entry is signed with a key that was not among the log's valid keys at that place.",
            "It does not show who signed; the key may be stolen, withdrawn, or one of another system.",
            "Do not rely on the entry; ask the operator to account for the key.",
        ],
        danish: [
            "En post er underskrevet med en nøgle, der ikke var blandt logbogens gyldige nøgler på det sted.",
            "Det viser ikke, hvem der underskrev; nøglen kan være stjålet, trukket tilbage eller høre til et andet system.",
            "Stol ikke på posten; bed den driftsansvarlige gøre rede for nøglen.",
        ],
    },
    Row {
        code: Code::JwsSignature,
        english: [
            "The signature of an entry does not fit its text.",
            "It does not show what the text was before.",
            "Do not rely on the entry; ask for the bundle again, and report it if it fails again.",
        ],
        danish: [
            "En posts underskrift passer ikke til dens tekst.",
            "Det viser ikke, hvad teksten var før.",
            "Stol ikke på posten; bed om bevispakken igen, og anmeld det, hvis den fejler igen.",
        ],
    },
    Row {
        code: Code::JsonNoncanonical,
        english: [
            "An entry is not written in the one form in which nothing can be read in two ways.",
            "It does not show that its content is false.",
            "Do not rely on it; it was not written by a correct program.",
        ],
        danish: [
            "En post er ikke skrevet i den ene form, hvor intet kan læses på to måder.",
            "Det viser ikke, at dens indhold er falsk.",
            "Stol ikke på den; den er ikke skrevet af et korrekt program.",
        ],
    },
    Row {
        code: Code::JsonDuplicateKey,
        english: [
            "A text states the same thing twice, so that two programs could read two different things.",
            "It is hardly ever an accident, but it does not show which of the two was meant.",
            "Do not rely on it, and report it.",
        ],
        danish: [
            "En tekst angiver det samme to gange, så to programmer kunne læse to forskellige ting.",
            "Det er næppe et uheld, men det viser ikke, hvilken af de to der var ment.",
            "Stol ikke på den, og anmeld det.",
        ],
    },
    Row {
        code: Code::EventSchema,
        english: [
            "An entry lacks something that it must state, or states something that it must not.",
            "It does not show that an event was changed.",
            "Do not rely on the entry; check whether a newer version of this program is needed.",
        ],
        danish: [
            "En post mangler noget, den skal angive, eller angiver noget, den ikke må.",
            "Det viser ikke, at en hændelse er ændret.",
            "Stol ikke på posten; undersøg, om der kræves en nyere udgave af dette program.",
        ],
    },
    Row {
        code: Code::EventIndex,
        english: [
            "An entry states another place in the log than the one at which it stands.",
            "It does not show whether the entry or its place is wrong.",
            "Do not rely on it, and report it: a correct log cannot contain it.",
        ],
        danish: [
            "En post angiver en anden plads i logbogen end den, hvor den står.",
            "Det viser ikke, om det er posten eller pladsen, der er forkert.",
            "Stol ikke på den, og anmeld det: en korrekt logbog kan ikke indeholde den.",
        ],
    },
    Row {
        code: Code::EventOrigin,
        english: [
            "An entry was made for another log, for example that of another municipality.",
            "It does not show that its content is false there.",
            "Do not rely on it here; ask why it stands in this log.",
        ],
        danish: [
            "En post er lavet til en anden logbog, for eksempel en anden kommunes.",
            "Det viser ikke, at dens indhold er falsk dér.",
            "Stol ikke på den her; spørg, hvorfor den står i denne logbog.",
        ],
    },
    Row {
        code: Code::EventDuplicate,
        english: [
            "The same event stands twice.",
            "It does not show that the event itself is false.",
            "Do not rely on the second one, and report it: a correct log cannot contain it.",
        ],
        danish: [
            "Den samme hændelse står to gange.",
            "Det viser ikke, at hændelsen selv er falsk.",
            "Stol ikke på den anden, og anmeld det: en korrekt logbog kan ikke indeholde den.",
        ],
    },
    Row {
        code: Code::TimeOrder,
        english: [
            "An entry is dated before one that stands in front of it in the log.",
            "It does not show which of the two dates is false.",
            "Treat the times around it as unproven, and report it.",
        ],
        danish: [
            "En post er dateret før en, der står foran den i logbogen.",
            "Det viser ikke, hvilken af de to datoer der er falsk.",
            "Betragt tiderne omkring den som ubeviste, og anmeld det.",
        ],
    },
    Row {
        code: Code::StreamId,
        english: [
            "An event belongs to another case or stream than the bundle is about.",
            "It does not show that the event is false in its own case.",
            "Do not rely on the bundle; ask for one of the right case.",
        ],
        danish: [
            "En hændelse hører til en anden sag eller strøm end den, bevispakken handler om.",
            "Det viser ikke, at hændelsen er falsk i sin egen sag.",
            "Stol ikke på bevispakken; bed om en for den rigtige sag.",
        ],
    },
    Row {
        code: Code::StreamGap,
        english: [
            "An event in the middle of the case is missing, stands twice, or stands in another order.",
            "It does not show what the missing event says.",
            "Ask for a complete bundle; withheld content may be blackened, but no event may be left out.",
        ],
        danish: [
            "En hændelse midt i sagen mangler, står to gange eller står i en anden rækkefølge.",
            "Det viser ikke, hvad den manglende hændelse siger.",
            "Bed om en fuldstændig bevispakke; indhold må undtages åbent, men ingen hændelse må udelades.",
        ],
    },
    Row {
        code: Code::StreamPrev,
        english: [
            "An event does not name the one in front of it as its predecessor.",
            "It does not show which of the two was exchanged.",
            "Do not rely on the order of events, and report it.",
        ],
        danish: [
            "En hændelse nævner ikke den foregående som sin forgænger.",
            "Det viser ikke, hvilken af de to der er udskiftet.",
            "Stol ikke på hændelsernes rækkefølge, og anmeld det.",
        ],
    },
    Row {
        code: Code::HeadsRoot,
        english: [
            "The log's own list of the newest event of each case is not what its entries say, or does not know this case.",
            "It does not show that an event shown here is false.",
            "Completeness is not proven; ask for an audit of the whole log.",
        ],
        danish: [
            "Logbogens egen liste over den nyeste hændelse i hver sag passer ikke til posterne, eller kender ikke denne sag.",
            "Det viser ikke, at en vist hændelse er falsk.",
            "Fuldstændigheden er ikke bevist; bed om en revision af hele logbogen.",
        ],
    },
    Row {
        code: Code::HeadsChain,
        english: [
            "A list of newest events does not continue the list in front of it.",
            "It does not show that an event is false.",
            "Ask for an audit of the whole log.",
        ],
        danish: [
            "En liste over nyeste hændelser fortsætter ikke listen foran den.",
            "Det viser ikke, at en enkelt hændelse er falsk.",
            "Bed om en revision af hele logbogen.",
        ],
    },
    Row {
        code: Code::HeadsNotLast,
        english: [
            "The checkpoint does not end in a complete list of the newest events, so something could stand behind it.",
            "It does not show that something is missing.",
            "Ask for a bundle at a checkpoint that does; a correct log signs no other.",
        ],
        danish: [
            "Kontrolpunktet ender ikke i en fuldstændig liste over de nyeste hændelser, så noget kunne stå bag den.",
            "Det viser ikke, at noget mangler.",
            "Bed om en bevispakke ved et kontrolpunkt, der gør; en korrekt logbog underskriver ingen andre.",
        ],
    },
    Row {
        code: Code::KeysChain,
        english: [
            "The chain of the log's signing keys is broken, incomplete, or its newest link is left out.",
            "It does not show that an event is signed by a wrong key.",
            "Ask for the bundle again with all keys entries; otherwise report it.",
        ],
        danish: [
            "Kæden af logbogens underskriftsnøgler er brudt eller ufuldstændig, eller det nyeste led er udeladt.",
            "Det viser ikke, at en hændelse er underskrevet med en forkert nøgle.",
            "Bed om bevispakken igen med alle nøgleposter; ellers anmeld det.",
        ],
    },
    Row {
        code: Code::ErasureScope,
        english: [
            "An erasure names something that does not exist in its case, or did not exist yet when it was recorded.",
            "It does not show that anything was lost.",
            "Ask what the erasure was meant for.",
        ],
        danish: [
            "En sletning nævner noget, der ikke findes i dens sag, eller som ikke fandtes endnu, da den blev registreret.",
            "Det viser ikke, at noget er gået tabt.",
            "Spørg, hvad sletningen skulle gælde.",
        ],
    },
    Row {
        code: Code::BlobHash,
        english: [
            "An encrypted part in the store is not the one that its entry commits to.",
            "It does not show what the part said; nothing was decrypted.",
            "Restore it from a backup and audit again.",
        ],
        danish: [
            "En krypteret del i lageret er ikke den, som dens post binder sig til.",
            "Det viser ikke, hvad delen sagde; intet er dekrypteret.",
            "Genskab den fra en sikkerhedskopi, og revidér igen.",
        ],
    },
    Row {
        code: Code::BlobMissing,
        english: [
            "An encrypted part is missing, and no recorded erasure explains it.",
            "It does not show that somebody removed it on purpose.",
            "Restore it from a backup; if it cannot be found, record the loss.",
        ],
        danish: [
            "En krypteret del mangler, og ingen registreret sletning forklarer det.",
            "Det viser ikke, at nogen fjernede den med vilje.",
            "Genskab den fra en sikkerhedskopi; kan den ikke findes, så registrér tabet.",
        ],
    },
    Row {
        code: Code::ErasedButPresent,
        english: [
            "Something that was lawfully erased is still there, or is shown here.",
            "It does not make the rest false; the erasure was recorded, but not carried out everywhere.",
            "Do not pass it on. Tell the data protection officer.",
        ],
        danish: [
            "Noget, der lovligt er slettet, findes stadig eller vises her.",
            "Det gør ikke resten falsk; sletningen er registreret, men ikke gennemført overalt.",
            "Giv det ikke videre. Underret databeskyttelsesrådgiveren.",
        ],
    },
];
