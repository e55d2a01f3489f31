//! The letters that a new campaign begins with: one for each occasion in each of the house's languages,
//! to be sent as they are or written anew.

use super::{Letter, compile};
use crate::campaigns::CampaignKind;

/// The languages in which there is a letter for every occasion.
pub const LANGUAGES: [&str; 3] = ["en", "es", "zh"];

/// The letters name no address of the house: whichever it is, they are the same.
const ANY_HOUSE: &str = "https://house.example";
/// What all of them share: paper, ink and a line of brass.
const FRAME: &str = include_str!("starters/frame.mjml");

/// The letters of a new campaign, compiled.
#[must_use]
pub fn starters(kind: CampaignKind) -> Vec<Letter> {
    LANGUAGES.map(|language| starter(kind, language)).into()
}

fn starter(kind: CampaignKind, language: &str) -> Letter {
    let (text, foot) = written(kind, language);
    // Its subject, what a list of messages shows beside it, and its paragraphs.
    let mut parts = text.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default().trim_matches('\n');
    let (subject, preview, body) = (part(), part(), part());
    let mjml = FRAME
        .replace("[[language]]", language)
        .replace("[[preview]]", preview)
        .replace("[[body]]", body)
        .replace("[[foot]]", foot.trim_end());
    #[allow(clippy::expect_used, reason = "they are part of the program, and a test compiles each of them")]
    let compiled = compile(subject, &mjml, None, ANY_HOUSE).expect("a letter of the house compiles");
    Letter {
        language: language.to_owned(),
        revision: 0,
        subject: subject.to_owned(),
        mjml,
        html: compiled.html,
        text: compiled.text,
        text_by_hand: false,
    }
}

/// What is said on an occasion, and what stands below every letter. English for other languages.
fn written(kind: CampaignKind, language: &str) -> (&'static str, &'static str) {
    macro_rules! letters {
        ($language:literal) => {{
            let text = match kind {
                CampaignKind::Birthday => include_str!(concat!("starters/birthday.", $language, ".mjml")),
                CampaignKind::Lapsed => include_str!(concat!("starters/lapsed.", $language, ".mjml")),
                CampaignKind::Anniversary => include_str!(concat!("starters/anniversary.", $language, ".mjml")),
                CampaignKind::ThankYou => include_str!(concat!("starters/thank_you.", $language, ".mjml")),
                CampaignKind::Offer => include_str!(concat!("starters/offer.", $language, ".mjml")),
                CampaignKind::OneOff => include_str!(concat!("starters/one_off.", $language, ".mjml")),
                CampaignKind::Expiring => include_str!(concat!("starters/expiring.", $language, ".mjml")),
                CampaignKind::Overdue => include_str!(concat!("starters/overdue.", $language, ".mjml")),
            };
            (text, include_str!(concat!("starters/foot.", $language, ".mjml")))
        }};
    }
    match language {
        "es" => letters!("es"),
        "zh" => letters!("zh"),
        _ => letters!("en"),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            HOUSE,
            check::{Stage, check},
            render,
            variables::tests::{full, links, sparse},
        },
        *,
    };

    #[test]
    fn every_occasion_has_a_letter_in_every_language() {
        for &kind in CampaignKind::ALL {
            let letters = starters(kind);
            let languages: Vec<_> = letters.iter().map(|letter| letter.language.as_str()).collect();
            assert_eq!(languages, LANGUAGES);
            for letter in &letters {
                let name = format!("{} {}", kind.code(), letter.language);
                let rendered = render(letter, &full(kind, &letter.language), HOUSE).expect(&name);
                let dear = full(kind, &letter.language)["dear"].to_string();
                for part in [&rendered.html, &rendered.text] {
                    assert!(part.contains(&dear), "{name}: {part}");
                    for said in ["The Cedars", "Clara Sousa", "General Manager", "the table by the window"] {
                        assert!(part.contains(said), "{name} says {said}: {part}");
                    }
                    assert!(part.contains(&links().unsubscribe) && part.contains(&links().preferences), "{name}");
                    for left in ["{{", "{%", "[["] {
                        assert!(!part.contains(left), "{name} has {left}: {part}");
                    }
                }
                assert!(rendered.html.contains(&format!("lang=\"{}\"", letter.language)), "{name}");
                assert!(!rendered.subject.is_empty() && rendered.subject.chars().count() <= 78, "{name}");
            }
        }
    }

    #[test]
    fn a_name_is_enough() {
        for &kind in CampaignKind::ALL {
            for letter in starters(kind) {
                let name = format!("{} {}", kind.code(), letter.language);
                let rendered = render(&letter, &sparse(kind, &letter.language), HOUSE).expect(&name);
                assert!(rendered.text.contains("Wei") && rendered.text.contains("The Cedars"), "{name}");
                assert!(!rendered.text.contains("\n\n\n"), "{name}: {}", rendered.text);
            }
        }
    }

    #[test]
    fn a_letter_reads_well_as_plain_text() {
        let letters = starters(CampaignKind::Lapsed);
        let english = render(&letters[0], &full(CampaignKind::Lapsed, "en"), HOUSE).expect("renders");
        let beginning = "The Cedars\n\nDear Mr Zhang,\n\nIt is three years since you last stayed with us, in March 2023, and the\nhouse has noticed.\n\n";
        assert!(english.text.starts_with(beginning), "{}", english.text);
        assert!(english.text.lines().all(|line| line.chars().count() <= 76), "{}", english.text);
        let chinese = render(&letters[2], &full(CampaignKind::Lapsed, "zh"), HOUSE).expect("renders");
        assert!(chinese.text.contains("尊敬的张先生：\n\n自您2023年3月离店，已有三年。"), "{}", chinese.text);
    }

    #[test]
    fn letters_say_what_ends_and_when_somebody_was_expected() {
        for (number, said) in [
            ["1200 of your points can be used until 12 May", "until 12 May: A bottle of port, Dinner for two."],
            [
                "1200 de sus puntos pueden usarse hasta el 12 de mayo",
                "hasta el 12 de mayo: A bottle of port, Dinner for two.",
            ],
            ["您的积分中有 1200 分可使用至5月12日", "有效期至5月12日：A bottle of port、Dinner for two。"],
        ]
        .into_iter()
        .enumerate()
        {
            let letter = &starters(CampaignKind::Expiring)[number];
            let rendered = render(letter, &full(CampaignKind::Expiring, &letter.language), HOUSE).expect("renders");
            let text = rendered.text.replace('\n', " ");
            assert!(said.into_iter().all(|said| text.contains(said)), "{text}");
        }
        for (number, said) in ["in March 2026,", "en marzo de 2026", "2026年3月"].into_iter().enumerate() {
            let letter = &starters(CampaignKind::Overdue)[number];
            let rendered = render(letter, &full(CampaignKind::Overdue, &letter.language), HOUSE).expect("renders");
            assert!(rendered.text.replace('\n', " ").contains(said), "{}", rendered.text);
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for &kind in CampaignKind::ALL {
            for letter in starters(kind) {
                assert_eq!(check(&letter.html, Stage::Template, Some(HOUSE)), []);
                for fetched in ["<img", "<link", "url(", "@import", "googleapis"] {
                    assert!(!letter.html.contains(fetched), "{fetched}");
                }
            }
        }
    }
}
