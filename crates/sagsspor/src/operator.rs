//! Who runs the program, as the machine states it: not proven, and recorded as such.

/// A user and a machine in words.
pub(crate) fn stated_name() -> String {
    let variable = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    };
    let user = variable("SUDO_USER")
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| "unknown user".to_owned());
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match machine.trim() {
        "" => user,
        machine => format!("{user} on {machine}"),
    }
}
