//! What a house decides about its memory, as it is typed.

use super::excerpt;
use crate::{
    error::{FieldError, Problem},
    guests::evidence::HouseMemory,
};
use std::ops::RangeInclusive;

/// Days after which an observation may fade, or a statement is asked again.
const DAYS: RangeInclusive<u16> = 30..=3650;
/// Minutes before its time at which a request may ring.
const RING: RangeInclusive<u16> = 0..=240;
/// Days before an arrival on which its briefing may be made.
const BRIEFING: RangeInclusive<u8> = 0..=14;

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct TypedMemory<'a> {
    pub fade_days: &'a str,
    /// Empty for never.
    pub reconfirm_days: &'a str,
    pub ring_minutes: &'a str,
    pub briefing_days: &'a str,
}

/// What a house decides about its memory.
///
/// # Errors
/// Every field that is refused.
pub fn house_memory(typed: TypedMemory<'_>) -> Result<HouseMemory, Vec<FieldError>> {
    let fade_days = whole(typed.fade_days, &DAYS, "@memory_days");
    let reconfirm_days = super::optional(typed.reconfirm_days, |text| whole(text, &DAYS, "@memory_days_or_never"));
    let ring_minutes = whole(typed.ring_minutes, &RING, "@memory_minutes");
    let briefing_days = whole(typed.briefing_days, &BRIEFING, "@memory_ahead");
    match (fade_days, reconfirm_days, ring_minutes, briefing_days) {
        (Ok(fade_days), Ok(reconfirm_days), Ok(ring_minutes), Ok(briefing_days)) => {
            Ok(HouseMemory { fade_days, reconfirm_days, ring_minutes, briefing_days })
        }
        (fade, reconfirm, ring, briefing) => Err([
            ("fade_days", fade.err()),
            ("reconfirm_days", reconfirm.err()),
            ("ring_minutes", ring.err()),
            ("briefing_days", briefing.err()),
        ]
        .into_iter()
        .filter_map(|(field, problem)| Some(FieldError { field: field.to_owned(), problem: problem? }))
        .collect()),
    }
}

/// A whole number of a range. Number parsing alone would take "+1" for one.
fn whole<T>(text: &str, range: &RangeInclusive<T>, expected: &str) -> Result<T, Problem>
where
    T: std::str::FromStr + PartialOrd,
{
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let read = Some(text).filter(|_| is_plain).and_then(|text| text.parse().ok());
    read.filter(|number| range.contains(number)).ok_or_else(|| Problem::NotKnown(excerpt(text), expected.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: TypedMemory<'_> =
        TypedMemory { fade_days: " 365 ", reconfirm_days: "", ring_minutes: "0", briefing_days: "14" };

    #[test]
    fn a_house_decides_what_it_forgets() {
        let read = house_memory(TYPED);
        let expected = HouseMemory { fade_days: 365, reconfirm_days: None, ring_minutes: 0, briefing_days: 14 };
        assert_eq!(read, Ok(expected));
        let asked = house_memory(TypedMemory { reconfirm_days: "3650", ..TYPED });
        assert_eq!(asked.map(|memory| memory.reconfirm_days), Ok(Some(3650)));
    }

    #[test]
    fn every_number_that_is_refused_is_named() {
        let typed = TypedMemory { fade_days: "29", reconfirm_days: "3651", ring_minutes: "+5", briefing_days: "" };
        let refused = house_memory(typed).expect_err("refused");
        let not_known = |value: &str, expected: &str| Problem::NotKnown(value.to_owned(), expected.to_owned());
        let problems: Vec<_> = refused.into_iter().map(|error| (error.field, error.problem)).collect();
        assert_eq!(
            problems,
            [
                ("fade_days".to_owned(), not_known("29", "@memory_days")),
                ("reconfirm_days".to_owned(), not_known("3651", "@memory_days_or_never")),
                ("ring_minutes".to_owned(), not_known("+5", "@memory_minutes")),
                ("briefing_days".to_owned(), Problem::Empty),
            ]
        );
    }
}
