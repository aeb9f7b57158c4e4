//! Cancels runs that pass their limits: one thread for all runs of the process.

use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::Instant;

use crate::cancellation::Cancellation;

static DEADLINES: OnceLock<Deadlines> = OnceLock::new();

#[derive(Default)]
struct Deadlines {
    state: Mutex<State>,
    sooner: Condvar,
}

#[derive(Default)]
struct State {
    armed: Vec<Armed>,
    last_id: u64,
    /// When the thread looks again by itself; `None`: when it is told to.
    wakes_at: Option<Instant>,
}

struct Armed {
    id: u64,
    at: Instant,
    cancellation: Arc<Cancellation>,
}

/// A deadline, for as long as this lives.
pub struct Deadline(u64);

impl Deadline {
    /// Cancels at an instant, unless what this returns is dropped before.
    pub fn arm(at: Instant, cancellation: &Arc<Cancellation>) -> Self {
        let deadlines = DEADLINES.get_or_init(Deadlines::default);
        let mut state = deadlines.lock();
        if state.last_id == 0 {
            let watch = || DEADLINES.get_or_init(Deadlines::default).watch();
            thread::Builder::new()
                .name("slipway-limits".into())
                .spawn(watch)
                .expect("the system gives a thread");
        }
        state.last_id += 1;
        let id = state.last_id;
        state.armed.push(Armed {
            id,
            at,
            cancellation: Arc::clone(cancellation),
        });
        // Most runs have the same limit: the thread sleeps on, and is not woken for each of them.
        if state.wakes_at.is_none_or(|wakes_at| at < wakes_at) {
            deadlines.sooner.notify_one();
        }
        Self(id)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        let mut state = DEADLINES.get_or_init(Deadlines::default).lock();
        state.armed.retain(|armed| armed.id != self.0);
    }
}

impl Deadlines {
    fn watch(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            for armed in state.armed.extract_if(.., |armed| armed.at <= now) {
                armed.cancellation.cancel();
            }
            state.wakes_at = state.armed.iter().map(|armed| armed.at).min();
            state = match state.wakes_at {
                Some(at) => {
                    let slept = self.sooner.wait_timeout(state, at.saturating_duration_since(now));
                    slept.unwrap_or_else(|poisoned| poisoned.into_inner()).0
                }
                None => {
                    let slept = self.sooner.wait(state);
                    slept.unwrap_or_else(|poisoned| poisoned.into_inner())
                }
            };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn is_cancelled_within(cancellation: &Cancellation, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while Instant::now() < until && !cancellation.is_cancelled() {
            thread::sleep(Duration::from_millis(2));
        }
        cancellation.is_cancelled()
    }

    #[test]
    fn the_soonest_comes_first_whatever_was_armed_before() {
        let (late, soon) = (Arc::default(), Arc::default());
        let _late = Deadline::arm(Instant::now() + Duration::from_secs(600), &late);
        let _soon = Deadline::arm(Instant::now() + Duration::from_millis(20), &soon);
        assert!(is_cancelled_within(&soon, Duration::from_secs(30)));
        assert!(!late.is_cancelled());
    }

    #[test]
    fn a_run_that_ended_is_left_alone() {
        let (ended, after) = (Arc::default(), Arc::default());
        drop(Deadline::arm(Instant::now() + Duration::from_millis(20), &ended));
        let _after = Deadline::arm(Instant::now() + Duration::from_millis(40), &after);
        assert!(is_cancelled_within(&after, Duration::from_secs(30)));
        assert!(!ended.is_cancelled());
    }
}
