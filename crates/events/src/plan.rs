//! The child's plan, its goals, and the follow-up.

use crate::define::{event, object, vocabulary};
use crate::ids::{GoalId, MeasureId};
use crate::person::PersonRef;
use crate::words::Words;
use jiff::civil::Date;

vocabulary! {
    /// The kind of plan.
    PlanKind {
        /// The child's plan (*barnets plan*).
        ChildPlan,
        /// The young person's plan (*ungeplan*).
        YouthPlan,
        /// Action plan (*handleplan*).
        ActionPlan,
        /// Description of goals without a plan.
        Description,
        /// Plan for the parents (*forældrehandleplan*).
        ParentPlan,
    }
}

event! {
    /// A version of a plan was adopted.
    PlanAdopted v 1 {
        danish: "plan vedtaget",
        law: "BL §§ 77, 91-94, 108; SEL § 140",
        streams: [Case],
        order: Some("adoptPlan"),
        roles: [Caseworker],
        views: [Timeline, Goals, FamilyVoice],
    }
    fields {
        /// The kind of plan.
        kind: PlanKind => matter,
        /// Version, from 1.
        version: u32 => matter,
        /// The children that it covers.
        children: Vec<PersonRef> => matter,
        /// With whom it was made.
        made_with: Vec<PersonRef> => matter,
        /// The goals of this version.
        goals: Vec<GoalId> => matter,
        /// Support for the family around the child.
        family_support: Option<Words> => matter,
        /// To whom it was given.
        given_to: Vec<PersonRef> => matter,
    }
}

vocabulary! {
    /// What part of life a goal is about.
    GoalArea {
        /// Development and behaviour.
        Development,
        /// Family.
        Family,
        /// School and learning.
        School,
        /// Health.
        Health,
        /// Leisure and friendships.
        Leisure,
        /// Independence and adult life.
        Independence,
        /// Other.
        Other,
    }
}

event! {
    /// A goal was set, in somebody's own words.
    GoalSet v 1 {
        danish: "mål sat",
        law: "BL § 92",
        streams: [Case],
        order: Some("setGoal"),
        roles: [Caseworker, Child, Parent],
        views: [Timeline, Goals, FamilyVoice],
    }
    fields {
        /// The goal.
        goal: GoalId => matter,
        /// The child.
        child: PersonRef => matter,
        /// The goal in words.
        wording: Words => person(child),
        /// Whose words they are.
        words_of: Vec<PersonRef> => matter,
        /// What part of life it is about.
        area: GoalArea => matter,
        /// How it will be seen that it is met.
        indicator: Option<Words> => person(child),
        /// The measure that is to help.
        measure: Option<MeasureId> => matter,
    }
}

vocabulary! {
    /// What became of a goal.
    GoalChange {
        /// It was put differently.
        Refocused,
        /// It is met.
        Met,
        /// It is met in part.
        PartlyMet,
        /// It was dropped.
        Dropped,
        /// It was taken up again.
        Reopened,
    }
}

event! {
    /// A goal was changed.
    GoalChanged v 1 {
        danish: "mål ændret",
        law: "BL § 95(6)",
        streams: [Case],
        order: Some("changeGoal"),
        roles: [Caseworker, Child, Parent],
        views: [Timeline, Goals, FamilyVoice],
    }
    fields {
        /// The goal.
        goal: GoalId => matter,
        /// What became of it.
        change: GoalChange => matter,
        /// The child.
        child: PersonRef => matter,
        /// The goal in its new words.
        new_wording: Option<Words> => person(child),
        /// Why.
        reason: Words => person(child),
        /// With whom it was agreed.
        agreed_with: Vec<PersonRef> => matter,
        /// To whom a short copy was sent.
        copy_sent_to: Option<Vec<PersonRef>> => matter,
    }
}

vocabulary! {
    /// What a follow-up says of the measure.
    MeasureJudgement {
        /// Goes on as it is.
        Keep,
        /// Is to be adjusted.
        Adjust,
        /// Is to end.
        End,
    }
}

object! {
    /// When the next follow-up is to take place: after a number of weeks, or on a day.
    Rhythm as "RhythmInput" {
        /// Weeks until the next follow-up.
        interval_weeks: Option<u16>,
        /// Day of the next follow-up.
        on: Option<Date>,
    }
}

impl Rhythm {
    /// The day of the follow-up that comes after one: the day that was set, or so many weeks on;
    /// null where it says neither.
    #[must_use]
    pub fn next_after(&self, held: Date) -> Option<Date> {
        let weeks_on = |weeks| crate::calendar::add_weeks(held, weeks);
        self.on.or_else(|| self.interval_weeks.map(weeks_on))
    }
}

event! {
    /// The measure and the child's well-being were followed up.
    FollowUpHeld v 1 {
        danish: "opfølgning",
        law: "BL § 95; SEL § 70",
        streams: [Case],
        order: Some("holdFollowUp"),
        roles: [Caseworker],
        views: [Timeline, Goals, FamilyVoice],
    }
    fields {
        /// The measures that were followed up.
        measures: Vec<MeasureId> => matter,
        /// Whether it was the first one.
        first: bool => matter,
        /// The child.
        child: PersonRef => matter,
        /// Whether the child took part.
        child_involved: bool => matter,
        /// The parents who took part.
        parents_involved: Vec<PersonRef> => matter,
        /// How the child is.
        wellbeing_judgement: Words => person(child),
        /// What becomes of the measure.
        measure_judgement: MeasureJudgement => matter,
        /// Whether a new assessment is needed.
        new_assessment_needed: bool => matter,
        /// Whether the plan must be revised.
        plan_revision_needed: bool => matter,
        /// When the next follow-up is to take place; not stated when there is to be none.
        next_rhythm: Option<Rhythm> => matter,
        /// Why that rhythm.
        rhythm_reasons: Option<Words> => matter,
        /// Who was told of the rhythm.
        rhythm_told_to: Vec<PersonRef> => matter,
        /// Why it was held later than meant.
        delay_reasons: Option<Words> => matter,
    }
}
