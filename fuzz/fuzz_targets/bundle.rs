#![no_main]

use libfuzzer_sys::fuzz_target;

const EXAMPLE: &[u8] = include_bytes!("../../crates/verify/testdata/example/case.zip");
const POLICY: &[u8] = include_bytes!("../../crates/verify/testdata/example/policy");

fuzz_target!(|bytes: &[u8]| {
    verify::fuzzing::bundle(EXAMPLE, POLICY, bytes);
});
