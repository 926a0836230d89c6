//! PostgreSQL as a store of events: a table of streams with their versions, a table of events, and
//! one statement that appends an event if the version is the expected one.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio_postgres::{Config, NoTls, Statement};

use crate::meter::Outcome;
use crate::pace::Client;
use crate::peer::cluster::{Cluster, OWNER};
use crate::peer::{Absent, BODY_BYTES, Peer};
use crate::process::usage_of_family;
use crate::report::Target;
use crate::seeded::Seeded;

/// How it is asked, in a line for the report.
pub const NOTE: &str = "one statement that moves the version of a stream and inserts a body of 3 kB, \
     prepared, over loopback; fsync and synchronous_commit on, otherwise as installed";

/// Bodies stay in their rows, neither compressed nor moved to a table of their own: nothing is
/// faster.
const TABLES: &str = "
    create table streams (id bigint primary key, version bigint not null);
    create table events (
        stream bigint not null, version bigint not null, body bytea not null,
        primary key (stream, version)
    );
    alter table events alter column body set storage plain;";

const APPEND: &str = "
    with moved as (
        update streams set version = version + 1 where id = $1 and version = $2
        returning id, version
    )
    insert into events (stream, version, body) select id, version, $3 from moved";

/// It is waited for so long until it answers.
const STARTING: Duration = Duration::from_secs(60);
const ROUND: Duration = Duration::from_millis(50);

/// A running PostgreSQL with empty tables.
pub struct Postgres {
    cluster: Cluster,
    control: tokio_postgres::Client,
    /// Its version.
    pub version: String,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres")
            .field("version", &self.version)
            .finish()
    }
}

async fn connect(port: u16) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let mut config = Config::new();
    config
        .host("127.0.0.1")
        .port(port)
        .user(OWNER)
        .dbname("postgres");
    let (client, connection) = config.connect(NoTls).await?;
    // It ends with the client; an error there is the error of the statement.
    tokio::spawn(async move { connection.await.ok() });
    Ok(client)
}

fn absent(error: tokio_postgres::Error) -> Absent {
    Absent(told(&error))
}

/// An error with what the server says of it.
fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(of_server) => of_server.message().to_owned(),
        None => error.to_string(),
    }
}

impl Postgres {
    /// Makes a cluster below a directory, starts it, and makes the tables.
    ///
    /// # Errors
    /// [`Absent`] as [`Cluster::start`], and where it does not answer.
    pub async fn start(below: &Path, connections: u32) -> Result<Self, Absent> {
        let mut cluster = Cluster::start(below, connections)?;
        let until = Instant::now() + STARTING;
        let control = loop {
            match connect(cluster.port).await {
                Ok(client) => break client,
                Err(error) if cluster.has_ended() || Instant::now() > until => {
                    return Err(absent(error));
                }
                Err(_) => tokio::time::sleep(ROUND).await,
            }
        };
        control.batch_execute(TABLES).await.map_err(absent)?;
        let version = control.query_one("show server_version", &[]).await;
        let version = version.map_err(absent)?.try_get(0).map_err(absent)?;
        Ok(Self {
            cluster,
            control,
            version,
        })
    }
}

impl Peer for Postgres {
    const TARGET: Target = Target::Postgresql;
    type Client = Appending;

    async fn clients(&self, count: u32, streams: u32) -> Result<Vec<Appending>, Absent> {
        let row = self
            .control
            .query_one("select coalesce(max(id), 0) from streams", &[])
            .await
            .map_err(absent)?;
        let first: i64 = row.try_get::<_, i64>(0).map_err(absent)? + 1;
        let last = first + i64::from(streams.max(count)) - 1;
        self.control
            .execute(
                "insert into streams select id, 0 from generate_series($1::bigint, $2::bigint) id",
                &[&first, &last],
            )
            .await
            .map_err(absent)?;
        let mut clients = Vec::new();
        for number in 0..i64::from(count) {
            let client = connect(self.cluster.port).await.map_err(absent)?;
            let append = client.prepare(APPEND).await.map_err(absent)?;
            let own = (first + number..=last).step_by(usize::try_from(count).unwrap_or(1));
            let seed = u64::try_from(number).unwrap_or(0);
            clients.push(Appending {
                client,
                append,
                streams: own.map(|id| (id, 0)).collect(),
                next: 0,
                chance: Seeded::new(seed),
            });
        }
        Ok(clients)
    }

    /// Of the log that commits wait for. Its name is that of the versions 14 to 17.
    async fn syncs(&self) -> Option<u64> {
        let row = self
            .control
            .query_one("select wal_sync from pg_stat_wal", &[])
            .await;
        u64::try_from(row.ok()?.try_get::<_, i64>(0).ok()?).ok()
    }

    fn cpu(&self) -> Option<Duration> {
        usage_of_family(self.cluster.id())
    }
}

/// A client that appends to its streams in turn.
pub struct Appending {
    client: tokio_postgres::Client,
    append: Statement,
    streams: Vec<(i64, i64)>,
    next: usize,
    chance: Seeded,
}

impl Appending {
    /// Bytes that no compression makes smaller, as encrypted ones are.
    fn body(&mut self) -> Vec<u8> {
        let numbers = (0..BODY_BYTES / 8).map(|_| self.chance.number());
        numbers.flat_map(u64::to_le_bytes).collect()
    }
}

impl Client for Appending {
    async fn ask(&mut self) -> Outcome {
        let body = self.body();
        let place = self.next.checked_rem(self.streams.len()).unwrap_or(0);
        self.next = place + 1;
        let Some((stream, version)) = self.streams.get_mut(place) else {
            return Outcome::Failed("there is no stream".to_owned());
        };
        let appended = self
            .client
            .execute(&self.append, &[stream, version, &body])
            .await;
        match appended {
            Ok(1) => {
                *version += 1;
                Outcome::Done
            }
            Ok(_) => Outcome::Failed("the version was another".to_owned()),
            Err(error) => Outcome::Failed(told(&error)),
        }
    }
}
