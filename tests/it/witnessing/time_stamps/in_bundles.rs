//! Stamps of earlier checkpoints reach the bundle, and a reader may check them with an authority.

use app::evidence::bundle::Withheld;
use record::positions::Size;
use store::log_store::StoredToken;
use tests::world::World;
use verify::bundle::{NoAuthority, StampChecker, Verdict};
use verify::files::Failure;
use verify::zip::Zip;

use super::{Authority, checkpointed_today, grow, installed, later, start_stamper, until};

struct Outsider<'a>(&'a Authority);

impl StampChecker for Outsider<'_> {
    fn check(&self, data: &[u8], token: &[u8]) -> Result<Option<bool>, std::io::Error> {
        let token = StoredToken {
            size: Size::EMPTY,
            bytes: token.to_vec(),
        };
        Ok(Some(
            self.0.verifies(std::str::from_utf8(data).unwrap(), &token),
        ))
    }
}

fn checked(bytes: &[u8], world: &World, stamps: &dyn StampChecker) -> Verdict {
    let mut zip = Zip::open(std::io::Cursor::new(bytes)).unwrap();
    let found = verify::bundle::check(
        &mut zip,
        &tests::evidence::trust(world),
        stamps,
        &mut |_, _| {},
    );
    found.unwrap_or_else(|failure| match failure {
        Failure::Finding(finding) => panic!("{finding}"),
        Failure::Read(error) => panic!("{error}"),
    })
}

/// The time that the first token of a checkpoint states, seconds of Unix time.
fn stated(world: &World, size: u64) -> u64 {
    let tokens = world.public_log().time_stamps(Size::new(size)).unwrap();
    u64::try_from(
        app::witnessing::time_stamp::stated_time(&tokens[0].bytes)
            .unwrap()
            .as_second(),
    )
    .unwrap()
}

/// Two checkpoints that are stamped, and a third of which no stamp is there yet; answers the sizes
/// of the first two.
async fn stamped_twice(world: &World, authority: &Authority) -> (u64, u64) {
    let first = world.public_log().size();
    start_stamper(world, authority);
    until(world, "the first", |status| status.size == Some(first));
    grow(world, 77).await;
    let second = world.public_log().size();
    later(world, 60);
    until(world, "the second", |status| status.size == Some(second));
    grow(world, 78).await;
    assert!(
        world.public_log().size() > second
            && world
                .public_log()
                .time_stamps(second.grown())
                .unwrap()
                .is_empty()
    );
    (first.get(), second.get())
}

/// A log is stamped now and then, and a bundle is of another day: what was stamped dates what it
/// covers all the same.
#[tokio::test(flavor = "multi_thread")]
async fn stamps_of_earlier_checkpoints_reach_the_bundle() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::start(dir.path());
    let world = checkpointed_today().await;
    let (first, second) = stamped_twice(&world, &authority).await;

    let bytes = tests::evidence::bundle(
        &world,
        tests::world::ids().case(),
        &Withheld::default(),
        &[first],
    );
    let verdict = checked(&bytes, &world, &Outsider(&authority));
    assert_eq!(
        verdict
            .stamps
            .iter()
            .map(|stamp| (stamp.size.get(), stamp.issuer_checked))
            .collect::<Vec<_>>(),
        [(first, true), (second, true)]
    );
    let dated: Vec<Option<u64>> = verdict
        .events
        .iter()
        .map(|event| event.stamped.map(verify::position::LogTime::get))
        .collect();
    let (old, new) = dated.split_at(dated.len() - 2);
    assert!(
        old.len() > 20 && old.iter().all(|time| *time == Some(stated(&world, first))),
        "{dated:?}"
    );
    assert_eq!(new, [Some(stated(&world, second)), None]);
    assert!(!tests::evidence::codes(&verdict).contains("TST_UNVERIFIED"));
    assert_eq!(
        checked(&bytes, &world, &NoAuthority)
            .notes
            .iter()
            .filter(|note| note.code.as_str() == "TST_UNVERIFIED")
            .count(),
        2
    );
}
