//! Numbers and amounts, written so that no reader takes a separator for a decimal mark: groups of
//! three are set apart by a narrow space (ISO 80000-1, 7.3.1).

const GROUP: char = '\u{202f}';
const NO_BREAK: char = '\u{a0}';

/// A whole number: `18 837`.
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * GROUP.len_utf8());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// An amount in minor units (cents) of an ISO 4217 currency: `EUR 1 234.50`, `JPY 1 234`.
#[must_use]
pub fn money(minor: i64, currency: &str) -> String {
    let decimals = decimals(currency);
    let unit = 10_u64.pow(decimals);
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let whole = number(whole);
    match decimals {
        0 => format!("{currency}{NO_BREAK}{sign}{whole}"),
        _ => format!("{currency}{NO_BREAK}{sign}{whole}.{rest:0width$}", width = decimals as usize),
    }
}

/// How many decimals a currency has (ISO 4217, table A.1). Two, unless listed.
fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace([GROUP, NO_BREAK], " ")
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1 000"), (18_837, "18 837"), (1_000_000, "1 000 000")] {
            assert_eq!(plain(&number(value)), text);
        }
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(plain(&money(123_450, "EUR")), "EUR 1 234.50");
        assert_eq!(plain(&money(5, "USD")), "USD 0.05");
        assert_eq!(plain(&money(1_234, "JPY")), "JPY 1 234");
        assert_eq!(plain(&money(1_234_567, "KWD")), "KWD 1 234.567");
        assert_eq!(plain(&money(-250, "EUR")), "EUR \u{2212}2.50");
        assert_eq!(plain(&money(i64::MIN, "JPY")), "JPY \u{2212}9 223 372 036 854 775 808");
    }
}
