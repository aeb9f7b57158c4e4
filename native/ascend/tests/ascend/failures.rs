//! Every function of the interface, failing in every way that is documented, at every one of its calls.

use std::sync::Arc;
use std::time::Duration;

use slipway_ascend::codes::{Code, DOCUMENTED, STREAM_SYNC_TIMEOUT};
use slipway_ascend::fault::Fault;
use slipway_ascend::interface::{FUNCTIONS, Function};
use slipway_ascend::library::Library;
use slipway_ascend::model::Model;

use crate::simulated::{Simulator, path};

const MODEL: &str = "slipway simulated model 1
input a FLOAT 2
input b FLOAT 2
output sum FLOAT 2
compute add
";

/// What is left when a function refuses to take something back: that, and nothing else.
const RELEASES: &[(&str, &str)] = &[
    ("aclFinalize", r#"{"initialisations":1}"#),
    ("aclrtResetDevice", r#"{"device_uses":1}"#),
    ("aclrtDestroyContext", r#"{"reclaimed_contexts":1}"#),
    ("aclrtDestroyStream", r#"{"reclaimed_streams":1}"#),
    ("aclrtFree", r#"{"reclaimed_device_memory":1}"#),
    ("aclrtFreeHost", r#"{"host_memory":1}"#),
    ("aclmdlUnload", r#"{"reclaimed_models":1}"#),
    ("aclmdlDestroyDesc", r#"{"descriptions":1}"#),
    ("aclmdlDestroyDataset", r#"{"datasets":1}"#),
    ("aclDestroyDataBuffer", r#"{"data_buffers":1}"#),
];

/// A process that opens the library, asks it for what is there, and twice loads a model, runs it three times and lets it go. What fails is
/// told; what comes after it must not fail.
fn process() -> Vec<Fault> {
    let mut faults = vec![];
    let library = match Library::open(&path()) {
        Ok(library) => library,
        Err(fault) => {
            faults.push(fault);
            Library::open(&path()).expect("it can be opened when it failed before")
        }
    };
    faults.extend(library.device_count().map(|count| assert_eq!(count, 1)).err());
    faults.extend(library.processor().map(|name| assert_eq!(name, "Simulated")).err());
    for _ in 0..2 {
        request(&library, &mut faults);
    }
    faults.extend(library.take_refused());
    faults.extend(Library::close(library).err());
    faults
}

fn request(library: &Arc<Library>, faults: &mut Vec<Fault>) {
    let mut model = match Model::from_bytes(library, MODEL.as_bytes(), 0) {
        Ok(model) => model,
        Err(fault) => return faults.push(fault),
    };
    faults.extend(model.device_memory().err());
    for (run, limit) in [Some(Duration::from_secs(600)), None, Some(Duration::from_secs(600))]
        .into_iter()
        .enumerate()
    {
        let (a, b) = (run as f32, 10.0f32);
        let given = [[a, a], [b, b]].map(|values| values.map(f32::to_ne_bytes).concat());
        let sum = [a + b, a + b].map(f32::to_ne_bytes).concat();
        match model.run(&[&given[0], &given[1]], limit) {
            Ok(outputs) => assert_eq!(outputs, [sum]),
            Err(fault) => faults.push(fault),
        }
    }
}

/// How often the process calls each function when nothing fails.
fn calls(simulator: &Simulator) -> Vec<(Function, u64)> {
    simulator.reset();
    assert_eq!(process(), []);
    assert_eq!(simulator.outstanding(), "{}");
    assert_eq!(simulator.misuses(), "");
    let counted = FUNCTIONS
        .iter()
        .map(|function| (*function, simulator.calls(function.name)));
    counted
        .filter(|(function, _)| function.name != "aclGetRecentErrMsg")
        .collect()
}

fn left_after(function: &str) -> &'static str {
    RELEASES
        .iter()
        .find(|(name, _)| *name == function)
        .map_or("{}", |(_, left)| left)
}

/// The process, in which one call fails.
fn fail(simulator: &Simulator, function: &Function, call: u64, code: i32) -> String {
    simulator.reset();
    simulator.inject(function.name, call, code);
    let faults = process();
    let place = format!("{} at call {call} with {code}", function.name);
    assert_eq!(faults.len(), 1, "{place}: {faults:?}");
    assert_eq!(simulator.misuses(), "", "{place}");
    assert_eq!(simulator.outstanding(), left_after(function.name), "{place}");
    faults[0].to_string()
}

fn told(function: &Function, call: u64, code: &Code) -> String {
    let Function { name, .. } = function;
    let Code {
        status,
        name: code_name,
        meaning,
    } = code;
    let says = format!("AscendCL says: EJ0001: {name} was made to fail at call {call}");
    format!("{name} failed with {status}, {code_name}: {meaning}; {says}")
}

#[test]
fn every_function_is_called() {
    let simulator = Simulator::start();
    for (function, calls) in calls(&simulator) {
        assert!(calls > 0, "{} is in the interface and is not called", function.name);
    }
}

#[test]
fn every_documented_error_of_every_call_is_told_and_leaves_nothing() {
    let simulator = Simulator::start();
    let mut tried = 0;
    for (function, calls) in calls(&simulator)
        .into_iter()
        .filter(|(function, _)| function.tells_code)
    {
        for call in 1..=calls {
            for code in DOCUMENTED {
                let text = fail(&simulator, &function, call, code.status);
                let is_timeout = function.name.ends_with("WithTimeout") && code.status == STREAM_SYNC_TIMEOUT;
                match is_timeout {
                    true => assert_eq!(text, Fault::DeadlineExceeded.to_string()),
                    false => assert_eq!(text, told(&function, call, code)),
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 40 * DOCUMENTED.len(), "{tried} failures were tried");
}

#[test]
fn functions_that_tell_no_code_are_told_by_name() {
    let simulator = Simulator::start();
    for (function, calls) in calls(&simulator) {
        if function.tells_code {
            continue;
        }
        for call in 1..=calls {
            let name = function.name;
            let text = format!("{name} failed; AscendCL says: EJ0001: {name} was made to fail at call {call}");
            assert_eq!(fail(&simulator, &function, call, 1), text);
        }
    }
}

#[test]
fn errors_that_are_not_documented_are_told_by_number() {
    let simulator = Simulator::start();
    for (function, calls) in calls(&simulator) {
        for call in (1..=calls).filter(|_| function.tells_code) {
            let text = fail(&simulator, &function, call, 987654);
            let begins = format!(
                "{} failed with 987654, which is not documented; AscendCL says: ",
                function.name
            );
            assert!(text.starts_with(&begins), "{text}");
        }
    }
}

#[test]
fn a_failure_that_is_not_explained_is_told_without_words() {
    let simulator = Simulator::start();
    simulator.inject("aclrtMalloc", 1, 207001);
    simulator.inject("aclGetRecentErrMsg", 1, 1);
    let told = "aclrtMalloc failed with 207001, ACL_ERROR_RT_MEMORY_ALLOCATION: no memory could be allocated";
    assert_eq!(process().iter().map(Fault::to_string).collect::<Vec<_>>(), [told]);
    assert_eq!(simulator.outstanding(), "{}");
}

#[test]
fn a_model_goes_even_if_its_last_run_cannot_be_waited_for() {
    let simulator = Simulator::start();
    let library = Library::open(&path()).unwrap();
    let text = format!("{MODEL}takes 1000000\n");
    let mut model = Model::from_bytes(&library, text.as_bytes(), 0).unwrap();
    let ran = model.run(&[&[0; 8], &[0; 8]], Some(Duration::from_secs(1)));
    assert_eq!(ran, Err(Fault::DeadlineExceeded));
    simulator.inject("aclrtSynchronizeStream", 1, 507015);
    drop(model);
    let refused: Vec<_> = library.take_refused().iter().map(Fault::to_string).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        refused[0].starts_with("aclrtSynchronizeStream failed with 507015"),
        "{refused:?}"
    );
    Library::close(library).unwrap();
    assert_eq!(simulator.misuses(), "");
    assert_eq!(simulator.outstanding(), "{}");
}
