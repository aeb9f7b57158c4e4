//! Libraries that may not be there.

use libloading::Library;

/// Opens the first library of these names that there is. Fails naming all of them.
pub fn open_first(names: &[&str], what_for: &str) -> Result<Library, String> {
    let found = names.iter().find_map(|name| {
        // SAFETY: initialisers of NVIDIA's own libraries run, which whoever runs models on CUDA has installed.
        unsafe { Library::new(*name) }.ok()
    });
    found.ok_or_else(|| format!("{what_for} is not there: none of {} can be opened", names.join(", ")))
}

/// A function of a library. Fails when the library has none of this name.
///
/// # Safety
///
/// The function has this type.
pub unsafe fn function<T: Copy>(library: &Library, name: &str) -> Result<T, String> {
    // SAFETY: by our caller's word.
    let found = unsafe { library.get::<T>(name) };
    found
        .map(|function| *function)
        .map_err(|error| format!("a library of CUDA has no {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let problem = open_first(&["libnowhere.so.1", "libnowhere.so"], "NVIDIA's driver").unwrap_err();
        let expected = "NVIDIA's driver is not there: none of libnowhere.so.1, libnowhere.so can be opened";
        assert_eq!(problem, expected);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_library_without_the_function_is_told() {
        let library = open_first(&["libnowhere.so", "libc.so.6"], "the C library").unwrap();
        // SAFETY: it is not there, and so never called.
        let problem = unsafe { function::<extern "C" fn()>(&library, "cuLaunchKernel") }.unwrap_err();
        assert!(
            problem.starts_with("a library of CUDA has no cuLaunchKernel: "),
            "{problem}"
        );
    }
}
