//! One record of the file: its fields, and what is wrong with its form.

/// Longest field in bytes. What is longer is no booking but an accident.
pub(super) const MAX_FIELD: usize = 64 * 1024;

/// A line of the file, or more where a quoted field has line breaks.
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

    /// Empties the record for one that begins on `line`, of which the first `keep` fields are kept.
    pub fn restart(&mut self, line: u64, keep: usize) {
        self.line = line;
        self.keep = keep;
        self.count = 0;
        self.too_long = None;
        self.unclosed = None;
        self.bytes.clear();
        self.ends.clear();
        self.field_length = 0;
    }

    /// Adds a byte to the field that is being read.
    pub fn push(&mut self, byte: u8) {
        self.field_length += 1;
        if self.field_is_too_long() {
            self.too_long.get_or_insert(self.count);
        } else if self.count < self.keep {
            self.bytes.push(byte);
        }
    }

    /// Whether the field that is being read is longer than [`MAX_FIELD`].
    pub fn field_is_too_long(&self) -> bool {
        self.field_length > MAX_FIELD
    }

    /// Ends the field that is being read.
    pub fn end_field(&mut self) {
        if self.count < self.keep {
            self.ends.push(self.bytes.len());
        }
        self.count += 1;
        self.field_length = 0;
    }
}
