//! Forms of houses and stations, parsed.

use super::{
    StationKind,
    store::{NewHouse, NewStation},
};
use crate::{
    error::{FieldError, Problem},
    guests::parse::line,
};

/// A station's form.
///
/// # Errors
/// Every field that is refused.
pub fn station(name: &str, kind: &str, extension: &str) -> Result<NewStation, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = required(&mut errors, "name", line(name, 60));
    let known_kind = StationKind::from_code(kind);
    if known_kind.is_none() {
        let known = StationKind::ALL.map(StationKind::code).join(", ");
        refuse(&mut errors, "kind", Problem::NotKnown(kind.chars().take(40).collect(), known));
    }
    let extension: String = extension.chars().filter(|c| !c.is_whitespace()).collect();
    if extension.is_empty() {
        refuse(&mut errors, "extension", Problem::Empty);
    } else if extension.len() > 12 {
        refuse(&mut errors, "extension", Problem::TooLong(12));
    } else if !extension.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '#') {
        refuse(&mut errors, "extension", Problem::NotKnown(extension.clone(), "@extension".to_owned()));
    }
    match (name, known_kind) {
        (Some(name), Some(kind)) if errors.is_empty() => Ok(NewStation { name, kind, extension }),
        _ => Err(errors),
    }
}

/// A house's form.
///
/// # Errors
/// Every field that is refused.
pub fn house(name: &str, code: &str, timezone: &str, currency: &str) -> Result<NewHouse, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = required(&mut errors, "name", line(name, 80));
    let code = required(&mut errors, "code", line(code, 20)).map(|code| code.to_uppercase());
    let zone = timezone.trim().parse::<chrono_tz::Tz>().ok();
    if zone.is_none() {
        let given = timezone.chars().take(60).collect();
        refuse(&mut errors, "timezone", Problem::NotKnown(given, "@zone".to_owned()));
    }
    let currency = currency.trim().to_uppercase();
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        let given = currency.chars().take(20).collect();
        refuse(&mut errors, "currency", Problem::NotKnown(given, "@currency".to_owned()));
    }
    match (name, code, zone) {
        (Some(name), Some(code), Some(timezone)) if errors.is_empty() => {
            Ok(NewHouse { name, code, timezone, currency })
        }
        _ => Err(errors),
    }
}

/// For how many hours it is worth saying where a guest was last seen: 1 to 24.
///
/// # Errors
/// [`Problem::Empty`], or [`Problem::NotKnown`] for anything else.
pub fn locator_hours(text: &str) -> Result<u8, Problem> {
    match text.trim() {
        "" => Err(Problem::Empty),
        text => text
            .parse()
            .ok()
            .filter(|hours| (1..=24).contains(hours))
            .ok_or_else(|| Problem::NotKnown(text.chars().take(20).collect(), "@hours".to_owned())),
    }
}

/// Notes a refusal and gives nothing, or gives what was read.
pub(crate) fn required(
    errors: &mut Vec<FieldError>,
    field: &str,
    read: Result<Option<String>, Problem>,
) -> Option<String> {
    match read.and_then(|text| text.ok_or(Problem::Empty)) {
        Ok(text) => Some(text),
        Err(problem) => {
            refuse(errors, field, problem);
            None
        }
    }
}

pub(crate) fn refuse(errors: &mut Vec<FieldError>, field: &str, problem: Problem) {
    errors.push(FieldError { field: field.to_owned(), problem });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refused_field_is_named() {
        let fields: Vec<_> =
            station(" ", "cellar", "12a").expect_err("refused").into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "kind", "extension"]);
        let fields: Vec<_> =
            house("", "", "Lisbon", "euro").expect_err("refused").into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "code", "timezone", "currency"]);
    }

    #[test]
    fn a_house_is_read() {
        let house = house(" The Cedars ", "city", "Europe/Lisbon", "eur").expect("accepted");
        assert_eq!((house.name.as_str(), house.code.as_str(), house.currency.as_str()), ("The Cedars", "CITY", "EUR"));
    }
}
