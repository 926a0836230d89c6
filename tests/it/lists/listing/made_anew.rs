//! An index that is deleted or damaged changes no answer; rows that follow the record are rows that
//! are made anew.

use std::path::Path;
use std::sync::Arc;

use app::clock::SetClock;
use app::operations::operator::Operator;
use events::meta::Role;
use record::positions::StreamVersion;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::world::{World, ids, layout};
use uuid::Uuid;

use super::{Orders, case, erasure, found, id, of_unit, person, projections, stream, world};

/// Everything that a reader of lists can see, for comparison.
async fn everything(world: &World) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for filter in [
        "",
        "identityNumber: \"141316-0003\"",
        "name: \"Alma Prøve\"",
        "name: \"Schmidt\"",
        "caseworker: \"K7\"",
        "unit: \"ungegruppen\"",
        "status: OPEN",
        "openedFrom: \"2024-10-01\"",
        "family: \"e2991b5e-703f-51b0-8806-48082179752d\"",
    ] {
        answers.push(found(world, filter).await);
    }
    answers
}

fn reopened(dir: tempfile::TempDir, clock: Arc<SetClock>) -> World {
    let operator = Operator::open(
        layout(dir.path()),
        Arc::<SetClock>::clone(&clock),
        &mut |_, _| {},
    )
    .unwrap();
    World {
        dir,
        clock,
        schema: api::schema::schema(),
        operator,
    }
}

/// The names of the folders that indexes lie in.
fn folders(world: &World) -> Vec<String> {
    let names = std::fs::read_dir(layout(world.dir.path()).projection_dir()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.parse::<u64>().is_ok()).collect()
}

/// One way for the files of an index to go wrong.
fn damage(dir: &Path, way: u64) {
    let place = layout(dir).projection_dir();
    let database = projections(dir)
        .into_iter()
        .find(|path| path.ends_with("db"))
        .unwrap();
    let mut bytes = std::fs::read(&database).unwrap();
    match way {
        0 => std::fs::remove_dir_all(&place).unwrap(),
        1 => std::fs::remove_file(place.join("in-force")).unwrap(),
        2 => std::fs::write(place.join("in-force"), "7\n").unwrap(),
        3 => std::fs::write(&database, &bytes[..bytes.len() / 3]).unwrap(),
        4 => std::fs::write(&database, b"").unwrap(),
        _ => {
            // Somewhere in what was written.
            let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
            for step in 0..50 {
                bytes[(written * (step * 7 + way) / 360) as usize] ^= 0x55;
            }
            std::fs::write(&database, &bytes).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_or_damaged_index_changes_no_answer() {
    let mut world = world().await;
    let answers = everything(&world).await;
    let first = folders(&world);
    world = world.reopen();
    assert_eq!(everything(&world).await, answers);
    assert_eq!(
        folders(&world),
        first,
        "what was left in order is used again"
    );
    for way in 0..8 {
        let World {
            dir,
            clock,
            operator,
            schema,
        } = world;
        drop(schema);
        operator.close().unwrap();
        drop(operator);
        damage(dir.path(), way);
        world = reopened(dir, clock);
        assert_eq!(everything(&world).await, answers, "damage {way}");
        assert!(world.operator.check_lists().unwrap());
    }
    // While it is open, made anew beside itself.
    world.operator.make_lists_anew();
    assert_eq!(everything(&world).await, answers);
    assert_eq!(
        world.audit().notes.len(),
        0,
        "the record knows nothing of all this"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_cannot_be_read_is_listed_and_counted() {
    let world = world().await;
    let gone = ids().event("A14").uuid();
    let (dir, _) = world.stop();
    let store =
        FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir.path()).key_dir()).unwrap();
    let root = *store.secrets().root;
    store
        .rotate(
            root,
            &mut tests::key_rows::without(root, |row| row.event == gone),
            &[],
        )
        .unwrap();
    drop(store);
    std::fs::remove_dir_all(layout(dir.path()).projection_dir()).unwrap();
    let clock = Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap()));
    let world = reopened(dir, clock);
    let answer = world
        .query("{ cases(first: 100) { incomplete nodes { stream status } } }")
        .await;
    assert_eq!(
        (
            &answer["cases"]["incomplete"],
            answer["cases"]["nodes"].as_array().unwrap().len()
        ),
        (&json!(1), 5)
    );
    assert_eq!(
        found(&world, "status: UNKNOWN").await,
        [ids().case().to_string()]
    );
}

/// A small generator, so that a seed is a history.
struct Dice(u64);

impl Dice {
    /// A place below that many.
    fn place(&mut self, below: usize) -> usize {
        usize::try_from(self.roll(below as u64)).unwrap()
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const NAMES: &[&str] = &[
    "Kristoffer Møller",
    "Wivi Ågård",
    "Thor Schmidt",
    "Anne-Marie Prøve",
    "Josefine Kjær",
];

/// What a step is about.
struct Step {
    number: u64,
    event: Uuid,
    who: u64,
    /// Who, as a child.
    someone: Value,
    which: u64,
    other: u64,
    name: &'static str,
    /// An event that was recorded before.
    target: Value,
}

/// A mutation, its input, and the role of who gives it.
type Given = (&'static str, Value, Role);

impl Step {
    fn new(dice: &mut Dice, number: u64, recorded: &[Value]) -> Self {
        let (who, which, other) = (dice.roll(5), dice.roll(4), dice.roll(5));
        let name = NAMES[dice.place(5)];
        let target = recorded.get(dice.place(recorded.len() + 1)).cloned();
        let target =
            target.unwrap_or_else(|| json!({ "stream": person(who), "event": id(4, who) }));
        Self {
            number,
            event: id(6, 1_000 + number),
            who,
            someone: json!({ "person": person(who), "role": "CHILD" }),
            which,
            other,
            name,
            target,
        }
    }

    fn of_a_case(&self, orders: &Orders<'_>, kind: u64) -> Given {
        let Self {
            event,
            who,
            someone,
            which,
            ..
        } = self;
        match kind {
            0 | 1 => {
                let facts = json!({ "kind": "FACT", "about": someone, "text": "Et notat." });
                let mut input = json!({ "stream": case(*which), "eventId": event, "facts": facts });
                if self.number.is_multiple_of(5) {
                    input["legalBasis"] = json!(["BL § 125", "FVL § 9 b"]);
                }
                ("takeNote", input, Role::Caseworker)
            }
            2 => {
                let facts = json!({ "participants": [someone], "childTookPart": false, "basis": "CONSENT", "agreements": [] });
                let also = [case((which + 1) % 4)];
                (
                    "holdNetworkMeeting",
                    json!({ "stream": case(*which), "eventId": event, "alsoCases": also, "facts": facts }),
                    Role::Caseworker,
                )
            }
            3 => {
                let facts = json!({ "caseworkers": [format!("K{who}")], "reason": "Skift." });
                (
                    "assignCaseworker",
                    json!({ "stream": case(*which), "eventId": event, "facts": facts }),
                    Role::Leader,
                )
            }
            4 => {
                let facts = json!({ "ground": "NO_NEED", "reasons": "Intet behov.", "openObligations": [], "toldTo": [someone] });
                let input = json!({ "stream": case(*which), "eventId": event, "expectedVersion": so_far(orders, case(*which)), "facts": facts });
                ("closeCase", input, Role::Caseworker)
            }
            _ => {
                let input = json!({ "stream": case(*which), "eventId": event, "expectedVersion": so_far(orders, case(*which)), "facts": { "ground": "Igen." } });
                ("reopenCase", input, Role::Leader)
            }
        }
    }

    fn of_a_person(&self, orders: &Orders<'_>, dice: &mut Dice, kind: u64) -> Given {
        let Self {
            event,
            someone,
            name,
            ..
        } = self;
        let (who, other) = (self.who, self.other);
        match kind {
            6 => {
                let input = json!({
                    "target": { "stream": person(who), "event": id(4, who) }, "field": "name", "value": name, "reason": "Stavning.",
                    "subject": someone, "expectedVersion": so_far(orders, person(who)),
                });
                ("correctEvent", input, Role::Caseworker)
            }
            7 => {
                let facts = json!({ "person": someone, "name": name, "idNumber": format!("14131{}-000{}", who, dice.roll(9)), "source": "CPR" });
                (
                    "identifyPerson",
                    json!({ "stream": person(who), "eventId": event, "facts": facts }),
                    Role::Caseworker,
                )
            }
            _ => {
                let facts = json!({ "person": someone, "into": { "person": person(other), "role": "CHILD" }, "reasons": "Samme." });
                (
                    "mergePersons",
                    json!({ "stream": person(who), "eventId": event, "facts": facts }),
                    Role::Leader,
                )
            }
        }
    }

    /// Takes back or erases what was recorded before.
    fn takes_back(&self, orders: &Orders<'_>, kind: u64) -> Given {
        let Self {
            event,
            who,
            someone,
            target,
            ..
        } = self;
        let of_target: Uuid = target["stream"].as_str().unwrap().parse().unwrap();
        match kind {
            9 | 10 => {
                let facts =
                    json!({ "target": target, "reason": "DUPLICATE", "explanation": "To gange." });
                let input = json!({ "stream": of_target, "eventId": event, "expectedVersion": so_far(orders, of_target), "facts": facts });
                ("annulEvent", input, Role::Leader)
            }
            11 => (
                "orderErasure",
                erasure("EVENT", json!({ "event": target })),
                Role::Dpo,
            ),
            12 if self.number > 25 => (
                "orderErasure",
                erasure("PERSON", json!({ "person": person(*who) })),
                Role::Dpo,
            ),
            _ => {
                let part = json!({ "event": { "stream": person(*who), "event": id(4, *who) }, "field": "id_number", "element": 0, "subject": someone });
                ("orderErasure", erasure("VALUE", part), Role::Dpo)
            }
        }
    }
}

/// The version of a stream, which may not be there.
fn so_far(orders: &Orders<'_>, stream: Uuid) -> u64 {
    let version = orders
        .world
        .session()
        .version(self::stream(stream))
        .unwrap();
    version.unwrap_or(StreamVersion::EMPTY).get()
}

/// One order out of all that lists depend on; it may be refused. What was recorded before may be
/// annulled or erased.
async fn something(orders: &mut Orders<'_>, dice: &mut Dice, step: u64, recorded: &mut Vec<Value>) {
    let step = Step::new(dice, step, recorded);
    let (mutation, input, role) = match dice.roll(14) {
        kind @ 0..=5 => step.of_a_case(orders, kind),
        kind @ 6..=8 => step.of_a_person(orders, dice, kind),
        kind => step.takes_back(orders, kind),
    };
    let outcome = orders
        .give(
            mutation,
            input,
            of_unit("X1", role, &format!("enhed {}", dice.roll(3))),
        )
        .await;
    if mutation != "orderErasure" && outcome["receipt"].is_object() {
        recorded.push(
            json!({ "stream": outcome["receipt"]["stream"], "event": outcome["receipt"]["event"] }),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_follow_the_record_are_rows_made_anew() {
    for seed in [1, 2, 3, 4] {
        let (mut dice, mut recorded) = (Dice(seed), Vec::new());
        let mut world = World::new();
        world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
        let mut orders = Orders::on(&world);
        for number in 0..5 {
            orders
                .register(
                    number,
                    "CHILD",
                    NAMES[usize::try_from(number).unwrap()],
                    Some(&format!("14131{number}-0001")),
                )
                .await;
        }
        for number in 0..4 {
            orders.open(number, number, "2024-11-01").await;
        }
        for step in 0..60 {
            let mut orders = Orders::on(&world);
            something(&mut orders, &mut dice, step, &mut recorded).await;
            // Rows are brought forward one event at a time, or several, and days pass between.
            if dice.roll(3) == 0 {
                world.operator.lists_ready(&mut |_, _| {}).unwrap();
            }
            if dice.roll(4) == 0 {
                world
                    .clock
                    .set(world.public_log().now() + jiff::SignedDuration::from_hours(30 * 24));
            }
            if step % 6 == 0 {
                assert!(
                    world.operator.check_lists().unwrap(),
                    "seed {seed}, step {step}"
                );
            }
            if step % 25 == 24 {
                world = world.reopen();
            }
        }
        assert!(world.operator.check_lists().unwrap(), "seed {seed}");
        let report = world.audit();
        assert!(report.events > 40, "{report:?}");
    }
}
