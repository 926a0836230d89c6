#![no_main]

use libfuzzer_sys::fuzz_target;
use verify::tiles::{parse_entries, parse_hashes};

// The first byte is the width that the path of a tile states; the rest is the tile.
fuzz_target!(|bytes: &[u8]| {
    let Some((width, tile)) = bytes.split_first() else { return };
    let width = u64::from(*width);
    if let Some(hashes) = parse_hashes(tile, width) {
        assert_eq!(hashes.concat(), tile);
    }
    if let Some(entries) = parse_entries(tile, width) {
        let written: Vec<u8> = entries.iter().flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat()).collect();
        assert_eq!(written, tile);
    }
});
