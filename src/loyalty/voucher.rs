//! A voucher's code: short enough to be read out, and told apart from a typing error.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Without 0, 1, I, O and U, which are misread or make words; as many as a prime number, so that the check finds any
/// one wrong character and any two that changed places.
const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";
/// Characters of a code, the last of which checks the others.
const LENGTH: usize = 10;

/// The code of a voucher: ten characters, in capital letters and without spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoucherCode(String);

impl VoucherCode {
    /// A code made of random bytes.
    #[must_use]
    pub fn of(random: [u8; LENGTH - 1]) -> Self {
        let mut places: Vec<usize> = random.iter().map(|byte| usize::from(*byte) % LETTERS.len()).collect();
        places.push(check(&places));
        Self(places.into_iter().map(|place| char::from(LETTERS[place])).collect())
    }

    /// As it is printed: in two groups.
    #[must_use]
    pub fn printed(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }
}

/// The character that makes the weighted sum a multiple of the number of letters.
fn check(places: &[usize]) -> usize {
    let sum: usize = places.iter().zip(1_usize..).map(|(place, weight)| place * weight).sum();
    // The last place weighs 10, and 28 times 10 is 1 more than a multiple of 31.
    let missing = LETTERS.len() - sum % LETTERS.len();
    missing * 28 % LETTERS.len()
}

impl FromStr for VoucherCode {
    type Err = crate::ids::BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || crate::ids::BadId(text.chars().take(40).collect());
        let typed: String =
            text.chars().filter(|c| c.is_alphanumeric()).take(LENGTH + 1).map(|c| c.to_ascii_uppercase()).collect();
        let places: Option<Vec<usize>> =
            typed.bytes().map(|byte| LETTERS.iter().position(|letter| *letter == byte)).collect();
        let places = places.filter(|places| places.len() == LENGTH).ok_or_else(bad)?;
        if check(&places[..LENGTH - 1]) == places[LENGTH - 1] { Ok(Self(typed)) } else { Err(bad()) }
    }
}

impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for VoucherCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VoucherCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A voucher that can be used, as the card tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherLine {
    pub code: VoucherCode,
    /// What it is for.
    pub what: String,
    /// ISO 4217 code and minor units, where it is worth an amount.
    pub amount: Option<(String, i64)>,
    /// The last house-local day on which it can be used, `YYYY-MM-DD`.
    pub expires: String,
    /// Whether that is within the programme's notice.
    pub is_expiring: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = VoucherCode::of([0, 1, 2, 3, 250, 5, 6, 7, 8]);
        for text in [code.to_string(), code.printed(), format!(" {} ", code.printed().to_lowercase())] {
            assert_eq!(text.parse::<VoucherCode>(), Ok(code.clone()), "{text}");
        }
        for bad in ["", "22222", "2345678901", "2222222222222", "22222 2222é"] {
            assert!(bad.parse::<VoucherCode>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_typing_error_is_another_code_and_none(random in any::<[u8; 9]>(), at in 0_usize..9, by in 1_usize..31) {
            let code = VoucherCode::of(random).to_string();
            let place = LETTERS.iter().position(|letter| *letter == code.as_bytes()[at]).expect("a letter");
            let mut wrong = code.clone().into_bytes();
            wrong[at] = LETTERS[(place + by) % LETTERS.len()];
            let wrong = String::from_utf8(wrong).expect("letters");
            prop_assert!(wrong.parse::<VoucherCode>().is_err(), "{} and {}", code, wrong);
            let mut swapped = code.clone().into_bytes();
            swapped.swap(at, at + 1);
            let swapped = String::from_utf8(swapped).expect("letters");
            prop_assert_eq!(swapped.parse::<VoucherCode>().is_ok(), swapped == code);
        }
    }
}
