//! The columns that an export has, and where this file has them.

use super::{excerpt, record::Record};
use crate::exchange::FileProblem;
use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// Most columns that a file may have.
pub(super) const MAX_COLUMNS: usize = 256;

macro_rules! columns {
    ($($column:ident = $name:literal),+ $(,)?) => {
        /// A column of the export. Their order here is the one in which a row's fingerprint is taken:
        /// changing it makes every row look changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($column),+ }

        impl Column {
            pub const ALL: &'static [Self] = &[$(Self::$column),+];

            pub fn name(self) -> &'static str {
                match self { $(Self::$column => $name),+ }
            }
        }
    };
}

columns! {
    ConfirmationNo = "confirmation_no",
    Property = "property",
    Title = "title",
    FirstName = "first_name",
    LastName = "last_name",
    NativeName = "native_name",
    Nationality = "nationality",
    Language = "language",
    Email = "email",
    Phone = "phone",
    BirthDate = "birth_date",
    VipCode = "vip_code",
    MembershipNo = "membership_no",
    Arrival = "arrival",
    Departure = "departure",
    RoomType = "room_type",
    RoomNo = "room_no",
    Adults = "adults",
    Children = "children",
    MealPlan = "meal_plan",
    Adr = "adr",
    Currency = "currency",
    MarketSegment = "market_segment",
    Status = "status",
    SpecialRequests = "special_requests",
    Allergies = "allergies",
    EmailOptIn = "email_opt_in",
}

impl Column {
    /// Whether a file without this column cannot be imported: what makes a reservation, and the name
    /// that it is for. The others are treated as empty.
    pub fn is_required(self) -> bool {
        use Column as C;
        matches!(
            self,
            C::ConfirmationNo
                | C::Property
                | C::FirstName
                | C::LastName
                | C::Arrival
                | C::Departure
                | C::RoomType
                | C::Adults
                | C::Children
                | C::Adr
                | C::Currency
                | C::Status
        )
    }

    /// Finds a column by its name, however it is written: `Confirmation No` is `confirmation_no`.
    pub fn named(name: &str) -> Option<Self> {
        let name = plain(name);
        Self::ALL.iter().copied().find(|column| plain(column.name()) == name)
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where the file has each column.
#[derive(Debug)]
pub(super) struct Columns {
    /// By [`Column`], the field's index.
    places: Vec<Option<usize>>,
    /// All names of the file, as it writes them.
    names: Vec<String>,
}

impl Columns {
    /// Reads the record that names the columns.
    pub fn read(header: &Record) -> Result<Self, FileProblem> {
        if header.count > MAX_COLUMNS {
            return Err(FileProblem::TooManyColumns { found: header.count, most: MAX_COLUMNS });
        }
        let names: Vec<String> = header.fields().map(|name| excerpt(decoded(name).trim())).collect();
        let mut places = vec![None; Column::ALL.len()];
        for (index, name) in names.iter().enumerate() {
            if let Some(column) = Column::named(name)
                && places[column as usize].replace(index).is_some()
            {
                return Err(FileProblem::Repeated(column.name().to_owned()));
            }
        }
        let columns = Self { places, names };
        let missing: Vec<_> =
            columns.absent().filter(|column| column.is_required()).map(|column| column.name().to_owned()).collect();
        if missing.is_empty() { Ok(columns) } else { Err(FileProblem::Missing { missing, found: columns.names }) }
    }

    /// How many columns the file has, unknown ones included.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The columns that the file lacks.
    pub fn absent(&self) -> impl Iterator<Item = Column> {
        Column::ALL.iter().copied().filter(|column| self.places[*column as usize].is_none())
    }

    /// What the file calls its column at a place.
    pub fn name_at(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The raw texts of a record in the order of [`Column::ALL`], empty for columns that the file
    /// lacks.
    pub fn values<'a>(&self, record: &'a Record) -> Vec<Cow<'a, str>> {
        self.places.iter().map(|place| place.map_or(Cow::Borrowed(""), |index| decoded(record.field(index)))).collect()
    }
}

/// The text of a field: UTF-8, or else Windows-1252 (which has Latin-1's letters where Latin-1 has
/// them). Decided field by field, since systems print names from several sources into one file.
pub(super) fn decoded(field: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(field).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_however_they_are_written() {
        assert!(Column::ALL.iter().enumerate().all(|(index, column)| *column as usize == index));
        for name in ["confirmation_no", "Confirmation No", " CONFIRMATION-NO ", "confirmationNo"] {
            assert_eq!(Column::named(name), Some(Column::ConfirmationNo));
        }
        assert_eq!(Column::named("conf"), None);
        assert_eq!(Column::named(""), None);
    }

    #[test]
    fn fields_are_read_in_the_encoding_they_are_in() {
        assert_eq!(decoded("José €".as_bytes()), "José €");
        assert_eq!(decoded(b"Jos\xE9 \x80"), "José €");
        assert_eq!(decoded(b""), "");
    }
}
