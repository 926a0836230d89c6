//! The board and the figures, over the API and by the program.

use async_graphql::Request;
use serde_json::{Value, json};
use tests::program::{run, text};
use tests::world::{ALMA, ids};

use super::midway;

#[test]
fn the_program_shows_the_board_and_the_figures() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("alma.jsonl");
    let lines: Vec<&str> = ALMA.lines().collect();
    std::fs::write(&file, lines[..20].join("\n")).unwrap();
    assert_eq!(
        run(dir.path(), &["import", file.to_str().unwrap()])
            .status
            .code(),
        Some(0)
    );
    let board = run(dir.path(), &["board", "--overdue", "--json"]);
    let board: Value = serde_json::from_slice(&board.stdout).unwrap();
    let duties = board.as_array().unwrap();
    assert!(
        !duties.is_empty()
            && duties
                .iter()
                .all(|duty| duty["child"] == json!("Alma Prøve")),
        "{board}"
    );
    let table = text(&run(dir.path(), &["board", "--due-within", "14"]).stdout);
    assert!(
        table.starts_with("due         stands") && table.contains("Alma Prøve"),
        "{table}"
    );
    let wrong = run(dir.path(), &["board", "--rule", "BL-0"]);
    assert_eq!(
        (
            wrong.status.code(),
            text(&wrong.stderr).contains("there is no rule BL-0")
        ),
        (Some(1), true)
    );
    let chart = dir.path().join("figures.svg");
    let range = [
        "figures",
        "--from",
        "2024-01-01",
        "--to",
        "2024-12-31",
        "--chart",
        chart.to_str().unwrap(),
    ];
    let table = text(&run(dir.path(), &range).stdout);
    assert!(table.contains("too few to be shown"), "{table}");
    let svg = std::fs::read_to_string(&chart).unwrap();
    assert!(
        svg.starts_with("<svg")
            && svg.contains("<title id=")
            && svg.contains("<desc id=")
            && svg.ends_with("</svg>\n")
    );
    let early = text(
        &run(
            dir.path(),
            &[
                "figures",
                "--from",
                "2024-01-01",
                "--to",
                "2024-12-31",
                "--known-at",
                "2024-01-01",
            ],
        )
        .stdout,
    );
    assert_eq!(early.lines().count(), 2, "the law and the head: {early}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_and_the_figures_answer_in_graphql() {
    let world = midway("2024-05-02T12:00:00Z").await;
    let least = world.public_log().size().get() - 1;
    let board = world
        .query(&format!(
            "{{ obligationBoard(first: 3, atLeast: {least}, filter: {{ dueWithinDays: 400 }}) {{ position pageInfo {{ hasNextPage endCursor }} \
             nodes {{ ruleId title law severity dueOn form overdue ageDays case {{ stream status }} }} }} }}"
        ))
        .await;
    let board = &board["obligationBoard"];
    assert!(board["position"].as_u64().unwrap() > least);
    assert_eq!(board["nodes"].as_array().unwrap().len(), 3);
    assert!(
        board["nodes"][0]["law"]
            .as_str()
            .is_some_and(|law| !law.is_empty())
    );
    assert_eq!(board["nodes"][0]["case"]["stream"], json!(ids().case()));
    let figures = world
        .query(
            "{ keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", period: QUARTER, by: [RULE_SET]) { version caseCount holeCount \
             figures { figure title unit period suppressed count shareTenths ofRuleSet numbers { medianTenths } national { shareTenths } cases } } }",
        )
        .await;
    let figures = figures["keyFigures"]["figures"].as_array().unwrap();
    assert!(figures.iter().all(|figure| figure["suppressed"]
        == json!(figure["count"] == Value::Null)
        && figure["cases"] == json!([])));
    assert!(
        figures
            .iter()
            .any(|figure| figure["ofRuleSet"] == json!("BL"))
    );
    for (wrong, code) in [
        (
            "{ obligationBoard(filter: { rule: \"BL-0\" }) { position } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ obligationBoard(first: -1) { position } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ keyFigures(from: \"2024-12-31\", to: \"2024-01-01\") { caseCount } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", knownAt: \"soon\") { caseCount } }",
            "BAD_USER_INPUT",
        ),
    ] {
        let response =
            api::schema::execute(&world.schema, Request::new(wrong).data(world.session())).await;
        let extensions = response.errors[0].extensions.as_ref().unwrap();
        assert_eq!(
            extensions.get("code"),
            Some(&async_graphql::Value::from(code)),
            "{wrong}"
        );
    }
}
