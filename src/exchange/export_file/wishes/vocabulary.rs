//! The words that bookings use for what a guest must not be served, may be served, or suffers from. They
//! stand here as people write them, and are compared folded.

use crate::guests::{PreferenceCode as Code, names::fold};
use std::{collections::HashMap, collections::HashSet, sync::LazyLock};

/// What a word around the name of a food says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// The guest does not tolerate it.
    Allergy,
    /// It is not to be served.
    Avoid,
    /// It is what is to be served, as in "halal meals" and "vegan only".
    Meal,
    /// How much, or nothing at all.
    Degree,
}

/// A table as it is looked up.
pub(super) type Table<T> = LazyLock<HashMap<String, T>>;

/// What allergies and intolerances come to. Coeliac disease is here because a food follows from it.
pub(super) static ALLERGENS: Table<Code> = LazyLock::new(|| {
    table(&[
        (
            Code::NoShellfish,
            "shellfish|crustacean|crustacea|prawn|shrimp|crab|lobster|langoustine|crayfish|marisco|crustáceo|\
             Schalentiere|Krustentiere|crevette|crustacé|虾|蟹|虾蟹|贝类|甲壳类",
        ),
        (
            Code::NoPeanuts,
            "peanut|groundnut|cacahuete|cacahuate|maní|Erdnuss|Erdnüsse|cacahuète|arachide|amendoim|花生",
        ),
        (
            Code::NoGluten,
            "gluten|glutenfree|glutenfrei|coeliac|celiac|celiaquía|celíaco|celíaca|Zöliakie|cœliaque|coeliaque|麸质|乳糜泻",
        ),
        (Code::NoLactose, "lactose|lactosa|Laktose|lactosefree|laktosefrei|乳糖"),
        (Code::NoSesame, "sesame|sesame seed|sésamo|ajonjolí|Sesam|gergelim|芝麻"),
        (
            Code::NoNuts,
            "nut|tree nut|treenut|fruto seco|frutos secos|nuez|nueces|Nuss|Nüsse|Schalenfrüchte|noix|fruits à coque|坚果",
        ),
        (
            Code::NoMilk,
            "milk|dairy|cow milk|cow's milk|leche|lácteo|Milch|Milchprodukte|lait|produits laitiers|leite|牛奶|奶制品|乳制品",
        ),
        (Code::NoEggs, "egg|huevo|Ei|Eier|œuf|oeuf|ovo|鸡蛋"),
        (Code::NoFish, "fish|pescado|Fisch|poisson|peixe|鱼"),
        (Code::NoSoya, "soya|soy|soybean|soya bean|soja|大豆|黄豆"),
        (Code::FeatherFree, "feather|down|pluma|Federn|plumes|羽毛"),
    ])
});

/// Conditions among the allergens: their names alone say that the guest does not tolerate something.
pub(super) static SPEAK_FOR_THEMSELVES: LazyLock<HashSet<String>> =
    LazyLock::new(|| set("coeliac|celiac|celiaquía|celíaco|celíaca|Zöliakie|cœliaque|coeliaque|乳糜泻"));

/// Other foods that guests are known not to tolerate or not to eat, in the singular.
pub(super) static FOODS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    set("seafood|mollusc|mollusk|mussel|oyster|clam|scallop|squid|octopus|celery|celeriac|mustard|lupin|sulphite|\
         sulfite|wheat|rye|barley|oat|corn|maize|rice|buckwheat|quinoa|yeast|almond|hazelnut|walnut|cashew|cashew nut|\
         pistachio|pecan|macadamia|brazil nut|chestnut|pine nut|coconut|kiwi|kiwi fruit|strawberry|raspberry|berry|\
         banana|apple|pear|peach|cherry|apricot|plum|mango|pineapple|melon|watermelon|avocado|citrus|citrus fruit|\
         orange|blood orange|lemon|lime|grapefruit|grape|fig|tomato|potato|aubergine|eggplant|pepper|bell pepper|\
         chilli|chili|onion|garlic|leek|mushroom|carrot|cucumber|spinach|bean|broad bean|fava bean|kidney bean|pea|\
         chickpea|lentil|legume|pork|beef|lamb|veal|chicken|poultry|turkey|duck|meat|red meat|gelatine|gelatin|cheese|\
         butter|cream|yoghurt|yogurt|whey|casein|sugar|fructose|salt|honey|chocolate|cocoa|coffee|caffeine|alcohol|\
         wine|cinnamon|vanilla|ginger|parsley|tuna|salmon|anchovy|poppy seed|sunflower seed|linseed|histamine|sorbitol|\
         aspartame")
});

/// Ways of eating that have a code. They say what to serve.
pub(super) static DIETS: Table<Code> = LazyLock::new(|| {
    table(&[
        (Code::Halal, "halal|清真"),
        (Code::Kosher, "kosher|koscher|casher"),
        (Code::Vegan, "vegan|vegano|vegana|végane|纯素|全素"),
        (
            Code::Vegetarian,
            "vegetarian|veggie|vegetariano|vegetariana|Vegetarier|vegetarisch|végétarien|végétarienne|素食|吃素",
        ),
        (Code::Pescatarian, "pescatarian|pescetarian|pescetariano|pescetariana"),
    ])
});

/// Ways of eating that have none.
pub(super) static OTHER_DIETS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    set("jain|jain vegetarian|hindu vegetarian|plant-based|lacto-vegetarian|ovo-vegetarian|lacto-ovo-vegetarian|\
         flexitarian|keto|ketogenic|paleo|macrobiotic|low-carb|low-salt|low-sodium|low-sugar|low-fat|low-FODMAP")
});

/// Words that say that there is nothing to say.
pub(super) static DENIALS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    set("no|none|nil|null|n|na|n/a|nothing|negative|not applicable|none known|nka|nkda|nkfa|0|keine|kein|nein|nichts|\
         keine bekannt|keine Allergien|keine bekannten Allergien|ninguna|ninguno|ninguna conocida|nada|no tiene|\
         sin alergias|sin alergias conocidas|aucune|aucun|néant|rien|pas d'allergie|pas d'allergies|nenhuma|nenhum|\
         sem alergias|nessuna|nessuno|geen|ingen|inga|brak|нет|无|無|没有|暂无|无过敏|没有过敏|\
         无已知过敏|无过敏史")
});

/// A text of these words alone denies too, where one of [`DENYING`] is among them.
pub(super) static ABOUT_NOTHING: LazyLock<HashSet<String>> = LazyLock::new(|| {
    set("no|none|not|nil|nothing|known|allergy|allergies|allergic|food|foods|diet|dietary|requirement|requirements|\
         restriction|restrictions|need|needs|special|specific|intolerance|intolerances|intolerant|reported|declared|\
         stated|specified|given|any|at|all|to|of|or|and|guest|has|have")
});

pub(super) const DENYING: &[&str] = &["no", "none", "not", "nil", "nothing"];

/// What stands before the name of a food, longest first.
pub(super) static BEFORE: LazyLock<Vec<(Vec<String>, Sense)>> = LazyLock::new(|| {
    phrases(&[
        (
            Sense::Allergy,
            "allergic to|allergic|allergy to|allergies to|allergy|allergies|food allergy|food allergies|intolerant to|\
             intolerant of|intolerance to|intolerance of|sensitive to|sensitivity to|anaphylactic to|anaphylaxis to|\
             alergia|alergias|alergia a|alergia al|alergia a la|alergia a los|alérgico a|alérgica a|alérgico al|\
             alérgica al|alérgico a la|alérgica a la|alérgico a los|alérgica a los|alérgico ao|alergia ao|\
             intolerancia a|intolerancia al|intolerancia a la|intolerante a|intolerante al|intolerante a la|Allergie|\
             Allergie gegen|allergisch gegen|allergique à|allergique au|allergique aux|allergie au|allergie aux|\
             allergie à|intolérant au|intolérant à|对",
        ),
        (
            Sense::Avoid,
            "no|without|avoid|avoids|must avoid|cannot eat|can not eat|can't eat|does not eat|doesn't eat|do not eat|\
             don't eat|do not serve|don't serve|free of|free from|sin|ohne|kein|keine|sans|sem|senza|不吃|不能吃|忌|无|免",
        ),
        (Sense::Meal, "diet|dietary requirements|eats"),
        (
            Sense::Degree,
            "severe|severely|serious|seriously|mild|mildly|slight|slightly|strong|strongly|very|highly|extremely|strict|\
             strictly|life-threatening|please|any|all|the|guest|guest is|guest has|is|has|he is|she is|he has|she has|\
             a|an|al|la|el|los|las|also|and|or",
        ),
    ])
});

/// What stands after it.
pub(super) static AFTER: LazyLock<Vec<(Vec<String>, Sense)>> = LazyLock::new(|| {
    phrases(&[
        (
            Sense::Allergy,
            "allergy|allergies|allergic|allergie|Allergien|anaphylaxis|intolerance|intolerances|intolerant|sensitivity|\
             Intoleranz|Unverträglichkeit|过敏|不耐受",
        ),
        (Sense::Avoid, "free|frei"),
        (Sense::Meal, "only|diet|food|foods|meal|meals|menu|menus|option|options"),
        (
            Sense::Degree,
            "please|severe|serious|mild|strict|strictly|product|products|protein|disease|condition|sufferer",
        ),
    ])
});

/// Words that part one food from another.
pub(super) const JOINERS: &[&str] = &["and", "or", "plus", "und", "oder", "et", "ou", "y", "e", "o"];

/// Parts of words in which a text speaks of an allergy. `guo min` and `bu nai shou` are the readings of the
/// Chinese words.
pub(super) const OF_ALLERGY: &[&str] =
    &["allerg", "alerg", "anaphyla", "intoleran", "coeliac", "celiac", "celiaq", "zoliakie", "guo min", "bu nai shou"];

/// Beginnings of words that name what a guest suffers from, what is done about it, or what no kitchen
/// serves: nothing of it is an instruction to those who do.
const ILLNESSES: &str = "\
    diabet|epilep|asthma|cancer|chemo|crohn|colitis|dialysis|cardiac|hypertens|cholesterol|transplant|surgery|\
    parkinson|alzheimer|dementia|autis|depress|bipolar|schizo|anorex|bulimi|addict|alcoholi|pregnan|embaraz|\
    schwanger|enceinte|wheelchair|disab|handicap|medic|insulin|epipen|inhaler|penicill|aspirin|ibuprofen|antibiotic|\
    codeine|morphine|latex|pollen|sting|perfume|fragrance|disease|syndrome|disorder|illness|patient|ulcer|reflux|\
    hepat|thyroid|tubercul|covid|migraine|phenylketon|favism|g6pd|huai yun|tang niao";

/// Words and phrases of the same kind that are the beginnings of others too.
const ILLNESSES_WHOLE: &str = "\
    hiv|aids|ibs|ibd|gout|adhd|anxiety|blind|deaf|pku|stroke|lupus|drug|drugs|pill|pills|nickel|dust|mould|mold|bee|\
    bees|wasp|wasps|cat|cats|dog|dogs|pet|pets|hay fever|blood pressure|blood thinners|heart condition|\
    heart disease|heart problem|kidney failure|kidney stones|kidney condition|kidney problem|liver condition|\
    eating disorder";

/// Whether a folded text names an illness, a condition or a medicine.
pub(super) fn tells_of_health(folded: &str) -> bool {
    const ENDINGS: &[&str] = &["itis", "osis", "aemia", "emia", "opathy"];
    let padded = format!(" {folded} ");
    ILLNESSES.split('|').any(|stem| padded.contains(&format!(" {stem}")))
        || ILLNESSES_WHOLE.split('|').any(|words| padded.contains(&format!(" {words} ")))
        || folded.split(' ').any(|word| word.len() > 6 && ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// A text as it is compared: folded, or in lower case where folding knows no letter of its script.
pub(super) fn key(text: &str) -> String {
    let folded = fold(text);
    if folded.is_empty() { text.trim().to_lowercase() } else { folded }
}

fn table<T: Copy>(rows: &[(T, &str)]) -> HashMap<String, T> {
    rows.iter().flat_map(|(value, words)| words.split('|').map(move |word| (key(word), *value))).collect()
}

fn set(words: &str) -> HashSet<String> {
    words.split('|').map(key).collect()
}

fn phrases(rows: &[(Sense, &str)]) -> Vec<(Vec<String>, Sense)> {
    let split = |phrase: &str| key(phrase).split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut phrases: Vec<_> =
        rows.iter().flat_map(|(sense, words)| words.split('|').map(move |phrase| (split(phrase), *sense))).collect();
    phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    phrases
}
