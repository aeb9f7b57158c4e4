//! Tensors of a run.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::{ptr, slice};

use ort_sys::{OrtApi, OrtValue};

use crate::element::{Element, ElementType};
use crate::status::checked;

/// An input of a run.
pub struct Tensor<'run> {
    place: Place,
    run: PhantomData<&'run ()>,
}

/// An output of a run.
pub struct TensorMut<'run> {
    place: Place,
    run: PhantomData<&'run mut ()>,
}

struct Place {
    element: ElementType,
    shape: Vec<i64>,
    start: *mut c_void,
}

impl Tensor<'_> {
    /// # Safety
    ///
    /// The value is a tensor of such elements, and lives for as long as this.
    pub(crate) unsafe fn over(api: &OrtApi, value: *const OrtValue, element: ElementType) -> Result<Self, String> {
        let shape = shape_of(api, value)?;
        // Not written to: see `elements`.
        let place = Place::of(api, value.cast_mut(), element, shape)?;
        Ok(Self {
            place,
            run: PhantomData,
        })
    }

    /// Where its elements begin, on whatever device they lie.
    pub(crate) fn address(&self) -> *mut c_void {
        self.place.start
    }

    /// Its sizes.
    pub fn shape(&self) -> &[i64] {
        &self.place.shape
    }

    /// Its elements, row-major. Panics when they are of another type than was declared.
    pub fn elements<T: Element>(&self) -> &[T] {
        let (start, count) = self.place.typed::<T>();
        // SAFETY: there are so many elements, and nobody writes to inputs.
        unsafe { slice::from_raw_parts(start, count) }
    }
}

impl TensorMut<'_> {
    /// # Safety
    ///
    /// The value is a tensor of such elements and this shape, lives for as long as this, and is nobody else's.
    pub(crate) unsafe fn over(
        api: &OrtApi,
        value: *mut OrtValue,
        element: ElementType,
        shape: Vec<i64>,
    ) -> Result<Self, String> {
        let place = Place::of(api, value, element, shape)?;
        Ok(Self {
            place,
            run: PhantomData,
        })
    }

    /// Where its elements begin, on whatever device they lie.
    pub(crate) fn address(&self) -> *mut c_void {
        self.place.start
    }

    /// Its sizes.
    pub fn shape(&self) -> &[i64] {
        &self.place.shape
    }

    /// Its elements, row-major. Panics when they are of another type than was declared.
    pub fn elements<T: Element>(&mut self) -> &mut [T] {
        let (start, count) = self.place.typed::<T>();
        // SAFETY: there are so many elements, they are numbers whatever is in them, and nobody else has them.
        unsafe { slice::from_raw_parts_mut(start, count) }
    }
}

impl Place {
    fn of(api: &OrtApi, value: *mut OrtValue, element: ElementType, shape: Vec<i64>) -> Result<Self, String> {
        let mut start = ptr::null_mut();
        // SAFETY: the value is a tensor, by the word of who made this.
        checked(api, unsafe { (api.GetTensorMutableData)(value, &mut start) })?;
        Ok(Self { element, shape, start })
    }

    /// Where the elements begin, and how many there are.
    fn typed<T: Element>(&self) -> (*mut T, usize) {
        assert_eq!(self.element, T::TYPE, "a tensor was read as one of other elements");
        let count = self.shape.iter().product::<i64>() as usize;
        let is_empty = count == 0 || self.start.is_null();
        if is_empty {
            return (ptr::NonNull::dangling().as_ptr(), 0);
        }
        (self.start.cast(), count)
    }
}

fn shape_of(api: &OrtApi, value: *const OrtValue) -> Result<Vec<i64>, String> {
    let mut info = ptr::null_mut();
    // SAFETY: the value is a tensor, by the word of who calls.
    checked(api, unsafe { (api.GetTensorTypeAndShape)(value, &mut info) })?;
    // SAFETY: the information is alive until it is released here.
    unsafe {
        let shape = sizes_in(api, info);
        (api.ReleaseTensorTypeAndShapeInfo)(info);
        shape
    }
}

/// # Safety
///
/// The information is alive.
pub(crate) unsafe fn sizes_in(
    api: &OrtApi,
    info: *const ort_sys::OrtTensorTypeAndShapeInfo,
) -> Result<Vec<i64>, String> {
    let mut rank = 0;
    // SAFETY: by our caller's word.
    checked(api, unsafe { (api.GetDimensionsCount)(info, &mut rank) })?;
    let mut sizes = vec![0; rank];
    // SAFETY: as above, and there is room for so many sizes.
    checked(api, unsafe { (api.GetDimensions)(info, sizes.as_mut_ptr(), rank) })?;
    Ok(sizes)
}
