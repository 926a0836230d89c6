//! The history of Bastian and Clara: what the views make of it, on the day and on earlier days.
//! This file holds what these tests share; the duties of both cases are tested in `law`.

mod children;
mod complaints;
mod decisions;
mod family;
mod mistakes;

use domain::reading::{Known, Reading, ReadingPoint, instant};
use domain::views::timeline::{TimelineEntry, timeline};
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::time::Occurred;
use tests::world::{Ids, World};

fn bastian(ids: &Ids) -> StreamId {
    ids.stream("B3-open-b")
}

fn clara(ids: &Ids) -> StreamId {
    ids.stream("B3-open-c")
}

fn now(world: &World, case: StreamId) -> Reading {
    world.read(case, ReadingPoint::default()).unwrap()
}

fn known_at(world: &World, case: StreamId, time: &str) -> Reading {
    world
        .read(
            case,
            ReadingPoint {
                known: Known::At(instant(time).unwrap()),
                ..ReadingPoint::default()
            },
        )
        .unwrap()
}

fn fact(reading: &Reading, event: EventId) -> &Event {
    &reading
        .event(event)
        .and_then(|event| event.fact())
        .unwrap()
        .facts
}

fn entry(reading: &Reading, event: EventId) -> TimelineEntry {
    timeline(reading)
        .into_iter()
        .find(|entry| entry.event == event)
        .unwrap()
}

fn fact_time(reading: &Reading, event: EventId) -> Occurred {
    reading
        .event(event)
        .and_then(|event| event.fact())
        .unwrap()
        .meta
        .occurred
}
