//! Positions in a log have types of their own (`record::positions`, `verify::position`): no field and no
//! parameter that is named like one is a bare `u64`. What the types do is tested where they stand.

use std::collections::BTreeSet;

use tests::golden::root;

/// Names of fields, parameters and functions that mean a place in a log, in a tree or in a stream,
/// or the log's time.
const NAMES: [&str; 22] = [
    "index",
    "log_index",
    "size",
    "from_size",
    "quorum_size",
    "seq",
    "from_seq",
    "version",
    "expected_version",
    "actual_version",
    "position",
    "at_least",
    "recorded_at",
    "log_time",
    "covers",
    "first",
    "begin",
    "end",
    "newest",
    "known",
    "held",
    "pinned",
];

/// Folders and files where such a name may be a bare number, each with the reason.
const SPARED: &[(&str, &str)] = &[
    (
        "crates/events/",
        "the stored language: its numbers are those of the schema, and it uses no other crate",
    ),
    (
        "crates/domain/",
        "uses only `events`; the use cases convert where they hand records over",
    ),
    ("crates/law/", "uses only `events`, like the domain"),
    (
        "crates/api/",
        "fields and arguments of GraphQL are scalars, converted in their resolvers",
    ),
    (
        "crates/sagsspor/src/cli/evidence.rs",
        "arguments of the command line, converted by the command",
    ),
    (
        "crates/record/src/attachment.rs",
        "the size of a document, in bytes",
    ),
    (
        "crates/record/src/opening.rs",
        "the version of an event type",
    ),
    (
        "crates/record/src/payload.rs",
        "the version of an event type",
    ),
    (
        "crates/record/src/proof.rs",
        "splits trees by powers of two: arithmetic on numbers of leaves",
    ),
    (
        "crates/record/src/tiles.rs",
        "the number of a tile in its level",
    ),
    (
        "crates/app/src/commands/document.rs",
        "the size of a document, in bytes",
    ),
    (
        "crates/server/src/documents.rs",
        "the length of a request, in bytes",
    ),
    (
        "crates/server/src/leaving.rs",
        "the length of an answer, in bytes",
    ),
    (
        "crates/store/src/embedded/archive/contents.rs",
        "offsets in a file",
    ),
    (
        "crates/store/src/embedded/archive/record.rs",
        "offsets in a file",
    ),
    ("crates/store/src/embedded/growing.rs", "offsets in a file"),
    ("crates/store/src/embedded/rebuild.rs", "offsets in a file"),
    ("crates/store/src/embedded/rewrite.rs", "offsets in a file"),
    ("crates/store/src/embedded/segment.rs", "offsets in a file"),
    (
        "crates/store/src/index_store.rs",
        "how long a segment is, in bytes",
    ),
    (
        "crates/store/src/memory_projections.rs",
        "the number of a generation of rows",
    ),
    ("crates/store/src/shadow_disk.rs", "offsets in a file"),
    (
        "crates/verify/src/bundle/bag.rs",
        "the length of a file, in bytes",
    ),
    (
        "crates/verify/src/bundle/documents.rs",
        "the size of a document, in bytes",
    ),
    (
        "crates/verify/src/bundle/verdict.rs",
        "the size of a document, in bytes",
    ),
    (
        "crates/verify/src/dossier/contents.rs",
        "the length of a file, in bytes",
    ),
    (
        "crates/verify/src/proof.rs",
        "proves leaves of the log and of the tree of heads alike",
    ),
    (
        "crates/verify/src/tiles.rs",
        "the number of a tile, or of a subtree in its level",
    ),
    ("crates/verify/src/zip.rs", "the length of a file, in bytes"),
    (
        "crates/witness/src/keep/directory.rs",
        "the number of a tile in its level",
    ),
];

/// The code of a file on one line, without comments and without what is only built for tests.
fn code(source: &str) -> String {
    let (source, _) = source
        .split_once("#[cfg(test)]\nmod tests {")
        .unwrap_or((source, ""));
    let lines = source.lines().map(str::trim);
    let code: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    code.join(" ")
}

/// Whether a type is or holds a bare number: `u64`, but not what belongs to it, as `u64::from`.
fn is_bare(kind: &str) -> bool {
    let word = |at: usize| {
        let before = kind[..at].chars().next_back();
        let after = &kind[at + 3..];
        let inside = |char: char| char.is_alphanumeric() || char == '_';
        !before.is_some_and(inside) && !after.starts_with(inside) && !after.starts_with("::")
    };
    kind.match_indices("u64").any(|(at, _)| word(at))
}

/// A type, up to where it ends.
fn kind(text: &str, ends: &[char]) -> String {
    let mut depth = 0;
    text.chars()
        .take_while(|char| {
            depth += i32::from("<([".contains(*char)) - i32::from(">)]".contains(*char));
            depth >= 0 && !(depth == 0 && ends.contains(char))
        })
        .collect()
}

/// Every field, parameter and function of these names whose type is bare.
fn bare(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in NAMES {
        let head = format!("{name}: ");
        for (at, _) in code.match_indices(&head) {
            let before = code[..at].chars().next_back();
            let kind = kind(&code[at + head.len()..], &[',', ';', '=', '{']);
            if before.is_none_or(|char| !char.is_alphanumeric() && char != '_') && is_bare(&kind) {
                found.push(format!("{head}{kind}"));
            }
        }
        let head = format!("fn {name}(");
        for (at, _) in code.match_indices(&head) {
            let arguments = kind(&code[at + head.len()..], &[]);
            let behind = &code[at + head.len() + arguments.len()..];
            let answer = behind
                .strip_prefix(") -> ")
                .map(|text| kind(text, &['{', ';']));
            if let Some(answer) = answer.filter(|answer| is_bare(answer)) {
                found.push(format!("{head}…) -> {answer}"));
            }
        }
    }
    found
}

/// Tests, and what only they use.
fn is_tested_code(path: &str) -> bool {
    ["test", "contract", "log_maker", "fuzzing"]
        .iter()
        .any(|word| path.contains(word))
        && path != "crates/store/src/embedded/log/contract.rs"
}

#[test]
fn no_position_is_a_bare_number() {
    let root = root();
    let (mut excused, mut searched) = (BTreeSet::new(), 0);
    for path in tests::world::files(&root.join("crates")) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        if !name.ends_with(".rs") || !name.contains("/src/") || is_tested_code(name) {
            continue;
        }
        searched += 1;
        let found = bare(&code(&std::fs::read_to_string(&path).unwrap()));
        if found.is_empty() {
            continue;
        }
        let spared = SPARED.iter().find(|(place, _)| name.starts_with(place));
        let (place, _) = spared.unwrap_or_else(|| {
            panic!(
                "{name} has positions that are bare numbers, take `record::positions`: {found:?}"
            )
        });
        excused.insert(*place);
    }
    assert!(searched > 400, "{searched} files were searched");
    assert_eq!(
        excused,
        SPARED.iter().map(|(place, _)| *place).collect(),
        "what is excused and needs no excuse"
    );
}

/// What stood in the code before positions were types.
#[test]
fn bare_positions_are_found() {
    for before in [
        "pub struct Receipt { pub position: u64, pub leaf: Hash }",
        "pub struct Order { pub expected_version: Option<u64> }",
        "fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError>;",
        "fn stream_page(&self, stream: Uuid, from_seq: u64, limit: usize) -> Page;",
        "fn size(&self) -> u64;",
        "fn root(&self, known: &mut u64) {}",
        "pub pinned: &'a [u64],",
        "async fn version(&self, ctx: &Context<'_>) -> Result<Option<u64>> {",
    ] {
        assert_eq!(bare(before).len(), 1, "{before}");
    }
    for fine in [
        "pub index: LogIndex, pub count: u64",
        "version: u64::from(plain.version)",
        "fn size(&self) -> Size { self.0.get() as u64 }",
        "page_size: u64",
        "fn first(&self, at: u64) -> LogIndex;",
    ] {
        assert_eq!(bare(fine), Vec::<String>::new(), "{fine}");
    }
    assert_eq!(
        code("//! size: u64\nuse a;\n/// index: u64\nuse b;"),
        "use a; use b;"
    );
}

/// The API and the program show what the record says and make none of it: they know its positions only.
#[test]
fn the_api_and_the_program_know_only_the_positions_of_the_record() {
    let root = root();
    for folder in ["crates/api/src", "crates/sagsspor/src"] {
        for path in tests::world::files(&root.join(folder)) {
            let code = code(&std::fs::read_to_string(&path).unwrap());
            let other = code.replace("record::positions", "");
            let named = other.match_indices("record::").any(|(at, _)| {
                let before = other[..at].chars().next_back();
                before.is_none_or(|char| !char.is_alphanumeric() && !":_".contains(char))
            });
            assert!(!named, "{} names other parts of `record`", path.display());
        }
    }
}
