//! The example operators, in sessions of the ONNX Runtime library that comes with Slipway.

mod support;

use std::fmt::Debug;

use ort::session::Session;

use ort::value::{PrimitiveTensorElementType, Tensor};

use support::onnx_file::{Attribute, DOUBLE, FLOAT, Graph, INT32, INT64};
use support::session;

const TOLERANCE: f64 = 1e-6;

/// Runs a model of one output over tensors in the order of its inputs.
fn run<T: PrimitiveTensorElementType + Clone + Debug + 'static>(
    session: &mut Session,
    inputs: &[(&[i64], &[T])],
) -> Result<(Vec<i64>, Vec<T>), String> {
    let tensors = inputs.iter().map(|(shape, elements)| {
        Tensor::from_array((shape.to_vec(), elements.to_vec()))
            .unwrap()
            .into_dyn()
    });
    let names: Vec<_> = session.inputs().iter().map(|input| input.name().to_owned()).collect();
    let values: Vec<_> = names.into_iter().zip(tensors).collect();
    let outputs = session.run(values).map_err(|error| error.to_string())?;
    let (shape, elements) = outputs[0].try_extract_tensor::<T>().unwrap();
    Ok((shape.to_vec(), elements.to_vec()))
}

/// Numbers without a pattern, between -4 and 4, the same in each run.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1 << 21) as f32 - 4.0
    };
    (0..count).map(|_| next()).collect()
}

fn assert_close(actual: &[f32], expected: impl IntoIterator<Item = f64>) {
    let expected: Vec<f64> = expected.into_iter().collect();
    assert_eq!(actual.len(), expected.len());
    for (index, (&actual, expected)) in actual.iter().zip(expected).enumerate() {
        let difference = (f64::from(actual) - expected).abs();
        assert!(
            difference <= TOLERANCE * expected.abs(),
            "element {index} is {actual} and not {expected}"
        );
    }
}

fn sum_of(element: u64, left: &[i64], right: &[i64]) -> Graph {
    let inputs = Graph::default()
        .input("left", element, left)
        .input("right", element, right);
    inputs.output("sum", element)
}

fn add(element: u64, shape: &[i64]) -> Graph {
    sum_of(element, shape, shape).node("slipway.example::Add", &["left", "right"], "sum")
}

fn fused(x: &[i64], gate: &[i64], weight: &[i64], attributes: &[Attribute]) -> Graph {
    let inputs = Graph::default().input("x", FLOAT, x).input("gate", FLOAT, gate);
    let names = ["x", "gate", "weight"];
    inputs.input("weight", FLOAT, weight).output("y", FLOAT).node_with(
        "slipway.example::GatedRmsNorm",
        &names,
        "y",
        attributes,
    )
}

/// The same with operators of ONNX's own. In FP64: in FP32 these nodes are up to 1.5e-6 off, by
/// ONNX Runtime's approximation of Sigmoid.
fn unfused(shape: &[i64], width: i64, epsilon: f64) -> Graph {
    const MEAN: &[Attribute] = &[Attribute::Ints("axes", &[-1]), Attribute::Int("keepdims", 1)];
    let inputs = Graph::default().input("x", DOUBLE, shape).input("gate", DOUBLE, shape);
    inputs
        .input("weight", DOUBLE, &[width])
        .output("y", DOUBLE)
        .constant("epsilon", epsilon)
        .node("Sigmoid", &["gate"], "open")
        .node("Mul", &["gate", "open"], "silu")
        .node("Mul", &["x", "silu"], "gated")
        .node("Mul", &["gated", "gated"], "squares")
        .node_with("ReduceMean", &["squares"], "mean", MEAN)
        .node("Add", &["mean", "epsilon"], "above_zero")
        .node("Sqrt", &["above_zero"], "root")
        .node("Div", &["gated", "root"], "normal")
        .node("Mul", &["normal", "weight"], "y")
}

#[test]
fn add_gives_what_onnx_gives_for_every_type() {
    macro_rules! both {
        ($element:expr, $left:expr, $right:expr) => {
            let own = sum_of($element, &[-1], &[-1]).node("Add", &["left", "right"], "sum");
            let inputs: [(&[i64], &[_]); 2] = [(&[3], &$left), (&[3], &$right)];
            let ours = run(&mut session(&add($element, &[-1])).unwrap(), &inputs).unwrap();
            assert_eq!(ours, run(&mut session(&own).unwrap(), &inputs).unwrap());
            assert_eq!(ours.1.len(), 3);
        };
    }
    both!(FLOAT, [0.1_f32, -2.0, f32::MAX], [0.2, 2.0, f32::MAX]);
    both!(DOUBLE, [0.1_f64, 1e300, f64::MIN], [0.2, 1e284, f64::INFINITY]);
    both!(INT32, [1_i32, -7, i32::MAX], [2, 7, 1]);
    both!(INT64, [1_i64, -7, i64::MIN], [2, 7, -1]);
}

#[test]
fn add_takes_any_shape() {
    let mut session = session(&add(FLOAT, &[-1, 3])).unwrap();
    let (left, right) = (numbers(1, 3000), numbers(2, 3000));
    let (shape, sums) = run(&mut session, &[(&[1000, 3], &left), (&[1000, 3], &right)]).unwrap();
    assert_eq!(shape, [1000, 3]);
    assert!(
        sums.iter()
            .zip(left.iter().zip(&right))
            .all(|(sum, (left, right))| *sum == left + right)
    );
    let empty: (Vec<i64>, Vec<f32>) = run(&mut session, &[(&[0, 3], &[]), (&[0, 3], &[])]).unwrap();
    assert_eq!(empty, (vec![0, 3], vec![]));
    let mut scalars = support::session(&add(INT64, &[])).unwrap();
    assert_eq!(
        run(&mut scalars, &[(&[], &[40_i64]), (&[], &[2])]).unwrap(),
        (vec![], vec![42])
    );
}

#[test]
fn gated_rms_norm_gives_what_a_plain_computation_gives() {
    let (rows, width) = (37, 129);
    let (x, gate, weight) = (numbers(3, rows * width), numbers(4, rows * width), numbers(5, width));
    let epsilon = 0.25_f32;
    let graph = fused(&[-1, 129], &[-1, 129], &[129], &[Attribute::Float("epsilon", epsilon)]);
    let inputs: [(&[i64], &[f32]); 3] = [(&[37, 129], &x), (&[37, 129], &gate), (&[129], &weight)];
    let (shape, y) = run(&mut session(&graph).unwrap(), &inputs).unwrap();
    assert_eq!(shape, [37, 129]);
    let gated: Vec<f64> = x
        .iter()
        .zip(&gate)
        .map(|(&x, &gate)| f64::from(x) * f64::from(gate) / (1.0 + (-f64::from(gate)).exp()))
        .collect();
    let expected = gated.chunks(width).flat_map(|row| {
        let mean = row.iter().map(|value| value * value).sum::<f64>() / width as f64;
        let root = (mean + f64::from(epsilon)).sqrt();
        let scaled = row
            .iter()
            .zip(&weight)
            .map(move |(value, &weight)| value / root * f64::from(weight));
        scaled.collect::<Vec<_>>()
    });
    assert_close(&y, expected);
}

#[test]
fn gated_rms_norm_gives_what_its_nine_nodes_give() {
    for (shape, count) in [(vec![64, 96], 6144), (vec![2, 5, 96], 960), (vec![96], 96)] {
        let (x, gate, weight) = (numbers(6, count), numbers(7, count), numbers(8, 96));
        let inputs: [(&[i64], &[f32]); 3] = [(&shape, &x), (&shape, &gate), (&[96], &weight)];
        let ours = run(&mut session(&fused(&shape, &shape, &[96], &[])).unwrap(), &inputs).unwrap();
        let wide = [&x, &gate, &weight].map(|values| values.iter().copied().map(f64::from).collect::<Vec<_>>());
        let inputs: [(&[i64], &[f64]); 3] = [(&shape, &wide[0]), (&shape, &wide[1]), (&[96], &wide[2])];
        let nine = unfused(&shape, 96, f64::from(1e-5_f32));
        let theirs = run(&mut session(&nine).unwrap(), &inputs).unwrap();
        assert_eq!(ours.0, theirs.0);
        assert_close(&ours.1, theirs.1);
    }
}

#[test]
fn gates_that_are_shut_and_rows_of_zeros_give_zeros() {
    let mut session = session(&fused(&[-1, 2], &[-1, 2], &[2], &[])).unwrap();
    let inputs: [(&[i64], &[f32]); 3] = [
        (&[2, 2], &[1.0, 2.0, 0.0, 0.0]),
        (&[2, 2], &[-200.0, -1e30, 5.0, 5.0]),
        (&[2], &[1.0, 1.0]),
    ];
    let (_, y) = run(&mut session, &inputs).unwrap();
    assert!(y.iter().all(|value| *value == 0.0), "{y:?}");
}

#[test]
fn shapes_of_outputs_are_known_when_a_model_is_loaded() {
    let shape_of = |graph: &Graph| {
        let session = session(graph).unwrap();
        session.outputs()[0].dtype().tensor_shape().unwrap().to_vec()
    };
    assert_eq!(shape_of(&add(FLOAT, &[2, 3])), [2, 3]);
    assert_eq!(shape_of(&add(INT64, &[0, 3])), [0, 3]);
    assert_eq!(shape_of(&fused(&[4, -1], &[-1, 7], &[7], &[])), [4, 7]);
}

#[test]
fn what_does_not_fit_is_refused_when_it_is_loaded() {
    let differ = sum_of(FLOAT, &[2, 3], &[2, 4]).node("slipway.example::Add", &["left", "right"], "sum");
    for (graph, problem) in [
        (differ, "Add: the shapes [2, 3] and [2, 4] differ"),
        (
            fused(&[2, 3], &[2, 3], &[4], &[]),
            "GatedRmsNorm: weight has the shape [4], and must have [3]",
        ),
        (
            fused(&[2, 3], &[2, 3], &[3], &[Attribute::Float("epsilon", -1.0)]),
            "GatedRmsNorm: epsilon is -1, and must be 0 or more",
        ),
        (
            fused(&[2, 3], &[2, 3], &[3], &[Attribute::Int("epsilon", 1)]),
            "GatedRmsNorm: attribute epsilon: ",
        ),
    ] {
        let refused = session(&graph).map(drop).unwrap_err();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn what_does_not_fit_is_refused_when_it_is_run_and_the_session_runs_on() {
    let mut session = session(&add(INT32, &[-1])).unwrap();
    let refused = run(&mut session, &[(&[2], &[1, 2]), (&[3], &[1, 2, 3])]).unwrap_err();
    assert!(refused.contains("Add: the shapes [2] and [3] differ"), "{refused}");
    assert_eq!(run(&mut session, &[(&[1], &[1]), (&[1], &[2])]).unwrap().1, [3]);
}

#[test]
fn sessions_come_and_go_on_several_threads() {
    let shape = [8_i64, 16];
    let (left, right) = (numbers(9, 128), numbers(10, 128));
    let sums: Vec<f32> = left.iter().zip(&right).map(|(left, right)| left + right).collect();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..10 {
                    let mut session = session(&add(FLOAT, &shape)).unwrap();
                    assert_eq!(run(&mut session, &[(&shape, &left), (&shape, &right)]).unwrap().1, sums);
                }
            });
        }
    });
}
