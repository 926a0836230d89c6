//! Bundles: their files, whom to trust, and proofs that an event stands in the log.

use super::row::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::BundleFormat,
        english: [
            "The file is not a bundle as it must be: an unknown file, a trick of the archive, or damage.",
            "It does not show that any event is false.",
            "Use the file exactly as it was received, decrypted but not unpacked and packed again; otherwise ask for it again.",
        ],
        danish: [
            "Filen er ikke en bevispakke, som den skal være: en ukendt fil, et kneb med arkivet eller en skade.",
            "Det viser ikke, at en hændelse er falsk.",
            "Brug filen præcis, som den blev modtaget, dekrypteret, men ikke pakket ud og pakket igen; ellers bed om den igen.",
        ],
    },
    Row {
        code: Code::BundleManifest,
        english: [
            "A file in the bundle was changed, lost or exchanged after the bundle was made.",
            "It does not show who did it; transport damage looks the same.",
            "Ask the sender for the bundle again.",
        ],
        danish: [
            "En fil i bevispakken er ændret, tabt eller udskiftet, efter at pakken blev lavet.",
            "Det viser ikke, hvem der gjorde det; en skade under forsendelsen ser ens ud.",
            "Bed afsenderen om bevispakken igen.",
        ],
    },
    Row {
        code: Code::Policy,
        english: [
            "The policy, your own statement of whom you trust, cannot be read.",
            "It says nothing about the bundle, which was not judged.",
            "Correct the line named, or get the policy again.",
        ],
        danish: [
            "Tillidspolitikken, dit eget udsagn om, hvem du stoler på, kan ikke læses.",
            "Det siger intet om bevispakken, som ikke er bedømt.",
            "Ret den nævnte linje, eller hent tillidspolitikken igen.",
        ],
    },
    Row {
        code: Code::WitnessSignature,
        english: [
            "A signature that claims to be of a witness you know does not fit.",
            "It does not show that the witness did anything wrong.",
            "Do not rely on the bundle; ask for it again, and report it if it fails again.",
        ],
        danish: [
            "En underskrift, der udgiver sig for at være et kendt vidnes, passer ikke.",
            "Det viser ikke, at vidnet har gjort noget forkert.",
            "Stol ikke på bevispakken; bed om den igen, og anmeld det, hvis den fejler igen.",
        ],
    },
    Row {
        code: Code::WitnessQuorum,
        english: [
            "Too few of the independent witnesses you trust have signed this state of the log.",
            "The content may be true; but the operator alone could have made a second version of the log.",
            "Ask for a bundle whose checkpoint the witnesses have signed; a fresh one needs a minute or so.",
        ],
        danish: [
            "For få af de uafhængige vidner, du stoler på, har underskrevet denne tilstand af logbogen.",
            "Indholdet kan være sandt; men den driftsansvarlige kunne alene have lavet en anden udgave af logbogen.",
            "Bed om en bevispakke, hvis kontrolpunkt vidnerne har underskrevet; et frisk tager et minut eller så.",
        ],
    },
    Row {
        code: Code::ConsistencyMissing,
        english: [
            "The proof is missing that the log has grown out of the checkpoint that you know from elsewhere.",
            "It does not show that the log was rewritten.",
            "Tell the sender the size of your checkpoint, and ask for a bundle with that proof.",
        ],
        danish: [
            "Beviset mangler for, at logbogen er vokset ud af det kontrolpunkt, du kender andetsteds fra.",
            "Det viser ikke, at logbogen er skrevet om.",
            "Oplys afsenderen om dit kontrolpunkts størrelse, og bed om en bevispakke med det bevis.",
        ],
    },
    Row {
        code: Code::ProofFormat,
        english: [
            "A proof is missing or is not written in the required form.",
            "It does not show that what it was to prove is false.",
            "Ask for the bundle again.",
        ],
        danish: [
            "Et bevis mangler eller er ikke skrevet i den krævede form.",
            "Det viser ikke, at det, som skulle bevises, er falsk.",
            "Bed om bevispakken igen.",
        ],
    },
    Row {
        code: Code::ProofCheckpoint,
        english: [
            "A proof, or the description of the bundle, belongs to another checkpoint than the one in the bundle.",
            "It does not show that an event is false; the parts may come from two bundles.",
            "Ask for the bundle again, made in one piece.",
        ],
        danish: [
            "Et bevis, eller pakkens beskrivelse, hører til et andet kontrolpunkt end bevispakkens.",
            "Det viser ikke, at en hændelse er falsk; delene kan stamme fra to bevispakker.",
            "Bed om bevispakken igen, lavet i ét stykke.",
        ],
    },
    Row {
        code: Code::Inclusion,
        english: [
            "An entry does not stand in the log at the place claimed: it was changed, re-signed, or never recorded.",
            "It does not show what the true entry says.",
            "Do not rely on the bundle, and report it.",
        ],
        danish: [
            "En post står ikke i logbogen på den påståede plads: den er ændret, underskrevet på ny eller aldrig registreret.",
            "Det viser ikke, hvad den sande post siger.",
            "Stol ikke på bevispakken, og anmeld det.",
        ],
    },
    Row {
        code: Code::StreamOrder,
        english: [
            "Two events stand in the log in another order than in the case.",
            "It does not show which of them is at fault.",
            "Do not rely on the order of events, and report it.",
        ],
        danish: [
            "To hændelser står i logbogen i en anden rækkefølge end i sagen.",
            "Det viser ikke, hvilken af dem der er fejlen.",
            "Stol ikke på rækkefølgen, og anmeld det.",
        ],
    },
    Row {
        code: Code::StreamTruncated,
        english: [
            "At the time of the checkpoint the case had newer events than the bundle shows.",
            "It does not show what those events say.",
            "Ask for a complete bundle; content may be withheld openly, events may not be left out.",
        ],
        danish: [
            "Ved kontrolpunktet havde sagen nyere hændelser, end bevispakken viser.",
            "Det viser ikke, hvad de hændelser siger.",
            "Bed om en fuldstændig bevispakke; indhold må undtages åbent, hændelser må ikke udelades.",
        ],
    },
];
