//! Screening, clarification and examination of a child's need.

use crate::define::{event, vocabulary};
use crate::person::{About, PersonRef};
use crate::text::Section;
use crate::words::Words;

vocabulary! {
    /// Where a screening leads.
    ScreeningOutcome {
        /// Nothing further.
        NoFurther,
        /// Clarification (*afdækning*, BL § 19).
        Clarification19 = "CLARIFICATION_19",
        /// Child protection examination (*børnefaglig undersøgelse*, BL § 20).
        Examination20 = "EXAMINATION_20",
    }
}

vocabulary! {
    /// How heavy a case weighs; its duties fit the weight.
    CaseWeight {
        /// Light.
        Light,
        /// Medium.
        Medium,
        /// Heavy.
        Heavy,
    }
}

vocabulary! {
    /// What a screening must not overlook.
    ScreeningFlag {
        /// Abuse.
        Abuse,
        /// Violence.
        Violence,
        /// Coercion is considered.
        CoercionConsidered,
        /// Placement is considered.
        PlacementConsidered,
        /// Disability.
        Disability,
        /// Honour-related conflict.
        HonourRelated,
        /// The child is not born yet.
        Unborn,
    }
}

event! {
    /// The case was screened: how heavy it weighs and what comes next.
    ScreeningConcluded v 1 {
        danish: "screening",
        law: "BL § 18",
        streams: [Case],
        order: Some("concludeScreening"),
        roles: [Caseworker],
        views: [Timeline, FamilyVoice],
    }
    fields {
        /// What comes next.
        outcome: ScreeningOutcome => matter,
        /// How heavy the case weighs.
        weight: CaseWeight => matter,
        /// What must not be overlooked; empty when nothing.
        flags: Vec<ScreeningFlag> => matter,
        /// Why.
        reasons: Words => matter,
        /// Whether help was already set going.
        next_help_started: bool => matter,
    }
}

vocabulary! {
    /// What an assessment of risk found.
    RiskResult {
        /// No danger in involving parents and network.
        NoDanger,
        /// They can be involved with precautions.
        WithPrecautions,
        /// They must not be involved.
        Danger,
    }
}

event! {
    /// The risk of involving parents and network was judged, where honour-related conflict or
    /// negative social control may be present.
    RiskAssessmentMade v 1 {
        danish: "risikovurdering",
        law: "BL § 18(3)",
        streams: [Case],
        order: Some("makeRiskAssessment"),
        roles: [Caseworker],
        views: [Timeline],
    }
    fields {
        /// Whether it was made before parents or network were involved.
        made_before_involvement: bool => matter,
        /// What it found.
        result: RiskResult => matter,
        /// Why.
        reasons: Words => matter,
        /// Who advised, where somebody did.
        adviser: Option<crate::text::Short> => matter,
    }
}

vocabulary! {
    /// The kind of assessment.
    AssessmentKind {
        /// Short running assessment.
        ShortAssessment,
        /// Clarification (*afdækning*, BL § 19).
        Clarification19 = "CLARIFICATION_19",
        /// Child protection examination (*børnefaglig undersøgelse*, BL § 20).
        Examination20 = "EXAMINATION_20",
        /// Examination before birth (BL § 26).
        Unborn26 = "UNBORN_26",
        /// Examination without consent (BL § 23).
        Coerced23 = "COERCED_23",
    }
}

event! {
    /// An assessment was started.
    AssessmentOpened v 1 {
        danish: "afdækning eller undersøgelse iværksat",
        law: "BL §§ 19-27, 125",
        streams: [Case],
        order: Some("openAssessment"),
        roles: [Caseworker, CommitteeSec],
        views: [Timeline, FamilyVoice],
    }
    fields {
        /// Its kind.
        kind: AssessmentKind => matter,
        /// What it covers.
        scope: Words => matter,
        /// The children that it covers.
        children: Vec<PersonRef> => matter,
        /// Whether starting it is a decision with rights of complaint.
        is_decision: bool => matter,
        /// Whether support runs beside it.
        parallel_to_support: bool => matter,
        /// Whether a children's house (*børnehus*) takes part.
        childrens_house_used: bool => matter,
    }
}

vocabulary! {
    /// How far an assessment has come.
    ReportStage {
        /// Preliminary.
        Preliminary,
        /// Final.
        Final,
    }
}

vocabulary! {
    /// What an assessment recommends.
    RecommendedSupport {
        /// None.
        None,
        /// Supportive measure (BL § 32).
        Support32 = "SUPPORT_32",
        /// Placement with consent (BL § 46).
        Placement46 = "PLACEMENT_46",
        /// Placement without consent (BL § 47).
        Placement47 = "PLACEMENT_47",
    }
}

event! {
    /// An assessment was reported.
    AssessmentReported v 1 {
        danish: "afdækning eller undersøgelse afsluttet",
        law: "BL §§ 20(3), 22(6)",
        streams: [Case],
        order: Some("reportAssessment"),
        roles: [Caseworker],
        views: [Timeline, FamilyVoice],
    }
    fields {
        /// The kind of assessment.
        kind: AssessmentKind => matter,
        /// Preliminary or final.
        stage: ReportStage => matter,
        /// What it recommends.
        recommendation: RecommendedSupport => matter,
        /// The section that it recommends.
        section: Option<Section> => matter,
        /// What it found, in short.
        conclusion: Words => matter,
        /// The child.
        child: PersonRef => matter,
        /// What the child thinks of it.
        child_attitude: Words => person(child),
        /// What each holder of custody thinks of it.
        custody_holder_attitudes: Vec<About> => each_person,
        /// Resources in the family and its network.
        resources: Option<Words> => matter,
        /// Length of the report in words.
        length_words: u32 => matter,
    }
}

vocabulary! {
    /// What a brother or sister needs.
    SiblingResult {
        /// An assessment of their own.
        OwnAssessment,
        /// A joint assessment.
        JointAssessment,
        /// None.
        NotNeeded,
    }
}

event! {
    /// It was judged whether a brother or sister needs an assessment too.
    SiblingNeedAssessed v 1 {
        danish: "vurdering af søskende",
        law: "BL §§ 19(3), 21",
        streams: [Case],
        order: Some("assessSiblingNeed"),
        roles: [Caseworker],
        views: [Timeline, Family, FamilyVoice],
    }
    fields {
        /// The brother or sister.
        sibling: PersonRef => matter,
        /// What they need.
        result: SiblingResult => matter,
        /// Why.
        reasons: Words => person(sibling),
    }
}
