//! Writes models: as much of ONNX's Protocol Buffers as the tests' models have.

const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;
/// That of the example operators.
pub const DOMAIN: &str = "slipway.example";

/// Types of elements, by their numbers in ONNX.
pub const FLOAT: u64 = 1;
pub const INT32: u64 = 6;
pub const INT64: u64 = 7;
pub const DOUBLE: u64 = 11;

/// A model in the making.
#[derive(Default)]
pub struct Graph {
    nodes: Message,
}

/// An attribute of a node.
pub enum Attribute {
    Float(&'static str, f32),
    Int(&'static str, u64),
    Ints(&'static str, &'static [i64]),
}

impl Graph {
    /// An input; a size of -1 is free.
    pub fn input(mut self, name: &str, element: u64, shape: &[i64]) -> Self {
        self.nodes.message(11, &value_info(name, element, Some(shape)));
        self
    }

    /// An output whose shape is left to be inferred.
    pub fn output(mut self, name: &str, element: u64) -> Self {
        self.nodes.message(12, &value_info(name, element, None));
        self
    }

    /// A scalar of FP64.
    pub fn constant(mut self, name: &str, value: f64) -> Self {
        let mut tensor = Message::default();
        tensor.number(2, DOUBLE);
        tensor.bytes(8, name.as_bytes());
        tensor.bytes(9, &value.to_le_bytes());
        self.nodes.message(5, &tensor);
        self
    }

    /// A node of one output.
    pub fn node(self, operator: &str, inputs: &[&str], output: &str) -> Self {
        self.node_with(operator, inputs, output, &[])
    }

    pub fn node_with(mut self, operator: &str, inputs: &[&str], output: &str, attributes: &[Attribute]) -> Self {
        let (domain, operator) = operator.split_once("::").unwrap_or(("", operator));
        let mut node = Message::default();
        for input in inputs {
            node.bytes(1, input.as_bytes());
        }
        node.bytes(2, output.as_bytes());
        node.bytes(4, operator.as_bytes());
        for attribute in attributes {
            node.message(5, &attribute.to_message());
        }
        node.bytes(7, domain.as_bytes());
        self.nodes.message(1, &node);
        self
    }

    pub fn to_model(&self) -> Vec<u8> {
        let mut model = Message::default();
        model.number(1, IR_VERSION);
        let mut graph = Message(self.nodes.0.clone());
        graph.bytes(2, b"graph");
        model.message(7, &graph);
        for (domain, version) in [("", OPSET), (DOMAIN, 1)] {
            let mut opset = Message::default();
            opset.bytes(1, domain.as_bytes());
            opset.number(2, version);
            model.message(8, &opset);
        }
        model.0
    }
}

impl Attribute {
    fn to_message(&self) -> Message {
        let mut message = Message::default();
        let (name, kind) = match self {
            Self::Float(name, value) => {
                message.fixed(2, *value);
                (name, 1)
            }
            Self::Int(name, value) => {
                message.number(3, *value);
                (name, 2)
            }
            Self::Ints(name, values) => {
                for value in *values {
                    message.number(8, value.cast_unsigned());
                }
                (name, 7)
            }
        };
        message.bytes(1, name.as_bytes());
        message.number(20, kind);
        message
    }
}

fn value_info(name: &str, element: u64, shape: Option<&[i64]>) -> Message {
    let mut tensor = Message::default();
    tensor.number(1, element);
    if let Some(shape) = shape {
        let mut sizes = Message::default();
        for (axis, &size) in shape.iter().enumerate() {
            let mut dimension = Message::default();
            match u64::try_from(size) {
                Ok(size) => dimension.number(1, size),
                Err(_) => dimension.bytes(2, format!("{name}_{axis}").as_bytes()),
            }
            sizes.message(1, &dimension);
        }
        tensor.message(2, &sizes);
    }
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut info = Message::default();
    info.bytes(1, name.as_bytes());
    info.message(2, &kind);
    info
}

/// Bytes of a message of Protocol Buffers.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.0);
    }

    fn fixed(&mut self, field: u64, value: f32) {
        self.varint(field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}
