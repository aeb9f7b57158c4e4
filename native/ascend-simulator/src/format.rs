//! The models that are simulated, as the README describes their files.

use crate::call::{INVALID_PARAM, PARSE_MODEL, Refusal};

/// What a size that is free is at most.
const LARGEST_FREE_SIZE: i64 = 16;

/// A model.
pub struct Model {
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// How long a run takes.
    pub takes_ms: u64,
    computation: Computation,
}

/// An input or an output.
pub struct Port {
    /// Its name, with a zero byte at its end.
    pub c_name: Vec<u8>,
    /// Its `aclDataType`.
    pub data_type: i32,
    /// Its sizes; -1 where one is free.
    pub shape: Vec<i64>,
    /// What it takes in memory.
    pub size_bytes: usize,
}

enum Computation {
    Identity,
    Affine { factor: f32, summand: f32 },
    Add,
    Matmul,
    Fail(i32),
}

/// The types that models have: name, `aclDataType` and bytes.
const DATA_TYPES: &[(&str, i32, usize)] = &[
    ("FLOAT", 0, 4),
    ("FLOAT16", 1, 2),
    ("INT8", 2, 1),
    ("INT32", 3, 4),
    ("UINT8", 4, 1),
    ("INT16", 6, 2),
    ("UINT16", 7, 2),
    ("UINT32", 8, 4),
    ("INT64", 9, 8),
    ("UINT64", 10, 8),
    ("DOUBLE", 11, 8),
    ("BOOL", 12, 1),
    ("COMPLEX64", 16, 8),
    ("BF16", 27, 2),
];

impl Model {
    /// Reads a model's file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is no text"))?;
        let mut lines = text.lines();
        if lines.next() != Some("slipway simulated model 1") {
            return Err(unreadable("it does not begin as one"));
        }
        let mut model = Self {
            inputs: vec![],
            outputs: vec![],
            takes_ms: 0,
            computation: Computation::Identity,
        };
        for line in lines {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                ["input", name, data_type, shape] => model.inputs.push(Port::parse(name, data_type, shape)?),
                ["output", name, data_type, shape] => model.outputs.push(Port::parse(name, data_type, shape)?),
                ["takes", ms] => model.takes_ms = number(ms)?,
                ["compute", computation @ ..] => model.computation = Computation::parse(computation)?,
                _ => return Err(unreadable(&format!("it has a line {line:?}"))),
            }
        }
        Ok(model)
    }

    /// What it makes of its inputs.
    pub fn compute(&self, inputs: &[&[u8]]) -> Result<Vec<Vec<u8>>, Refusal> {
        let values = || inputs.iter().map(|bytes| floats(bytes)).collect::<Vec<_>>();
        let result = match (&self.computation, values().as_slice()) {
            (Computation::Identity, _) => return Ok(inputs.iter().map(|bytes| bytes.to_vec()).collect()),
            (Computation::Fail(code), _) => return Err(Refusal::failure(*code, "the model was made to fail")),
            (Computation::Affine { factor, summand }, [x]) => x.iter().map(|x| factor * x + summand).collect(),
            (Computation::Add, [a, b]) => a.iter().zip(b).map(|(a, b)| a + b).collect(),
            (Computation::Matmul, [a, b]) => self.product(a, b),
            _ => {
                return Err(Refusal::failure(
                    INVALID_PARAM,
                    "the model has other inputs than what it computes",
                ));
            }
        };
        Ok(vec![
            result.iter().flat_map(|value: &f32| value.to_ne_bytes()).collect(),
        ])
    }

    /// Of a matrix and another one, of the sizes of the inputs.
    fn product(&self, a: &[f32], b: &[f32]) -> Vec<f32> {
        let size = |port: &Port, axis: usize| port.shape.get(axis).map_or(1, |&size| size.unsigned_abs() as usize);
        let (rows, inner, columns) = (
            size(&self.inputs[0], 0),
            size(&self.inputs[0], 1),
            size(&self.inputs[1], 1),
        );
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let element = |(row, column)| (0..inner).map(|i| a[row * inner + i] * b[i * columns + column]).sum();
        places.map(element).collect()
    }
}

impl Port {
    fn parse(name: &str, data_type: &str, shape: &str) -> Result<Self, Refusal> {
        let &(_, data_type, element_bytes) = DATA_TYPES
            .iter()
            .find(|(known, ..)| *known == data_type)
            .ok_or_else(|| unreadable(&format!("it has a type {data_type}")))?;
        let sizes = shape.split('x').filter(|_| shape != "scalar");
        let shape: Vec<i64> = sizes.map(number).collect::<Result<_, _>>()?;
        let elements = shape
            .iter()
            .map(|&size| if size < 0 { LARGEST_FREE_SIZE } else { size })
            .product::<i64>();
        let c_name = [name.as_bytes(), b"\0"].concat();
        Ok(Self {
            c_name,
            data_type,
            shape,
            size_bytes: elements.unsigned_abs() as usize * element_bytes,
        })
    }
}

impl Computation {
    fn parse(words: &[&str]) -> Result<Self, Refusal> {
        match words {
            ["identity"] => Ok(Self::Identity),
            ["affine", factor, summand] => Ok(Self::Affine {
                factor: number(factor)?,
                summand: number(summand)?,
            }),
            ["add"] => Ok(Self::Add),
            ["matmul"] => Ok(Self::Matmul),
            ["fail", code] => Ok(Self::Fail(number(code)?)),
            _ => Err(unreadable(&format!("it computes {words:?}"))),
        }
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|chunk| f32::from_ne_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]))
        .collect()
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, Refusal> {
    word.parse().map_err(|_| unreadable(&format!("{word} is no number")))
}

fn unreadable(text: &str) -> Refusal {
    Refusal::failure(PARSE_MODEL, format!("the model cannot be read: {text}"))
}
