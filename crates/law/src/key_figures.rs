//! Key figures: their definitions as data, what each case contributes, and how contributions are
//! summed up.
//!
//! A figure is a definition that can change, and says so by its version. It compares; it sets no
//! target.

pub mod contribution;
pub mod count;
mod counters;
pub mod summary;

use serde::Deserialize;

/// In what a figure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Working days.
    WorkingDays,
    /// Steps of the support ladder.
    Steps,
    /// Tenths of a point.
    Tenths,
    /// Words.
    Words,
    /// Yes or no, summed up as a share.
    Share,
    /// How often.
    Count,
}

/// One key figure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFigure {
    /// Stable id.
    pub id: String,
    /// What it tells, in a few words.
    pub title: String,
    /// In what it is counted.
    pub unit: Unit,
    /// What exactly is counted.
    pub definition: String,
    /// The number of days whose share is shown besides.
    pub within: Option<i32>,
    /// From which value on the answer is yes, where the definition has such a value.
    pub at_least: Option<i32>,
    /// What is unsure about it.
    pub uncertain: Option<String>,
}

/// A published share of the whole country, to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct National {
    /// The key figure that it compares with.
    pub figure: String,
    /// The point of review that it was published for.
    pub point: String,
    /// The period.
    pub period: String,
    /// The share, in tenths of a percent.
    pub share_tenths: u16,
    /// Where it was published.
    pub source: String,
}

/// All key figures, checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFigures {
    /// Version of the definitions.
    pub version: String,
    /// Groups with fewer contributions are not shown.
    pub smallest_group: usize,
    /// The definitions.
    pub figures: Vec<KeyFigure>,
    /// Published shares.
    pub national: Vec<National>,
}

/// The definitions are not consistent.
#[derive(Debug, thiserror::Error)]
pub enum KeyFigureError {
    /// Not the form of the file.
    #[error("the key figures cannot be read")]
    Form(#[source] serde_json::Error),
    /// No function knows what the figure counts.
    #[error("key figure {0}: nothing counts it")]
    NotCounted(String),
    /// A function counts a figure that is not defined.
    #[error("key figure {0}: it is counted and not defined")]
    NotDefined(String),
    /// A published share for a figure that is not defined.
    #[error("national share for {0}: no such key figure")]
    NothingToCompare(String),
}

impl KeyFigures {
    /// The definitions that the program was built with.
    ///
    /// # Errors
    /// As [`KeyFigures::parse`]; a test makes sure that the built-in ones have none.
    pub fn built_in() -> Result<Self, KeyFigureError> {
        Self::parse(include_str!("../../../schema/rules/key-figures.json"))
    }

    /// Reads and checks definitions.
    ///
    /// # Errors
    /// [`KeyFigureError::Form`] for another form; [`KeyFigureError::NotCounted`] when nothing
    /// counts a figure; [`KeyFigureError::NotDefined`] when a figure is counted and not defined;
    /// [`KeyFigureError::NothingToCompare`] when a published share has no figure.
    pub fn parse(text: &str) -> Result<Self, KeyFigureError> {
        let figures: Self = serde_json::from_str(text).map_err(KeyFigureError::Form)?;
        let counted: Vec<&str> = counters::COUNTERS.iter().map(|(id, _, _)| *id).collect();
        if let Some(figure) = figures
            .figures
            .iter()
            .find(|figure| !counted.contains(&figure.id.as_str()))
        {
            return Err(KeyFigureError::NotCounted(figure.id.clone()));
        }
        if let Some(id) = counted.iter().find(|id| figures.figure(id).is_none()) {
            return Err(KeyFigureError::NotDefined((*id).to_owned()));
        }
        match figures
            .national
            .iter()
            .find(|national| figures.figure(&national.figure).is_none())
        {
            Some(national) => Err(KeyFigureError::NothingToCompare(national.figure.clone())),
            None => Ok(figures),
        }
    }

    /// The definition of that id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&KeyFigure> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    /// The published shares that a figure compares with.
    pub fn national(&self, id: &str) -> impl Iterator<Item = &National> {
        self.national
            .iter()
            .filter(move |national| national.figure == id)
    }
}
