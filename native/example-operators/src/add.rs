//! Element-wise addition: the smallest operator.

use std::ffi::CStr;
use std::marker::PhantomData;

use slipway_operators::{Attributes, Element, ElementType, Operator, Tensor, TensorMut, common_shape};

/// The sums of two tensors of one shape. Integers wrap around, as they do in ONNX's own.
pub struct Add<T>(PhantomData<T>);

/// What can be added.
pub trait Addend: Element {
    /// The sum of two.
    fn plus(self, other: Self) -> Self;
}

impl<T: Addend> Operator for Add<T> {
    const NAME: &'static CStr = c"Add";
    const INPUTS: &'static [ElementType] = &[T::TYPE, T::TYPE];
    const OUTPUTS: &'static [ElementType] = &[T::TYPE];

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
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Addend for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Addend for i32 {
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl Addend for i64 {
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}
