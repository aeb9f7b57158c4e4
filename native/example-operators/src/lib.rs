//! An operator library: element-wise addition, and a normalisation that models have as nine nodes.

pub mod add;
pub mod gated_rms_norm;

use add::Add;
use gated_rms_norm::GatedRmsNorm;

slipway_operators::export_operators!(
    c"slipway.example",
    [Add<f32>, Add<f64>, Add<i32>, Add<i64>, GatedRmsNorm]
);
