//! The file as records of fields, read byte by byte within fixed bounds whatever the file holds.
//!
//! The usual CSV rules (RFC 4180), and three rules for files that break them: a field that is too long
//! is measured and not stored; a quotation mark that is never closed costs its own line and not the
//! rest of the file; CR, LF and CRLF all end a line.

use super::HeaderError;
use std::io::{self, Read};

/// Longest field in bytes. What is longer is no booking but an accident.
pub(super) const MAX_FIELD: usize = 64 * 1024;
/// Most columns that a file may have.
pub(super) const MAX_COLUMNS: usize = 256;
/// Size of one read from the file.
const BUFFER: usize = 64 * 1024;
/// What a column name may be parted from the next one with, the likeliest last.
const DELIMITERS: [u8; 4] = [b'|', b'\t', b';', b','];

/// One record: a line of the file, or more where a quoted field has line breaks.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Line of the file that the record begins on, from 1.
    pub line: u64,
    /// How many fields it has, those that were not kept included.
    pub count: usize,
    /// The first field longer than [`MAX_FIELD`].
    pub too_long: Option<usize>,
    /// The field whose quotation mark is never closed. The record then ends with its first line.
    pub unclosed: Option<usize>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    keep: usize,
    field_length: usize,
}

impl Record {
    /// The bytes of a field, without its quotation marks; empty for a field that was not kept.
    pub fn field(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        match self.ends.get(index) {
            Some(end) => &self.bytes[begin..*end],
            None => &[],
        }
    }

    /// The fields that were kept.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|index| self.field(index))
    }

    fn restart(&mut self, line: u64, keep: usize) {
        self.line = line;
        self.keep = keep;
        self.count = 0;
        self.too_long = None;
        self.unclosed = None;
        self.bytes.clear();
        self.ends.clear();
        self.field_length = 0;
    }

    fn push(&mut self, byte: u8) {
        self.field_length += 1;
        if self.field_is_too_long() {
            self.too_long.get_or_insert(self.count);
        } else if self.count < self.keep {
            self.bytes.push(byte);
        }
    }

    fn field_is_too_long(&self) -> bool {
        self.field_length > MAX_FIELD
    }

    fn end_field(&mut self) {
        if self.count < self.keep {
            self.ends.push(self.bytes.len());
        }
        self.count += 1;
        self.field_length = 0;
    }
}

/// Where in a record the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// After a quotation mark inside a quoted field: its end, or the first half of a doubled one.
    QuoteInQuoted,
}

/// What came after the first line of a quoted field, to be read anew if the quotation mark turns out
/// never to be closed.
struct SecondThoughts {
    bytes: Vec<u8>,
    line: u64,
    after_cr: bool,
}

/// Reads records.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    taken: u64,
    /// Bytes to read again before the buffer.
    again: Vec<u8>,
    again_at: usize,
    delimiter: u8,
    /// Line of the next byte.
    line: u64,
    /// Whether the last byte was a CR, so that an LF belongs to it.
    after_cr: bool,
}

impl<R: Read> Records<R> {
    /// Looks at the beginning of the file: skips a UTF-8 byte order mark, refuses what is not text,
    /// and finds the delimiter that yields most of the column names that `known` knows.
    pub fn open(source: R, known: impl Fn(&str) -> bool) -> Result<Self, HeaderError> {
        let mut records = Self {
            source,
            buffer: vec![0; BUFFER],
            at: 0,
            filled: 0,
            taken: 0,
            again: Vec::new(),
            again_at: 0,
            delimiter: b',',
            line: 1,
            after_cr: false,
        };
        let first_line = records.first_line()?;
        match first_line.as_slice() {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(HeaderError::Utf16),
            [b'P', b'K', 3, 4, ..] | [0x1F, 0x8B, ..] => return Err(HeaderError::Packed),
            bytes if bytes.contains(&0) => return Err(HeaderError::Utf16),
            _ => {}
        }
        let text_begins = if first_line.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
        records.delimiter = delimiter_of(&first_line[text_begins..], known);
        records.read_again(SecondThoughts { bytes: first_line[text_begins..].to_vec(), line: 1, after_cr: false });
        Ok(records)
    }

    /// How many bytes of the file have been read.
    pub fn bytes_read(&self) -> u64 {
        self.taken - (self.filled - self.at) as u64
    }

    /// Reads the next record and keeps its first `keep` fields; `false` at the end of the file.
    /// Empty lines are no records.
    pub fn read(&mut self, record: &mut Record, keep: usize) -> io::Result<bool> {
        record.restart(self.line, keep);
        let mut place = Place::FieldStart;
        let mut second_thoughts: Option<SecondThoughts> = None;
        loop {
            let Some(byte) = self.next_byte()? else {
                if place == Place::FieldStart && record.count == 0 {
                    return Ok(false);
                }
                if place == Place::Quoted {
                    record.unclosed = Some(record.count);
                    if let Some(thoughts) = second_thoughts {
                        self.read_again(thoughts);
                    }
                }
                record.end_field();
                return Ok(true);
            };
            if let Some(thoughts) = &mut second_thoughts {
                thoughts.bytes.push(byte);
            }
            let ends_line = byte == b'\n' || byte == b'\r';
            let mut never_closed = false;
            match place {
                Place::FieldStart if byte == b'"' => place = Place::Quoted,
                Place::FieldStart if ends_line && record.count == 0 => record.restart(self.line, keep),
                Place::Quoted if byte == b'"' => place = Place::QuoteInQuoted,
                Place::Quoted => {
                    if ends_line && second_thoughts.is_none() {
                        if record.field_is_too_long() {
                            record.end_field();
                            return Ok(true);
                        }
                        second_thoughts =
                            Some(SecondThoughts { bytes: Vec::new(), line: self.line, after_cr: self.after_cr });
                    }
                    record.push(byte);
                    never_closed = second_thoughts.is_some() && record.field_is_too_long();
                }
                Place::QuoteInQuoted if byte == b'"' => {
                    record.push(byte);
                    place = Place::Quoted;
                }
                Place::FieldStart | Place::Plain | Place::QuoteInQuoted if byte == self.delimiter => {
                    record.end_field();
                    second_thoughts = None;
                    place = Place::FieldStart;
                }
                Place::FieldStart | Place::Plain | Place::QuoteInQuoted if ends_line => {
                    record.end_field();
                    return Ok(true);
                }
                Place::FieldStart | Place::Plain | Place::QuoteInQuoted => {
                    record.push(byte);
                    // Text right after the closing mark of a field over several lines: that mark opened
                    // another field, on a line that the first one has swallowed.
                    never_closed = second_thoughts.is_some();
                    place = Place::Plain;
                }
            }
            if never_closed {
                record.unclosed = Some(record.count);
                record.too_long = None;
                if let Some(thoughts) = second_thoughts {
                    self.read_again(thoughts);
                }
                record.end_field();
                return Ok(true);
            }
        }
    }

    /// The first line that is not empty, with the empty ones before it.
    fn first_line(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut begun = false;
        while let Some(byte) = self.next_byte()? {
            bytes.push(byte);
            let ends_line = byte == b'\n' || byte == b'\r';
            if (begun && ends_line) || bytes.len() > MAX_FIELD {
                break;
            }
            begun |= !ends_line;
        }
        Ok(bytes)
    }

    fn read_again(&mut self, thoughts: SecondThoughts) {
        let rest = self.again.split_off(self.again_at);
        self.again = thoughts.bytes;
        self.again.extend(rest);
        self.again_at = 0;
        self.line = thoughts.line;
        self.after_cr = thoughts.after_cr;
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = if let Some(&byte) = self.again.get(self.again_at) {
            self.again_at += 1;
            byte
        } else {
            if self.at == self.filled && !self.fill()? {
                return Ok(None);
            }
            let byte = self.buffer[self.at];
            self.at += 1;
            byte
        };
        if byte == b'\r' || (byte == b'\n' && !self.after_cr) {
            self.line += 1;
        }
        self.after_cr = byte == b'\r';
        Ok(Some(byte))
    }

    /// Reads the next piece of the file; `false` at its end.
    fn fill(&mut self) -> io::Result<bool> {
        loop {
            match self.source.read(&mut self.buffer) {
                Ok(count) => {
                    self.at = 0;
                    self.filled = count;
                    self.taken += count as u64;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn delimiter_of(first_line: &[u8], known: impl Fn(&str) -> bool) -> u8 {
    let line = String::from_utf8_lossy(first_line);
    let score = |delimiter: &u8| {
        let names = line.split(char::from(*delimiter)).map(|name| name.trim().trim_matches('"'));
        let (count, known) = names.fold((0, 0), |(count, hits), name| (count + 1, hits + usize::from(known(name))));
        (known, count)
    };
    DELIMITERS.into_iter().max_by_key(score).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Line, number of fields, and fields of every record.
    fn all(file: impl AsRef<[u8]>) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::open(file.as_ref(), |name| name == "a" || name == "b").expect("text");
        let mut record = Record::default();
        let mut found = Vec::new();
        while records.read(&mut record, 4).expect("reading from memory does not fail") {
            let mut fields: Vec<_> = record.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            fields.extend(record.too_long.map(|index| format!("<{index} too long>")));
            fields.extend(record.unclosed.map(|index| format!("<{index} unclosed>")));
            found.push((record.line, fields));
        }
        found
    }

    #[track_caller]
    fn assert_records(file: &str, expected: &[(u64, &[&str])]) {
        let found = all(file);
        let found: Vec<(u64, Vec<&str>)> =
            found.iter().map(|(line, fields)| (*line, fields.iter().map(String::as_str).collect())).collect();
        let expected: Vec<_> = expected.iter().map(|(line, fields)| (*line, fields.to_vec())).collect();
        assert_eq!(found, expected, "{file:?}");
    }

    #[test]
    fn lines_end_in_every_way() {
        assert_records("a,b\n1,2\r\n3,\r4,5", &[(1, &["a", "b"]), (2, &["1", "2"]), (3, &["3", ""]), (4, &["4", "5"])]);
        assert_records("\n\r\na,b\n\n\n,\n", &[(3, &["a", "b"]), (6, &["", ""])]);
        assert_records("", &[]);
    }

    #[test]
    fn quoted_fields_hold_anything() {
        assert_records("a,b\n\"1,\"\"x\"\"\",2\n", &[(1, &["a", "b"]), (2, &["1,\"x\"", "2"])]);
        assert_records("a,b\n\"x\r\ny\nz\",2\n3,4", &[(1, &["a", "b"]), (2, &["x\r\ny\nz", "2"]), (5, &["3", "4"])]);
        assert_records("a,b\n\"Anna\" Silva,5\"\n", &[(1, &["a", "b"]), (2, &["Anna Silva", "5\""])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_line() {
        let head: (u64, &[&str]) = (1, &["a", "b"]);
        assert_records(
            "a,b\n1,\"x\n2,y\n3,z\n",
            &[head, (2, &["1", "x\n2,y\n3,z\n", "<1 unclosed>"]), (3, &["2", "y"]), (4, &["3", "z"])],
        );
        assert_records(
            "a,b\r\n1,\"x\r\n2,\"y\"\r\n3,z",
            &[head, (2, &["1", "x\r\n2,y", "<1 unclosed>"]), (3, &["2", "y"]), (4, &["3", "z"])],
        );
        assert_records("a,b\n1,\"x", &[head, (2, &["1", "x", "<1 unclosed>"])]);
    }

    #[test]
    fn long_fields_are_measured_and_not_kept() {
        let long = "x".repeat(2 * 1024 * 1024);
        for file in
            [format!("a,b\n1,{long}\n2,y\n"), format!("a,b\n1,\"{long}\"\n2,y\n"), format!("a,b\n1,\"{long}\n2,y\n")]
        {
            let found = all(&file);
            let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 2, 3]);
            assert_eq!(found[1].1[1].len(), MAX_FIELD);
            assert_eq!(found[1].1[2], "<1 too long>");
            assert_eq!(found[2].1, ["2", "y"]);
        }
        // Over several lines, it is a quotation mark that was never meant to open a field.
        let lines = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(MAX_FIELD));
        let found = all(&lines);
        assert_eq!(found[1].1[2], "<1 unclosed>");
        assert_eq!(found.len(), 2 + MAX_FIELD);
        assert_eq!(found.last(), Some(&(2 + MAX_FIELD as u64, vec!["2".to_owned(), "y".to_owned()])));
    }

    #[test]
    fn surplus_fields_are_counted() {
        let file = format!("a,b\n{}", ",".repeat(1_000_000));
        let mut records = Records::open(file.as_bytes(), |name| name == "a").expect("text");
        let mut record = Record::default();
        assert!(records.read(&mut record, 4).expect("readable"));
        assert!(records.read(&mut record, 4).expect("readable"));
        assert_eq!((record.count, record.fields().count()), (1_000_001, 4));
        assert_eq!(record.field(4), b"");
        assert_eq!(records.bytes_read(), file.len() as u64);
    }

    #[test]
    fn the_delimiter_shows_in_the_first_line() {
        for delimiter in [",", ";", "\t", "|"] {
            assert_records(&format!("a{delimiter}\"b\"\n1{delimiter}2"), &[(1, &["a", "b"]), (2, &["1", "2"])]);
        }
        assert_records("a;b;c,d;e\n1;2", &[(1, &["a", "b", "c,d", "e"]), (2, &["1", "2"])]);
        assert_records("x;y\n", &[(1, &["x", "y"])]);
    }

    #[test]
    fn only_text_is_read() {
        let open = |bytes: &'static [u8]| Records::open(bytes, |_| false).map(|_| ());
        assert!(matches!(open(b"\xFF\xFEa\0,\0"), Err(HeaderError::Utf16)));
        assert!(matches!(open(b"\xFE\xFF\0a"), Err(HeaderError::Utf16)));
        assert!(matches!(open(b"a\0,\0b\0\n\0"), Err(HeaderError::Utf16)));
        assert!(matches!(open(b"PK\x03\x04workbook"), Err(HeaderError::Packed)));
        assert_records("\u{FEFF}a,b\n1,2", &[(1, &["a", "b"]), (2, &["1", "2"])]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(mut records) = Records::open(bytes.as_slice(), |_| false) {
                let mut record = Record::default();
                let mut line = 0;
                while records.read(&mut record, 4).expect("reading from memory does not fail") {
                    prop_assert!(record.line > line, "every record begins on a later line");
                    line = record.line;
                }
                prop_assert_eq!(records.bytes_read(), bytes.len() as u64);
            }
        }

        #[test]
        fn quoting_is_undone(fields in proptest::collection::vec("[a-z,\"\r\n;é]{0,12}", 1..4)) {
            let quoted: Vec<_> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            let found = all(format!("a,b\n{}\nend,end\n", quoted.join(",")));
            prop_assert_eq!(&found[1].1, &fields);
            prop_assert_eq!(found[2].1.len(), 2);
        }

        #[test]
        fn no_mess_of_quotes_swallows_the_lines_after_it(mess in "[a\",\r\n]{0,60}") {
            let found = all(format!("a,b\n{mess}\n\n1,2\n"));
            prop_assert_eq!(found.last().map(|(_, fields)| fields.join(" ")), Some("1 2".to_owned()));
        }
    }
}
