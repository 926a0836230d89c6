//! Golden files: texts that other programs and people rely on are made from the code and compared
//! with what is stored. They change only on purpose: `UPDATE_GOLDEN=1 cargo nextest run -p tests
//! golden`. Some golden files are compared by tests in other folders; one test here fails for a
//! file that no test compares.

use std::collections::{BTreeMap, BTreeSet};

use domain::reading::ReadingPoint;
use domain::refusal::RefusalCode;
use domain::views::family_voice::{Language, Reader, family_voice};
use tests::golden::{root, same, same_files};
use tests::world::{World, files, ids};
use verify::code::Code;

#[test]
fn golden_schema_of_the_api() {
    same(
        "schema/graphql/schema.graphql",
        &format!("{}\n", api::sdl::sdl().trim_end()),
    );
}

/// A schema that no event type has any more must stay readable: versions are kept by upcasters, not
/// by files that lie there.
#[test]
fn golden_schemas_of_the_events() {
    same_files(
        "schema/events",
        &events::schema::schema_files().into_iter().collect(),
    );
}

#[test]
fn golden_catalogue_of_the_events() {
    same(
        "docs/reference/events.md",
        &events::schema::catalogue_page(),
    );
}

#[test]
fn golden_page_of_the_codes() {
    let mut page = String::from(
        "# Codes\n\nMade from the code. They never change their meaning.\n\n\
         ## Refusals of commands\n\nWhere several apply, the lowest number is given.\n\n| number | code | English | Danish |\n|---|---|---|---|\n",
    );
    for code in RefusalCode::ALL {
        page.push_str(&format!(
            "| {} | `{}` | {} | {} |\n",
            code.number(),
            code.as_str(),
            code.english(),
            code.danish()
        ));
    }
    page.push_str(
        "\nBeside them: `VERSION_CONFLICT` (somebody else recorded something; the stream's version is given), `COMMAND_ID_REUSED`, \
         `EVENT_ID_USED`, `DOCUMENT_INCOMPLETE` (it did not arrive whole). Faults are top-level errors: `FORBIDDEN`, `BAD_USER_INPUT`, `NOT_WRITTEN` (nothing was written, try again), \
         `CLOCK_REFUSED` (nothing was written, because the clock cannot be trusted; try again), `OUTCOME_UNKNOWN` (ask again with the same command id), `TRY_AGAIN` (the lists do not reflect the position yet), `INTERNAL`; for documents also `NOT_FOUND`. `BUSY` (nothing was begun, try again after `Retry-After`), \
         `STORE_STOPPED` (nothing of this command was written; the store takes nothing until it is opened again), `TIMED_OUT` (ask for less), \
         `ANSWER_TOO_LARGE` (ask for fewer rows or fields), `REQUEST_TIMEOUT` (it did not arrive in time, nothing was written), `HOST_NOT_ALLOWED` and \
         `ORIGIN_NOT_ALLOWED` (the name that it was asked under, or the page that asked, is not one of the server's). Bundles and dossiers have some of their own ([evidence.md](../guide/evidence.md)).\n\n\
         ## Why a server is not ready\n\nThe first word of each line of `/readyz` ([operating.md](../guide/operating.md)).\n\n| code | meaning |\n|---|---|\n\
         | `STORE_STOPPED` | After a failure the store takes nothing until it is opened again; the server ends and must be started again. |\n\
         | `STORE_READ_ONLY` | The medium takes no writes, for example because it is full; make room, then start the server again. |\n\
         | `KEYS_STOPPED` | After a failure the key store takes nothing until it is opened again; the server ends and must be started again. |\n\
         | `INDEX_FAILED` | Look-ups by id fail, so that nothing can be recorded; it heals when the index can be made again. |\n\
         | `CHECKPOINT_LATE` | Entries wait for a checkpoint and none can be made. |\n\
         | `CLOCK_REFUSED` | The clock cannot be believed, so that nothing is recorded. |\n\
         | `LOG_UNREADABLE` | The log gives no answer. |\n\
         | `STORE_SILENT` | The store has not answered at all for some seconds. |\n\
         | `DRAINING` | The server is being stopped. |\n\n\
         ## Findings of the audit, and of the verifier of bundles\n\n| code | meaning |\n|---|---|\n| `COMMAND_ROWS` | Which commands a commit carried out is not what its writer signed: a command that is sent again could be recorded twice. |\n| `STORE_CORRUPT` | A stored file is damaged, so that what it held cannot be read. |\n\
         | `INDEX_DRIFT` | The index says other things than the journal; it is no evidence. |\n\
         | `PROJECTION_DRIFT` | The lists say other things than the record; they are no evidence. |\n\
         | `KEYS_MISSING` | The keys of a log are gone; what they open cannot be read any more. |\n",
    );
    for code in Code::ALL {
        page.push_str(&format!("| `{}` | {} |\n", code.as_str(), code.explain()));
    }
    page.push_str(
        "\n`sagsspor-verify --explain CODE --lang da` says what each means, does not mean, and asks for next (`docs/guide/verify.md`).\n\
         \n## Exit codes of the program\n\n| code | meaning |\n|---|---|\n| 0 | in order |\n| 1 | something failed: a file, the disk, a key |\n\
         | 2 | wrong usage |\n| 3 | an import or a document was refused, or an audit found something wrong |\n\
         | 75 | the store takes nothing until it is opened again: start the server again |\n",
    );
    same("docs/reference/codes.md", &page);
}

/// The family's own view of every case of both histories, for everybody who may read it.
#[tokio::test(flavor = "multi_thread")]
async fn golden_texts_of_the_families() {
    let (alma, family) = (World::with_alma().await, World::with_family().await);
    let (light, heavy) = (ids(), tests::world::family());
    let readers = [("family", Reader::Family), ("child", Reader::Child)];
    let parents = [
        ("mette", light.person("mette")),
        ("signe", heavy.person("signe")),
    ];
    let (codes, mut made) = (codes(), BTreeMap::new());
    for (world, case, name, parent) in [
        (&alma, light.case(), "alma", parents[0]),
        (&family, heavy.stream("B3-open-b"), "bastian", parents[1]),
        (&family, heavy.stream("B3-open-c"), "clara", parents[1]),
    ] {
        let reading = world.read(case, ReadingPoint::default()).unwrap();
        let on = reading.day(world.public_log().now());
        for (language, suffix) in [(Language::Danish, "da"), (Language::English, "en")] {
            for (who, reader) in readers
                .into_iter()
                .chain([(parent.0, Reader::Parent(parent.1))])
            {
                let text = family_voice(&reading, case, reader, language, on).text();
                plain(&text, &codes);
                made.insert(format!("{name}-{who}.{suffix}.txt"), text);
            }
        }
    }
    same_files("tests/golden/family", &made);
}

/// Every stored name of every vocabulary that is a code to a reader: `PROFESSIONAL_133`, `CORS`.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (_, schema) in events::event::field_schemas() {
        let text = schema.to_value().to_string();
        let words = text.split('"').filter(|word| {
            word.len() > 3
                && word
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        });
        codes.extend(words.map(str::to_owned));
    }
    assert!(codes.contains("CORS") && codes.contains("PROFESSIONAL_133"));
    codes
}

/// No line over 20 words, no code, no id, no section sign.
fn plain(text: &str, codes: &BTreeSet<String>) {
    for line in text.lines() {
        assert!(line.split_whitespace().count() <= 20, "{line}");
        assert!(!line.contains('_') && !line.contains('§'), "{line}");
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            assert!(
                !codes.contains(word) && word.parse::<uuid::Uuid>().is_err(),
                "{word}: {line}"
            );
        }
    }
}

/// The code below a folder without its comments and spaces, so that a call is found however it is
/// laid out.
fn code_below(folder: &str) -> String {
    files(&root().join(folder))
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .flat_map(|path| {
            let source = std::fs::read_to_string(path).unwrap();
            let lines = source
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            lines
                .map(|line| line.split_whitespace().collect::<String>())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a folder above the file is compared, or taken by a test, as a whole.
fn stands_in_a_whole_folder(path: &str, tests: &str) -> bool {
    std::path::Path::new(path)
        .ancestors()
        .skip(1)
        .any(|folder| {
            let folder = folder.display();
            [
                format!("same_files(\"{folder}\""),
                format!("stored_folder(\"{folder}\""),
            ]
            .iter()
            .any(|call| tests.contains(call))
        })
}

/// A golden file that no test compares says nothing, and misleads whoever reads it.
#[test]
fn every_golden_file_is_compared() {
    let tests = code_below("tests/it");
    let all = tests.clone() + &code_below("crates");
    let names = |folder: &str| -> Vec<String> {
        let names = files(&root().join(folder))
            .into_iter()
            .map(|path| path.strip_prefix(root()).unwrap().display().to_string());
        names.collect()
    };
    let (golden, schema) = (names("tests/golden"), names("schema"));
    assert!(golden.len() > 30 && schema.len() > 70);
    let of_tests = golden.into_iter().filter(|path| {
        !tests.contains(&format!("same(\"{path}\"")) && !stands_in_a_whole_folder(path, &tests)
    });
    // Vectors and rules are read or compared by the crates that they belong to.
    let of_schema = schema.into_iter().filter(|path| {
        !all.contains(&format!("{path}\""))
            && !stands_in_a_whole_folder(path, &tests)
            && !PROSE.contains(&path.as_str())
    });
    let uncompared: Vec<String> = of_tests.chain(of_schema).collect();
    assert!(uncompared.is_empty(), "{uncompared:#?}");
}

/// Pages that people wrote, beside the golden files.
const PROSE: [&str; 2] = ["schema/record.md", "schema/vectors/README.md"];
