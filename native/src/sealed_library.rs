//! Libraries that are opened from bytes, and not from where these lie: between a look at a file and its use somebody may change it.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Mutex, PoisonError};

use crate::fault::Fault;

/// Libraries by their digests. They stay for as long as the process: the linker knows a library by its path, and a path that went to
/// other bytes would be taken for the library that it was.
static SEALED: Mutex<Option<HashMap<String, (String, File)>>> = Mutex::new(None);

/// A path from which the linker opens these very bytes, which nobody can change any more; the same one for the same digest.
///
/// Fails with UNSUPPORTED where the system has no such files, and with INTERNAL when it gives none.
pub fn seal(digest: &str, bytes: &[u8]) -> Result<String, Fault> {
    let mut sealed = SEALED.lock().unwrap_or_else(PoisonError::into_inner);
    let sealed = sealed.get_or_insert_default();
    if let Some((path, _)) = sealed.get(digest) {
        return Ok(path.clone());
    }
    let (path, file) = system::sealed_file(bytes)?;
    sealed.insert(digest.to_owned(), (path.clone(), file));
    Ok(path)
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io::{Error, Write};
    use std::os::fd::{AsRawFd, FromRawFd};

    use crate::fault::{Fault, FaultCode};

    /// A file in memory, without a name in the file system.
    pub fn sealed_file(bytes: &[u8]) -> Result<(String, File), Fault> {
        // SAFETY: the name ends with a zero.
        let descriptor =
            unsafe { libc::memfd_create(c"operators".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) };
        if descriptor < 0 {
            return Err(failed(Error::last_os_error()));
        }
        // SAFETY: it was opened above, and is nobody else's.
        let mut file = unsafe { File::from_raw_fd(descriptor) };
        file.write_all(bytes).map_err(failed)?;
        let seals = libc::F_SEAL_WRITE | libc::F_SEAL_GROW | libc::F_SEAL_SHRINK | libc::F_SEAL_SEAL;
        // SAFETY: the file is open.
        if unsafe { libc::fcntl(descriptor, libc::F_ADD_SEALS, seals) } < 0 {
            return Err(failed(Error::last_os_error()));
        }
        Ok((format!("/proc/self/fd/{}", file.as_raw_fd()), file))
    }

    fn failed(error: Error) -> Fault {
        Fault::new(
            FaultCode::Internal,
            format!("the system keeps no library in memory: {error}"),
        )
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::fs::File;

    use crate::fault::{Fault, FaultCode};

    pub fn sealed_file(_: &[u8]) -> Result<(String, File), Fault> {
        Err(Fault::new(
            FaultCode::Unsupported,
            "operator libraries are loaded on Linux alone",
        ))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_sealed_stay_what_they_are() {
        let path = seal("sha256:first", b"first").unwrap();
        assert_eq!(seal("sha256:first", b"first").unwrap(), path);
        assert_ne!(seal("sha256:second", b"second").unwrap(), path);
        assert!(std::fs::write(&path, b"other").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
    }
}
