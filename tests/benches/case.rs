//! Bytes and times of one case.
fn main() {}
