//! Offline models (`.om`) of Huawei Ascend, through AscendCL.
//!
//! The library is opened when the program runs and is never linked. [`library`] opens and initialises it, [`model`] loads a model and
//! computes; [`device`], [`memory`] and [`dataset`] are what a model holds of it, each given back by its `Drop`, in the order that
//! AscendCL asks for. [`interface`] is the one table of its functions, [`codes`] the one of its errors.

pub mod codes;
pub mod dataset;
pub mod description;
pub mod device;
pub mod fault;
pub mod interface;
pub mod library;
pub mod memory;
pub mod model;
