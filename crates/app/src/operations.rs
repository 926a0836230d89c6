//! What operators do: keys in custody, repair, upgrade, checks. Nothing of HTTP reaches it.

pub mod check_rows;
pub mod key_custody;
pub mod lost_keys;
pub mod operator;
pub mod repair;
pub mod safeguards;
pub mod upgrade;
