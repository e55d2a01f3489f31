//! The words of tonight's names.

use crate::{
    i18n::*,
    names::{Grade, Part, Progress},
    ui::I18n,
};

/// "The whole house", "Floor 9", "Floors 1 to 9".
pub(super) fn part_words(i18n: I18n, part: &Part) -> String {
    match (part.floor.as_str(), part.upto.as_str()) {
        ("", _) => tu_string!(i18n, people.names.whole_house).to_owned(),
        (floor, upto) if upto.is_empty() || upto == floor => {
            tu_string!(i18n, people.names.one_floor, floor = floor.to_owned())
        }
        (floor, upto) => {
            tu_string!(i18n, people.names.floors, floor = floor.to_owned(), upto = upto.to_owned())
        }
    }
}

/// How well a name was known, as whoever practises says.
pub(super) fn grade_words(i18n: I18n, grade: Grade) -> &'static str {
    match grade {
        Grade::Again => tu_string!(i18n, people.names.grade.again),
        Grade::Hard => tu_string!(i18n, people.names.grade.hard),
        Grade::Good => tu_string!(i18n, people.names.grade.good),
        Grade::Easy => tu_string!(i18n, people.names.grade.easy),
    }
}

/// "9 of 12 (75 %)".
pub(super) fn share_words(i18n: I18n, share: Progress) -> String {
    tu_string!(i18n, people.names.share.line, known = share.known, of = share.of, percent = share.percent())
}
