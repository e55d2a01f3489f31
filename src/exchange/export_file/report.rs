//! The list of refused rows, for the person who corrects them in a spreadsheet.

use super::Rejected;
use std::io::{self, Write};

/// Writes the refused rows as CSV with the columns `line`, `column`, `value` and `reason`.
///
/// Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula. Such a cell gets an
/// apostrophe in front, which they read as "this is text".
///
/// # Errors
/// Those of `out`.
pub fn write_report<'a>(rejected: impl IntoIterator<Item = &'a Rejected>, out: impl Write) -> io::Result<()> {
    let mut report = csv::Writer::from_writer(out);
    report.write_record(["line", "column", "value", "reason"])?;
    for Rejected { line, column, value, reason } in rejected {
        report.write_record([line.to_string(), as_text(column), as_text(value), as_text(reason)])?;
    }
    report.flush()
}

fn as_text(cell: &str) -> String {
    let runs = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if runs { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_can_be_opened_in_a_spreadsheet() {
        let rejected = |line, value: &str| Rejected {
            line,
            column: "adr".into(),
            value: value.into(),
            reason: "is not an amount, \"really\"".into(),
        };
        let rows = [rejected(2, "=1+1"), rejected(3, " @SUM(A1)"), rejected(7, "-5"), rejected(9, "张, x")];
        let mut out = Vec::new();
        write_report(&rows, &mut out).expect("writing to memory does not fail");
        assert_eq!(
            String::from_utf8(out).expect("written from text"),
            "line,column,value,reason\n\
             2,adr,'=1+1,\"is not an amount, \"\"really\"\"\"\n\
             3,adr,' @SUM(A1),\"is not an amount, \"\"really\"\"\"\n\
             7,adr,'-5,\"is not an amount, \"\"really\"\"\"\n\
             9,adr,\"张, x\",\"is not an amount, \"\"really\"\"\"\n"
        );
    }
}
