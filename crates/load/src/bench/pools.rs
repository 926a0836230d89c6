//! The cases that loads write to and ask for: made when they are needed, and kept for the next load
//! where that changes little.

use std::sync::Arc;

use super::{Bench, BenchError, USUAL};
use crate::cases::{Case, Families, Lengths};
use crate::loads::OPEN_CLIENTS;
use crate::peer::Peer;
use crate::users::make;

/// Events that are made of short cases for each second of a load, so that they do not grow long
/// while it runs; about as many as are recorded meanwhile. A debug build is a tenth as fast.
const MADE_A_SECOND: u64 = if cfg!(debug_assertions) { 120 } else { 1_200 };
/// Of long cases there are fewer than clients, so that making them takes no longer than this many
/// events.
const MADE_MAX: u64 = 40_000;
/// Cases up to this length are made anew for each load; longer ones hardly grow.
const SHORT: u32 = 30;

/// Cases of one length.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) cases: Vec<Case>,
    /// Events that they hold beyond those that they were made with.
    pub(super) more: u64,
}

impl Pool {
    /// Events of a case, on average.
    pub(super) fn events(&self) -> f64 {
        let made: u64 = self.cases.iter().map(|case| u64::from(case.events)).sum();
        (made + self.more) as f64 / self.cases.len().max(1) as f64
    }
}

impl<P: Peer> Bench<'_, P> {
    pub(super) fn next_seed(&mut self) -> u64 {
        self.families += 1;
        self.settings
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(self.families)
    }

    pub(super) async fn usual_pool(&mut self) -> Result<Pool, BenchError> {
        match self.pools.remove(&USUAL) {
            Some(pool) => Ok(pool),
            None => self.pool(USUAL, OPEN_CLIENTS).await,
        }
    }

    /// How many cases of a length a load of so many clients has.
    pub(super) fn wanted(&self, events: u32, clients: u32) -> u64 {
        let (events, clients) = (u64::from(events), u64::from(clients));
        if self.settings.few_cases {
            return clients;
        }
        let meanwhile = MADE_A_SECOND * self.settings.span.measured.as_secs().max(1) / events;
        clients.min(MADE_MAX / events).max(meanwhile).max(2)
    }

    /// Cases of a length, taken out of the run's; what is missing is made.
    pub(super) async fn pool(&mut self, events: u32, clients: u32) -> Result<Pool, BenchError> {
        let mut pool = self.pools.remove(&events).unwrap_or_default();
        if events <= SHORT && !self.settings.few_cases {
            pool = Pool::default();
        }
        let wanted = usize::try_from(self.wanted(events, clients)).unwrap_or(usize::MAX);
        if let Some(missing) = wanted
            .checked_sub(pool.cases.len())
            .filter(|count| *count > 0)
        {
            let seed = self.next_seed();
            let cases = Families::new(seed, Lengths::All(events)).cases(missing);
            pool.cases.append(&mut self.make(cases).await?);
        }
        Ok(pool)
    }

    pub(super) async fn make(&self, cases: Vec<Case>) -> Result<Vec<Case>, BenchError> {
        self.progress
            .begin("making cases", cases.iter().map(Case::left).sum());
        let progress = Arc::clone(&self.progress);
        let done: Arc<dyn Fn() + Send + Sync> = Arc::new(move || progress.step());
        make(self.server, cases, &done)
            .await
            .map_err(BenchError::Making)
    }
}
