//! No file on disk holds personal data in clear.

use tests::personal_texts::needles;
use tests::world::{World, files};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_lies_in_clear_in_any_file() {
    let needles = needles();
    assert!(needles.len() > 60 && needles.iter().any(|needle| needle == "141316-0003"));
    let (dir, _) = World::with_alma().await.stop();
    let files = files(dir.path());
    assert!(files.len() > 6);
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let clear = String::from_utf8_lossy(&bytes);
        for needle in &needles {
            assert!(
                !clear.contains(needle.as_str()),
                "{needle:?} stands in {}",
                path.display()
            );
            assert!(!path.display().to_string().contains(needle.as_str()));
        }
    }
}
