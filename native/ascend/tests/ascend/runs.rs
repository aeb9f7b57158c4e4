//! What runs give, and what is told of models and of calls that are wrong.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use slipway_ascend::fault::Fault;
use slipway_ascend::library::Library;
use slipway_ascend::model::Model;

use crate::simulated::{Simulator, path};

const AFFINE: &str = "slipway simulated model 1
input x FLOAT 2x3
output y FLOAT 2x3
compute affine 2 0.5
";

/// A library that is open, and a model in it, of a text. What is left must be nothing at the end.
fn with_model<T>(text: &str, act: impl FnOnce(&Simulator, Model) -> T) -> T {
    let simulator = Simulator::start();
    let library = Library::open(&path()).unwrap();
    let model = Model::from_bytes(&library, text.as_bytes(), 0).unwrap();
    let result = act(&simulator, model);
    assert_eq!(library.take_refused(), []);
    Library::close(library).unwrap();
    assert_eq!(simulator.outstanding(), "{}");
    assert_eq!(simulator.misuses(), "");
    result
}

fn load_fault(text: &str) -> String {
    let simulator = Simulator::start();
    let library = Library::open(&path()).unwrap();
    let fault = Model::from_bytes(&library, text.as_bytes(), 0).err().unwrap();
    Library::close(library).unwrap();
    assert_eq!(simulator.outstanding(), "{}");
    fault.to_string()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

#[test]
fn a_model_computes_its_outputs_again_and_again() {
    with_model(AFFINE, |_, mut model| {
        for factor in [1.0f32, -3.0] {
            let input: Vec<_> = (0..6).map(|i| i as f32 * factor).collect();
            let output: Vec<_> = input.iter().map(|x| 2.0 * x + 0.5).collect();
            assert_eq!(model.run(&[&bytes(&input)], None).unwrap(), [bytes(&output)]);
        }
    });
}

#[test]
fn several_inputs_keep_their_places() {
    let text = "slipway simulated model 1
input a FLOAT 2x3
input b FLOAT 3x2
output product FLOAT 2x2
compute matmul
";
    with_model(text, |_, mut model| {
        let (a, b) = (
            bytes(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            bytes(&[1.0, 0.0, 0.0, 1.0, 2.0, 2.0]),
        );
        assert_eq!(model.run(&[&a, &b], None).unwrap(), [bytes(&[7.0, 8.0, 16.0, 17.0])]);
    });
}

#[test]
fn every_type_is_described_as_onnx_has_it() {
    let types = [
        ("FLOAT", Some(1), 4),
        ("FLOAT16", Some(10), 2),
        ("INT8", Some(3), 1),
        ("INT32", Some(6), 4),
        ("UINT8", Some(2), 1),
        ("INT16", Some(5), 2),
        ("UINT16", Some(4), 2),
        ("UINT32", Some(12), 4),
        ("INT64", Some(7), 8),
        ("UINT64", Some(13), 8),
        ("DOUBLE", Some(11), 8),
        ("BOOL", Some(9), 1),
        ("BF16", Some(16), 2),
        ("COMPLEX64", None, 8),
    ];
    let ports = |kind: &str| {
        types
            .map(|(name, ..)| format!("{kind} {kind}-{name} {name} 3x1\n"))
            .concat()
    };
    let text = format!("slipway simulated model 1\n{}{}", ports("input"), ports("output"));
    with_model(&text, |_, mut model| {
        for (kind, ports) in [("input", &model.inputs), ("output", &model.outputs)] {
            assert_eq!(ports.len(), types.len());
            for (port, (name, number, size)) in ports.iter().zip(types) {
                assert_eq!(port.name, format!("{kind}-{name}"));
                assert_eq!((port.element_type, port.size_bytes), (number, 3 * size));
                assert_eq!(port.shape, [3, 1]);
            }
        }
        let inputs = types.map(|(_, _, size)| (0..3 * size as u8).collect::<Vec<_>>());
        let given = inputs.each_ref().map(Vec::as_slice);
        assert_eq!(model.run(&given, None).unwrap(), inputs);
    });
}

#[test]
fn a_scalar_has_no_sizes() {
    let text = "slipway simulated model 1\ninput x FLOAT scalar\noutput y FLOAT scalar\ncompute affine 1 1\n";
    with_model(text, |_, mut model| {
        assert_eq!(model.inputs[0].shape, []);
        assert_eq!(model.run(&[&bytes(&[4.0])], None).unwrap(), [bytes(&[5.0])]);
    });
}

#[test]
fn what_is_there_is_told() {
    with_model(AFFINE, |simulator, model| {
        let memory = model.device_memory().unwrap();
        assert_eq!(memory.total_bytes - memory.free_bytes, 48);
        assert_eq!(simulator.misuses(), "");
    });
    let simulator = Simulator::start();
    let library = Library::open(&path()).unwrap();
    assert_eq!(library.device_count(), Ok(1));
    assert_eq!(library.processor().as_deref(), Ok("Simulated"));
    drop(library);
    assert_eq!(simulator.outstanding(), "{}");
}

#[test]
fn a_run_goes_on_past_its_limit_and_the_next_one_waits_for_its_end() {
    with_model(&format!("{AFFINE}takes 100000\n"), |_, mut model| {
        let inputs = [bytes(&[1.0; 6]), bytes(&[2.0; 6])];
        let limit = Some(Duration::from_secs(40));
        assert_eq!(model.run(&[&inputs[0]], limit), Err(Fault::DeadlineExceeded));
        assert_eq!(
            model.run(&[&inputs[1]], limit),
            Err(Fault::DeadlineExceeded),
            "the first takes all of it"
        );
        assert_eq!(model.run(&[&inputs[1]], None), Ok(vec![bytes(&[4.5; 6])]));
    });
}

#[test]
fn a_model_may_go_while_a_run_goes_on() {
    with_model(&format!("{AFFINE}takes 100000\n"), |simulator, mut model| {
        let input = bytes(&[1.0; 6]);
        assert_eq!(
            model.run(&[&input], Some(Duration::from_secs(1))),
            Err(Fault::DeadlineExceeded)
        );
        drop(model);
        assert_eq!(simulator.outstanding(), r#"{"initialisations":1}"#);
    });
}

#[test]
fn no_time_is_too_little_whatever_the_model_takes() {
    with_model(AFFINE, |_, mut model| {
        assert_eq!(
            model.run(&[&bytes(&[1.0; 6])], Some(Duration::ZERO)),
            Err(Fault::DeadlineExceeded)
        );
        assert_eq!(model.run(&[&bytes(&[1.0; 6])], None), Ok(vec![bytes(&[2.5; 6])]));
    });
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    with_model(AFFINE, |_, mut model| {
        let fault = |model: &mut Model, inputs: &[&[u8]]| model.run(inputs, None).unwrap_err().to_string();
        assert_eq!(fault(&mut model, &[]), "0 inputs were given: the model takes 1");
        assert_eq!(
            fault(&mut model, &[&[0; 23]]),
            "input x has 23 bytes: the model takes 24"
        );
        assert!(model.run(&[&[0; 24]], None).is_ok());
    });
}

#[test]
fn a_device_that_fails_is_told_and_can_be_used_again() {
    let text = AFFINE.replace("affine 2 0.5", "fail 507015");
    with_model(&text, |_, mut model| {
        for _ in 0..2 {
            assert_eq!(
                model.run(&[&bytes(&[1.0; 6])], None).unwrap_err().to_string(),
                "aclrtSynchronizeStream failed with 507015, ACL_ERROR_RT_AICORE_EXCEPTION: a core of the device failed; \
                 AscendCL says: EJ0002: aclrtSynchronizeStream: the model was made to fail"
            );
        }
    });
}

#[test]
fn models_that_cannot_be_run_are_refused_in_plain_words() {
    let unreadable = load_fault("an image");
    assert!(
        unreadable.contains("aclmdlLoadFromMem failed with 100013, ACL_ERROR_PARSE_MODEL"),
        "{unreadable}"
    );
    let free = load_fault(&AFFINE.replace("input x FLOAT 2x3", "input x FLOAT -1x3"));
    assert_eq!(
        free,
        "x has free sizes, [-1, 3]: models are run that were converted for one shape"
    );
    let large = load_fault(&AFFINE.replace("2x3", "5000x2000"));
    assert!(
        large.contains("aclrtMalloc failed with 207001, ACL_ERROR_RT_MEMORY_ALLOCATION"),
        "{large}"
    );
    assert!(load_fault("").contains("aclmdlLoadFromMem failed with 100000"));
}

#[test]
fn a_model_is_loaded_from_its_file() {
    let simulator = Simulator::start();
    let library = Library::open(&path()).unwrap();
    let file = std::env::temp_dir().join(format!("slipway-ascend-{}.om", std::process::id()));
    std::fs::write(&file, AFFINE).unwrap();
    let ran = Model::load(&library, &file, 0).and_then(|mut model| model.run(&[&bytes(&[1.0; 6])], None));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ran, Ok(vec![bytes(&[2.5; 6])]));
    let missing = Model::load(&library, Path::new("/nowhere/a.om"), 0)
        .err()
        .unwrap()
        .to_string();
    assert!(missing.starts_with("/nowhere/a.om cannot be read: "), "{missing}");
    let device = Model::from_bytes(&library, AFFINE.as_bytes(), 3)
        .err()
        .unwrap()
        .to_string();
    assert!(
        device.starts_with("aclrtSetDevice failed with 107001, ACL_ERROR_RT_INVALID_DEVICEID"),
        "{device}"
    );
    drop(library);
    assert_eq!(simulator.outstanding(), "{}");
}

#[test]
fn models_run_on_other_threads_than_that_which_loaded_them() {
    with_model(AFFINE, |simulator, mut model| {
        let ran = std::thread::spawn(move || model.run(&[&bytes(&[1.0; 6])], None))
            .join()
            .unwrap();
        assert_eq!(ran, Ok(vec![bytes(&[2.5; 6])]));
        assert_eq!(simulator.outstanding(), r#"{"initialisations":1}"#);
    });
}

#[test]
fn what_is_no_library_is_refused() {
    let simulator = Simulator::start();
    let fault = |path: &str| Library::open(Path::new(path)).err().unwrap().to_string();
    let missing = fault("/nowhere/libascendcl.so");
    assert!(
        missing.starts_with("/nowhere/libascendcl.so: it cannot be opened: "),
        "{missing}"
    );
    let other = "libm.so.6: it has no function aclInit: it is not AscendCL, or an older one";
    assert_eq!(fault("libm.so.6"), other);
    let library = Library::open(&path()).unwrap();
    let twice = fault(path().to_str().unwrap());
    assert!(
        twice.contains("aclInit failed with 100002, ACL_ERROR_REPEAT_INITIALIZE"),
        "{twice}"
    );
    let model = Model::from_bytes(&library, AFFINE.as_bytes(), 0).unwrap();
    let held = Library::close(Arc::clone(&library)).unwrap_err().to_string();
    assert_eq!(held, "AscendCL cannot be closed: a model is still loaded");
    drop((model, library));
    assert_eq!(simulator.outstanding(), "{}");
}
