//! Output types.

pub mod appeal;
pub mod case;
pub mod decision;
pub mod difference;
pub mod document;
pub mod family;
pub mod family_view;
pub mod list;
pub mod log;
pub mod notification;
pub mod parties;
pub mod point;
pub mod timeline;
pub mod trail;
pub mod views;
pub mod words;
