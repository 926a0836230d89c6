//! The explanations in Danish.

use super::Row;
use crate::code::Code;

pub(super) const ROWS: &[Row] = &[
    (
        Code::CheckpointFormat,
        [
            "Kontrolpunktet, som er logbogens underskrevne udsagn om sin størrelse og sit indhold, er ikke skrevet i den ene tilladte form.",
            "Det viser ikke, at en hændelse er ændret; filen kan være beskadiget eller stamme fra et andet program.",
            "Bed afsenderen om bevispakken igen; fejler den igen, så bed logbogens driftsansvarlige om kontrolpunktet.",
        ],
    ),
    (
        Code::CheckpointOrigin,
        [
            "Kontrolpunktet hører til en anden logbog end den, som bevispakken eller tillidspolitikken nævner.",
            "Det viser ikke, at indholdet er falsk; oftest er der brugt en anden kommunes tillidspolitik.",
            "Kontrollér, at tillidspolitikken er denne kommunes, og at den nævner denne logbog.",
        ],
    ),
    (
        Code::CheckpointSignature,
        [
            "Kontrolpunktet er ikke underskrevet med den nøgle, som tillidspolitikken nævner, eller er ændret efter underskriften.",
            "Det siger ikke, hvem der ændrede det, eller hvad der blev ændret.",
            "Stol ikke på bevispakken. Hent tillidspolitikken igen ad en vej, du har tillid til; fejler det stadig, så gem filen og anmeld det.",
        ],
    ),
    (
        Code::CheckpointMissing,
        [
            "Logbogen har intet kontrolpunkt, så intet underskrevet står inde for dens poster.",
            "Det viser ikke, at en post er forkert; en ny logbog har endnu intet.",
            "Få lavet et kontrolpunkt, og revidér igen.",
        ],
    ),
    (
        Code::TileMissing,
        [
            "En af logbogens filer, som den offentliggøres til revision, mangler.",
            "Det viser ikke, at en post er fjernet fra selve logbogen.",
            "Få logbogens filer lavet igen ud fra den, og revidér igen.",
        ],
    ),
    (
        Code::TileFormat,
        [
            "En af logbogens filer, som den offentliggøres til revision, har en anden længde eller form, end den skal have.",
            "Det viser ikke, at en post er ændret; filen kan være beskadiget eller skåret af.",
            "Få logbogens filer lavet igen ud fra den, og revidér igen.",
        ],
    ),
    (
        Code::TileLeaf,
        [
            "En post og det fingeraftryk, der er offentliggjort for den, passer ikke sammen.",
            "Det viser ikke, hvilken af de to der er ændret.",
            "Sammenlign begge med en sikkerhedskopi eller et spejl; er selve logbogen anderledes, så anmeld det.",
        ],
    ),
    (
        Code::TileLevel,
        [
            "De offentliggjorte fingeraftryk giver ikke tilsammen dem, der står over dem.",
            "Det viser ikke, at en post er ændret.",
            "Få logbogens filer lavet igen ud fra den; er de stadig anderledes, så anmeld det.",
        ],
    ),
    (
        Code::Rollback,
        [
            "Logbogen er her kortere end en logbog, som du ved har eksisteret: fra et kendt kontrolpunkt eller en kvittering.",
            "Bevispakken kan være ægte og blot gammel; det viser ikke, at poster er slettet.",
            "Bed om en frisk bevispakke. Er den nyeste stadig kortere, er poster tabt eller fjernet: anmeld det.",
        ],
    ),
    (
        Code::LogMissing,
        [
            "En hel logbog mangler, selv om kommunens anden logbog eller et kontrolpunkt, der er gemt et andet sted, nævner dens poster.",
            "Det viser ikke, hvem der har fjernet den, eller at den anden logbog er ændret; en forkert mappe ser ud på samme måde.",
            "Se efter, om den rigtige mappe er angivet. Hent så logbogen tilbage fra en kopi, og anmeld det.",
        ],
    ),
    (
        Code::Fork,
        [
            "Der findes to udgaver af logbogens fortid: den viste modsiger den, der kendes andetsteds fra.",
            "Det siger ikke, hvilken udgave der er den sande.",
            "Gem begge. Spørg vidnerne, hvilken udgave de har underskrevet; det er alvorligt og bør anmeldes.",
        ],
    ),
    (
        Code::Root,
        [
            "Logbogens poster giver ikke tilsammen det fingeraftryk, som logbogen selv har underskrevet.",
            "Det udpeger ikke den post, der er ændret.",
            "Sammenlign med en sikkerhedskopi eller et spejl, post for post, og anmeld det.",
        ],
    ),
    (
        Code::JwsFormat,
        [
            "En post er ikke en underskrevet tekst af den krævede form.",
            "Det viser ikke, at en ægte post er ændret; den kan være beskadiget undervejs.",
            "Bed om bevispakken igen; er det en logbog, så sammenlign med en sikkerhedskopi.",
        ],
    ),
    (
        Code::JwsHeader,
        [
            "En post angiver en anden underskriftsmåde eller type, end formatet tillader.",
            "Det viser ikke, at indholdet er falsk.",
            "Stol ikke på den; spørg den driftsansvarlige, hvor posten kommer fra.",
        ],
    ),
    (
        Code::JwsKey,
        [
            "En post er underskrevet med en nøgle, der ikke var blandt logbogens gyldige nøgler på det sted.",
            "Det viser ikke, hvem der underskrev; nøglen kan være stjålet, trukket tilbage eller høre til et andet system.",
            "Stol ikke på posten; bed den driftsansvarlige gøre rede for nøglen.",
        ],
    ),
    (
        Code::JwsSignature,
        [
            "En posts underskrift passer ikke til dens tekst.",
            "Det viser ikke, hvad teksten var før.",
            "Stol ikke på posten; bed om bevispakken igen, og anmeld det, hvis den fejler igen.",
        ],
    ),
    (
        Code::JsonNoncanonical,
        [
            "En post er ikke skrevet i den ene form, hvor intet kan læses på to måder.",
            "Det viser ikke, at dens indhold er falsk.",
            "Stol ikke på den; den er ikke skrevet af et korrekt program.",
        ],
    ),
    (
        Code::JsonDuplicateKey,
        [
            "En tekst angiver det samme to gange, så to programmer kunne læse to forskellige ting.",
            "Det er næppe et uheld, men det viser ikke, hvilken af de to der var ment.",
            "Stol ikke på den, og anmeld det.",
        ],
    ),
    (
        Code::EventSchema,
        [
            "En post mangler noget, den skal angive, eller angiver noget, den ikke må.",
            "Det viser ikke, at en hændelse er ændret.",
            "Stol ikke på posten; undersøg, om der kræves en nyere udgave af dette program.",
        ],
    ),
    (
        Code::EventIndex,
        [
            "En post angiver en anden plads i logbogen end den, hvor den står.",
            "Det viser ikke, om det er posten eller pladsen, der er forkert.",
            "Stol ikke på den, og anmeld det: en korrekt logbog kan ikke indeholde den.",
        ],
    ),
    (
        Code::EventOrigin,
        [
            "En post er lavet til en anden logbog, for eksempel en anden kommunes.",
            "Det viser ikke, at dens indhold er falsk dér.",
            "Stol ikke på den her; spørg, hvorfor den står i denne logbog.",
        ],
    ),
    (
        Code::EventDuplicate,
        [
            "Den samme hændelse står to gange.",
            "Det viser ikke, at hændelsen selv er falsk.",
            "Stol ikke på den anden, og anmeld det: en korrekt logbog kan ikke indeholde den.",
        ],
    ),
    (
        Code::TimeOrder,
        [
            "En post er dateret før en, der står foran den i logbogen.",
            "Det viser ikke, hvilken af de to datoer der er falsk.",
            "Betragt tiderne omkring den som ubeviste, og anmeld det.",
        ],
    ),
    (
        Code::StreamId,
        [
            "En hændelse hører til en anden sag eller strøm end den, bevispakken handler om.",
            "Det viser ikke, at hændelsen er falsk i sin egen sag.",
            "Stol ikke på bevispakken; bed om en for den rigtige sag.",
        ],
    ),
    (
        Code::StreamGap,
        [
            "En hændelse midt i sagen mangler, står to gange eller står i en anden rækkefølge.",
            "Det viser ikke, hvad den manglende hændelse siger.",
            "Bed om en fuldstændig bevispakke; indhold må undtages åbent, men ingen hændelse må udelades.",
        ],
    ),
    (
        Code::StreamPrev,
        [
            "En hændelse nævner ikke den foregående som sin forgænger.",
            "Det viser ikke, hvilken af de to der er udskiftet.",
            "Stol ikke på hændelsernes rækkefølge, og anmeld det.",
        ],
    ),
    (
        Code::HeadsRoot,
        [
            "Logbogens egen liste over den nyeste hændelse i hver sag passer ikke til posterne, eller kender ikke denne sag.",
            "Det viser ikke, at en vist hændelse er falsk.",
            "Fuldstændigheden er ikke bevist; bed om en revision af hele logbogen.",
        ],
    ),
    (
        Code::HeadsChain,
        [
            "En liste over nyeste hændelser fortsætter ikke listen foran den.",
            "Det viser ikke, at en enkelt hændelse er falsk.",
            "Bed om en revision af hele logbogen.",
        ],
    ),
    (
        Code::HeadsNotLast,
        [
            "Kontrolpunktet ender ikke i en fuldstændig liste over de nyeste hændelser, så noget kunne stå bag den.",
            "Det viser ikke, at noget mangler.",
            "Bed om en bevispakke ved et kontrolpunkt, der gør; en korrekt logbog underskriver ingen andre.",
        ],
    ),
    (
        Code::KeysChain,
        [
            "Kæden af logbogens underskriftsnøgler er brudt eller ufuldstændig, eller det nyeste led er udeladt.",
            "Det viser ikke, at en hændelse er underskrevet med en forkert nøgle.",
            "Bed om bevispakken igen med alle nøgleposter; ellers anmeld det.",
        ],
    ),
    (
        Code::ErasureScope,
        [
            "En sletning nævner noget, der ikke findes i dens sag, eller som ikke fandtes endnu, da den blev registreret.",
            "Det viser ikke, at noget er gået tabt.",
            "Spørg, hvad sletningen skulle gælde.",
        ],
    ),
    (
        Code::BlobHash,
        [
            "En krypteret del i lageret er ikke den, som dens post binder sig til.",
            "Det viser ikke, hvad delen sagde; intet er dekrypteret.",
            "Genskab den fra en sikkerhedskopi, og revidér igen.",
        ],
    ),
    (
        Code::BlobMissing,
        [
            "En krypteret del mangler, og ingen registreret sletning forklarer det.",
            "Det viser ikke, at nogen fjernede den med vilje.",
            "Genskab den fra en sikkerhedskopi; kan den ikke findes, så registrér tabet.",
        ],
    ),
    (
        Code::ErasedButPresent,
        [
            "Noget, der lovligt er slettet, findes stadig eller vises her.",
            "Det gør ikke resten falsk; sletningen er registreret, men ikke gennemført overalt.",
            "Giv det ikke videre. Underret databeskyttelsesrådgiveren.",
        ],
    ),
    (
        Code::BundleFormat,
        [
            "Filen er ikke en bevispakke, som den skal være: en ukendt fil, et kneb med arkivet eller en skade.",
            "Det viser ikke, at en hændelse er falsk.",
            "Brug filen præcis, som den blev modtaget, dekrypteret, men ikke pakket ud og pakket igen; ellers bed om den igen.",
        ],
    ),
    (
        Code::BundleManifest,
        [
            "En fil i bevispakken er ændret, tabt eller udskiftet, efter at pakken blev lavet.",
            "Det viser ikke, hvem der gjorde det; en skade under forsendelsen ser ens ud.",
            "Bed afsenderen om bevispakken igen.",
        ],
    ),
    (
        Code::Policy,
        [
            "Tillidspolitikken, dit eget udsagn om, hvem du stoler på, kan ikke læses.",
            "Det siger intet om bevispakken, som ikke er bedømt.",
            "Ret den nævnte linje, eller hent tillidspolitikken igen.",
        ],
    ),
    (
        Code::WitnessSignature,
        [
            "En underskrift, der udgiver sig for at være et kendt vidnes, passer ikke.",
            "Det viser ikke, at vidnet har gjort noget forkert.",
            "Stol ikke på bevispakken; bed om den igen, og anmeld det, hvis den fejler igen.",
        ],
    ),
    (
        Code::WitnessQuorum,
        [
            "For få af de uafhængige vidner, du stoler på, har underskrevet denne tilstand af logbogen.",
            "Indholdet kan være sandt; men den driftsansvarlige kunne alene have lavet en anden udgave af logbogen.",
            "Bed om en bevispakke, hvis kontrolpunkt vidnerne har underskrevet; et frisk tager et minut eller så.",
        ],
    ),
    (
        Code::ConsistencyMissing,
        [
            "Beviset mangler for, at logbogen er vokset ud af det kontrolpunkt, du kender andetsteds fra.",
            "Det viser ikke, at logbogen er skrevet om.",
            "Oplys afsenderen om dit kontrolpunkts størrelse, og bed om en bevispakke med det bevis.",
        ],
    ),
    (
        Code::ProofFormat,
        [
            "Et bevis mangler eller er ikke skrevet i den krævede form.",
            "Det viser ikke, at det, som skulle bevises, er falsk.",
            "Bed om bevispakken igen.",
        ],
    ),
    (
        Code::ProofCheckpoint,
        [
            "Et bevis, eller pakkens beskrivelse, hører til et andet kontrolpunkt end bevispakkens.",
            "Det viser ikke, at en hændelse er falsk; delene kan stamme fra to bevispakker.",
            "Bed om bevispakken igen, lavet i ét stykke.",
        ],
    ),
    (
        Code::Inclusion,
        [
            "En post står ikke i logbogen på den påståede plads: den er ændret, underskrevet på ny eller aldrig registreret.",
            "Det viser ikke, hvad den sande post siger.",
            "Stol ikke på bevispakken, og anmeld det.",
        ],
    ),
    (
        Code::StreamOrder,
        [
            "To hændelser står i logbogen i en anden rækkefølge end i sagen.",
            "Det viser ikke, hvilken af dem der er fejlen.",
            "Stol ikke på rækkefølgen, og anmeld det.",
        ],
    ),
    (
        Code::StreamTruncated,
        [
            "Ved kontrolpunktet havde sagen nyere hændelser, end bevispakken viser.",
            "Det viser ikke, hvad de hændelser siger.",
            "Bed om en fuldstændig bevispakke; indhold må undtages åbent, hændelser må ikke udelades.",
        ],
    ),
    (
        Code::TimeProof,
        [
            "Vidnernes bevis for, hvornår en hændelse blev registreret, holder ikke eller gælder noget andet.",
            "Det viser ikke, at den angivne tid er falsk.",
            "Betragt hændelsens tid som ubevist, og bed om bevispakken igen.",
        ],
    ),
    (
        Code::TimeBackdated,
        [
            "En hændelse angiver en tid, hvor den, som vidner så det, endnu ikke stod i logbogen.",
            "Det viser ikke, at det, den siger, er falsk; kun at den blev registreret senere, end den påstår.",
            "Stol ikke på dens tid, og anmeld det.",
        ],
    ),
    (
        Code::TimeAfterCosignature,
        [
            "En hændelse angiver en tid efter det øjeblik, hvor vidner allerede havde set den.",
            "Det viser ikke, at det, den siger, er falsk; et ur kan gå forkert.",
            "Stol ikke på dens tid, og bed om, at urene kontrolleres.",
        ],
    ),
    (
        Code::TimeSealedLate,
        [
            "Vidner så først hændelsen mere end et døgn efter den tid, den angiver, så den kan være skrevet senere.",
            "Det viser ikke, at den er det; vidnerne kan have været uden for rækkevidde.",
            "Spørg den driftsansvarlige, hvad der skete i den tid.",
        ],
    ),
    (
        Code::SdFormat,
        [
            "En vist oplysning er ikke skrevet i den krævede form, eller dens tilfældige beskyttelse er for kort.",
            "Det viser ikke, at oplysningen er falsk.",
            "Stol ikke på den; bed om bevispakken igen.",
        ],
    ),
    (
        Code::SdDuplicate,
        [
            "En vist oplysning står to gange i den samme hændelse.",
            "Det viser ikke, at oplysningen er falsk.",
            "Bed om bevispakken igen.",
        ],
    ),
    (
        Code::SdUnreferenced,
        [
            "Der vises en oplysning, som hændelsen ikke blev registreret med: den er ændret, opdigtet eller flyttet fra en anden hændelse.",
            "Det viser ikke, hvad den registrerede oplysning siger.",
            "Stol ikke på bevispakken, og anmeld det.",
        ],
    ),
    (
        Code::SdUndeclaredOmission,
        [
            "Noget er udeladt i stilhed: det er hverken slettet ved en registreret sletning eller anført som undtaget.",
            "Det viser ikke, hvad der er udeladt.",
            "Bed om det, eller om at det anføres på listen over det undtagne med begrundelse.",
        ],
    ),
    (
        Code::RedactionManifest,
        [
            "Listen over det undtagne nævner noget, der ikke findes eller som vises, eller giver ingen begrundelse.",
            "Det viser ikke, at noget er undtaget med urette.",
            "Bed afsenderen om en korrekt liste.",
        ],
    ),
    (
        Code::ArchiveMissing,
        [
            "Logbogen siger, hvor mange medunderskrevne kontrolpunkter og tidsstempler den havde arkiveret, og nogle af dem er der ikke mere.",
            "Ingen post mangler eller er ændret; det, der er tabt, er bevis for, hvornår andre så posterne.",
            "Hent arkivet tilbage fra en sikkerhedskopi. Den, der fjernede det, havde adgang til maskinen: anmeld det.",
        ],
    ),
    (
        Code::ArchiveRecord,
        [
            "Et arkiveret kontrolpunkt eller tidsstempel er ændret, eller det hører ikke til denne logbog.",
            "Det viser ikke, at en post er ændret: selve logbogen sammenlignes for sig.",
            "Stol ikke på tidspunkter, der hviler på det. Sammenlign arkivet med en sikkerhedskopi, og anmeld forskellen.",
        ],
    ),
    (
        Code::FileDigest,
        [
            "Et vedlagt dokument er ikke det, der blev journaliseret.",
            "Det viser ikke, hvad det journaliserede dokument siger.",
            "Stol ikke på dokumentet; bed om originalen, hvis fingeraftryk er registreret.",
        ],
    ),
    (
        Code::ReceiptMismatch,
        [
            "Hændelsen er ikke den, som kvitteringen i brevet blev givet for.",
            "En fejltastet kvittering ser ens ud.",
            "Læs kvitteringen igen i brevet. Er den rigtig, er hændelsen udskiftet: anmeld det.",
        ],
    ),
    (
        Code::TstInvalid,
        [
            "Et tidsstempel fra en myndighed gælder noget andet, eller dets underskrift holder ikke.",
            "Det viser ikke, at kontrolpunktet eller en hændelse er falsk.",
            "Betragt bevispakken som en uden det tidsstempel, og spørg, hvor det kommer fra.",
        ],
    ),
    (
        Code::DossierFormat,
        [
            "Sagsmappen er ikke bygget, som den skal være, eller rummer noget, som ingen hændelse står inde for.",
            "Det viser ikke, at en bevispakke i den er falsk; hver kan kontrolleres for sig.",
            "Brug filen præcis, som den blev modtaget; ellers bed om den igen.",
        ],
    ),
    (
        Code::DossierFile,
        [
            "En fil i sagsmappen er ændret, tabt eller udskiftet, efter at mappen blev lavet.",
            "Det viser ikke, at en hændelse er falsk.",
            "Bed afsenderen om sagsmappen igen.",
        ],
    ),
    (
        Code::TimeUnbounded,
        [
            "For en hændelse er der intet vidnebevis for, hvor tidligt eller hvor sent den blev registreret.",
            "Det viser ikke, at den angivne tid er falsk; en logbogs allerførste hændelser har intet tidligere bevis.",
            "Har tiden betydning, så bed om en bevispakke med fuldt tidsbevis.",
        ],
    ),
    (
        Code::TimeWide,
        [
            "Vidner så logbogen uden hændelsen og siden med den, og der ligger mere end en halv time imellem, så tiden er kun groft bevist.",
            "Det viser ikke, at den angivne tid er falsk; en logbog, der en tid var afskåret, giver også sådan et bevis.",
            "Hvis tiden betyder noget, så spørg, hvad der skete med logbogen imens, og efter andre beviser for den time.",
        ],
    ),
    (
        Code::FileAbsent,
        [
            "En hændelse nævner et dokument, der ikke er vedlagt; dets fingeraftryk er registreret.",
            "Det viser ikke, at dokumentet er tabt.",
            "Bed om dokumentet, hvis det behøves; det kan sammenlignes når som helst.",
        ],
    ),
    (
        Code::TstUnverified,
        [
            "Et tidsstempel passer til kontrolpunktet, men ingen har kontrolleret, hvilken myndighed der udstedte det.",
            "Det viser ikke, at tidsstemplet er falsk.",
            "Kontrollér igen med --tsa-ca og myndighedens certifikat på en maskine med openssl.",
        ],
    ),
    (
        Code::CompletenessOperatorOnly,
        [
            "At ingen hændelse i sagen mangler, hviler på den driftsansvarliges ord: intet vidne, der læser hver post, har underskrevet.",
            "Det viser ikke, at noget mangler.",
            "Nævn et sådant vidne med --verifying, hvis tillidspolitikken har et, eller bed om en revision af hele logbogen.",
        ],
    ),
    (
        Code::CaseBindingMissing,
        [
            "Intet i det viste siger, hvilken sag det er: dens nummer, eller barnet den handler om, er undtaget eller ikke angivet; for opslag den strøm, der blev slået op i.",
            "Det viser ikke, at det er en anden sag.",
            "Bed om, at det vises, eller kontrollér med en kvittering fra et brev i sagen (--receipt).",
        ],
    ),
    (
        Code::StreamAbsent,
        [
            "Sagen henviser til noget, for eksempel en underretning, eller nævner en person, uden at den tilhørende bevispakke er i sagsmappen.",
            "Det viser ikke, at det er undtaget med urette; en person, som aldrig er registreret, har ingen bevispakke.",
            "Bed om det, hvis det behøves.",
        ],
    ),
];
