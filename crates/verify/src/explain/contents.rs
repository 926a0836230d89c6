//! What a bundle says: times, disclosed values, documents, receipts, dossiers; and the notes.

use super::row::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::TimeProof,
        english: [
            "The witnesses' evidence of when an event was recorded does not hold, or is of something else.",
            "It does not show that the stated time is false.",
            "Treat the time of that event as unproven, and ask for the bundle again.",
        ],
        danish: [
            "Vidnernes bevis for, hvornår en hændelse blev registreret, holder ikke eller gælder noget andet.",
            "Det viser ikke, at den angivne tid er falsk.",
            "Betragt hændelsens tid som ubevist, og bed om bevispakken igen.",
        ],
    },
    Row {
        code: Code::TimeBackdated,
        english: [
            "An event states a time at which, as witnesses saw, it was not yet in the log.",
            "It does not show that what it says is false; only that it was recorded later than it claims.",
            "Do not rely on its time, and report it.",
        ],
        danish: [
            "En hændelse angiver en tid, hvor den, som vidner så det, endnu ikke stod i logbogen.",
            "Det viser ikke, at det, den siger, er falsk; kun at den blev registreret senere, end den påstår.",
            "Stol ikke på dens tid, og anmeld det.",
        ],
    },
    Row {
        code: Code::TimeAfterCosignature,
        english: [
            "An event states a time that lies after the moment at which witnesses had already seen it.",
            "It does not show that what it says is false; a clock may be wrong.",
            "Do not rely on its time, and ask for the clocks to be checked.",
        ],
        danish: [
            "En hændelse angiver en tid efter det øjeblik, hvor vidner allerede havde set den.",
            "Det viser ikke, at det, den siger, er falsk; et ur kan gå forkert.",
            "Stol ikke på dens tid, og bed om, at urene kontrolleres.",
        ],
    },
    Row {
        code: Code::TimeSealedLate,
        english: [
            "Witnesses first saw the event more than a day after the time that it states, so it could have been written later.",
            "It does not show that it was; the witnesses may have been out of reach.",
            "Ask the operator what happened in that time.",
        ],
        danish: [
            "Vidner så først hændelsen mere end et døgn efter den tid, den angiver, så den kan være skrevet senere.",
            "Det viser ikke, at den er det; vidnerne kan have været uden for rækkevidde.",
            "Spørg den driftsansvarlige, hvad der skete i den tid.",
        ],
    },
    Row {
        code: Code::SdFormat,
        english: [
            "A disclosed value is not written in the required form, or its random protection is too short.",
            "It does not show that the value is false.",
            "Do not rely on it; ask for the bundle again.",
        ],
        danish: [
            "En vist oplysning er ikke skrevet i den krævede form, eller dens tilfældige beskyttelse er for kort.",
            "Det viser ikke, at oplysningen er falsk.",
            "Stol ikke på den; bed om bevispakken igen.",
        ],
    },
    Row {
        code: Code::SdDuplicate,
        english: [
            "A disclosed value stands twice.",
            "It does not show that the value is false.",
            "Ask for the bundle again.",
        ],
        danish: [
            "En vist oplysning står to gange i den samme hændelse.",
            "Det viser ikke, at oplysningen er falsk.",
            "Bed om bevispakken igen.",
        ],
    },
    Row {
        code: Code::SdUnreferenced,
        english: [
            "A value is shown that the event was not recorded with: it was changed, invented, or moved from another event.",
            "It does not show what the recorded value says.",
            "Do not rely on the bundle, and report it.",
        ],
        danish: [
            "Der vises en oplysning, som hændelsen ikke blev registreret med: den er ændret, opdigtet eller flyttet fra en anden hændelse.",
            "Det viser ikke, hvad den registrerede oplysning siger.",
            "Stol ikke på bevispakken, og anmeld det.",
        ],
    },
    Row {
        code: Code::SdUndeclaredOmission,
        english: [
            "Something is left out silently: it is neither erased by a recorded erasure nor listed as withheld.",
            "It does not show what was left out.",
            "Ask for it, or for its place in the list of what is withheld, with the reason.",
        ],
        danish: [
            "Noget er udeladt i stilhed: det er hverken slettet ved en registreret sletning eller anført som undtaget.",
            "Det viser ikke, hvad der er udeladt.",
            "Bed om det, eller om at det anføres på listen over det undtagne med begrundelse.",
        ],
    },
    Row {
        code: Code::RedactionManifest,
        english: [
            "The list of what is withheld names something that does not exist or that is shown, or gives no reason.",
            "It does not show that anything was withheld unlawfully.",
            "Ask the sender for a correct list.",
        ],
        danish: [
            "Listen over det undtagne nævner noget, der ikke findes eller som vises, eller giver ingen begrundelse.",
            "Det viser ikke, at noget er undtaget med urette.",
            "Bed afsenderen om en korrekt liste.",
        ],
    },
    Row {
        code: Code::ArchiveMissing,
        english: [
            "The log says how many cosigned checkpoints and time stamps it had archived, and some of them are not there any more.",
            "No entry is missing or changed; what is lost is evidence of when entries were seen by others.",
            "Bring the archive back from a backup. Who took it away could only do so with access to the machine: report it.",
        ],
        danish: [
            "Logbogen siger, hvor mange medunderskrevne kontrolpunkter og tidsstempler den havde arkiveret, og nogle af dem er der ikke mere.",
            "Ingen post mangler eller er ændret; det, der er tabt, er bevis for, hvornår andre så posterne.",
            "Hent arkivet tilbage fra en sikkerhedskopi. Den, der fjernede det, havde adgang til maskinen: anmeld det.",
        ],
    },
    Row {
        code: Code::ArchiveRecord,
        english: [
            "An archived checkpoint or time stamp was altered, or does not belong to this log.",
            "It does not show that an entry was changed: the log itself is compared apart from it.",
            "Do not rely on times that rest on this record. Compare the archive with a backup, and report the difference.",
        ],
        danish: [
            "Et arkiveret kontrolpunkt eller tidsstempel er ændret, eller det hører ikke til denne logbog.",
            "Det viser ikke, at en post er ændret: selve logbogen sammenlignes for sig.",
            "Stol ikke på tidspunkter, der hviler på det. Sammenlign arkivet med en sikkerhedskopi, og anmeld forskellen.",
        ],
    },
    Row {
        code: Code::FileDigest,
        english: [
            "An attached document is not the one that was filed.",
            "It does not show what the filed document says.",
            "Do not rely on the document; ask for the original, whose fingerprint is recorded.",
        ],
        danish: [
            "Et vedlagt dokument er ikke det, der blev journaliseret.",
            "Det viser ikke, hvad det journaliserede dokument siger.",
            "Stol ikke på dokumentet; bed om originalen, hvis fingeraftryk er registreret.",
        ],
    },
    Row {
        code: Code::ReceiptMismatch,
        english: [
            "The event is not the one for which the receipt in the letter was given.",
            "A mistyped receipt looks the same.",
            "Read the receipt again from the letter. If it is right, the event was exchanged: report it.",
        ],
        danish: [
            "Hændelsen er ikke den, som kvitteringen i brevet blev givet for.",
            "En fejltastet kvittering ser ens ud.",
            "Læs kvitteringen igen i brevet. Er den rigtig, er hændelsen udskiftet: anmeld det.",
        ],
    },
    Row {
        code: Code::TstInvalid,
        english: [
            "A time stamp of an authority is over something else, or its signature does not hold.",
            "It does not show that the checkpoint or an event is false.",
            "Treat the bundle as one without that time stamp, and ask where it comes from.",
        ],
        danish: [
            "Et tidsstempel fra en myndighed gælder noget andet, eller dets underskrift holder ikke.",
            "Det viser ikke, at kontrolpunktet eller en hændelse er falsk.",
            "Betragt bevispakken som en uden det tidsstempel, og spørg, hvor det kommer fra.",
        ],
    },
    Row {
        code: Code::DossierFormat,
        english: [
            "The dossier is not built as it must be, or holds something that no event vouches for.",
            "It does not show that a bundle in it is false; each can be checked by itself.",
            "Use the file exactly as it was received; otherwise ask for it again.",
        ],
        danish: [
            "Sagsmappen er ikke bygget, som den skal være, eller rummer noget, som ingen hændelse står inde for.",
            "Det viser ikke, at en bevispakke i den er falsk; hver kan kontrolleres for sig.",
            "Brug filen præcis, som den blev modtaget; ellers bed om den igen.",
        ],
    },
    Row {
        code: Code::DossierFile,
        english: [
            "A file of the dossier was changed, lost or exchanged after the dossier was made.",
            "It does not show that an event is false.",
            "Ask the sender for the dossier again.",
        ],
        danish: [
            "En fil i sagsmappen er ændret, tabt eller udskiftet, efter at mappen blev lavet.",
            "Det viser ikke, at en hændelse er falsk.",
            "Bed afsenderen om sagsmappen igen.",
        ],
    },
    Row {
        code: Code::TimeUnbounded,
        english: [
            "For an event there is no evidence by witnesses of how early, or how late, it was recorded.",
            "It does not show that the stated time is false; very early events of a log have no earlier evidence.",
            "If the time matters, ask for a bundle with full evidence of time.",
        ],
        danish: [
            "For en hændelse er der intet vidnebevis for, hvor tidligt eller hvor sent den blev registreret.",
            "Det viser ikke, at den angivne tid er falsk; en logbogs allerførste hændelser har intet tidligere bevis.",
            "Har tiden betydning, så bed om en bevispakke med fuldt tidsbevis.",
        ],
    },
    Row {
        code: Code::TimeWide,
        english: [
            "Witnesses saw the log without the event and with it, and more than half an hour lies in between, so that its time is proven roughly only.",
            "It does not show that the stated time is false; a log that was cut off for a while gives such evidence too.",
            "If the time matters, ask what happened to the log in between, and for other evidence of that hour.",
        ],
        danish: [
            "Vidner så logbogen uden hændelsen og siden med den, og der ligger mere end en halv time imellem, så tiden er kun groft bevist.",
            "Det viser ikke, at den angivne tid er falsk; en logbog, der en tid var afskåret, giver også sådan et bevis.",
            "Hvis tiden betyder noget, så spørg, hvad der skete med logbogen imens, og efter andre beviser for den time.",
        ],
    },
    Row {
        code: Code::FileAbsent,
        english: [
            "An event names a document that is not enclosed; its fingerprint is recorded.",
            "It does not show that the document is lost.",
            "Ask for the document if you need it; it can be compared at any time.",
        ],
        danish: [
            "En hændelse nævner et dokument, der ikke er vedlagt; dets fingeraftryk er registreret.",
            "Det viser ikke, at dokumentet er tabt.",
            "Bed om dokumentet, hvis det behøves; det kan sammenlignes når som helst.",
        ],
    },
    Row {
        code: Code::TstUnverified,
        english: [
            "A time stamp fits the checkpoint, but nobody checked which authority issued it.",
            "It does not show that the time stamp is false.",
            "Check again with --tsa-ca and the certificate of the authority, on a machine that has openssl.",
        ],
        danish: [
            "Et tidsstempel passer til kontrolpunktet, men ingen har kontrolleret, hvilken myndighed der udstedte det.",
            "Det viser ikke, at tidsstemplet er falsk.",
            "Kontrollér igen med --tsa-ca og myndighedens certifikat på en maskine med openssl.",
        ],
    },
    Row {
        code: Code::CompletenessOperatorOnly,
        english: [
            "That no event of the case is missing rests on the operator's word: no witness that reads every entry has signed.",
            "It does not show that anything is missing.",
            "Name such a witness with --verifying if your policy has one, or ask for an audit of the whole log.",
        ],
        danish: [
            "At ingen hændelse i sagen mangler, hviler på den driftsansvarliges ord: intet vidne, der læser hver post, har underskrevet.",
            "Det viser ikke, at noget mangler.",
            "Nævn et sådant vidne med --verifying, hvis tillidspolitikken har et, eller bed om en revision af hele logbogen.",
        ],
    },
    Row {
        code: Code::CaseBindingMissing,
        english: [
            "Nothing disclosed says which case this is: its number, or the child that it is about, is withheld or not stated; of look-ups, the stream that was looked at.",
            "It does not show that it is another case.",
            "Ask for that to be disclosed, or check with a receipt from a letter in the case (--receipt).",
        ],
        danish: [
            "Intet i det viste siger, hvilken sag det er: dens nummer, eller barnet den handler om, er undtaget eller ikke angivet; for opslag den strøm, der blev slået op i.",
            "Det viser ikke, at det er en anden sag.",
            "Bed om, at det vises, eller kontrollér med en kvittering fra et brev i sagen (--receipt).",
        ],
    },
    Row {
        code: Code::StreamAbsent,
        english: [
            "The case refers to something, for example a notification, or names a person, and the bundle of it is not in the dossier.",
            "It does not show that it was withheld unlawfully; a person who was never registered has no bundle.",
            "Ask for it if you need it.",
        ],
        danish: [
            "Sagen henviser til noget, for eksempel en underretning, eller nævner en person, uden at den tilhørende bevispakke er i sagsmappen.",
            "Det viser ikke, at det er undtaget med urette; en person, som aldrig er registreret, har ingen bevispakke.",
            "Bed om det, hvis det behøves.",
        ],
    },
];
