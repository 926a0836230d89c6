//! Checks what a log hands out with crates that others wrote: signed notes, checkpoints, inclusion
//! proofs and tiles.
//!
//! ```text
//! outside-tlog proofs FOLDER VKEY    the proofs of an unpacked bundle
//! outside-tlog tiles FOLDER VKEY     an exported log: every entry proven from the tiles
//! ```

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record,
    prove_tree, record_hash,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A note that the log's key signed.
fn checkpoint(note: &[u8], vkey: &str) -> Result<Checkpoint> {
    let note = Note::from_bytes(note).map_err(|error| format!("{error:?}"))?;
    let known = VerifierList::new(vec![Box::new(
        StandardVerifier::new(vkey).map_err(|error| format!("{error:?}"))?,
    )]);
    note.verify(&known).map_err(|error| format!("{error:?}"))?;
    Ok(Checkpoint::from_bytes(note.text()).map_err(|error| format!("{error:?}"))?)
}

/// Index, path and note of a proof that stands alone.
fn proof(text: &str) -> Result<(u64, Vec<Hash>, &str)> {
    let (head, note) = text.split_once("\n\n").ok_or("no empty line")?;
    let mut lines = head.lines();
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err("not a proof".into());
    }
    let index = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .ok_or("no index")?
        .parse()?;
    let path = lines
        .map(|line| Hash::parse_hash(line).map_err(|error| format!("{error:?}")))
        .collect::<std::result::Result<_, _>>()?;
    Ok((index, path, note))
}

fn proofs(folder: &Path, vkey: &str) -> Result<String> {
    let mut checked = 0;
    let mut check = |entry: &[u8], path: &Path| -> Result<()> {
        let text = fs::read_to_string(path)?;
        let (index, hashes, note) = proof(&text)?;
        let checkpoint = checkpoint(note.as_bytes(), vkey)?;
        check_record(
            &hashes,
            checkpoint.size(),
            *checkpoint.hash(),
            index,
            record_hash(entry),
        )
        .map_err(|error| format!("{}: {error:?}", path.display()))?;
        checked += 1;
        Ok(())
    };
    for file in fs::read_dir(folder.join("data/events"))? {
        let file = file?.path();
        let text = fs::read(&file)?;
        let entry = text.split(|byte| *byte == b'~').next().unwrap_or_default();
        let name = file
            .file_stem()
            .ok_or("no name")?
            .to_string_lossy()
            .into_owned();
        for folder_of_proofs in ["proofs", "time"] {
            let path = folder
                .join("data")
                .join(folder_of_proofs)
                .join(format!("{name}.tlog-proof"));
            if folder_of_proofs == "proofs" || path.exists() {
                check(entry, &path)?;
            }
        }
    }
    check(
        &fs::read(folder.join("data/heads.jws"))?,
        &folder.join("data/heads.tlog-proof"),
    )?;
    check(
        &fs::read(folder.join("data/keys/0000.jws"))?,
        &folder.join("data/keys/0000.tlog-proof"),
    )?;
    Ok(format!(
        "{checked} proofs lead to checkpoints that the log signed"
    ))
}

/// Tiles in a folder.
struct Folder(PathBuf);

impl Folder {
    fn read(&self, tile: &Tile) -> Result<Vec<u8>> {
        // That crate writes the height into paths, which C2SP does not.
        let path = tile.path();
        let path = path
            .strip_prefix("tile/8/")
            .map_or(path.clone(), |rest| format!("tile/{rest}"));
        Ok(fs::read(
            self.0.join(path.replace("tile/data/", "tile/entries/")),
        )?)
    }
}

impl TileReader for Folder {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> std::result::Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        tiles
            .iter()
            .map(|tile| {
                self.read(tile)
                    .map_err(|error| tlog_tiles::Error::InvalidInput(error.to_string()))
            })
            .collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// The entries of all bundles, in order.
fn entries(folder: &Path, size: u64) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for number in 0..size.div_ceil(256) {
        let width = (size - number * 256).min(256);
        let tile = Tile::new(8, 0, number, u32::try_from(width)?, true);
        let bytes = Folder(folder.to_owned()).read(&tile)?;
        let mut rest = bytes.as_slice();
        while let Some((length, more)) = rest.split_first_chunk::<2>() {
            let (entry, more) = more
                .split_at_checked(usize::from(u16::from_be_bytes(*length)))
                .ok_or("a bundle is too short")?;
            all.push(entry.to_vec());
            rest = more;
        }
    }
    Ok(all)
}

fn tiles(folder: &Path, vkey: &str) -> Result<String> {
    let checkpoint = checkpoint(&fs::read(folder.join("checkpoint"))?, vkey)?;
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    let reader = Folder(folder.to_owned());
    let hashes = TileHashReader::new(size, root, &reader);
    let all = entries(folder, size)?;
    if all.len() as u64 != size {
        return Err("the bundles hold another number of entries".into());
    }
    for (index, entry) in (0..).zip(&all) {
        let path = prove_record(size, index, &hashes).map_err(|error| format!("{error:?}"))?;
        check_record(&path, size, root, index, record_hash(entry))
            .map_err(|error| format!("entry {index}: {error:?}"))?;
    }
    let old = size / 2;
    let shorter = tlog_tiles::tree_hash(old, &hashes).map_err(|error| format!("{error:?}"))?;
    let path = prove_tree(size, old, &hashes).map_err(|error| format!("{error:?}"))?;
    check_tree(&path, size, root, old, shorter).map_err(|error| format!("{error:?}"))?;
    Ok(format!(
        "{size} entries are proven from the tiles, and the log of {old} is a beginning of it"
    ))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let said = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["proofs", folder, vkey] => proofs(Path::new(folder), vkey)?,
        ["tiles", folder, vkey] => tiles(Path::new(folder), vkey)?,
        _ => return Err("usage: outside-tlog proofs|tiles FOLDER VKEY".into()),
    };
    println!("{said}");
    Ok(())
}
