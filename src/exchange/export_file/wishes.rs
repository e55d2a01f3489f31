//! What a booking tells of its guest's likes and needs.

mod need;
mod vocabulary;

use crate::guests::{PreferenceCode as Code, PreferenceGroup, PreferenceValue, names::fold};
use need::{bare_allergen, need, plain_instruction, speaks_of_allergy};

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

/// What a booking tells of its guest's likes and needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Likes and needs, each once. An allergy is what not to serve and never a diagnosis.
    pub preferences: Vec<(PreferenceGroup, PreferenceValue)>,
    /// Entries of the allergies that tell of the guest's health, in the words of the booking.
    pub health: Option<String>,
}

/// Reads a booking's special requests and allergies.
pub(super) fn wishes(requests: &str, allergies: &str) -> Wishes {
    let mut preferences = Vec::new();
    for request in entries(requests) {
        in_request(&request, &mut preferences);
    }
    let allergies = entries(allergies);
    let mut health = Vec::new();
    for entry in allergies.iter().flat_map(|entry| items(entry)) {
        let need = need(entry);
        preferences.extend(need.instructions);
        if need.tells_of_health {
            health.push(entry);
        }
    }
    let mut once = Vec::with_capacity(preferences.len());
    for preference in preferences {
        if !once.contains(&preference) {
            once.push(preference);
        }
    }
    Wishes { preferences: once, health: (!health.is_empty()).then(|| health.join("; ")) }
}

/// What a request says. Where one of its items speaks of an allergy, the names of allergens beside it
/// belong to that: "Allergic to nuts, shellfish". Health has no place beside it, for the whole request stays
/// with the words of the booking anyway.
fn in_request(request: &str, preferences: &mut Vec<(PreferenceGroup, PreferenceValue)>) {
    let is_about_allergies = speaks_of_allergy(request);
    for item in items(request) {
        if let Some(wish) = coded(REQUESTS, &fold(item)) {
            preferences.push(wish);
        } else if speaks_of_allergy(item) {
            preferences.extend(need(item).instructions);
        } else if let Some(instruction) = plain_instruction(item) {
            preferences.push(instruction);
        } else if is_about_allergies {
            preferences.extend(bare_allergen(item));
        }
    }
}

/// The entries of a list as people part it. A full stop ends one too.
fn entries(list: &str) -> Vec<String> {
    let list = list.replace(". ", ";");
    list.split([';', '；', '。', '!', '\n']).map(|entry| entry.trim().trim_end_matches('.').to_owned()).collect()
}

/// The items of an entry.
fn items(entry: &str) -> impl Iterator<Item = &str> {
    entry.split([',', '，', '、']).map(str::trim).filter(|item| !item.is_empty())
}

fn coded(table: &[(&str, Code)], folded: &str) -> Option<(PreferenceGroup, PreferenceValue)> {
    let (_, code) = table.iter().find(|(words, _)| *words == folded)?;
    Some((code.group(), PreferenceValue::Coded(*code)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guests::PreferenceCode as C;

    fn coded(code: Code) -> (PreferenceGroup, PreferenceValue) {
        (code.group(), PreferenceValue::Coded(code))
    }

    fn text(words: &str) -> (PreferenceGroup, PreferenceValue) {
        (PreferenceGroup::Dietary, PreferenceValue::Text(words.to_owned()))
    }

    fn booked(words: &str) -> (PreferenceGroup, PreferenceValue) {
        (PreferenceGroup::Dietary, PreferenceValue::Booked(words.to_owned()))
    }

    #[track_caller]
    fn assert_allergies(allergies: &str, expected: &[(PreferenceGroup, PreferenceValue)], health: Option<&str>) {
        let wishes = wishes("", allergies);
        assert_eq!(wishes.preferences, expected, "{allergies:?}");
        assert_eq!(wishes.health.as_deref(), health, "{allergies:?}");
    }

    #[track_caller]
    fn assert_requests(requests: &str, expected: &[(PreferenceGroup, PreferenceValue)]) {
        let wishes = wishes(requests, "");
        assert_eq!(wishes.preferences, expected, "{requests:?}");
        assert_eq!(wishes.health, None, "{requests:?}: requests are kept whole elsewhere");
    }

    #[test]
    fn the_requests_are_written_as_they_are_compared() {
        assert!(REQUESTS.iter().all(|(words, _)| fold(words) == *words));
    }

    #[test]
    fn every_word_of_a_real_export_is_right() {
        for (allergy, code) in [
            ("peanuts", C::NoPeanuts),
            ("shellfish", C::NoShellfish),
            ("gluten", C::NoGluten),
            ("lactose", C::NoLactose),
            ("sesame", C::NoSesame),
        ] {
            assert_allergies(allergy, &[coded(code)], None);
        }
        for (request, code) in [
            ("Same room as last time", Some(C::SameRoom)),
            ("Sea view", Some(C::SeaView)),
            ("High floor", Some(C::HighFloor)),
            ("Feather-free bedding", Some(C::FeatherFree)),
            ("Extra pillow", Some(C::ExtraPillow)),
            ("Twin beds", Some(C::TwinBeds)),
            ("Newspaper in the morning", Some(C::MorningPaper)),
            ("Window table at breakfast", Some(C::WindowTable)),
            ("Quiet room away from lift", Some(C::QuietRoom)),
            ("Baby cot", None),
            ("Late arrival", None),
            ("Airport transfer", None),
        ] {
            let expected: Vec<_> = code.into_iter().map(coded).collect();
            assert_requests(request, &expected);
            assert_requests(&format!("{request}; Baby cot; Late arrival"), &expected);
        }
    }

    #[test]
    fn lasting_requests_become_preferences() {
        assert_requests(
            "Sea view; Baby cot; Newspaper in the morning;Feather-free bedding",
            &[C::SeaView, C::MorningPaper, C::FeatherFree].map(coded),
        );
        assert_requests("QUIET ROOM AWAY FROM LIFT; quiet room", &[coded(C::QuietRoom)]);
    }

    #[test]
    fn what_a_guest_does_not_tolerate_is_not_served() {
        for (allergies, codes) in [
            ("Gluten; peanuts", &[C::NoGluten, C::NoPeanuts][..]),
            ("Shellfish allergy, allergic to sesame", &[C::NoShellfish, C::NoSesame]),
            ("prawns", &[C::NoShellfish]),
            ("nut-free", &[C::NoNuts]),
            ("free of nuts", &[C::NoNuts]),
            ("Tree nuts", &[C::NoNuts]),
            ("no dairy", &[C::NoMilk]),
            ("dairy products", &[C::NoMilk]),
            ("Egg", &[C::NoEggs]),
            ("eggs and soya", &[C::NoEggs, C::NoSoya]),
            ("milk/eggs", &[C::NoMilk, C::NoEggs]),
            ("Severe allergy to fish", &[C::NoFish]),
            ("Nut allergy (severe)", &[C::NoNuts]),
            ("coeliac disease", &[C::NoGluten]),
            ("Celiac", &[C::NoGluten]),
            ("gluten-free meals", &[C::NoGluten]),
            ("lactose intolerance", &[C::NoLactose]),
            ("Lactose intolerant", &[C::NoLactose]),
            ("sin gluten", &[C::NoGluten]),
            ("alérgico al marisco", &[C::NoShellfish]),
            ("Erdnüsse", &[C::NoPeanuts]),
            ("对花生过敏", &[C::NoPeanuts]),
            ("花生、虾", &[C::NoPeanuts, C::NoShellfish]),
            ("feathers", &[C::FeatherFree]),
        ] {
            let expected: Vec<_> = codes.iter().copied().map(coded).collect();
            assert_allergies(allergies, &expected, None);
        }
        assert_allergies("kiwi fruit allergy", &[text("No kiwi fruit")], None);
        assert_allergies("Strawberries", &[text("No strawberries")], None);
        assert_allergies("tomatoes, pork", &[text("No tomatoes"), text("No pork")], None);
    }

    #[test]
    fn a_way_of_eating_stays_what_to_serve() {
        for (allergies, code) in [
            ("halal", C::Halal),
            ("Halal meals only", C::Halal),
            ("KOSHER", C::Kosher),
            ("vegan", C::Vegan),
            ("strictly vegan", C::Vegan),
            ("Vegetarian diet", C::Vegetarian),
            ("pescatarian", C::Pescatarian),
            ("vegetariana", C::Vegetarian),
            ("清真", C::Halal),
            ("素食", C::Vegetarian),
        ] {
            assert_allergies(allergies, &[coded(code)], None);
        }
        assert_allergies("jain", &[text("Jain")], None);
        assert_allergies("Halal, no nuts", &[coded(C::Halal), coded(C::NoNuts)], None);
    }

    #[test]
    fn words_that_deny_come_to_nothing() {
        for allergies in "|;|-|—|.|none|None.|NO|nil|n/a|N/A|na|not applicable|none known|no known allergies|\
             No known food allergies|no allergies|not allergic to any food|NKA|keine|Keine bekannten Allergien|\
             ninguna|sin alergias|aucune|无|没有|无过敏|No dietary requirements"
            .split('|')
        {
            assert_allergies(allergies, &[], None);
        }
        assert_requests("No allergies; Late arrival", &[]);
    }

    #[test]
    fn an_illness_is_no_instruction() {
        for allergies in
            "diabetes|Diabetic|epilepsy|HIV|pregnant|Pregnancy|Crohn's disease|high blood pressure|penicillin|\
             latex allergy|cat allergy|hay fever|wheelchair|gastritis"
                .split('|')
        {
            assert_allergies(allergies, &[], Some(allergies));
        }
        assert_allergies("diabetes; shellfish", &[coded(C::NoShellfish)], Some("diabetes"));
        assert_allergies(
            "Anaphylaxis from peanuts, EpiPen in bag",
            &[booked("Anaphylaxis from peanuts")],
            Some("EpiPen in bag"),
        );
        assert_allergies(
            "cannot have fish because of medication",
            &[coded(C::NoFish)],
            Some("cannot have fish because of medication"),
        );
    }

    #[test]
    fn what_is_not_known_is_told_as_booked() {
        for allergies in "cilantro|yes|allergy|not allergic to nuts|No nut allergy|loves shellfish|fish only|no vegan|\
             nuts and zarbuzal|ถั่ว"
            .split('|')
        {
            assert_allergies(allergies, &[booked(allergies)], None);
        }
        let long = "zarbuzal ".repeat(60);
        let found = wishes("", &long).preferences;
        let [(_, PreferenceValue::Booked(words))] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(words.chars().count(), 200);
        assert!(words.ends_with('…'), "it says that there is more");
    }

    #[test]
    fn an_allergy_among_the_requests_is_an_instruction() {
        assert_requests(
            "Severe nut allergy; Window table; wheelchair, HIV medication in fridge",
            &[coded(C::NoNuts), coded(C::WindowTable)],
        );
        assert_requests("allergic to shellfish", &[coded(C::NoShellfish)]);
        assert_requests("Allergic to nuts, shellfish, and eggs", &[C::NoNuts, C::NoShellfish, C::NoEggs].map(coded));
        assert_requests("Late arrival. Peanut allergy. Sea view.", &[coded(C::NoPeanuts), coded(C::SeaView)]);
        assert_requests("Gluten-free, sea view", &[coded(C::NoGluten), coded(C::SeaView)]);
        assert_requests("vegan meals", &[coded(C::Vegan)]);
        assert_requests("Coeliac", &[coded(C::NoGluten)]);
        assert_requests("Allergic to zarbuzal", &[booked("Allergic to zarbuzal")]);
        for wish in ["Eggs for breakfast", "Fish", "milk", "Champagne, fruit", "No feather duster", "smoke-free room"] {
            assert_requests(wish, &[]);
        }
    }
}
