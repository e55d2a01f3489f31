//! The file byte by byte, in one buffer of fixed size, with the line that each byte stands on. What
//! was read may be handed back to be read again.

use std::io::{self, Read};

/// Size of one read from the file.
const BUFFER: usize = 64 * 1024;

/// Bytes to be read again, and where in the file they begin.
pub(super) struct Passage {
    pub bytes: Vec<u8>,
    line: u64,
    after_cr: bool,
}

/// The bytes of a source. CR, LF and CRLF all end a line.
pub(super) struct Bytes<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    taken: u64,
    /// Bytes to read again before the buffer.
    again: Vec<u8>,
    again_at: usize,
    /// Line of the next byte.
    line: u64,
    /// Whether the last byte was a CR, so that an LF belongs to it.
    after_cr: bool,
}

impl<R: Read> Bytes<R> {
    pub fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; BUFFER],
            at: 0,
            filled: 0,
            taken: 0,
            again: Vec::new(),
            again_at: 0,
            line: 1,
            after_cr: false,
        }
    }

    /// How many bytes of the file have been read.
    pub fn count(&self) -> u64 {
        self.taken - (self.filled - self.at) as u64
    }

    /// Line of the next byte, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What has been fetched from the file and not been read yet.
    pub fn fetched(&self) -> &[u8] {
        &self.buffer[self.at..self.filled]
    }

    /// The next byte, or `None` at the end of the file.
    pub fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = if let Some(&byte) = self.again.get(self.again_at) {
            self.again_at += 1;
            byte
        } else {
            if self.at == self.filled && !self.fetch()? {
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

    /// The first line that is not empty, with the empty ones before it; of a line longer than `most`
    /// bytes, its beginning.
    pub fn first_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut begun = false;
        while let Some(byte) = self.next_byte()? {
            bytes.push(byte);
            let ends_line = byte == b'\n' || byte == b'\r';
            if (begun && ends_line) || bytes.len() > most {
                break;
            }
            begun |= !ends_line;
        }
        Ok(bytes)
    }

    /// A passage that begins with the next byte, still empty.
    pub fn passage(&self) -> Passage {
        Passage { bytes: Vec::new(), line: self.line, after_cr: self.after_cr }
    }

    /// Goes back to where the passage begins. It holds all that has been read since.
    pub fn read_again(&mut self, passage: Passage) {
        let rest = self.again.split_off(self.again_at);
        self.again = passage.bytes;
        self.again.extend(rest);
        self.again_at = 0;
        self.line = passage.line;
        self.after_cr = passage.after_cr;
    }

    /// Fetches the next piece of the file; `false` at its end.
    fn fetch(&mut self) -> io::Result<bool> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(bytes: &mut Bytes<&[u8]>) -> Vec<u8> {
        std::iter::from_fn(|| bytes.next_byte().expect("reading from memory does not fail")).collect()
    }

    #[test]
    fn what_is_handed_back_is_read_again_on_its_line() {
        let mut bytes = Bytes::new(&b"a\r\nb\nc"[..]);
        assert_eq!(bytes.first_line(10).expect("a line"), b"a\r");
        let mut passage = bytes.passage();
        while bytes.line() < 3 {
            passage.bytes.extend(bytes.next_byte().expect("readable"));
        }
        assert_eq!(passage.bytes, b"\nb\n");
        bytes.read_again(passage);
        assert_eq!(bytes.line(), 2, "the LF belongs to the CR before it");
        assert_eq!(rest(&mut bytes), b"\nb\nc");
        assert_eq!((bytes.line(), bytes.count()), (3, 6));
    }

    #[test]
    fn empty_lines_and_long_ones_are_no_obstacle() {
        assert_eq!(Bytes::new(&b"\n\r\na,b\n1"[..]).first_line(10).expect("a line"), b"\n\r\na,b\n");
        assert_eq!(Bytes::new(&b"abcdef"[..]).first_line(3).expect("a line"), b"abcd");
        assert_eq!(Bytes::new(&b""[..]).first_line(3).expect("nothing"), b"");
    }
}
