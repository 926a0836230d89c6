//! Users of the program: each has a connection and knows what to ask next.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::cases::Case;
use crate::http::Connection;
use crate::meter::Outcome;
use crate::pace::Client;
use crate::request::Request;

/// The newest cases, as a caseworker's list shows them.
const LIST: &str = "{ cases(first: 20, order: NEWEST_FIRST) { position nodes { stream status opened caseworkers childName { value } } } }";
/// What is due first.
const BOARD: &str =
    "{ obligationBoard(first: 50) { incomplete nodes { ruleId title dueOn overdue ageDays } } }";
/// Key figures of a year.
const FIGURES: &str = "{ keyFigures(from: \"2025-01-01\", to: \"2025-12-31\") { caseCount figures { figure count } } }";
const VERSION: &str = "query($id: ID!) { case(id: $id) { version } }";

/// What a user asks for.
#[derive(Debug)]
pub(crate) enum Script {
    /// Notes to cases, one after another.
    Notes(Vec<Case>),
    /// The same questions again and again.
    Questions(Vec<Request>),
    /// Steps of cases, whole; the user that is through with its cases begins with notes.
    Steps(Vec<Case>),
}

/// A user.
#[derive(Debug)]
pub(crate) struct User {
    connection: Connection,
    script: Script,
    next: usize,
    /// Notes and other steps that were sent.
    pub(crate) sent: u64,
}

impl User {
    pub(crate) fn new(server: SocketAddr, script: Script) -> Self {
        Self {
            connection: Connection::new(server),
            script,
            next: 0,
            sent: 0,
        }
    }

    fn request(&mut self) -> Option<Request> {
        let place = self.next;
        self.next += 1;
        match &mut self.script {
            Script::Questions(questions) => {
                let place = place.checked_rem(questions.len())?;
                questions.get(place).cloned()
            }
            Script::Notes(cases) => {
                let place = place.checked_rem(cases.len())?;
                self.sent += 1;
                Some(Request::step(cases.get_mut(place)?.note()))
            }
            Script::Steps(cases) => {
                self.sent += 1;
                let begun = cases.iter_mut().find(|case| case.left() > 0);
                if let Some(step) = begun.and_then(Iterator::next) {
                    return Some(Request::step(step));
                }
                Some(Request::step(cases.first_mut()?.note()))
            }
        }
    }
}

impl Client for User {
    async fn ask(&mut self) -> Outcome {
        match self.request() {
            Some(request) => self.connection.ask(&request).await,
            None => Outcome::Failed("there is nothing to ask for".to_owned()),
        }
    }
}

/// Users that take notes: the cases are dealt out, and shared where there are fewer than users.
pub(crate) fn note_takers(server: SocketAddr, cases: &mut [Case], count: u32) -> Vec<User> {
    let count = usize::try_from(count).unwrap_or(1).max(1);
    let mut dealt: Vec<Vec<Case>> = (0..count).map(|_| Vec::new()).collect();
    for turn in 0..count.max(cases.len()) {
        let case = turn.checked_rem(cases.len()).unwrap_or(0);
        if let (Some(hand), Some(case)) = (dealt.get_mut(turn % count), cases.get_mut(case)) {
            hand.push(case.shared());
        }
    }
    let users = dealt.into_iter();
    users
        .map(|hand| User::new(server, Script::Notes(hand)))
        .collect()
}

/// Users that ask questions, each beginning with another one.
pub(crate) fn askers(server: SocketAddr, questions: &[Request], count: u32) -> Vec<User> {
    let users = (0..usize::try_from(count).unwrap_or(1)).map(|number| {
        let mut own = questions.to_vec();
        let turn = number.checked_rem(own.len()).unwrap_or(0);
        own.rotate_left(turn);
        User::new(server, Script::Questions(own))
    });
    users.collect()
}

/// The question for each case.
pub(crate) fn of_each(cases: &[Case], query: &str) -> Vec<Request> {
    let questions = cases
        .iter()
        .map(|case| Request::question(query, &json!({ "id": case.id })));
    questions.collect()
}

/// The version of each case.
pub(crate) fn versions(cases: &[Case]) -> Vec<Request> {
    of_each(cases, VERSION)
}

/// One of the questions over all cases.
pub(crate) fn over_all(query: &'static str) -> Vec<Request> {
    vec![Request::question(query, &json!({}))]
}

/// The questions over all cases, with their names.
pub(crate) const OVER_ALL: [(&str, &str); 3] =
    [("lists", LIST), ("board", BOARD), ("figures", FIGURES)];

/// Connections over which cases are made.
const MAKERS: usize = 64;
/// How long a maker that was turned away waits.
const AGAIN_AFTER: Duration = Duration::from_millis(20);

/// Records cases whole, as fast as the server takes them; brothers and sisters one after another.
/// `done` hears of each step.
///
/// # Errors
/// What the server answered to a step that it did not record.
pub(crate) async fn make(
    server: SocketAddr,
    cases: Vec<Case>,
    done: &Arc<dyn Fn() + Send + Sync>,
) -> Result<Vec<Case>, String> {
    let mut families: Vec<Vec<Case>> = Vec::new();
    for case in cases {
        match families.last_mut() {
            Some(family) if family.last().is_some_and(|last| last.family == case.family) => {
                family.push(case);
            }
            _ => families.push(vec![case]),
        }
    }
    let makers = families.len().min(MAKERS);
    let waiting = Arc::new(Mutex::new(VecDeque::from(families)));
    let mut tasks: JoinSet<Result<Vec<Case>, String>> = JoinSet::new();
    for _ in 0..makers {
        let (waiting, done) = (Arc::clone(&waiting), Arc::clone(done));
        tasks.spawn(async move {
            let mut connection = Connection::new(server);
            let mut made = Vec::new();
            loop {
                let next = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                let Some(mut family) = next else {
                    return Ok(made);
                };
                for case in &mut family {
                    record(&mut connection, case, done.as_ref()).await?;
                }
                made.append(&mut family);
            }
        });
    }
    let mut made = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        made.append(&mut ended.map_err(|error| error.to_string())??);
    }
    Ok(made)
}

async fn record(
    connection: &mut Connection,
    case: &mut Case,
    done: &(dyn Fn() + Send + Sync),
) -> Result<(), String> {
    for step in case {
        let request = Request::step(step);
        loop {
            match connection.ask(&request).await {
                Outcome::Done => break,
                Outcome::Busy => tokio::time::sleep(AGAIN_AFTER).await,
                Outcome::Failed(told) => return Err(told),
            }
        }
        done();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Families, Lengths};

    #[test]
    fn every_case_is_dealt_and_every_user_has_one_whichever_are_more() {
        let server = SocketAddr::from(([127, 0, 0, 1], 1));
        for (cases, users) in [(10, 3), (3, 10), (4, 4)] {
            let mut made = Families::new(1, Lengths::All(3)).cases(cases);
            let takers = note_takers(server, &mut made, u32::try_from(users).unwrap());
            let hands: Vec<Vec<uuid::Uuid>> = takers
                .iter()
                .map(|user| match &user.script {
                    Script::Notes(cases) => cases.iter().map(|case| case.id).collect(),
                    Script::Questions(_) | Script::Steps(_) => Vec::new(),
                })
                .collect();
            assert!(hands.len() == users && hands.iter().all(|hand| !hand.is_empty()));
            let mut all = hands.concat();
            assert_eq!(all.len(), cases.max(users));
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), cases);
        }
    }

    #[test]
    fn users_that_share_a_case_send_no_command_twice() {
        let server = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut made = Families::new(1, Lengths::All(3)).cases(1);
        let mut users = note_takers(server, &mut made, 2);
        let (first, second) = (users[0].request(), users[1].request());
        assert_ne!(first, second);
        assert_eq!((users[0].sent, users[1].sent), (1, 1));
    }
}
