//! Tensors on their way from and to JavaScript.

use std::sync::Arc;

use napi::bindgen_prelude::{Array, ArrayBuffer, Env, FromNapiValue, Null, Object, Uint8ArraySlice};

use crate::element::ElementType;
use crate::fault::{Fault, FaultCode};
use crate::js::errors::refused;
use crate::run::{Input, Output, OutputBytes, Place, Wanted};

/// Where outputs go.
#[derive(Clone, Copy)]
pub enum Placement {
    /// Into memory of JavaScript's, which is freed whether or not its loop turns: finalisers wait for a turn.
    Copied,
    /// Large ones stay where ONNX Runtime has put them, and are released in a turn of the loop after JavaScript has collected `data`.
    InPlace,
}

/// Outputs up to this size are always copied: below it a copy is cheaper than a finaliser.
const COPIED_BYTES: usize = 4096;

/// The inputs of a run: `{ name, elementType, shape, data }` each, `data` a `Uint8Array` that is read where it lies.
pub fn read_inputs<Bytes: FromNapiValue>(inputs: &Array) -> Result<Vec<Input<Bytes>>, Fault> {
    (0..inputs.len())
        .map(|index| {
            let input = inputs.get::<Object>(index).map_err(refused)?;
            let input = input.ok_or_else(|| Fault::invalid(format!("inputs[{index}] is missing")))?;
            read_input(&input).map_err(|fault| Fault::new(fault.code, format!("inputs[{index}]: {}", fault.text)))
        })
        .collect()
}

fn read_input<Bytes: FromNapiValue>(input: &Object) -> Result<Input<Bytes>, Fault> {
    Ok(Input {
        name: property(input, "name")?,
        element: ElementType::from_number(property(input, "elementType")?)?,
        shape: property(input, "shape")?,
        bytes: property(input, "data")?,
    })
}

/// The outputs of a run by their names, with the places that they were given: `{ shape, data }` each, `data` a `Uint8Array` that is written to
/// where it lies.
pub fn read_wanted<'env>(names: Vec<String>, places: Option<&Array<'env>>) -> Result<Vec<Wanted<'env>>, Fault> {
    let wanted = (0..).zip(names).map(|(index, name)| {
        let place = places.map_or(Ok(None), |places| read_place(places, index));
        let place = place.map_err(|fault| Fault::new(fault.code, format!("places[{index}]: {}", fault.text)))?;
        Ok(Wanted { name, place })
    });
    wanted.collect()
}

fn read_place<'env>(places: &Array<'env>, index: u32) -> Result<Option<Place<'env>>, Fault> {
    let Some(place) = places.get::<Option<Object>>(index).map_err(refused)?.flatten() else {
        return Ok(None);
    };
    let mut data: Uint8ArraySlice<'env> = property(&place, "data")?;
    let (start, length) = {
        // SAFETY: JavaScript waits while a run goes on on its thread, and the run is all that has the place.
        let bytes = unsafe { data.as_mut() };
        (bytes.as_mut_ptr(), bytes.len())
    };
    Ok(Some(Place {
        shape: property(&place, "shape")?,
        // SAFETY: as above; the view lives as long as the call does.
        bytes: unsafe { std::slice::from_raw_parts_mut(start, length) },
    }))
}

fn property<T: FromNapiValue>(object: &Object, name: &str) -> Result<T, Fault> {
    object
        .get::<T>(name)
        .map_err(|error| Fault::invalid(format!("{name}: {}", error.reason)))?
        .ok_or_else(|| Fault::invalid(format!("{name} is missing")))
}

/// The outputs of a run: `{ elementType, shape, data }` each, in an array; `null` for one that lies in its place. Their model lives as long as
/// those that stay where they are.
pub fn write_outputs<'env, Model: Send + Sync + 'static>(
    env: &'env Env,
    model: &Arc<Model>,
    outputs: Vec<Option<Output>>,
    placement: Placement,
) -> Result<Array<'env>, Fault> {
    let count = u32::try_from(outputs.len()).unwrap_or(u32::MAX);
    let mut written = env.create_array(count).map_err(failed)?;
    for (index, output) in (0..).zip(outputs) {
        let Some(output) = output else {
            written.set(index, Null).map_err(failed)?;
            continue;
        };
        let mut object = Object::new(env).map_err(failed)?;
        object.set("elementType", output.element.number()).map_err(failed)?;
        object.set("shape", output.shape.clone()).map_err(failed)?;
        object
            .set("data", data_of(env, model, output, placement)?)
            .map_err(failed)?;
        written.set(index, object).map_err(failed)?;
    }
    Ok(written)
}

fn data_of<'env, Model: Send + Sync + 'static>(
    env: &'env Env,
    model: &Arc<Model>,
    output: Output,
    placement: Placement,
) -> Result<Uint8ArraySlice<'env>, Fault> {
    let value = match output.bytes {
        OutputBytes::Written(bytes) => return Uint8ArraySlice::copy_from(env, bytes).map_err(failed),
        OutputBytes::InPlace(value) => value,
    };
    let bytes = value.bytes(output.element, &output.shape)?;
    let length = bytes.len();
    if length <= COPIED_BYTES || matches!(placement, Placement::Copied) {
        return Uint8ArraySlice::copy_from(env, bytes).map_err(failed);
    }
    let start = bytes.as_ptr().cast_mut();
    // The model has the allocator that the memory goes back to.
    let held = (value, Arc::clone(model));
    // SAFETY: the memory is the value's, which lives until JavaScript has collected the buffer.
    let buffer = unsafe { ArrayBuffer::from_external(env, start, length, held, |_, held| drop(held)) };
    Uint8ArraySlice::from_arraybuffer(&buffer.map_err(failed)?, 0, length).map_err(failed)
}

fn failed(error: napi::Error) -> Fault {
    Fault::new(FaultCode::Internal, error.reason.clone())
}
