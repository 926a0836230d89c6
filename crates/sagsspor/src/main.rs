//! The `sagsspor` command.
fn main() {}
