//! Files that other programs and people rely on, made from the code and compared. They change
//! only on purpose: `UPDATE_GOLDEN=1 cargo nextest run -p tests golden`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::reading::ReadingPoint;
use domain::refusal::RefusalCode;
use domain::views::family_voice::{Language, Reader, family_voice};
use tests::world::{World, ids};
use verify::code::Code;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

pub(crate) fn same(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    let line = stored
        .lines()
        .zip(text.lines())
        .position(|(stored, made)| stored != made);
    assert!(
        stored == text,
        "{} differs, first in line {line:?}",
        path.display()
    );
}

#[test]
fn golden_schema_of_the_api() {
    same(
        &root().join("schema/graphql/schema.graphql"),
        &format!("{}\n", api::schema::sdl().trim_end()),
    );
}

#[test]
fn golden_schemas_of_the_events() {
    let dir = root().join("schema/events");
    let made: BTreeMap<String, String> = events::schema::schema_files().into_iter().collect();
    made.iter()
        .for_each(|(name, text)| same(&dir.join(name), text));
    let stored = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in stored {
        assert!(
            made.contains_key(&name),
            "{name} belongs to no event type; versions are kept by upcasters"
        );
    }
}

#[test]
fn golden_catalogue_of_the_events() {
    same(
        &root().join("docs/reference/events.md"),
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
    same(&root().join("docs/reference/codes.md"), &page);
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
    let codes = codes();
    for (world, case, name, parent) in [
        (&alma, light.case(), "alma", parents[0]),
        (&family, heavy.stream("B3-open-b"), "bastian", parents[1]),
        (&family, heavy.stream("B3-open-c"), "clara", parents[1]),
    ] {
        let reading = world.read(case, ReadingPoint::default()).unwrap();
        let on = reading.day(world.app.now());
        for (language, suffix) in [(Language::Danish, "da"), (Language::English, "en")] {
            for (who, reader) in readers
                .into_iter()
                .chain([(parent.0, Reader::Parent(parent.1))])
            {
                let text = family_voice(&reading, case, reader, language, on).text();
                same(
                    &root().join(format!("tests/golden/family/{name}-{who}.{suffix}.txt")),
                    &text,
                );
                plain(&text, &codes);
            }
        }
    }
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
