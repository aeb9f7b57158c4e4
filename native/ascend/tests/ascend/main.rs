//! The binding against the simulator.

mod failures;
mod runs;
mod simulated;
