//! The loads by name: what each asks for, and how many clients ask.

/// How many clients send as fast as they can, one after another.
pub const CLIENTS: [u32; 4] = [1, 16, 64, 256];
/// Connections over which an open loop sends.
pub const OPEN_CLIENTS: u32 = 64;
/// The most clients that can be asked for.
pub const CLIENTS_MAX: u32 = 10_000;

/// A load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Notes to cases that hold so many events, as fast as the clients can.
    Notes(u32),
    /// Notes that are due so many times a second.
    Steady(u32),
    /// Whole cases, with about sixty fields of each.
    View,
    /// The version of a case and nothing else.
    Version,
    /// Lists, the board and key figures while notes are recorded.
    Lists,
    /// Everything at once, on cases as they are.
    Mixed,
}

impl Load {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = LOADS.iter().find(|(load, _)| *load == self);
        named.map_or("another load", |(_, name)| name)
    }

    /// The load of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let named = LOADS.iter().find(|(_, known)| *known == name);
        named.map(|(load, _)| *load)
    }
}

/// All loads with their names, in the order in which they run.
pub const LOADS: [(Load, &str); 11] = [
    (Load::Notes(3), "notes-3"),
    (Load::Notes(30), "notes-30"),
    (Load::Notes(300), "notes-300"),
    (Load::Notes(1_000), "notes-1000"),
    (Load::Notes(5_000), "notes-5000"),
    (Load::Steady(300), "steady-300"),
    (Load::Steady(500), "steady-500"),
    (Load::View, "view"),
    (Load::Version, "version"),
    (Load::Lists, "lists"),
    (Load::Mixed, "mixed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_load_is_found_by_its_name_and_no_two_have_the_same() {
        let mut names: Vec<&str> = LOADS.iter().map(|(load, _)| load.name()).collect();
        for (load, name) in LOADS {
            assert_eq!((Load::named(name), load.name()), (Some(load), name));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LOADS.len());
        assert_eq!(Load::named("notes-31"), None);
    }
}
