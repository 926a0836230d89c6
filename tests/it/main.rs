//! Everything that is tested from outside the crates, in one binary: a folder for each subject,
//! in the order in which a newcomer reads them. What the tests share lies in `tests/support`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests"
)]

/// How facts come into a case: taken in, refused, corrected, and kept through a crash.
mod recording {
    mod bad_input;
    mod correcting;
    mod crash;
    mod documents;
    mod lengths;
}

/// Two worked cases, from the first notification to the end.
mod histories {
    mod alma;
    mod bastian_clara;
    mod every_row;
    mod every_text;
    mod on_the_memory_backend;
}

/// What the law asks of a case: duties, deadlines and key figures.
mod law {
    mod board;
    mod duties;
    mod other_law;
}

/// Lists, searches and look-ups, and what they must not give away.
mod lists {
    mod listing;
    mod look_ups;
    mod secrecy;
}

/// Erasing, also when it is interrupted.
mod erasing {
    mod erasure;
    mod interrupted_erasure;
}

/// Evidence: what is handed out, and how an independent verifier finds what was altered.
mod evidence {
    mod bundles;
    mod dossier_contents;
    mod jose_of_others;
    mod offline;
    mod over_http;
    mod tamper;
}

/// Witnesses, time stamping authorities and auditors: others who vouch for the log.
mod witnessing {
    mod archive;
    mod audit;
    mod cosigning;
    mod second_machine;
    mod time_stamps;
    mod two_logs;
}

/// What operators meet: keys, clocks, backups, faults, load and repair.
mod operations {
    mod backups;
    mod bench;
    mod clocks;
    mod crowd;
    mod done_once;
    mod faults;
    mod keys;
    mod missing;
    mod repair;
    mod safeguards;
    mod side_by_side;
    mod upgrade;
}

/// The outermost edges: GraphQL over HTTP, what each error is answered with, and the program with its commands and pages.
mod edges {
    mod commands;
    mod graphql_over_http;
    mod outcomes;
    mod pages;
    mod program;
    mod roles;
}

/// What others rely on: golden files, and the dependencies between the crates.
mod contracts {
    mod architecture;
    mod field_types;
    mod golden;
    mod positions;
    mod rights;
}
