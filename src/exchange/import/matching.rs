//! Whether the guest of a booking can be a guest that is known.

use crate::guests::{Birthday, names};

/// Whether two first names can be one person's: the same, one the initial of the other, or a typing
/// error apart. Couples are often called Mário and Maria or Daniel and Daniela, so an error in a short
/// name, or at either end of one, does not count as one.
pub(super) fn may_be_one(a: &str, b: &str) -> bool {
    let (a, b) = (names::fold(a).replace(' ', ""), names::fold(b).replace(' ', ""));
    if a.is_empty() || b.is_empty() || a == b {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() == 1 {
        return long.starts_with(short.as_str());
    }
    let same_ends = a.chars().next() == b.chars().next() && a.chars().last() == b.chars().last();
    short.len() >= 5 && same_ends && strsim::damerau_levenshtein(&a, &b) <= 1
}

pub(super) fn birthdays_agree(a: Option<Birthday>, b: Option<Birthday>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            (a.month, a.day) == (b.month, b.day) && (a.year.is_none() || b.year.is_none() || a.year == b.year)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_familys_address_is_not_one_person() {
        assert!(!may_be_one("Maurice", "Sharon"));
        for (a, b) in [("Ana", "Eva"), ("Wei", "Mei"), ("Mário", "Maria"), ("Daniel", "Daniela")] {
            assert!(!may_be_one(a, b), "{a} {b}");
        }
        for (a, b) in [("Guilherme", "Guihlerme"), ("J", "John"), ("Ibán", "iban"), ("", "Ana"), ("Petra", "Pettra")] {
            assert!(may_be_one(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_birthday_without_a_year_agrees_with_one_that_has_it() {
        let known = Birthday::new(Some(1980), 3, 4);
        assert!(birthdays_agree(known, Birthday::new(None, 3, 4)));
        assert!(!birthdays_agree(known, Birthday::new(Some(1981), 3, 4)));
        assert!(birthdays_agree(known, None));
    }
}
