//! What a file is, as its beginning shows: text and how its columns are parted, or something that
//! cannot be read.

use crate::exchange::FileProblem;

/// What a column name may be parted from the next one with, the likeliest last.
const DELIMITERS: [u8; 4] = [b'|', b'\t', b';', b','];
/// How many bytes after the first line are looked at where that line names no column that is known.
const SAMPLE: usize = 4 * 1024;

/// Finds the delimiter that yields most of the column names that `known` knows. `after` is what
/// follows the first line, as far as it has been fetched.
///
/// # Errors
/// [`FileProblem`] where the file is no text that can be read.
pub(super) fn delimiter(first_line: &[u8], after: &[u8], known: impl Fn(&str) -> bool) -> Result<u8, FileProblem> {
    match first_line {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(FileProblem::Utf16),
        // A ZIP archive, as workbooks are; gzip; the older office documents.
        [b'P', b'K', 3, 4, ..] | [0x1F, 0x8B, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(FileProblem::Packed),
        [b'%', b'P', b'D', b'F', b'-', ..] => return Err(FileProblem::NotText),
        line if is_utf16(line) => return Err(FileProblem::Utf16),
        line if line.iter().any(is_control) => return Err(FileProblem::NotText),
        _ => {}
    }
    let line = String::from_utf8_lossy(first_line);
    let score = |delimiter: u8| {
        let names = line.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"'));
        let (count, hits) = names.fold((0, 0), |(count, hits), name| (count + 1, hits + usize::from(known(name))));
        (hits, count)
    };
    let scored = DELIMITERS.into_iter().map(|delimiter| (score(delimiter), delimiter));
    let ((hits, _), delimiter) = scored.max_by_key(|(score, _)| *score).unwrap_or(((0, 0), b','));
    // Pictures and programs often begin with a line that could be text; it is the next that tells.
    if hits == 0 && after.iter().take(SAMPLE).any(is_control) {
        return Err(FileProblem::NotText);
    }
    Ok(delimiter)
}

/// Whether every other byte is NUL, as in UTF-16 without a byte order mark: Latin letters, which
/// column names are written with, have a second byte of zero there.
fn is_utf16(line: &[u8]) -> bool {
    let units = line.len() / 2;
    // Letters of other scripts have no NUL, so not all units need one; but none has it in the other
    // place.
    let alternates = |nul: usize| {
        let letters = line.chunks_exact(2).filter(|unit| has_letter(unit, nul)).count();
        letters >= 2 && letters * 2 > units && line.chunks_exact(2).all(|unit| unit[1 - nul] != 0)
    };
    alternates(0) || alternates(1)
}

/// Whether two bytes are a Latin letter whose zero stands at `nul`.
fn has_letter(unit: &[u8], nul: usize) -> bool {
    let letter = &unit[1 - nul];
    unit[nul] == 0 && *letter != 0 && !is_control(letter)
}

/// A byte that no line of text has.
fn is_control(byte: &u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file's delimiter, with `a` and `b` as the columns that are known.
    fn of(file: &[u8]) -> Result<char, FileProblem> {
        let line = file.iter().position(|byte| *byte == b'\n').map_or(file.len(), |end| end + 1);
        delimiter(&file[..line], &file[line..], |name| name == "a" || name == "b").map(char::from)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_delimiter_shows_in_the_first_line() {
        for (file, delimiter) in [
            ("a,\"b\"\n1,2", ','),
            ("a;\"b\"\n1;2", ';'),
            ("a\t\"b\"\n1\t2", '\t'),
            ("a|\"b\"\n1|2", '|'),
            ("a;b;c,d;e\n1;2", ';'),
            ("x;y\n", ';'),
            ("a\n1", ','),
        ] {
            assert_eq!(of(file.as_bytes()), Ok(delimiter), "{file:?}");
        }
    }

    #[test]
    fn utf_16_is_known_by_its_mark_or_by_its_zeros() {
        for text in ["a,b\n1,2\n", "a;b;Größe\n", "a,b,c,张伟\n"] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                assert_eq!(of(&utf16(text, bytes)), Err(FileProblem::Utf16), "{text:?}");
                assert_eq!(of(&utf16(&format!("\u{FEFF}{text}"), bytes)), Err(FileProblem::Utf16), "{text:?}");
            }
        }
    }

    #[test]
    fn other_bytes_are_not_taken_for_utf_16() {
        for file in [
            // A picture, whose first line has no zeros; a program; zeros; numbers of two bytes.
            &b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x01\0"[..],
            b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01",
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0",
            b"\x7FELF\x02\x01\x01\0\0\0\0\0",
            b"\0\0\0\0\0\0\0\0",
            b"\x01\0\x02\0\x03\0\x04\0",
            b"a\0b,c\n",
            b"%PDF-1.7\n1 0 obj\n",
        ] {
            assert_eq!(of(file), Err(FileProblem::NotText), "{file:?}");
        }
        for file in [&b"PK\x03\x04workbook"[..], b"\x1F\x8B\x08", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
            assert_eq!(of(file), Err(FileProblem::Packed), "{file:?}");
        }
    }

    #[test]
    fn a_damaged_row_does_not_make_a_file_binary() {
        assert_eq!(of(b"a,b\n1,\0\0\x01\n"), Ok(','));
        assert_eq!(of("x,y\nJosé\t,\u{201C}2\u{201D}\r\n".as_bytes()), Ok(','));
    }
}
