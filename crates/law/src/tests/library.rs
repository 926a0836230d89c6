//! Catalogues of earlier programs beside that of this one.

use std::error::Error;

use serde_json::{Value, json};

use super::story::CATALOGUE;
use crate::catalogue::CATALOGUE_JSON;
use crate::library::{Library, RELEASED, RELEASED_HASHES};

fn variant(change: impl FnOnce(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    change(&mut file);
    file.to_string()
}

#[test]
fn what_was_released_stands_as_it_was_released() {
    let library = Library::released().unwrap();
    assert_eq!(library.newest(), &*CATALOGUE);
    assert_eq!(
        RELEASED_HASHES.lines().count(),
        RELEASED.len(),
        "one line for each"
    );
    assert_eq!(library.with_digest(CATALOGUE.digest()), Some(&*CATALOGUE));
    assert_eq!(library.with_hash(&CATALOGUE.hash()), Some(&*CATALOGUE));
    assert_eq!(
        (library.with_digest(&[0; 32]), library.with_hash("00")),
        (None, None)
    );
}

#[test]
fn a_catalogue_whose_bytes_are_not_those_released_is_refused() {
    let bent = variant(|file| file["version"] = json!("bent"));
    let newest = RELEASED_HASHES.lines().last().unwrap();
    let error = Library::of(&[&bent])
        .unwrap()
        .checked_against(newest)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("catalogue bent has the hash ")
            && error.ends_with(&format!("{} was released", CATALOGUE.hash())),
        "{error}"
    );
    let forgotten = Library::of(&[&bent, CATALOGUE_JSON])
        .unwrap()
        .checked_against("");
    assert!(forgotten.is_err(), "no hash was written down");
}

#[test]
fn an_earlier_catalogue_need_not_know_what_came_since() {
    let earlier = variant(|file| {
        file["version"] = json!("1");
        file["rules"]
            .as_array_mut()
            .unwrap()
            .retain(|rule| rule["id"] != "LOC-6W");
    });
    let library = Library::of(&[&earlier, CATALOGUE_JSON]).unwrap();
    assert_eq!(
        library.all().map(|one| one.version()).collect::<Vec<_>>(),
        ["1", CATALOGUE.version()]
    );
    let newest = Library::of(&[&earlier]).unwrap_err();
    assert_eq!(
        newest.source().unwrap().to_string(),
        "predicate LOC-6W: no rule has this id"
    );
    let unknown = variant(|file| file["rules"][0]["id"] = json!("SEL-0"));
    let error = Library::of(&[&unknown, CATALOGUE_JSON]).unwrap_err();
    assert_eq!(
        (error.to_string(), error.source().unwrap().to_string()),
        (
            "catalogue 1".to_owned(),
            "rule SEL-0: no predicate is known for it".to_owned()
        )
    );
}

#[test]
fn none_and_two_alike_are_refused() {
    assert_eq!(
        Library::of(&[]).unwrap_err().to_string(),
        "there is no catalogue of rules"
    );
    let same_version = variant(|file| file["published"] = json!([]));
    let twice = Library::of(&[&same_version, CATALOGUE_JSON])
        .unwrap_err()
        .to_string();
    assert_eq!(
        twice,
        format!("catalogue {} is there twice", CATALOGUE.version())
    );
}
