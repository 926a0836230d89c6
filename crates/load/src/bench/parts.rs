//! Loads of several parts at once, each due at its own times.

use tokio::task::JoinSet;

use super::pools::Pool;
use super::{About, Bench, BenchError, USUAL, row, timed};
use crate::cases::{Families, Lengths};
use crate::loads::{Load, OPEN_CLIENTS};
use crate::pace::{Pace, run};
use crate::peer::Peer;
use crate::process::usage;
use crate::report::Target;
use crate::users::{OVER_ALL, Script, User, askers, note_takers, of_each, over_all, versions};

impl<P: Peer> Bench<'_, P> {
    /// Lists, board and figures beside 500 notes a second.
    pub(super) async fn lists(&mut self) -> Result<(), BenchError> {
        let mut pool = self.usual_pool().await?;
        let notes = note_takers(self.server, &mut pool.cases, OPEN_CLIENTS);
        let mut parts = vec![("notes", notes, self.settings.rate.unwrap_or(500.0))];
        for ((name, query), rate) in OVER_ALL.into_iter().zip([50.0, 20.0, 2.0]) {
            parts.push((name, askers(self.server, &over_all(query), 8), rate));
        }
        self.together(Load::Lists, pool, parts).await
    }

    /// What a municipality does, many times as fast: new cases of all lengths with documents, notes,
    /// views, versions and lists.
    pub(super) async fn mixed(&mut self) -> Result<(), BenchError> {
        let seed = self.next_seed();
        let mut families = Families::new(seed, Lengths::AsTheyAre);
        let made = self.make(families.cases(200)).await?;
        let mut pool = Pool {
            cases: made,
            more: 0,
        };
        let makers = families.cases(16).into_iter();
        let makers = makers.map(|case| User::new(self.server, Script::Steps(vec![case])));
        let parts = vec![
            ("new cases", makers.collect(), 50.0),
            (
                "notes",
                note_takers(self.server, &mut pool.cases, 32),
                150.0,
            ),
            (
                "views",
                askers(self.server, &of_each(&pool.cases, self.settings.view), 16),
                50.0,
            ),
            (
                "versions",
                askers(self.server, &versions(&pool.cases), 16),
                200.0,
            ),
            (
                "lists",
                askers(self.server, &over_all(OVER_ALL[0].1), 8),
                20.0,
            ),
        ];
        self.together(Load::Mixed, pool, parts).await
    }

    /// Several open loops at once, a row for each.
    async fn together(
        &mut self,
        load: Load,
        mut pool: Pool,
        parts: Vec<(&'static str, Vec<User>, f64)>,
    ) -> Result<(), BenchError> {
        let from = pool.events();
        let name = load.name();
        let measured = timed(
            &self.progress,
            name,
            self.settings.span,
            |span| async move {
                let mut tasks = JoinSet::new();
                for (place, (part, users, rate)) in parts.into_iter().enumerate() {
                    let clients = u32::try_from(users.len()).unwrap_or(u32::MAX);
                    tasks.spawn(async move {
                        let measured = run(users, Pace::Rate(rate), span).await;
                        (place, part, clients, rate, measured)
                    });
                }
                let mut all = tasks.join_all().await;
                all.sort_by_key(|(place, ..)| *place);
                all
            },
        )
        .await;
        for (_, part, clients, rate, measured) in measured {
            let measured = measured?;
            if part == "notes" {
                pool.more += measured.clients.iter().map(|user| user.sent).sum::<u64>();
            }
            let about = About {
                load: name.to_owned(),
                part: Some(part.to_owned()),
                target: Target::Sagsspor,
                rate: Some(rate),
                cases: pool.cases.len(),
                events: (from, pool.events()),
            };
            let mut row = row(about, clients, &measured);
            row.memory_bytes = usage(self.watched.id()).map(|usage| usage.memory);
            self.report.rows.push(row);
        }
        if load == Load::Lists {
            self.pools.insert(USUAL, pool);
        }
        Ok(())
    }
}
