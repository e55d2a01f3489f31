//! What a booking tells of its guest's likes and needs.

use crate::guests::{PreferenceCode as Code, PreferenceGroup, PreferenceValue, names::fold};

/// The requests that say something lasting about the guest. Others, such as a late arrival, concern
/// one stay and remain in the words of the booking.
const REQUESTS: &[(&str, Code)] = &[
    ("feather free bedding", Code::FeatherFree),
    ("extra pillow", Code::ExtraPillow),
    ("twin beds", Code::TwinBeds),
    ("quiet room away from lift", Code::QuietRoom),
    ("quiet room", Code::QuietRoom),
    ("high floor", Code::HighFloor),
    ("sea view", Code::SeaView),
    ("same room as last time", Code::SameRoom),
    ("newspaper in the morning", Code::MorningPaper),
    ("window table at breakfast", Code::WindowTable),
    ("window table", Code::WindowTable),
];

/// Allergies and intolerances as the instruction that they come to.
const ALLERGIES: &[(&str, Code)] = &[
    ("shellfish", Code::NoShellfish),
    ("peanut", Code::NoPeanuts),
    ("peanuts", Code::NoPeanuts),
    ("gluten", Code::NoGluten),
    ("coeliac", Code::NoGluten),
    ("celiac", Code::NoGluten),
    ("lactose", Code::NoLactose),
    ("sesame", Code::NoSesame),
    ("vegetarian", Code::Vegetarian),
];

/// Words around the food in the name of an allergy, in folded spelling.
const AROUND_THE_FOOD: &[&str] =
    &["no", "allergy", "allergies", "allergic", "to", "intolerance", "intolerant", "disease"];

/// The preferences in a booking's special requests and allergies, each once. An allergy is kept as what
/// not to serve and never as a diagnosis; one that is not known becomes "No" and its name.
pub(super) fn preferences(requests: &str, allergies: &str) -> Vec<(PreferenceGroup, PreferenceValue)> {
    let wishes = parts(requests).filter_map(|wish| coded(REQUESTS, &fold(wish)));
    let needs = parts(allergies).filter_map(need);
    let mut found = Vec::new();
    for preference in wishes.chain(needs) {
        if !found.contains(&preference) {
            found.push(preference);
        }
    }
    found
}

/// The entries of a list as people part it.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ',', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

fn need(allergy: &str) -> Option<(PreferenceGroup, PreferenceValue)> {
    let food: Vec<&str> =
        allergy.split_whitespace().filter(|word| !AROUND_THE_FOOD.contains(&fold(word).as_str())).collect();
    let food = food.join(" ");
    if food.is_empty() {
        return None;
    }
    let in_words = || (PreferenceGroup::Dietary, PreferenceValue::Text(format!("No {food}")));
    Some(coded(ALLERGIES, &fold(&food)).unwrap_or_else(in_words))
}

fn coded(table: &[(&str, Code)], folded: &str) -> Option<(PreferenceGroup, PreferenceValue)> {
    let (_, code) = table.iter().find(|(words, _)| *words == folded)?;
    Some((code.group(), PreferenceValue::Coded(*code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(codes: &[Code]) -> Vec<(PreferenceGroup, PreferenceValue)> {
        codes.iter().map(|code| (code.group(), PreferenceValue::Coded(*code))).collect()
    }

    #[test]
    fn the_tables_are_written_as_they_are_compared() {
        assert!(REQUESTS.iter().chain(ALLERGIES).all(|(words, _)| fold(words) == *words));
        assert!(AROUND_THE_FOOD.iter().all(|word| fold(word) == *word));
    }

    #[test]
    fn lasting_requests_become_preferences() {
        assert_eq!(
            preferences("Sea view; Baby cot; Newspaper in the morning;Feather-free bedding", ""),
            coded(&[Code::SeaView, Code::MorningPaper, Code::FeatherFree])
        );
        assert_eq!(preferences("QUIET ROOM AWAY FROM LIFT; quiet room", ""), coded(&[Code::QuietRoom]));
        assert!(preferences("Late arrival; Airport transfer; Baby cot", "").is_empty());
    }

    #[test]
    fn allergies_become_instructions() {
        assert_eq!(preferences("", "shellfish"), coded(&[Code::NoShellfish]));
        assert_eq!(preferences("", "Gluten; peanuts"), coded(&[Code::NoGluten, Code::NoPeanuts]));
        assert_eq!(
            preferences("", "Shellfish allergy, allergic to sesame"),
            coded(&[Code::NoShellfish, Code::NoSesame])
        );
        assert_eq!(preferences("", "coeliac disease"), coded(&[Code::NoGluten]));
        assert_eq!(
            preferences("", "kiwi fruit allergy"),
            [(PreferenceGroup::Dietary, PreferenceValue::Text("No kiwi fruit".to_owned()))]
        );
        assert!(preferences("", "; allergy ;").is_empty());
    }
}
