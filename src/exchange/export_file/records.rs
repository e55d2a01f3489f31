//! The file as records of fields, read byte by byte within fixed bounds whatever the file holds.
//!
//! The usual CSV rules (RFC 4180), and three rules for files that break them: a field that is too long
//! is measured and not stored; a quotation mark that is never closed costs its own line and not the
//! rest of the file; CR, LF and CRLF all end a line.

use super::{
    beginning,
    bytes::{Bytes, Passage},
    record::{MAX_FIELD, Record},
};
use crate::exchange::FileProblem;
use std::io::{self, Read};

/// The mark with which some systems begin a file in UTF-8.
const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Where in a record the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// After a quotation mark inside a quoted field: its end, or the first half of a doubled one.
    QuoteInQuoted,
}

/// Reads records.
pub(super) struct Records<R> {
    bytes: Bytes<R>,
    delimiter: u8,
}

impl<R: Read> Records<R> {
    /// Looks at the beginning of the file: skips a UTF-8 byte order mark, refuses what is not text,
    /// and finds the delimiter that yields most of the column names that `known` knows.
    pub fn open(source: R, known: impl Fn(&str) -> bool) -> Result<Self, FileProblem> {
        let mut bytes = Bytes::new(source);
        let mut beginning = bytes.passage();
        let first_line = bytes.first_line(MAX_FIELD)?;
        let text = first_line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&first_line);
        let delimiter = beginning::delimiter(text, bytes.fetched(), known)?;
        beginning.bytes.extend_from_slice(text);
        bytes.read_again(beginning);
        Ok(Self { bytes, delimiter })
    }

    /// How many bytes of the file have been read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.count()
    }

    /// Reads the next record and keeps its first `keep` fields; `false` at the end of the file.
    /// Empty lines are no records.
    pub fn read(&mut self, record: &mut Record, keep: usize) -> io::Result<bool> {
        record.restart(self.bytes.line(), keep);
        let mut place = Place::FieldStart;
        // What came after the first line of a quoted field, to be read anew if its quotation mark turns
        // out never to be closed.
        let mut second_thoughts: Option<Passage> = None;
        loop {
            let Some(byte) = self.bytes.next_byte()? else {
                if place == Place::FieldStart && record.count == 0 {
                    return Ok(false);
                }
                if place == Place::Quoted {
                    record.unclosed = Some(record.count);
                    if let Some(thoughts) = second_thoughts {
                        self.bytes.read_again(thoughts);
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
                Place::FieldStart if ends_line && record.count == 0 => record.restart(self.bytes.line(), keep),
                Place::Quoted if byte == b'"' => place = Place::QuoteInQuoted,
                Place::Quoted => {
                    if ends_line && second_thoughts.is_none() {
                        if record.field_is_too_long() {
                            record.end_field();
                            return Ok(true);
                        }
                        second_thoughts = Some(self.bytes.passage());
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
                    self.bytes.read_again(thoughts);
                }
                record.end_field();
                return Ok(true);
            }
        }
    }
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
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        assert_records("\u{FEFF}a;b\n1;2", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        assert!(matches!(Records::open(&b"\xFF\xFEa\0,\0"[..], |_| false), Err(FileProblem::Utf16)));
        assert!(matches!(Records::open(&b"\x89PNG\r\n\x1A\n\0\0"[..], |_| false), Err(FileProblem::NotText)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let file = [&b"a,b\n"[..], &bytes[..]].concat();
            let mut records = Records::open(file.as_slice(), |name| name == "a").expect("text");
            let mut record = Record::default();
            let mut line = 0;
            while records.read(&mut record, 4).expect("reading from memory does not fail") {
                prop_assert!(record.line > line, "every record begins on a later line");
                line = record.line;
            }
            prop_assert_eq!(records.bytes_read(), file.len() as u64);
        }

        #[test]
        fn any_beginning_is_text_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(mut records) = Records::open(bytes.as_slice(), |_| false) {
                let mut record = Record::default();
                while records.read(&mut record, 4).expect("reading from memory does not fail") {}
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
