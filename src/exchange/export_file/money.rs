//! Amounts as the export prints them, into whole minor units.

use crate::exchange::Reason;

/// Most digits before the decimal point: beyond, an amount is a mistake, and would not fit.
const MAX_DIGITS: usize = 12;

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Currency {
    pub code: &'static str,
    /// Decimals of its minor unit: 2 for the cents of a euro, 0 for yen, 3 for Kuwaiti dinars.
    decimals: usize,
}

impl Currency {
    /// Reads the three letters, in either case.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let code = text.trim().to_ascii_uppercase();
        match CURRENCIES.binary_search(&code.as_str()) {
            Ok(at) => Ok(Self { code: CURRENCIES[at], decimals: decimals(CURRENCIES[at]) }),
            Err(_) => Err(Reason::NotCurrency),
        }
    }

    /// Reads an amount such as `62`, `94.5` or `94,50` into minor units. Thousands are not parted; more
    /// decimals than the currency has are refused, because `1.234` means two amounts to two people.
    pub fn minor_units(self, text: &str) -> Result<i64, Reason> {
        let text = text.trim();
        if text.starts_with(['-', '−']) {
            return Err(Reason::Negative);
        }
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = !whole.is_empty() && digits_only(whole) && digits_only(fraction);
        if !well_formed || text.ends_with(['.', ',']) {
            return Err(Reason::NotAmount);
        }
        if whole.len() > MAX_DIGITS {
            return Err(Reason::AmountTooLarge(MAX_DIGITS));
        }
        let (kept, surplus) = fraction.split_at(fraction.len().min(self.decimals));
        // Systems print two decimals even of currencies that have none.
        if fraction.len() > self.decimals.max(2) || surplus.bytes().any(|byte| byte != b'0') {
            return Err(Reason::TooManyDecimals { currency: self.code.to_owned(), decimals: self.decimals });
        }
        let minor = format!("{whole}{kept:0<width$}", width = self.decimals);
        minor.parse().map_err(|_| Reason::NotAmount)
    }

    /// An amount in minor units, not negative, as [`Currency::minor_units`] reads it.
    pub fn plain(self, minor: i64) -> String {
        let unit = 10_u64.pow(u32::try_from(self.decimals).unwrap_or(0));
        let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:0width$}", width = self.decimals) }
    }
}

/// Decimals of a currency's minor unit (ISO 4217).
fn decimals(code: &str) -> usize {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// ISO 4217, ordered: the currencies in use, and those withdrawn lately, which old bookings are in.
#[rustfmt::skip]
const CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF",
    "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD",
    "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD",
    "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS",
    "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL",
    "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD",
    "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SLL", "SOS", "SRD", "SSP", "STN",
    "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD",
    "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF",
    "YER", "ZAR", "ZMW", "ZWG", "ZWL",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn amount(code: &str, text: &str) -> Result<i64, Reason> {
        Currency::parse(code).expect("a known currency").minor_units(text)
    }

    #[test]
    fn currencies_are_those_of_the_standard() {
        assert!(CURRENCIES.is_sorted());
        assert_eq!(Currency::parse(" eur ").map(|currency| currency.code), Ok("EUR"));
        for bad in ["", "EU", "EURO", "ABC", "€", "12€"] {
            assert_eq!(Currency::parse(bad), Err(Reason::NotCurrency), "{bad:?}");
        }
    }

    #[test]
    fn amounts_become_minor_units() {
        for (code, text, minor) in [
            ("EUR", "62", 6_200),
            ("EUR", " 94.5 ", 9_450),
            ("EUR", "43.78", 4_378),
            ("EUR", "43,78", 4_378),
            ("EUR", "0", 0),
            ("EUR", "0.00", 0),
            ("EUR", "999999999999.99", 99_999_999_999_999),
            ("JPY", "12000", 12_000),
            ("JPY", "12000.00", 12_000),
            ("KWD", "31.25", 31_250),
            ("KWD", "31.255", 31_255),
        ] {
            assert_eq!(amount(code, text), Ok(minor), "{text} {code}");
        }
    }

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for (code, minor, text) in
            [("EUR", 1_000, "10"), ("EUR", 10, "0.10"), ("JPY", 12_000, "12000"), ("KWD", 31_255, "31.255")]
        {
            assert_eq!(Currency::parse(code).expect("a known currency").plain(minor), text);
            assert_eq!(amount(code, text), Ok(minor));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["", "abc", "1e5", "NaN", "+5", "1.2.3", "1,234.50", "12.", ".5", "1 000", "€62", "0x1F", "٦٢"] {
            assert_eq!(amount("EUR", bad), Err(Reason::NotAmount), "{bad:?}");
        }
        assert_eq!(amount("EUR", "-0.01"), Err(Reason::Negative));
        for (code, text, decimals) in [("EUR", "1.234", 2), ("EUR", "1.200", 2), ("JPY", "12.50", 0)] {
            let too_many = Reason::TooManyDecimals { currency: code.to_owned(), decimals };
            assert_eq!(amount(code, text), Err(too_many), "{text} {code}");
        }
        assert_eq!(amount("EUR", "1000000000000"), Err(Reason::AmountTooLarge(12)));
    }
}
