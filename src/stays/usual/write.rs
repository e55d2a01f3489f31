//! What people type when they write down what a guest had.

use super::{MAX_ITEM, MAX_SEAT, MOST_ITEMS};
use crate::{
    error::{FieldError, Problem},
    guests::parse,
};

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub seat: &'a str,
    /// One on each line, as are the drinks.
    pub dishes: &'a str,
    pub drinks: &'a str,
}

/// What they say: where the guest sat and what he had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    pub seat: Option<String>,
    pub dishes: Vec<String>,
    pub drinks: Vec<String>,
}

impl Usual {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seat.is_none() && self.dishes.is_empty() && self.drinks.is_empty()
    }
}

/// Reads the form.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>) -> Result<Usual, Vec<FieldError>> {
    let mut refused = Vec::new();
    let mut refuse = |field: &str, problem| refused.push(FieldError { field: field.to_owned(), problem });
    let seat = parse::line(typed.seat, MAX_SEAT as usize).map_err(|problem| refuse("seat", problem));
    let dishes = items(typed.dishes).map_err(|problem| refuse("dishes", problem));
    let drinks = items(typed.drinks).map_err(|problem| refuse("drinks", problem));
    match (seat, dishes, drinks) {
        (Ok(seat), Ok(dishes), Ok(drinks)) => Ok(Usual { seat, dishes, drinks }),
        _ => Err(refused),
    }
}

/// A list of which each line that is not empty is one, each once.
fn items(text: &str) -> Result<Vec<String>, Problem> {
    let mut found: Vec<String> = Vec::new();
    for (at, text) in text.lines().enumerate() {
        let wrong = |problem| Problem::AtLine(at + 1, Box::new(problem));
        let Some(item) = parse::line(text, MAX_ITEM as usize).map_err(wrong)? else { continue };
        if found.contains(&item) {
            continue;
        }
        if found.len() == MOST_ITEMS {
            return Err(wrong(Problem::NotKnown(item, "@usual_items".to_owned())));
        }
        found.push(item);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed<'a>(seat: &'a str, dishes: &'a str, drinks: &'a str) -> Typed<'a> {
        Typed { seat, dishes, drinks }
    }

    #[test]
    fn each_line_is_one_and_counts_once() {
        let read = read(typed(" 12 ", "Two  eggs\r\n\r\nToast\nTwo eggs\n", "")).expect("read");
        assert_eq!(read.seat.as_deref(), Some("12"));
        assert_eq!(read.dishes, ["Two eggs", "Toast"]);
        assert!(read.drinks.is_empty() && !read.is_empty());
        assert!(super::read(typed(" ", "\n", "")).expect("read").is_empty());
    }

    #[test]
    fn what_is_too_long_or_too_much_is_refused_where_it_stands() {
        let long = "x".repeat(61);
        let many = (1..=9).map(|number| format!("Dish {number}")).collect::<Vec<_>>().join("\n");
        let refused = read(typed(&"9".repeat(21), &format!("Eggs\n{long}"), &many)).expect_err("refused");
        let problems: Vec<_> = refused.into_iter().map(|error| (error.field, error.problem)).collect();
        let at = |line, problem| Problem::AtLine(line, Box::new(problem));
        assert_eq!(
            problems,
            [
                ("seat".to_owned(), Problem::TooLong(20)),
                ("dishes".to_owned(), at(2, Problem::TooLong(60))),
                ("drinks".to_owned(), at(9, Problem::NotKnown("Dish 9".to_owned(), "@usual_items".to_owned()))),
            ]
        );
        let eight = many.rsplit_once('\n').expect("lines").0;
        assert_eq!(read(typed("", eight, eight)).expect("read").drinks.len(), 8);
    }
}
