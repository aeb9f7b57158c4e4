//! The door to JavaScript. Every failure leaves as an error with a `code`; no panic does.

pub mod errors;
pub mod inventory;
pub mod offline;
pub mod session;
pub mod tensors;
