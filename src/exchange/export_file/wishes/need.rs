//! What one entry about allergies and diets comes to.
//!
//! 1. Words that deny ("none", "no known allergies") come to nothing.
//! 2. A known food, alone or in words that say that it is not tolerated or not to be served ("nut-free",
//!    "allergic to nuts"), becomes what not to serve.
//! 3. A way of eating ("halal") stays what to serve, and only where nothing around it says otherwise.
//! 4. An illness, a condition or a medicine is no instruction. It stays with the words of the booking.
//! 5. Everything else becomes an instruction in the words of the booking, marked as such. Nothing is put in
//!    front of a word that is not known: "No" would turn some of them into their opposite.

use super::vocabulary::{
    ABOUT_NOTHING, AFTER, ALLERGENS, BEFORE, DENIALS, DENYING, DIETS, FOODS, JOINERS, OF_ALLERGY, OTHER_DIETS,
    SPEAK_FOR_THEMSELVES, Sense, key, tells_of_health,
};
use crate::guests::{PreferenceCode as Code, PreferenceGroup, PreferenceValue};

/// Most characters of an instruction in the words of the booking.
const MAX_IN_WORDS: usize = 200;

/// What an entry comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    pub instructions: Vec<(PreferenceGroup, PreferenceValue)>,
    /// Whether the entry tells of the guest's health beyond its instructions.
    pub tells_of_health: bool,
}

/// What one part of an entry comes to.
enum Reading {
    Nothing,
    Instruction(PreferenceGroup, PreferenceValue),
    Health,
    Unknown,
}

/// Reads an entry of the column for allergies.
pub(super) fn need(entry: &str) -> Need {
    let entry = entry.trim();
    if denies(entry) {
        return Need::default();
    }
    let mut need = Need::default();
    let mut is_unknown = false;
    for part in parts(entry) {
        match reading(&part) {
            Reading::Nothing => {}
            Reading::Instruction(group, value) => need.instructions.push((group, value)),
            Reading::Health => need.tells_of_health = true,
            Reading::Unknown => is_unknown = true,
        }
    }
    if need.instructions.is_empty() && !need.tells_of_health {
        is_unknown = true;
    }
    if need.tells_of_health {
        // A food that is named beside it must not be lost with it.
        for code in allergens_in(entry) {
            let instruction = (code.group(), PreferenceValue::Coded(code));
            if !need.instructions.contains(&instruction) {
                need.instructions.push(instruction);
            }
        }
    } else if is_unknown {
        // Half of an entry may say the opposite of the whole.
        need.instructions = vec![(PreferenceGroup::Dietary, PreferenceValue::Booked(shortened(entry)))];
    }
    need
}

/// Whether a request speaks of an allergy, so that it is to be read like one.
pub(super) fn speaks_of_allergy(request: &str) -> bool {
    let folded = key(request);
    OF_ALLERGY.iter().any(|part| folded.contains(part))
}

/// The instruction in a request that says by itself what not to serve, or how the guest eats: "nut-free",
/// "vegan". The name of a food alone does not, for that may be a wish.
pub(super) fn plain_instruction(request: &str) -> Option<(PreferenceGroup, PreferenceValue)> {
    let Reading::Instruction(group, value) = reading(request) else { return None };
    let folded = key(request);
    let core = Core::of(&folded);
    let says_so = core.avoided > 0 || core.allergic || core.diet().is_some();
    (says_so || SPEAK_FOR_THEMSELVES.contains(&core.text())).then_some((group, value))
}

/// The instruction where the text is the name of an allergen and nothing else.
pub(super) fn bare_allergen(text: &str) -> Option<(PreferenceGroup, PreferenceValue)> {
    let folded = key(text);
    let core = Core::of(&folded);
    core.allergen().filter(|_| !core.of_meal).map(|code| (code.group(), PreferenceValue::Coded(code)))
}

fn reading(part: &str) -> Reading {
    if denies(part) {
        return Reading::Nothing;
    }
    let folded = key(part);
    let core = Core::of(&folded);
    let text = core.text();
    if text.is_empty() || DENIALS.contains(&text) {
        return Reading::Nothing;
    }
    let names_food = core.avoided > 0 || core.allergic || !core.of_meal;
    // "No nut allergy" may mean either.
    let is_plain = core.avoided + usize::from(core.allergic) <= 1;
    if is_plain && names_food {
        if let Some(code) = core.allergen() {
            return Reading::Instruction(code.group(), PreferenceValue::Coded(code));
        }
        if forms(&text).any(|form| FOODS.contains(&form)) {
            return Reading::Instruction(PreferenceGroup::Dietary, PreferenceValue::Text(format!("No {text}")));
        }
    }
    if let Some(value) = core.diet()
        && core.avoided == 0
        && !core.allergic
    {
        return Reading::Instruction(PreferenceGroup::Dietary, value);
    }
    if tells_of_health(&folded) { Reading::Health } else { Reading::Unknown }
}

fn denies(text: &str) -> bool {
    if !text.chars().any(char::is_alphanumeric) {
        return true;
    }
    let folded = key(text);
    let mut words = folded.split(' ');
    DENIALS.contains(&folded)
        || (words.clone().any(|word| DENYING.contains(&word)) && words.all(|word| ABOUT_NOTHING.contains(word)))
}

/// The parts of an entry that names several things: "nuts and fish", "milk/eggs", "nuts (severe)".
fn parts(entry: &str) -> Vec<String> {
    let spaced = entry.replace(['/', '&', '+', '(', ')', '[', ']', '和', '及', '与'], " and ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words
        .split(|word| JOINERS.contains(&key(word).as_str()))
        .map(|words| words.join(" "))
        .filter(|part| !part.is_empty())
        .collect()
}

fn allergens_in(entry: &str) -> Vec<Code> {
    let folded = key(entry);
    let words: Vec<&str> = folded.split(' ').collect();
    let alone = words.iter().map(|word| (*word).to_owned());
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    alone.chain(pairs).filter_map(|words| forms(&words).find_map(|form| ALLERGENS.get(&form).copied())).collect()
}

/// A text without the words that stand around its matter, and what those say.
struct Core<'a> {
    words: Vec<&'a str>,
    avoided: usize,
    allergic: bool,
    of_meal: bool,
}

impl<'a> Core<'a> {
    fn of(folded: &'a str) -> Self {
        let words = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let mut core = Self { words, avoided: 0, allergic: false, of_meal: false };
        while !core.is_known() && core.strip() {}
        core
    }

    fn strip(&mut self) -> bool {
        let words = &self.words;
        let same = |words: &[&str], phrase: &[String]| words.iter().zip(phrase).all(|(word, other)| word == other);
        let fits = |phrase: &[String]| phrase.len() <= words.len();
        let before = BEFORE.iter().find(|(phrase, _)| fits(phrase) && same(&words[..phrase.len()], phrase));
        let after =
            || AFTER.iter().find(|(phrase, _)| fits(phrase) && same(&words[words.len() - phrase.len()..], phrase));
        let sense = match before {
            Some((phrase, sense)) => {
                self.words.drain(..phrase.len());
                *sense
            }
            None => {
                let Some((phrase, sense)) = after() else { return false };
                self.words.truncate(self.words.len() - phrase.len());
                *sense
            }
        };
        match sense {
            Sense::Allergy => self.allergic = true,
            Sense::Avoid => self.avoided += 1,
            Sense::Meal => self.of_meal = true,
            Sense::Degree => {}
        }
        true
    }

    fn text(&self) -> String {
        self.words.join(" ")
    }

    fn is_known(&self) -> bool {
        self.allergen().is_some() || self.diet().is_some() || forms(&self.text()).any(|form| FOODS.contains(&form))
    }

    fn allergen(&self) -> Option<Code> {
        forms(&self.text()).find_map(|form| ALLERGENS.get(&form).copied())
    }

    fn diet(&self) -> Option<PreferenceValue> {
        let text = self.text();
        if let Some(code) = DIETS.get(&text) {
            return Some(PreferenceValue::Coded(*code));
        }
        OTHER_DIETS.contains(&text).then(|| PreferenceValue::Text(capitalised(&text)))
    }
}

/// A word as it stands, and what it may be the plural of.
fn forms(text: &str) -> impl Iterator<Item = String> + use<> {
    let mut forms = vec![text.to_owned()];
    // German ice cream ("Eis") is not the plural of an egg ("Ei").
    if text.len() > 3 {
        for (plural, singular) in [("ies", "y"), ("es", ""), ("s", "")] {
            forms.extend(text.strip_suffix(plural).map(|stem| format!("{stem}{singular}")));
        }
    }
    forms.into_iter().filter(|form| !form.is_empty())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_IN_WORDS {
        return text.to_owned();
    }
    text.chars().take(MAX_IN_WORDS - 1).chain(['…']).collect()
}
