//! Whether a type is told to anybody: the tests of the whole language compare it with the
//! catalogue.

use events::event::Event;
use serde_json::json;

use crate::examples::{CASE, before, child, day, event, example, home, mother, recorded, stream};
use crate::reading::{Reading, ReadingPoint};
use crate::views::family_voice::{Language, Reader, family_voice};

/// Number of the example's event.
const NEW: u128 = 90;

fn communicated(decision: u128, number: u64) -> Event {
    let to = |who| json!({ "who": who, "channel": "LETTER", "available_at": day(number), "oral": false, "guidance": [] });
    let facts = json!({ "decision": event(decision), "recipients": [to(mother()), to(child())] });
    Event::from_json("DecisionCommunicated", facts).unwrap()
}

/// Whether anybody is told of the example of a type, once the family was told of a decision.
pub(crate) fn told(kind: &str) -> bool {
    let mut records = before();
    // What could not wait was carried out; until then nothing is told.
    records.push(recorded(80, CASE, NEW - 1, &communicated(13, 80)));
    records.push(recorded(
        100,
        home(kind),
        NEW,
        &Event::from_json(kind, example(kind)).unwrap(),
    ));
    if [
        "DecisionMade",
        "ProvisionalDecisionMade",
        "CommitteeDecisionMade",
    ]
    .contains(&kind)
    {
        records.push(recorded(101, CASE, NEW + 1, &communicated(NEW, 101)));
    }
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let mother = serde_json::from_value::<events::person::PersonRef>(mother())
        .unwrap()
        .person;
    let mut readers = [Reader::Child, Reader::Parent(mother), Reader::Family].into_iter();
    readers.any(|reader| {
        let voice = family_voice(
            &reading,
            stream(CASE),
            reader,
            Language::Danish,
            "2024-12-31".parse().unwrap(),
        );
        voice
            .sections
            .iter()
            .flat_map(|section| &section.sentences)
            .any(|sentence| sentence.events.contains(&event(NEW)))
    })
}
