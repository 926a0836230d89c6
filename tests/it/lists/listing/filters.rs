//! Every filter finds its cases, and a row says the same as the case.

use tests::world::ids;

use super::{case, found, stream, streams, world};

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_its_cases() {
    let world = world().await;
    let ids = ids();
    let (advice, alma) = (ids.stream("A1").uuid(), ids.case().uuid());
    let family = "e2991b5e-703f-51b0-8806-48082179752d";
    for (filter, expected) in [
        ("identityNumber: \"141316-0003\"", vec![advice, alma]),
        ("identityNumber: \"1413160003\"", vec![advice, alma]),
        ("identityNumber: \"021384-0004\"", vec![advice, alma]),
        ("identityNumber: \"161385-0002\"", vec![case(1)]),
        ("identityNumber: \"141316-0004\"", vec![]),
        ("name: \"Alma Proeve\"", vec![advice, alma]),
        ("name: \"prøve, ALMA\"", vec![advice, alma]),
        ("name: \"christopher ågård moeller\"", vec![case(1)]),
        ("name: \"Vivi Aagård\"", vec![case(1)]),
        ("name: \"Ågård\"", vec![case(1)]),
        ("name: \"Smit\"", vec![]),
        ("name: \"Schmit\"", vec![case(1), case(2), case(3)]),
        // Both words stand in the case, but not in one person's name.
        ("name: \"Wivi Møller\"", vec![]),
        ("name: \"Wivi Kristoffer Møller\"", vec![]),
        ("name: \"Tor\"", vec![case(2), case(3)]),
        ("caseworker: \"K1\"", vec![alma]),
        ("caseworker: \"K8\"", vec![case(2)]),
        ("unit: \"ungegruppen\"", vec![case(2)]),
        ("unit: \"familierådgivningen\"", vec![case(1), case(3)]),
        ("status: CLOSED", vec![alma]),
        ("status: ADVICE", vec![advice]),
        ("status: OPEN", vec![case(1), case(2), case(3)]),
        ("status: UNKNOWN", vec![]),
        ("openedFrom: \"2024-10-15\"", vec![case(2), case(3)]),
        ("openedTo: \"2024-03-22\"", vec![advice, alma]),
        (
            "openedFrom: \"2024-03-22\", openedTo: \"2024-09-02\"",
            vec![alma, case(1)],
        ),
        (
            "openedFrom: \"2024-09-03\", openedTo: \"2024-09-01\"",
            vec![],
        ),
        (&format!("family: \"{family}\""), vec![advice, alma]),
        (
            "name: \"Schmidt\", status: OPEN, openedFrom: \"2024-10-01\", caseworker: \"K7\"",
            vec![case(2)],
        ),
        ("", vec![advice, alma, case(1), case(2), case(3)]),
    ] {
        assert_eq!(found(&world, filter).await, streams(&expected), "{filter}");
    }
    let of_family = world.session().family(family.parse().unwrap()).unwrap();
    assert_eq!(of_family, [stream(advice), stream(alma)]);
    assert!(
        world.operator.check_lists().unwrap(),
        "the rows are what the record says"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_the_same_as_the_case() {
    let world = world().await;
    let fields = "stream status opened closed caseworkers unit weight family child { person role } childName { state value }";
    let rows = world
        .query(&format!(
            "{{ cases(first: 100) {{ nodes {{ {fields} }} }} }}"
        ))
        .await;
    let rows = rows["cases"]["nodes"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 5);
    for row in rows {
        let whole = world
            .query(&format!(
                "{{ case(id: {}) {{ milestones {{ adviceToNotification }} {fields} }} }}",
                row["stream"]
            ))
            .await;
        for (name, value) in row.as_object().unwrap() {
            assert_eq!(&whole["case"][name], value, "{name}");
        }
        let lazily = world.query(&format!("{{ cases(first: 100, filter: {{ status: {} }}) {{ nodes {{ stream timeline {{ event }} milestones {{ adviceToNotification }} childName {{ value }} }} }} }}", row["status"].as_str().unwrap())).await;
        let node = lazily["cases"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|node| node["stream"] == row["stream"])
            .unwrap()
            .clone();
        let whole = world
            .query(&format!(
                "{{ case(id: {}) {{ stream timeline {{ event }} milestones {{ adviceToNotification }} childName {{ value }} }} }}",
                row["stream"]
            ))
            .await;
        assert_eq!(
            node, whole["case"],
            "what a row lacks is read from the case"
        );
    }
}
