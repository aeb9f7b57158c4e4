//! Ends runs that nobody waits for any more.

use std::sync::{Arc, Mutex};

use ort::session::RunOptions;

use crate::fault::{Fault, FaultCode};

/// A way to cancel one run, before it begins or while it goes on.
///
/// ONNX Runtime looks at the flag between the nodes of a graph: a single node that computes for long goes on to its end.
#[derive(Default)]
pub struct Cancellation(Mutex<State>);

#[derive(Default)]
struct State {
    is_cancelled: bool,
    /// Of the run, while it goes on.
    running: Option<Arc<RunOptions>>,
}

impl Cancellation {
    /// Cancels the run; it fails with RUN_CANCELLED. More often than once, or after the run, it does nothing.
    pub fn cancel(&self) {
        let mut state = self.lock();
        state.is_cancelled = true;
        if let Some(options) = &state.running {
            // It sets a flag, and fails for no options alone.
            let _ = options.terminate();
        }
    }

    /// Whether it was cancelled.
    #[cfg(test)]
    pub fn is_cancelled(&self) -> bool {
        self.lock().is_cancelled
    }

    /// Does the run. Fails with RUN_CANCELLED when it was cancelled before.
    pub fn watch<T>(&self, options: &Arc<RunOptions>, run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        {
            let mut state = self.lock();
            if state.is_cancelled {
                return Err(cancelled());
            }
            state.running = Some(Arc::clone(options));
        }
        let outcome = run();
        let mut state = self.lock();
        state.running = None;
        match outcome {
            Err(_) if state.is_cancelled => Err(cancelled()),
            outcome => outcome,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing that holds it panics.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn cancelled() -> Fault {
    Fault::new(FaultCode::RunCancelled, "the run was cancelled")
}
