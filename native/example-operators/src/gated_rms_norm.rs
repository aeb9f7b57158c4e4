//! The gated normalisation of Mamba-2 and of the models that took it over.

use std::ffi::CStr;

use slipway_operators::{Attributes, Element, ElementType, FREE, Operator, Tensor, TensorMut, common_shape};

const DEFAULT_EPSILON: f32 = 1e-5;

/// `x * silu(gate)`, divided by the root of the mean of its squares along the last axis, times `weight`.
///
/// Inputs: `x` and `gate` of one shape, and `weight` with the size of their last axis. The attribute `epsilon` is added to the mean.
/// Neither ONNX nor ONNX Runtime has it: exported, it is nine nodes, each of which writes a tensor as large as `x` for the next, save
/// three that are smaller. Here a row is read, gated into the output, and scaled there.
pub struct GatedRmsNorm {
    epsilon: f64,
}

impl Operator for GatedRmsNorm {
    const NAME: &'static CStr = c"GatedRmsNorm";
    const INPUTS: &'static [ElementType] = &[f32::TYPE, f32::TYPE, f32::TYPE];
    const OUTPUTS: &'static [ElementType] = &[f32::TYPE];

    fn new(attributes: &Attributes) -> Result<Self, String> {
        let epsilon = attributes.float(c"epsilon", DEFAULT_EPSILON)?;
        if !(epsilon.is_finite() && epsilon >= 0.0) {
            return Err(format!("epsilon is {epsilon}, and must be 0 or more"));
        }
        Ok(Self {
            epsilon: epsilon.into(),
        })
    }

    fn shapes(inputs: &[&[i64]]) -> Result<Vec<Vec<i64>>, String> {
        let shape = common_shape(inputs[0], inputs[1])?;
        let Some(&width) = shape.last() else {
            return Err("x has no axis to normalise along".to_owned());
        };
        match *inputs[2] {
            [size] if size == width || size == FREE || width == FREE => Ok(vec![shape]),
            _ => Err(format!("weight has the shape {:?}, and must have [{width}]", inputs[2])),
        }
    }

    fn compute(&self, inputs: &[Tensor], outputs: &mut [TensorMut]) -> Result<(), String> {
        let (x, gate) = (inputs[0].elements::<f32>(), inputs[1].elements::<f32>());
        let weight = inputs[2].elements::<f32>();
        let width = weight.len().max(1);
        let output = outputs[0].elements::<f32>();
        let rows = output.chunks_mut(width).zip(x.chunks(width)).zip(gate.chunks(width));
        for ((output, x), gate) in rows {
            self.normalise(output, x, gate, weight);
        }
        Ok(())
    }
}

impl GatedRmsNorm {
    fn normalise(&self, output: &mut [f32], x: &[f32], gate: &[f32], weight: &[f32]) {
        let mut squares = 0.0;
        for ((gated, &x), &gate) in output.iter_mut().zip(x).zip(gate) {
            *gated = x * (gate / (1.0 + (-gate).exp()));
            squares += f64::from(*gated) * f64::from(*gated);
        }
        let scale = (squares / output.len() as f64 + self.epsilon).sqrt().recip() as f32;
        for (gated, &weight) in output.iter_mut().zip(weight) {
            *gated *= scale * weight;
        }
    }
}
