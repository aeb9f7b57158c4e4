//! Element-wise addition: the smallest operator.

use std::ffi::CStr;
use std::marker::PhantomData;

use slipway_operators::cuda::{Argument, CudaBody, Launch};
use slipway_operators::{Attributes, Element, ElementType, Operator, Tensor, TensorMut, common_shape};

const THREADS: i64 = 256;
/// More than any device computes at once; each thread takes several elements where there are more.
const MAX_BLOCKS: i64 = 65_536;

/// The sums of two tensors of one shape. Integers wrap around, as they do in ONNX's own.
pub struct Add<T>(PhantomData<T>);

/// What can be added.
pub trait Addend: Element {
    /// Tells CUDA the type: of integers an unsigned one, which wraps around.
    const CUDA_OPTIONS: &'static [&'static CStr];

    /// The sum of two.
    fn plus(self, other: Self) -> Self;
}

impl<T: Addend> Operator for Add<T> {
    const NAME: &'static CStr = c"Add";
    const INPUTS: &'static [ElementType] = &[T::TYPE, T::TYPE];
    const OUTPUTS: &'static [ElementType] = &[T::TYPE];
    const CUDA: Option<CudaBody<Self>> = Some(CudaBody {
        source: include_str!("add.cu"),
        function: c"add",
        options: T::CUDA_OPTIONS,
        launch: |_, inputs| {
            let count = inputs[0].iter().product();
            Launch {
                blocks: i64::min((count + THREADS - 1) / THREADS, MAX_BLOCKS) as u32,
                threads: THREADS as u32,
                arguments: vec![Argument::Int(count)],
            }
        },
    });

    fn new(_: &Attributes) -> Result<Self, String> {
        Ok(Self(PhantomData))
    }

    fn shapes(inputs: &[&[i64]]) -> Result<Vec<Vec<i64>>, String> {
        Ok(vec![common_shape(inputs[0], inputs[1])?])
    }

    fn compute(&self, inputs: &[Tensor], outputs: &mut [TensorMut]) -> Result<(), String> {
        let (left, right) = (inputs[0].elements::<T>(), inputs[1].elements::<T>());
        let sums = outputs[0].elements::<T>();
        for ((sum, &left), &right) in sums.iter_mut().zip(left).zip(right) {
            *sum = left.plus(right);
        }
        Ok(())
    }
}

impl Addend for f32 {
    const CUDA_OPTIONS: &'static [&'static CStr] = &[c"--define-macro=ELEMENT=float"];

    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Addend for f64 {
    const CUDA_OPTIONS: &'static [&'static CStr] = &[c"--define-macro=ELEMENT=double"];

    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Addend for i32 {
    const CUDA_OPTIONS: &'static [&'static CStr] = &[c"--define-macro=ELEMENT=unsigned int"];

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl Addend for i64 {
    const CUDA_OPTIONS: &'static [&'static CStr] = &[c"--define-macro=ELEMENT=unsigned long long"];

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_on_cuda_take_every_element() {
        let launch = |shape: &[i64]| (Add::<f32>::CUDA.unwrap().launch)(&Add(PhantomData), &[shape, shape]);
        let expected = |blocks, count| Launch {
            blocks,
            threads: 256,
            arguments: vec![Argument::Int(count)],
        };
        assert_eq!(launch(&[257]), expected(2, 257));
        assert_eq!(launch(&[]), expected(1, 1));
        assert_eq!(launch(&[3, 0]), expected(0, 0));
        assert_eq!(launch(&[1 << 40]), expected(65_536, 1 << 40));
    }
}
