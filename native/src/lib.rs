//! Slipway's native runtime: a Node.js addon that opens the ONNX Runtime library it is pointed at.
//!
//! The core knows nothing of JavaScript: [`library`] opens a library and tells what is in it, [`model`] loads models, [`run`] computes;
//! [`offline`] does all of it for offline models of Ascend.
//! [`js`] is the door to JavaScript, and the only place where values cross.

pub mod cancellation;
pub mod deadlines;
pub mod element;
pub mod fault;
pub mod inventory;
pub mod js;
pub mod library;
pub mod model;
pub mod offline;
pub mod provider;
pub mod run;
pub mod sealed_library;
pub mod strings;
pub mod value;
