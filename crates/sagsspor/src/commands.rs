//! One file for each command of the program.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod board;
pub(crate) mod cases;
pub(crate) mod demo;
pub(crate) mod difference;
pub(crate) mod document;
pub(crate) mod evidence;
pub(crate) mod family;
pub(crate) mod figures;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod keys;
pub(crate) mod obligations;
pub(crate) mod repair;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod upgrade;
pub(crate) mod what_if;
pub(crate) mod witness;
