//! AscendCL's interface without a device: what its documentation says of the functions that slipway-ascend uses, and of their use.
//!
//! [`call`] is the way of every call, [`state`] what there is; [`runtime`], [`streams`] and [`models`] are the functions, by the chapters of the
//! documentation; [`format`](mod@format) is the models that it runs. [`control`] is for tests: it injects failures and tells what is left.

pub mod call;
pub mod control;
pub mod format;
pub mod models;
pub mod runtime;
pub mod state;
pub mod streams;
