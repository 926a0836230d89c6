//! The pages of the repository: every link leads somewhere, and the page of commands is made from
//! the program's own help.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::golden::{root, same};
use tests::program::{binary, text};

use super::commands::listed;

/// The pages of the repository.
fn pages() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.md",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    let pages: Vec<PathBuf> = text(&listed.stdout)
        .lines()
        .map(|name| root().join(name))
        .filter(|path| path.exists())
        .collect();
    assert!(pages.len() > 30);
    pages
}

/// The name that a heading is linked by.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn holds(page: &Path, wanted: &str) -> bool {
    let page = std::fs::read_to_string(page).unwrap();
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .any(|name| name == wanted)
}

/// Whether a link leads nowhere.
fn broken(page: &Path, link: &str) -> bool {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => page.to_owned(),
        path => page.parent().unwrap().join(path),
    };
    !target.exists() || !(heading.is_empty() || holds(&target, heading))
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let mut found = Vec::new();
    for page in pages() {
        let source = std::fs::read_to_string(&page).unwrap();
        // What stands between fences is an example, not a link.
        for prose in source.split("```").step_by(2) {
            let links = prose
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next());
            let inner = links.filter(|link| !link.contains("://") && !link.contains(' '));
            found.extend(
                inner
                    .filter(|link| broken(&page, link))
                    .map(|link| format!("{}: {link}", page.display())),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// What the program says of a command, and of those below it.
fn help(words: &[&str], page: &mut String) {
    let output = Command::new(binary())
        .args(words)
        .arg("--help")
        .env_clear()
        .output()
        .unwrap();
    let told = text(&output.stdout);
    let lines: Vec<&str> = told.trim().lines().map(str::trim_end).collect();
    let name = [&["sagsspor"], words].concat().join(" ");
    page.push_str(&format!("\n## {name}\n\n```\n{}\n```\n", lines.join("\n")));
    for name in listed(&told).into_iter().flatten() {
        help(&[words, &[name]].concat(), page);
    }
}

#[test]
fn golden_page_of_commands() {
    let mut page = String::from(
        "# Commands\n\nMade from the program's own help; `UPDATE_GOLDEN=1 cargo nextest run -p tests golden` writes it \
         anew. Settings can\nstand in the environment, as each says (`env`). What a crowd, a slow client or a failing \
         disk may cost, what `/readyz`\ntells and how the process ends stands in [operating](operating.md); the \
         verifier is a program of its own ([verify](verify.md)).\n",
    );
    help(&[], &mut page);
    same("docs/guide/commands.md", &page);
}
