//! What is known of an event type besides its fields: who may record it, which law it
//! evidences, and which person each field is about.

use crate::meta::Role;

/// Whom a field is about. It decides the part, and so the key, that the field lies under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The matter itself: the stream's own part.
    Matter,
    /// The person that the named field of the same event points at; the matter when that
    /// field is not stated.
    Person(&'static str),
    /// A list of [`crate::person::About`]: each item under its own person's key.
    EachPerson,
}

/// One field of an event type.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// Stored name, snake case.
    pub name: &'static str,
    /// Whom it is about.
    pub subject: Subject,
    /// Whether its items are elements of their own.
    pub list: bool,
}

/// The kind of stream that an event type stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamKind {
    /// One notification of concern (*underretning*).
    Notification,
    /// One person.
    Person,
    /// One case.
    Case,
    /// The log's own: integrity checks, rule sets, keys.
    System,
    /// Look-ups, in the access log.
    Access,
}

impl StreamKind {
    /// How part 0 of an event in such a stream names its subject.
    #[must_use]
    pub const fn who(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Person => "person",
            Self::Case => "case",
            Self::System => "system",
            Self::Access => "access",
        }
    }

    /// The kind that `who` of part 0 names.
    #[must_use]
    pub fn from_who(who: &str) -> Option<Self> {
        [
            Self::Notification,
            Self::Person,
            Self::Case,
            Self::System,
            Self::Access,
        ]
        .into_iter()
        .find(|kind| kind.who() == who)
    }
}

/// A place where the recorded fact is shown. Numbers are those of the catalogue page; the ones that
/// are missing belong to the law (duties, measurement points, key figures).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum View {
    /// V1, notification inbox (*underretningsindbakke*).
    Inbox,
    /// V3, timeline (*tidslinje*).
    Timeline,
    /// V4, the child's voice (*barnets stemme*).
    ChildVoice,
    /// V5, goals and plans (*mål og planer*).
    Goals,
    /// V6, well-being (*trivsel*).
    Wellbeing,
    /// V7, support ladder (*indsatstrappe*).
    SupportLadder,
    /// V8, network (*netværk*).
    Network,
    /// V9, decisions (*afgørelser*).
    Decisions,
    /// V10, rights of the parties (*parternes rettigheder*).
    Parties,
    /// V11, dossier of an appeal (*klagesag*).
    Appeal,
    /// V13, family (*familie*).
    Family,
    /// V15, the family's own view (*familiens egen visning*).
    FamilyVoice,
    /// V16, who looked and what was given out (*indsigt og opslag*).
    Access,
    /// V17, integrity (*integritet*).
    Integrity,
    /// V18, statistics (*statistik*).
    Statistics,
    /// V19, early advice (*tidlig rådgivning*).
    EarlyAdvice,
    /// V20, retention and erasure (*bevaring og sletning*).
    Retention,
}

impl View {
    /// Every view, in the order of its number.
    pub const ALL: &'static [Self] = &[
        Self::Inbox,
        Self::Timeline,
        Self::ChildVoice,
        Self::Goals,
        Self::Wellbeing,
        Self::SupportLadder,
        Self::Network,
        Self::Decisions,
        Self::Parties,
        Self::Appeal,
        Self::Family,
        Self::FamilyVoice,
        Self::Access,
        Self::Integrity,
        Self::Statistics,
        Self::EarlyAdvice,
        Self::Retention,
    ];

    /// Its number in the catalogue, its English and its Danish name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Inbox => ("V1", "notification inbox", "underretningsindbakke"),
            Self::Timeline => ("V3", "timeline", "tidslinje"),
            Self::ChildVoice => ("V4", "the child's voice", "barnets stemme"),
            Self::Goals => ("V5", "goals and plans", "mål og planer"),
            Self::Wellbeing => ("V6", "well-being", "trivsel"),
            Self::SupportLadder => ("V7", "support ladder", "indsatstrappe"),
            Self::Network => ("V8", "network", "netværk"),
            Self::Decisions => ("V9", "decisions", "afgørelser"),
            Self::Parties => ("V10", "rights of the parties", "parternes rettigheder"),
            Self::Appeal => ("V11", "dossier of an appeal", "klagesag"),
            Self::Family => ("V13", "family", "familie"),
            Self::FamilyVoice => ("V15", "the family's own view", "familiens egen visning"),
            Self::Access => (
                "V16",
                "who looked and what was given out",
                "indsigt og opslag",
            ),
            Self::Integrity => ("V17", "integrity", "integritet"),
            Self::Statistics => ("V18", "statistics", "statistik"),
            Self::EarlyAdvice => ("V19", "early advice", "tidlig rådgivning"),
            Self::Retention => ("V20", "retention and erasure", "bevaring og sletning"),
        }
    }
}

/// What is fixed about one event type.
#[derive(Debug, Clone, Copy)]
pub struct EventSpec {
    /// Name, for example `ChildHeard`; stored as the payload's type.
    pub name: &'static str,
    /// Version of the fields.
    pub version: u32,
    /// Danish term.
    pub danish: &'static str,
    /// The law that the fact evidences, for people.
    pub law: &'static str,
    /// First sentence for the catalogue, from the doc comment.
    pub doc: &'static str,
    /// The kinds of stream that it may stand in.
    pub streams: &'static [StreamKind],
    /// The order that records it, as the API names it; none where only the system writes it.
    pub order: Option<&'static str>,
    /// Who may record it.
    pub roles: &'static [Role],
    /// Where it is shown.
    pub views: &'static [View],
    /// Its fields in the order of the struct.
    pub fields: &'static [FieldSpec],
}

impl EventSpec {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldSpec> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The fields of one event type.
pub trait Facts: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema {
    /// What is fixed about the type.
    const SPEC: EventSpec;
}
