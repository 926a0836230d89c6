//! Key figures: small groups are not shown, and what came later is left out.

use app::queries::figures::{Figures, FiguresQuery};
use app::rows::lists::ListError;
use domain::reading::{Known, ReadingPoint};
use events::meta::Role;
use law::key_figures::summary::Sum;
use tests::world::{World, caseworker, viewer};

use super::{figures, figures_query};

#[tokio::test(flavor = "multi_thread")]
async fn small_groups_and_their_cases_are_not_shown() {
    let world = World::with_family().await;
    let shown = figures(&world, &figures_query(&[]), &caseworker());
    assert!(
        shown
            .figures
            .iter()
            .any(|figure| figure.group.sum == Sum::Suppressed)
    );
    for figure in &shown.figures {
        assert_eq!(
            figure.cases.is_empty(),
            figure.group.sum == Sum::Suppressed,
            "{}",
            figure.group.figure
        );
    }
    let open = |figures: &Figures| {
        figures
            .figures
            .iter()
            .filter(|figure| !figure.cases.is_empty())
            .count()
    };
    assert!(open(&shown) > 0);
    let auditor = figures(&world, &figures_query(&[]), &viewer("R1", Role::Auditor));
    assert_eq!(open(&auditor), 0, "who may not see cases sees figures only");
    assert_eq!(auditor.figures.len(), shown.figures.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leader_of_the_house_sees_small_groups_and_nobody_else_does() {
    let world = World::with_family().await;
    let query = FiguresQuery {
        small_groups: true,
        ..figures_query(&[])
    };
    let leader = figures(&world, &query, &viewer("L1", Role::Leader));
    let shown = figures(&world, &figures_query(&[]), &viewer("L1", Role::Leader));
    let suppressed = |figures: &Figures| {
        let mut all = figures.figures.iter();
        all.any(|figure| figure.group.sum == Sum::Suppressed)
    };
    assert!(!suppressed(&leader) && suppressed(&shown));
    assert_eq!(leader.figures.len(), shown.figures.len());
    for other in [Role::Caseworker, Role::Board, Role::Auditor, Role::System] {
        let session = world.session_of(viewer("X1", other));
        let asked = session.key_figures(&query, &mut |_, _| {});
        assert!(matches!(asked, Err(ListError::Forbidden(_))), "{other:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_as_they_could_be_known_leave_out_what_came_later() {
    let world = World::with_family().await;
    let known = |text: &str| {
        let at = domain::reading::instant(text).unwrap();
        let point = Some(ReadingPoint {
            known: Known::At(at),
            ..ReadingPoint::default()
        });
        let mut heard = Vec::new();
        let query = FiguresQuery {
            point,
            ..figures_query(&[])
        };
        let figures = world
            .session()
            .key_figures(&query, &mut |done, total| heard.push((done, total)))
            .unwrap();
        assert_eq!(heard.last().map(|(done, total)| done == total), Some(true));
        figures
    };
    assert_eq!(known("2001-01-01").figures, []);
    let now = figures(&world, &figures_query(&[]), &caseworker());
    let count = |figures: &Figures| figures.figures.len();
    assert!(count(&known("2023-06-30")) < count(&now));
}
