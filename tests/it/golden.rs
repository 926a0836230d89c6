//! Files that other programs and people rely on, made from the code and compared. They change
//! only on purpose: `UPDATE_GOLDEN=1 cargo nextest run -p tests golden`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::refusal::RefusalCode;
use verify::code::Code;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn same(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    let line = stored.lines().zip(text.lines()).position(|(stored, made)| stored != made);
    assert!(stored == text, "{} differs, first in line {line:?}", path.display());
}

#[test]
fn golden_schema_of_the_api() {
    same(&root().join("schema/graphql/schema.graphql"), &format!("{}\n", api::schema::sdl().trim_end()));
}

#[test]
fn golden_schemas_of_the_events() {
    let dir = root().join("schema/events");
    let made: BTreeMap<String, String> = events::schema::schema_files().into_iter().collect();
    made.iter().for_each(|(name, text)| same(&dir.join(name), text));
    let stored = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in stored {
        assert!(made.contains_key(&name), "{name} belongs to no event type; versions are kept by upcasters");
    }
}

#[test]
fn golden_catalogue_of_the_events() {
    same(&root().join("docs/events.md"), &events::schema::catalogue_page());
}

#[test]
fn golden_page_of_the_codes() {
    let mut page = String::from(
        "# Codes\n\nMade from the code. They never change their meaning.\n\n\
         ## Refusals of commands\n\nWhere several apply, the lowest number is given.\n\n| number | code | English | Danish |\n|---|---|---|---|\n",
    );
    for code in RefusalCode::ALL {
        page.push_str(&format!("| {} | `{}` | {} | {} |\n", code.number(), code.as_str(), code.english(), code.danish()));
    }
    page.push_str(
        "\nBeside them: `VERSION_CONFLICT` (somebody else recorded something; the stream's version is given), `COMMAND_ID_REUSED`, \
         `EVENT_ID_USED`. Faults are top-level errors: `FORBIDDEN`, `BAD_USER_INPUT`, `NOT_WRITTEN` (nothing was written, try again), \
         `OUTCOME_UNKNOWN` (ask again with the same command id), `TRY_AGAIN` (the lists do not reflect the position yet), `INTERNAL`.\n\n\
         ## Findings of the audit\n\n| code | meaning |\n|---|---|\n| `STORE_CORRUPT` | A stored file is damaged, so that what it held cannot be read. |\n",
    );
    for code in Code::ALL {
        page.push_str(&format!("| `{}` | {} |\n", code.as_str(), code.explain()));
    }
    page.push_str(
        "\n## Exit codes of the program\n\n| code | meaning |\n|---|---|\n| 0 | in order |\n| 1 | something failed: a file, the disk, a key |\n\
         | 2 | wrong usage |\n| 3 | an import was refused, or an audit found something wrong |\n",
    );
    same(&root().join("docs/codes.md"), &page);
}
