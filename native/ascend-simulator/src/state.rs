//! What there is in the simulated library.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::{CONTEXT_NULL, INVALID_HANDLE, Refusal};
use crate::format::Model;
use crate::streams::Stream;

/// The bytes of its one device.
pub const DEVICE_BYTES: usize = 64 << 20;
/// What addresses are multiples of.
pub const ALIGNMENT: usize = 64;

/// A number by which a caller knows something.
pub type Handle = usize;

/// All of it. Handles are never given twice.
#[derive(Default)]
pub struct State {
    /// Between `aclInit` and `aclFinalize`.
    pub is_initialised: bool,
    /// A process initialises it once.
    pub was_finalised: bool,
    /// `aclrtSetDevice` without its `aclrtResetDevice`.
    pub device_uses: u32,
    /// Contexts.
    pub contexts: BTreeMap<Handle, ()>,
    /// Streams.
    pub streams: BTreeMap<Handle, Stream>,
    /// Models, by their ids, each with its context.
    pub models: BTreeMap<u32, (Handle, Arc<Model>)>,
    /// Descriptions; empty before `aclmdlGetDesc`.
    pub descriptions: BTreeMap<Handle, Option<Arc<Model>>>,
    /// Datasets: their data buffers.
    pub datasets: BTreeMap<Handle, Vec<Handle>>,
    /// Data buffers: address and size.
    pub data_buffers: BTreeMap<Handle, (usize, usize)>,
    /// The device's memory, by addresses that no program can read.
    pub device_memory: BTreeMap<usize, Vec<u8>>,
    /// Memory of the host, by address.
    pub host_memory: BTreeMap<usize, HostMemory>,
    /// What the documentation forbids, and was done.
    pub misuses: Vec<String>,
    /// What was still there when its context or its device went, by kind.
    pub reclaimed: BTreeMap<&'static str, usize>,
    /// Failures to come.
    pub injections: Vec<Injection>,
    /// Calls so far, by function.
    pub calls: BTreeMap<String, u64>,
    last_handle: Handle,
}

/// A failure to come.
pub struct Injection {
    /// The function.
    pub function: String,
    /// Which of its calls, from 1.
    pub call: u64,
    /// What it answers.
    pub code: c_int,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

thread_local! {
    static CURRENT: Cell<Handle> = const { Cell::new(0) };
}

/// The state, for one call at a time.
pub fn lock() -> Guard {
    let mut guard = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    guard.get_or_insert_with(State::default);
    Guard(guard)
}

/// The state, held.
pub struct Guard(MutexGuard<'static, Option<State>>);

impl std::ops::Deref for Guard {
    type Target = State;

    fn deref(&self) -> &State {
        self.0.as_ref().expect("lock has put one there")
    }
}

impl std::ops::DerefMut for Guard {
    fn deref_mut(&mut self) -> &mut State {
        self.0.as_mut().expect("lock has put one there")
    }
}

impl State {
    /// Counts a call: which one it is, and how it is made to fail.
    pub fn begin(&mut self, function: &str) -> (u64, Option<c_int>) {
        let calls = self.calls.entry(function.to_owned()).or_default();
        *calls += 1;
        let call = *calls;
        let place = self
            .injections
            .iter()
            .position(|next| next.function == function && next.call == call);
        (call, place.map(|place| self.injections.swap_remove(place).code))
    }

    /// A new handle; also an id and, times 2^20, an address of the device.
    pub fn new_handle(&mut self) -> Handle {
        self.last_handle += 1;
        0x5000_0000 + self.last_handle
    }

    /// The context that this thread has entered.
    pub fn current_context(&self) -> Result<Handle, Refusal> {
        let current = CURRENT.get();
        match self.contexts.contains_key(&current) {
            true => Ok(current),
            false => Err(Refusal::misuse(
                CONTEXT_NULL,
                "this thread has entered no context that is there",
            )),
        }
    }

    /// Makes this thread enter a context; 0: none.
    pub fn set_current_context(&self, context: Handle) {
        CURRENT.set(context);
    }

    /// What was queued and is not done comes to nothing, as when a device fails.
    pub fn abort_streams(&mut self) {
        self.streams.values_mut().for_each(Stream::abort);
    }

    /// Refuses what something that is queued still uses.
    pub fn unused(&self, handle: Handle) -> Result<(), Refusal> {
        if self.streams.values().any(|stream| stream.uses(handle)) {
            return Err(Refusal::misuse(
                crate::call::NOT_COMPLETE,
                "something that is queued uses it",
            ));
        }
        Ok(())
    }

    /// A context goes, with what is in it.
    pub fn remove_context(&mut self, context: Handle) {
        self.contexts.remove(&context);
        let streams = self.streams.len();
        self.streams.retain(|_, stream| stream.context != context);
        self.reclaim("streams", streams - self.streams.len());
        let models = self.models.len();
        self.models.retain(|_, (of, _)| *of != context);
        self.reclaim("models", models - self.models.len());
    }

    /// The device's last use is over: what is on it goes.
    pub fn release_device(&mut self) {
        let contexts: Vec<_> = self.contexts.keys().copied().collect();
        self.reclaim("contexts", contexts.len());
        contexts.into_iter().for_each(|context| self.remove_context(context));
        let buffers = std::mem::take(&mut self.device_memory);
        self.reclaim("device_memory", buffers.len());
    }

    fn reclaim(&mut self, kind: &'static str, count: usize) {
        *self.reclaimed.entry(kind).or_default() += count;
    }

    /// Everything that is left, by kind; kinds of which nothing is are left out.
    pub fn outstanding(&self) -> Vec<(String, usize)> {
        let held = [
            ("initialisations", usize::from(self.is_initialised)),
            ("device_uses", self.device_uses as usize),
            ("contexts", self.contexts.len()),
            ("streams", self.streams.len()),
            ("models", self.models.len()),
            ("descriptions", self.descriptions.len()),
            ("datasets", self.datasets.len()),
            ("data_buffers", self.data_buffers.len()),
            ("device_memory", self.device_memory.len()),
            ("host_memory", self.host_memory.len()),
        ];
        let held = held.into_iter().map(|(kind, count)| (kind.to_owned(), count));
        let reclaimed = self
            .reclaimed
            .iter()
            .map(|(kind, count)| (format!("reclaimed_{kind}"), *count));
        held.chain(reclaimed).filter(|(_, count)| *count > 0).collect()
    }
}

/// The thing with this handle. It is misuse to ask for one that is not there.
pub fn known<'map, T>(
    kind: &str,
    things: &'map mut BTreeMap<Handle, T>,
    handle: Handle,
) -> Result<&'map mut T, Refusal> {
    things
        .get_mut(&handle)
        .ok_or_else(|| Refusal::misuse(INVALID_HANDLE, format!("there is no such {kind}, or no longer")))
}

/// Takes the thing with this handle away. It is misuse to do so for one that is not there.
pub fn taken<T>(kind: &str, things: &mut BTreeMap<Handle, T>, handle: Handle) -> Result<T, Refusal> {
    known(kind, things, handle)?;
    Ok(things.remove(&handle).expect("it is known"))
}

/// Memory of the host, which a program reads and writes by its address.
pub struct HostMemory {
    address: usize,
    layout: Layout,
}

impl HostMemory {
    /// Allocates memory; what is in it means nothing.
    pub fn allocate(size_bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(size_bytes, ALIGNMENT)
            .ok()
            .filter(|layout| layout.size() > 0)?;
        // SAFETY: the layout has a size.
        let start = unsafe { alloc::alloc(layout) };
        if start.is_null() {
            return None;
        }
        // SAFETY: so many bytes were allocated.
        unsafe { start.write_bytes(0xa5, layout.size()) };
        Some(Self {
            address: start.expose_provenance(),
            layout,
        })
    }

    /// Where it lies.
    pub fn address(&self) -> usize {
        self.address
    }

    /// How much it is.
    pub fn size_bytes(&self) -> usize {
        self.layout.size()
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        // SAFETY: it was allocated so, and is freed once.
        unsafe { alloc::dealloc(std::ptr::with_exposed_provenance_mut(self.address), self.layout) };
    }
}
