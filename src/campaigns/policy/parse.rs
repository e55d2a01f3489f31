//! The form of a house's letters, parsed.

use super::MAX_ADDRESSES;
use crate::{error::Problem, guests::parse::Email};

/// Addresses, one a line or with commas between them; each once, in their order.
///
/// # Errors
/// The first that is none, or [`Problem::NotKnown`] for more than [`MAX_ADDRESSES`].
pub fn addresses(text: &str) -> Result<Vec<String>, Problem> {
    let mut read: Vec<String> = Vec::new();
    for written in text.split(['\n', ',', ';']).map(str::trim).filter(|written| !written.is_empty()) {
        let address = String::from(Email::parse(written)?);
        if !read.contains(&address) {
            read.push(address);
        }
        if read.len() > MAX_ADDRESSES {
            let given = text.lines().count().max(read.len());
            return Err(Problem::NotKnown(given.to_string(), "@test_addresses".to_owned()));
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_one_a_line() {
        let read = addresses(" Ana@Cedars.example \r\n\nli@cedars.example, ana@cedars.example\n");
        assert_eq!(read, Ok(vec!["ana@cedars.example".to_owned(), "li@cedars.example".to_owned()]));
        assert_eq!(addresses(" \r\n "), Ok(Vec::new()));
        assert_eq!(addresses("li@cedars.example\nnobody"), Err(Problem::NotEmail("nobody".to_owned())));
        let many: Vec<_> = (0..=MAX_ADDRESSES).map(|number| format!("a{number}@cedars.example")).collect();
        assert!(matches!(addresses(&many.join("\n")), Err(Problem::NotKnown(given, _)) if given == "21"));
    }
}
