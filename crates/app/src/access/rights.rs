//! What each role may do: the one table that [`crate::session::Session`] asks.
//!
//! It knows roles only. How a viewer stands to a case plays no part yet; which fact a role may
//! record is decided in `domain::decide`, and answered as a refusal.

use events::meta::Role;

/// A viewer may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not permitted")]
pub struct Forbidden {
    /// The right that is missing.
    pub right: Right,
}

/// One cell of the table.
macro_rules! may {
    (Y) => {
        true
    };
    (-) => {
        false
    };
}

/// Makes the rights of the table, and asks it.
macro_rules! rights {
    ($($right:ident [$($may:tt)+] $doc:literal;)+) => {
        /// Something that a viewer may do or not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Right {
            $(#[doc = $doc] $right,)+
        }

        impl Right {
            /// Every right, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$right,)+];

            /// What it lets somebody do, in words.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$right => $doc,)+
                }
            }

            const fn row(self) -> Row {
                match self {
                    $(Self::$right => Row([$(may!($may),)+]),)+
                }
            }
        }
    };
}

// Columns, in this order: Intake, Oncall, Caseworker, Leader, Lawyer; CommitteeChair,
// CommitteeSec, Records, Provider, Child; Parent, Board, Auditor, Dpo, System.
rights! {
    //                  I O C L L   C S R P C   P B A D S
    ReadCase           [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Read a case, at any moment.";
    ReadNotification   [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Read a notification.";
    ReadPerson         [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Read what is known of a person.";
    ReadDocument       [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Open a document.";
    ReadLookUps        [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Read who looked at a case.";
    ReadList           [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "List and search cases.";
    ReadBoard          [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "List the duties of all cases.";
    ReadFamily         [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "List the cases of a family.";
    ReadFigures        [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Read key figures over all cases.";
    ReadSmallFigures   [- - - Y -   - - - - -   - - - - -] "See key figures of groups too small to leave the house.";
    ReadFigureCases    [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "See the cases behind a key figure.";
    ReadStreams        [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "See which streams there are, and their versions.";
    ReadIntegrity      [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Read checks of the log, and safeguards set aside.";
    ReadLog            [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Read signed entries and their proofs.";
    LetterReceipt      [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Take the receipt of an event.";
    CheckReceipt       [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Check a receipt against the log.";
    Record             [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Record a fact.";
    Correct            [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Correct a fact.";
    FileDocument       [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "File a document.";
    ActivateRules      [Y Y Y Y Y   Y Y Y Y Y   Y Y Y Y Y] "Put a catalogue of rules into force.";
    Erase              [- - - Y -   - - - - -   - - - Y -] "Order an erasure.";
    Bundle             [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Take the evidence of a stream out.";
    Disclose           [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "Give a case out.";
    SuggestWithholding [Y Y Y Y Y   Y Y Y Y Y   Y Y - Y Y] "See what of a case is often withheld.";
}

/// A row of the table: whether each role has a right.
struct Row([bool; 15]);

impl Row {
    const fn of(&self, role: Role) -> bool {
        let [
            intake,
            oncall,
            caseworker,
            leader,
            lawyer,
            committee_chair,
            committee_sec,
            records,
            provider,
            child,
            parent,
            board,
            auditor,
            dpo,
            system,
        ] = self.0;
        match role {
            Role::Intake => intake,
            Role::Oncall => oncall,
            Role::Caseworker => caseworker,
            Role::Leader => leader,
            Role::Lawyer => lawyer,
            Role::CommitteeChair => committee_chair,
            Role::CommitteeSec => committee_sec,
            Role::Records => records,
            Role::Provider => provider,
            Role::Child => child,
            Role::Parent => parent,
            Role::Board => board,
            Role::Auditor => auditor,
            Role::Dpo => dpo,
            Role::System => system,
        }
    }
}

impl Right {
    /// Whether a role has it.
    #[must_use]
    pub const fn is_of(self, role: Role) -> bool {
        self.row().of(role)
    }
}
