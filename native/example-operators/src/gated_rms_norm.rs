//! The gated normalisation of Mamba-2 and of the models that took it over.

use std::ffi::CStr;

use slipway_operators::cuda::{Argument, CudaBody, Launch};
use slipway_operators::{Attributes, Element, ElementType, FREE, Operator, Tensor, TensorMut, common_shape};

const DEFAULT_EPSILON: f32 = 1e-5;
/// Of a row; a power of two.
const THREADS: u32 = 256;
/// More than any device computes at once; each block takes several rows where there are more.
const MAX_BLOCKS: i64 = 65_536;

/// `x * silu(gate)`, divided by the root of the mean of its squares along the last axis, times `weight`.
///
/// Inputs: `x` and `gate` of one shape, and `weight` with the size of their last axis. The attribute `epsilon` is added to the mean.
/// Neither ONNX nor ONNX Runtime has it: exported, it is nine nodes, each of which writes a tensor as large as `x` for the next, save
/// three that are smaller. Here a row is read, gated into the output, and scaled there.
pub struct GatedRmsNorm {
    epsilon: f32,
}

impl Operator for GatedRmsNorm {
    const NAME: &'static CStr = c"GatedRmsNorm";
    const INPUTS: &'static [ElementType] = &[f32::TYPE, f32::TYPE, f32::TYPE];
    const OUTPUTS: &'static [ElementType] = &[f32::TYPE];
    const CUDA: Option<CudaBody<Self>> = Some(CudaBody {
        source: include_str!("gated_rms_norm.cu"),
        function: c"gated_rms_norm",
        options: &[c"--define-macro=THREADS=256"],
        launch: |node, inputs| {
            let width = inputs[2][0];
            let rows = inputs[0].iter().product::<i64>() / width.max(1);
            Launch {
                blocks: rows.min(MAX_BLOCKS) as u32,
                threads: THREADS,
                arguments: vec![Argument::Int(rows), Argument::Int(width), Argument::Float(node.epsilon)],
            }
        },
    });

    fn new(attributes: &Attributes) -> Result<Self, String> {
        let epsilon = attributes.float(c"epsilon", DEFAULT_EPSILON)?;
        if !(epsilon.is_finite() && epsilon >= 0.0) {
            return Err(format!("epsilon is {epsilon}, and must be 0 or more"));
        }
        Ok(Self { epsilon })
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
        let scale = (squares / output.len() as f64 + f64::from(self.epsilon)).sqrt().recip() as f32;
        for (gated, &weight) in output.iter_mut().zip(weight) {
            *gated *= scale * weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_on_cuda_take_every_row() {
        let node = GatedRmsNorm { epsilon: 0.5 };
        let launch = |shape: &[i64], width: i64| (GatedRmsNorm::CUDA.unwrap().launch)(&node, &[shape, shape, &[width]]);
        let arguments = |rows, width| vec![Argument::Int(rows), Argument::Int(width), Argument::Float(0.5)];
        for (shape, width, blocks, rows) in [
            (vec![2, 5, 96], 96, 10, 10),
            (vec![7], 7, 1, 1),
            (vec![0, 7], 7, 0, 0),
            (vec![5, 0], 0, 0, 0),
            (vec![1 << 20, 7], 7, 65_536, 1 << 20),
        ] {
            let Launch {
                blocks: started,
                threads,
                arguments: given,
            } = launch(&shape, width);
            assert_eq!((started, threads, given), (blocks, 256, arguments(rows, width)));
        }
    }
}
