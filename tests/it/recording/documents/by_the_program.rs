//! The program files documents and writes them out.

use std::path::PathBuf;
use std::process::Output;

use record::attachment::CHUNK_BYTES;
use tests::program::{imported, run, text};
use tests::world::ids;
use uuid::Uuid;

use super::{TITLE, blobs, pdf};

/// A letter that the program files and writes out.
struct Letter {
    dir: tempfile::TempDir,
    bytes: Vec<u8>,
    out: PathBuf,
    case: String,
}

impl Letter {
    fn new() -> Self {
        let (dir, bytes) = (imported(), pdf(CHUNK_BYTES + 77, 13));
        std::fs::write(dir.path().join("brev.pdf"), &bytes).unwrap();
        Self {
            out: dir.path().join("ud.pdf"),
            case: ids().case().to_string(),
            dir,
            bytes,
        }
    }

    fn file(&self, more: &[&str]) -> Output {
        let source = self.dir.path().join("brev.pdf");
        let fixed = [
            "document",
            "file",
            &self.case,
            source.to_str().unwrap(),
            "--title",
            TITLE,
            "--occurred",
            "2024-11-05",
        ];
        run(self.dir.path(), &[&fixed, more].concat())
    }

    fn get(&self, event: &str) -> Output {
        let out = self.out.to_str().unwrap();
        run(
            self.dir.path(),
            &["document", "get", &self.case, event, "--out", out],
        )
    }

    /// The event that it is filed as, however often.
    fn is_filed_once(&self) -> String {
        let command = Uuid::from_u128(77).to_string();
        let known = [
            "--command-id",
            &command,
            "--direction",
            "IN",
            "--doc-date",
            "2024-11-04",
        ];
        let filed = self.file(&known);
        assert!(filed.status.success(), "{}", text(&filed.stderr));
        let event = text(&filed.stdout).split(' ').nth(2).unwrap().to_owned();
        let again = self.file(&known);
        assert!(
            text(&again.stdout).starts_with(&format!("had been filed before as {event}")),
            "{}",
            text(&again.stdout)
        );
        event
    }

    fn is_refused_by_name(&self) {
        for (more, expected) in [
            (
                &["--media-type", "image/png"][..],
                "MEDIA_TYPE_MISMATCH, field content",
            ),
            (
                &["--document-bytes-max", "1000"],
                "DOCUMENT_TOO_LARGE, field content",
            ),
            (&["--about", "CHILD"], "BAD_USER_INPUT, field about"),
        ] {
            let refused = self.file(more);
            assert_eq!(refused.status.code(), Some(3));
            assert!(
                text(&refused.stderr).contains(expected),
                "{expected}: {}",
                text(&refused.stderr)
            );
        }
    }

    fn is_written_out(&self, event: &str) {
        let nothing = self.get(&Uuid::from_u128(5).to_string());
        assert_eq!((nothing.status.code(), self.out.exists()), (Some(1), false));
        let got = self.get(event);
        assert!(got.status.success(), "{}", text(&got.stderr));
        assert!(std::fs::read(&self.out).unwrap() == self.bytes);
        assert!(text(&self.get(event).stderr).contains("exists already"));
    }

    fn is_not_written_out_damaged(&self, event: &str) {
        std::fs::remove_file(&self.out).unwrap();
        let chunk = blobs(self.dir.path()).pop().unwrap();
        let mut bent = std::fs::read(&chunk).unwrap();
        bent[100] ^= 1;
        std::fs::write(&chunk, bent).unwrap();
        let damaged = self.get(event);
        assert_eq!(
            (damaged.status.code(), self.out.exists()),
            (Some(1), false),
            "a wrong file is never left"
        );
        assert_eq!(
            std::fs::read_dir(self.dir.path())
                .unwrap()
                .filter(|entry| entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|end| end == "unfinished"))
                .count(),
            0
        );
    }
}

#[test]
fn the_program_files_a_document_and_writes_it_out() {
    let letter = Letter::new();
    let event = letter.is_filed_once();
    letter.is_refused_by_name();
    letter.is_written_out(&event);
    letter.is_not_written_out_damaged(&event);
    for arguments in [
        &["document", "--help"][..],
        &["document", "file", "--help"],
        &["document", "get", "--help"],
    ] {
        let help = text(&run(letter.dir.path(), arguments).stdout);
        assert!(
            arguments.len() == 2 || help.contains("Example"),
            "{arguments:?}: {help}"
        );
    }
}
