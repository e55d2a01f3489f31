//! The list of refused rows, for the person who corrects them in a spreadsheet.

use super::{Rejected, spelled_out};
use crate::{exchange::words::reason_text, i18n::*};
use std::io::{self, Write};

/// With this mark at its beginning, spreadsheets read a file as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Writes the refused rows as CSV with the columns `line`, `column`, `value` and `reason`, named and
/// explained in the language given. The English report is also what programs read: it begins with
/// its first heading, the others with a byte order mark.
///
/// Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula. A value of the file that does
/// so gets an apostrophe in front, which they read as "this is text". A reason is our own sentence, and
/// stays as it is.
///
/// # Errors
/// Those of `out`.
pub fn write_report<'a>(
    locale: Locale,
    rejected: impl IntoIterator<Item = &'a Rejected>,
    mut out: impl Write,
) -> io::Result<()> {
    if locale != Locale::en {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    }
    let mut report = csv::Writer::from_writer(out);
    report.write_record([
        td_string!(locale, exchange.report.line),
        td_string!(locale, exchange.report.column),
        td_string!(locale, exchange.report.value),
        td_string!(locale, exchange.report.reason),
    ])?;
    for Rejected { line, column, value, reason } in rejected {
        // A reason may repeat the value.
        let reason = spelled_out(reason_text(locale, reason).chars());
        report.write_record([line.to_string(), as_text(column), as_text(value), reason])?;
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
    use crate::{error::Problem, exchange::Reason};

    fn written(locale: Locale, rows: &[Rejected]) -> String {
        let mut out = Vec::new();
        write_report(locale, rows, &mut out).expect("writing to memory does not fail");
        String::from_utf8(out).expect("written from text")
    }

    #[test]
    fn the_report_can_be_opened_in_a_spreadsheet() {
        let rejected = |line, value: &str| Rejected {
            line,
            column: "adr".into(),
            value: value.into(),
            reason: Reason::InWords("is not an amount, \"really\"".into()),
        };
        let rows = [rejected(2, "=1+1"), rejected(3, " @SUM(A1)"), rejected(7, "-5"), rejected(9, "张, x")];
        assert_eq!(
            written(Locale::en, &rows),
            "line,column,value,reason\n\
             2,adr,'=1+1,\"is not an amount, \"\"really\"\"\"\n\
             3,adr,' @SUM(A1),\"is not an amount, \"\"really\"\"\"\n\
             7,adr,'-5,\"is not an amount, \"\"really\"\"\"\n\
             9,adr,\"张, x\",\"is not an amount, \"\"really\"\"\"\n"
        );
    }

    #[test]
    fn a_reason_stays_as_it_is() {
        let reason = Reason::InWords("- is not an amount".into());
        let row = Rejected { line: 2, column: "adr".into(), value: "-".into(), reason };
        assert_eq!(written(Locale::en, &[row]), "line,column,value,reason\n2,adr,'-,- is not an amount\n");
    }

    #[test]
    fn a_reason_repeats_no_control_characters() {
        let value = "wei\u{1B}[2J\u{202E}";
        let reason = Reason::Value(Problem::NotEmail(value.into()));
        let row = Rejected { line: 2, column: "email".into(), value: "-".into(), reason };
        let text = written(Locale::en, &[row]);
        assert!(text.contains(r"“wei\u{1b}[2J\u{202e}” is not an e-mail address"), "{text}");
    }

    #[test]
    fn each_person_reads_the_report_in_their_own_language() {
        let row = Rejected { line: 2, column: "adr".into(), value: "-5".into(), reason: Reason::Negative };
        for (locale, text) in [
            (Locale::en, "line,column,value,reason\n2,adr,'-5,This is negative. Expected: an amount of 0 or more.\n"),
            (
                Locale::es,
                "\u{FEFF}línea,columna,valor,motivo\n2,adr,'-5,Es negativo. Se esperaba: un importe de 0 o más.\n",
            ),
            (Locale::zh, "\u{FEFF}行,列,值,原因\n2,adr,'-5,金额为负数。应为：0 或以上的金额。\n"),
        ] {
            assert_eq!(written(locale, std::slice::from_ref(&row)), text);
        }
    }
}
