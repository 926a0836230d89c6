//! Reading files that somebody else may have put there: regular files only, and only up to a
//! maximum length. Reading a pipe could wait for ever, and a device never ends.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// The bytes of a regular file; none when there is none. Links of directories on the way are
/// followed, one in the place of the file is not.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when it is no regular file or longer than `bytes_max`; otherwise
/// as the medium reports.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let odd = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    // What is no regular file is opened without waiting, so that it can be told.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(_) if path.is_symlink() => return Err(odd("it is a link, not a file".to_owned())),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(odd("it is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        Err(odd(format!("it is longer than {bytes_max} bytes")))
    } else {
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::read;

    #[test]
    fn only_regular_files_of_a_length_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("file"), b"12345").unwrap();
        assert_eq!(read(&path("file"), 5).unwrap().unwrap(), b"12345");
        assert_eq!(
            read(&path("file"), 4).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
        assert_eq!(
            (
                read(&path("none"), 5).unwrap(),
                read(&path("file/below"), 5).unwrap()
            ),
            (None, None)
        );
        std::fs::File::create(path("sparse"))
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        symlink(path("file"), path("link")).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(path("pipe"))
                .status()
                .unwrap()
                .success()
        );
        for odd in ["sparse", "zero", "link", "pipe", "."] {
            assert_eq!(
                read(&path(odd), 5).unwrap_err().kind(),
                ErrorKind::InvalidData,
                "{odd}"
            );
        }
        // A directory may be a link: ciphertexts may lie on another volume.
        symlink(dir.path(), path("directory")).unwrap();
        assert!(read(&path("directory/file"), 5).unwrap().is_some());
    }
}
