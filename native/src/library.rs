//! The ONNX Runtime library of this process.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use ort::environment::Environment;
use ort::logging::LogLevel;

use crate::fault::{Fault, FaultCode};
use crate::inventory;

/// An ONNX Runtime library that was opened. There is one in a process, and it stays.
pub struct Library {
    /// Where it lies.
    pub path: PathBuf,
    /// Its own version, such as `1.30.0`.
    pub version: String,
    /// Slipway's names of the providers that it was built with.
    pub providers: Vec<String>,
    environment: Environment,
}

static LIBRARY: OnceLock<Library> = OnceLock::new();
static OPENING: Mutex<()> = Mutex::new(());

impl Library {
    /// Opens a library; the same one again is the one that is open. Fails with LIBRARY_UNUSABLE.
    ///
    /// Opening runs code of the library: whoever names it is trusted.
    pub fn open(path: &Path) -> Result<&'static Self, Fault> {
        let _alone = OPENING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(library) = LIBRARY.get() {
            return library.checked(path);
        }
        let library = Self::load(path)?;
        Ok(LIBRARY.get_or_init(|| library))
    }

    /// The library that was opened. Fails with LIBRARY_UNUSABLE before one was.
    pub fn current() -> Result<&'static Self, Fault> {
        LIBRARY
            .get()
            .ok_or_else(|| unusable("no ONNX Runtime library was opened yet".into()))
    }

    /// Where sessions are made.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    fn checked(&'static self, path: &Path) -> Result<&'static Self, Fault> {
        if self.path == path {
            return Ok(self);
        }
        let (open, wanted) = (self.path.display(), path.display());
        Err(unusable(format!(
            "this process has opened {open} already and cannot open {wanted}, too"
        )))
    }

    fn load(path: &Path) -> Result<Self, Fault> {
        let version = version_of(path)?;
        let builder = ort::init_from(path).map_err(|error| unusable(error.to_string()))?;
        // Its builder's telemetry reports models and runs; what fails is told by errors, and not on standard error.
        let environment = builder
            .with_name("slipway")
            .with_telemetry(false)
            .build()
            .map_err(|error| unusable(error.message().to_owned()))?;
        environment.set_log_level(LogLevel::Fatal);
        Ok(Self {
            path: path.to_owned(),
            version,
            providers: inventory::providers()?,
            environment,
        })
    }
}

/// The library's version, asked for before anything else of it is used.
fn version_of(path: &Path) -> Result<String, Fault> {
    // SAFETY: the library's initialisers run; whoever names it is trusted.
    let library = unsafe { libloading::Library::new(path) }
        .map_err(|error| unusable(format!("{} cannot be opened: {}", path.display(), reason(&error))))?;
    // SAFETY: the function has this type in every ONNX Runtime since 1.0.
    let base = unsafe { library.get::<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase>(b"OrtGetApiBase") }
        .map_err(|_| unusable(format!("{} is no ONNX Runtime library", path.display())))?;
    // SAFETY: it answers a static structure, and that a static string.
    let version = unsafe { CStr::from_ptr(((*base()).GetVersionString)()) };
    let version = version.to_string_lossy().into_owned();
    let minor = version.split('.').nth(1).and_then(|part| part.parse().ok());
    if version.starts_with("1.") && minor.is_some_and(|minor: u32| minor >= ort::MINOR_VERSION) {
        return Ok(version);
    }
    Err(unusable(format!(
        "{} is ONNX Runtime {version}, and 1.{} or newer is needed",
        path.display(),
        ort::MINOR_VERSION
    )))
}

/// The linker's own words, where it has any.
fn reason(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |source| source.to_string())
}

fn unusable(text: String) -> Fault {
    Fault::new(FaultCode::LibraryUnusable, text)
}

#[cfg(test)]
/// Also for the tests of other modules: the library that they use.
pub mod tests {
    use super::*;

    /// The library that onnxruntime-node brings along.
    pub fn bundled() -> &'static Library {
        let platform = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../node_modules/onnxruntime-node/bin/napi-v6")
            .join(platform)
            .join(machine);
        let library = std::fs::read_dir(&folder)
            .expect("npm has installed onnxruntime-node")
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.to_string_lossy().contains("libonnxruntime"))
            .expect("onnxruntime-node has a library");
        Library::open(&library).unwrap()
    }

    #[test]
    fn the_bundled_library_has_a_processor_and_a_version() {
        let library = bundled();
        assert!(library.version.starts_with("1."));
        assert!(library.providers.contains(&"cpu".to_owned()));
        assert!(std::ptr::eq(Library::open(&library.path).unwrap(), library));
    }

    #[test]
    fn what_is_no_library_is_refused() {
        bundled();
        for (path, problem) in [
            (
                "/nowhere/libonnxruntime.so",
                "cannot open /nowhere/libonnxruntime.so, too",
            ),
            (file!(), "cannot open"),
        ] {
            let fault = Library::open(Path::new(path)).err().unwrap();
            assert_eq!(fault.code, FaultCode::LibraryUnusable);
            assert!(fault.text.contains(problem), "{}", fault.text);
        }
        let version = |path: &str| version_of(Path::new(path)).unwrap_err().text;
        assert!(version("/nowhere/libonnxruntime.so").contains("cannot be opened: /nowhere/libonnxruntime.so: "));
        assert!(version(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).contains("cannot be opened"));
        assert!(version("libm.so.6").contains("is no ONNX Runtime library"));
    }
}
