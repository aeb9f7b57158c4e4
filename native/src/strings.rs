//! Tensors of strings as bytes: each string as a 32-bit little-endian length and its bytes, in order (the Open Inference Protocol's BYTES).

use crate::fault::Fault;

/// Where each of `count` strings lies.
pub fn read_strings(bytes: &[u8], count: usize) -> Result<Vec<&[u8]>, Fault> {
    // Each has a length: more than that is not to be allocated for.
    let mut strings = Vec::with_capacity(count.min(bytes.len() / 4));
    let mut rest = bytes;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(|| cut_short(strings.len()))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (string, after) = after.split_at_checked(length).ok_or_else(|| cut_short(strings.len()))?;
        strings.push(string);
        rest = after;
    }
    if strings.len() != count {
        let problem = format!(
            "the shape asks for {count} strings, and the bytes hold {}",
            strings.len()
        );
        return Err(Fault::invalid(problem));
    }
    Ok(strings)
}

/// Strings that lie one after the other in `content`, each from its offset to the next one's.
pub fn write_strings(content: &[u8], offsets: &[usize]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(content.len() + 4 * offsets.len());
    for (index, &start) in offsets.iter().enumerate() {
        let end = offsets.get(index + 1).copied().unwrap_or(content.len());
        let string = content.get(start..end).unwrap_or_default();
        let length =
            u32::try_from(string.len()).map_err(|_| Fault::invalid(format!("string {index} is longer than 4 GiB")))?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(string);
    }
    Ok(bytes)
}

fn cut_short(index: usize) -> Fault {
    Fault::invalid(format!("string {index} is longer than the bytes that are left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_were() {
        let written = write_strings("a\0béü".as_bytes(), &[0, 0, 3]).unwrap();
        let read = read_strings(&written, 3).unwrap();
        assert_eq!(read, [b"".as_slice(), b"a\0b", "éü".as_bytes()]);
    }

    #[test]
    fn no_string_is_no_byte() {
        assert_eq!(write_strings(b"", &[]).unwrap(), b"");
        assert_eq!(read_strings(b"", 0).unwrap().len(), 0);
    }

    #[test]
    fn bytes_that_do_not_add_up_are_refused() {
        for (bytes, count) in [
            (&[1, 0, 0][..], 1),
            (&[2, 0, 0, 0, b'a'], 1),
            (&[255, 255, 255, 255], 1),
            (&[0, 0, 0, 0], 2),
            (&[0, 0, 0, 0, 0, 0, 0, 0], 1),
            (&[], usize::MAX),
        ] {
            assert!(read_strings(bytes, count).is_err(), "{bytes:?}");
        }
    }
}
