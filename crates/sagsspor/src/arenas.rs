//! How much memory the allocator keeps that nobody uses.
//!
//! That of the GNU C library has up to eight arenas for each processor, and each keeps what its
//! threads held at their busiest: twice what is in use, in a server whose threads take turns
//! (`docs/adr/0017`). How many there are is read from the environment when a program begins, and
//! only there. So the server begins anew with one arena for each processor, as the same process,
//! unless the environment says how many.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Where the C library reads it.
const ARENAS: &str = "MALLOC_ARENA_MAX";
/// The newer place of the same.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// One alone would make threads wait for each other.
const LEAST: usize = 2;

/// Whether the environment says how many arenas there are.
fn told() -> bool {
    let tunables = std::env::var_os(TUNABLES).unwrap_or_default();
    std::env::var_os(ARENAS).is_some() || tunables.to_string_lossy().contains("arena_max")
}

/// Begins the program anew with few arenas, unless it was begun so; goes on as it is where that
/// fails.
pub(crate) fn few() {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || told() {
        return;
    }
    let processors = std::thread::available_parallelism()
        .map_or(LEAST, std::num::NonZero::get)
        .max(LEAST);
    let mut arguments = std::env::args_os();
    let Some(name) = arguments.next() else { return };
    // The very file that runs, also when another lies in its place by now.
    let error = Command::new("/proc/self/exe")
        .arg0(name)
        .args(arguments)
        .env(ARENAS, processors.to_string())
        .exec();
    tracing::warn!(%error, "the allocator keeps more memory than it needs: the program could not be begun anew with fewer arenas");
}
