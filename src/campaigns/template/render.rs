//! A letter filled in for one guest. Whatever a profile holds, what leaves is one line of subject, HTML in
//! which it is text, and plain text.

use super::{
    Letter, Links, MAX_RENDERED, MAX_SUBJECT, Missing, PREFERENCES, Rendered, UNSUBSCRIBE, URL_VARIABLES, VARIABLES,
    check::{self, Stage},
    engine::{self, Language, Watched},
    text,
};
use minijinja::Value;
use std::collections::BTreeMap;

/// What stands for a letter's variables. One that is not there is missing.
pub type Values = BTreeMap<String, Value>;

/// Fills in a letter. `house` is the address of this installation without a slash at its end. Both of its parts lead
/// out of the letters: what the author wrote only for some guests must not leave the others without.
///
/// # Errors
/// What is missing for this guest; it concerns no other.
pub fn render(letter: &Letter, values: &Values, house: &str) -> Result<Rendered, Missing> {
    let ways = ways_out(values);
    let values = Watched::new(values.clone());
    let subject = one_line(&engine::fill(Language::Text, &letter.subject, &values)?);
    if subject.is_empty() {
        return Err(Missing::EmptySubject);
    }
    if subject.len() > 3 * MAX_SUBJECT {
        return Err(Missing::TooLarge);
    }
    // As it leaves: what is kept of a letter is what the guest reads.
    let subject: String = subject.chars().take(MAX_SUBJECT).collect();
    let html = engine::fill(Language::Html, &letter.html, &values)?;
    let text = text::tidy(&readable(&engine::fill(Language::Text, &letter.text, &values)?));
    if html.len() > MAX_RENDERED || text.len() > MAX_RENDERED {
        return Err(Missing::TooLarge);
    }
    let found = check::look(&html, Stage::FilledIn, Some(house));
    if let Some(fault) = found.faults.into_iter().next() {
        return Err(Missing::Forbidden(fault.what));
    }
    if let Some(telling) = made_up(found.foreign, &letter.html) {
        return Err(Missing::Forbidden(telling));
    }
    if !ways.iter().any(|way| found.links.contains(way)) || !ways.iter().any(|way| text.contains(way)) {
        return Err(Missing::NoWayOut);
    }
    let text = if letter.text_by_hand { text } else { text::broken(&text) };
    Ok(Rendered { subject, html, text })
}

/// Where guests say that they want no more letters: what stands for the variables that lead there.
pub(super) fn ways_out(values: &Values) -> Vec<String> {
    let ways = URL_VARIABLES.iter().filter_map(|name| values.get(*name)).map(ToString::to_string);
    ways.filter(|way| !way.is_empty()).collect()
}

/// The first of a filled-in letter's links to others that does not stand in the letter as it was written: it
/// is made of something that differs from guest to guest.
pub(super) fn made_up(foreign: Vec<String>, written: &str) -> Option<String> {
    foreign.into_iter().find(|link| !written.contains(link.as_str()))
}

/// A value of every variable, as it may stand in a letter in English. `house` is the address of this
/// installation without a slash at its end.
#[must_use]
pub fn examples(house: &str) -> Values {
    let value = |example: &str| example.parse::<u32>().map_or_else(|_| Value::from(example), Value::from);
    let mut values: Values =
        VARIABLES.iter().map(|variable| (variable.name.to_owned(), value(variable.example))).collect();
    let Links { unsubscribe, preferences } = Links::nowhere(house);
    values.insert(UNSUBSCRIBE.to_owned(), Value::from(unsubscribe));
    values.insert(PREFERENCES.to_owned(), Value::from(preferences));
    values
}

/// The text without what could end a line, hide in it or turn its direction around, in one line.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|&c| is_writable(c)).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same with its lines.
pub(super) fn readable(text: &str) -> String {
    text.chars().filter(|&c| c == '\n' || is_writable(c)).collect()
}

fn is_writable(c: char) -> bool {
    !c.is_control()
        && !turns_direction(c)
        && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
}

/// The embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9), with which a
/// name can read as another one.
pub(super) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{
        super::{HOUSE, compile},
        *,
    };

    fn letter(subject: &str, body: &str) -> Letter {
        let mjml = format!(
            "<mjml><mj-body><mj-section><mj-column><mj-text>{body}</mj-text><mj-text>\
             <a href=\"{{{{ unsubscribe_url }}}}\">No more</a></mj-text></mj-column></mj-section></mj-body></mjml>"
        );
        let compiled = compile(subject, &mjml, None, HOUSE).expect("compiles");
        Letter {
            language: "en".to_owned(),
            revision: 1,
            subject: subject.to_owned(),
            mjml,
            html: compiled.html,
            text: compiled.text,
            text_by_hand: false,
        }
    }

    fn with(pairs: &[(&str, &str)]) -> Values {
        let mut values = examples(HOUSE);
        values.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(one_line(value)))));
        values
    }

    #[test]
    fn a_letter_is_filled_in() {
        let letter = letter("For {{ address }}", "{{ dear }}, <a href=\"{{ unsubscribe_url }}\">stop</a>");
        let rendered = render(&letter, &examples(HOUSE), HOUSE).expect("renders");
        assert_eq!(rendered.subject, "For Mr Zhang");
        assert!(rendered.html.contains("Dear Mr Zhang, <a href=\"https://house.example/u/example\">stop</a>"));
        let link = "<https://house.example/u/example>";
        assert_eq!(rendered.text, format!("Dear Mr Zhang, stop {link}\n\nNo more {link}"));
    }

    #[test]
    fn a_name_never_becomes_a_header() {
        let letter = letter("For {{ first_name }}", "{{ first_name }}");
        for hostile in
            ["Wei\r\nBcc: all@house.example", "Wei\nBcc: all@house.example", "Wei\u{2028}Bcc: x", "Wei\u{85}Bcc: x"]
        {
            let rendered = render(&letter, &with(&[("first_name", hostile)]), HOUSE).expect("renders");
            assert!(rendered.subject.starts_with("For Wei Bcc:"), "{:?}", rendered.subject);
            assert!(!rendered.subject.chars().any(char::is_control));
        }
        // Even where a value comes that nobody cleaned.
        let mut values = examples(HOUSE);
        values.insert("first_name".to_owned(), Value::from("Wei\r\nBcc: x\u{0}\u{202e}"));
        let rendered = render(&letter, &values, HOUSE).expect_err("a control character is no text of HTML");
        assert!(matches!(rendered, Missing::Forbidden(_)));
        let subject_alone = self::letter("For {{ first_name }}", "x");
        assert_eq!(
            render(&subject_alone, &values, HOUSE).map(|rendered| rendered.subject).as_deref(),
            Ok("For Wei Bcc: x")
        );
    }

    #[test]
    fn a_name_never_becomes_markup() {
        let letter = letter(
            "For {{ last_name }}",
            "<p title=\"{{ last_name }}\">{{ last_name }} <a href=\"https://house.example/?n={{ last_name }}\">x</a></p>",
        );
        for hostile in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "' onmouseover='alert(1)",
            "</style></title><script>x</script>",
            "<!--[if mso]>x<![endif]-->",
            "]]>中>x",
            "{{ first_name }}{% for x in y %}",
            "javascript:alert(1)",
        ] {
            let rendered = render(&letter, &with(&[("last_name", hostile)]), HOUSE).expect(hostile);
            assert_eq!(check::check(&rendered.html, Stage::FilledIn, Some(HOUSE)), [], "{hostile}");
            assert!(!rendered.html.contains("<script") && !rendered.html.contains("<img"), "{hostile}");
            assert!(rendered.text.contains(hostile), "the plain text says it as it is: {}", rendered.text);
        }
    }

    #[test]
    fn nothing_turns_the_direction_around() {
        let letter = letter("For {{ first_name }}", "{{ first_name }}");
        let turned = "Wei\u{202e}gnahZ\u{202c}\u{2066}x\u{2069}\u{202a}\u{202b}\u{202d}\u{2067}\u{2068}";
        let rendered = render(&letter, &with(&[("first_name", turned)]), HOUSE).expect("renders");
        assert_eq!(rendered.subject, "For WeignahZx");
        for part in [rendered.subject, rendered.html, rendered.text] {
            assert!(!part.chars().any(turns_direction));
        }
    }

    #[test]
    fn what_is_missing_holds_this_letter_alone() {
        let letter = letter(
            "A letter",
            "{{ dear }}{% if remembered is defined %}, {{ remembered }}{% endif %} {{ native_name }}",
        );
        let mut values = examples(HOUSE);
        values.remove("remembered");
        assert!(render(&letter, &values, HOUSE).is_ok());
        values.remove("native_name");
        assert_eq!(render(&letter, &values, HOUSE), Err(Missing::Variable("native_name".to_owned())));
        let nameless = Letter { subject: "{{ first_name }}".to_owned(), ..letter };
        assert_eq!(render(&nameless, &with(&[("first_name", "\u{202e}")]), HOUSE), Err(Missing::EmptySubject));
    }

    #[test]
    fn what_leaves_has_a_limit() {
        let long = "a".repeat(MAX_RENDERED + 1);
        let letter = letter("A letter", "{{ remembered }}");
        assert_eq!(render(&letter, &with(&[("remembered", &long)]), HOUSE), Err(Missing::TooLarge));
        let endless = Letter { html: "{% for a in house %}".repeat(9) + &"{% endfor %}".repeat(9), ..letter };
        assert_eq!(render(&endless, &examples(HOUSE), HOUSE), Err(Missing::Endless));
    }

    #[test]
    fn a_subject_is_cut_and_has_a_limit() {
        let letter = letter("{{ remembered }}", "x");
        let subject = |text: &str| render(&letter, &with(&[("remembered", text)]), HOUSE).map(|letter| letter.subject);
        assert_eq!(subject(&"a".repeat(MAX_SUBJECT + 1)), Ok("a".repeat(MAX_SUBJECT)));
        assert_eq!(subject(&"a".repeat(3 * MAX_SUBJECT)), Ok("a".repeat(MAX_SUBJECT)));
        assert_eq!(subject(&"a".repeat(3 * MAX_SUBJECT + 1)), Err(Missing::TooLarge));
        assert_eq!(subject(&"张".repeat(MAX_SUBJECT)), Ok("张".repeat(MAX_SUBJECT)));
        assert_eq!(subject(&"张".repeat(MAX_SUBJECT + 1)), Err(Missing::TooLarge));
    }

    /// Letters that were kept before they were looked at for it.
    #[test]
    fn nothing_tells_others_who_reads() {
        for (html, telling) in [
            (
                "{% set unsubscribe_url = 'https://shop.example/?' ~ first_name %}<a href=\"{{ unsubscribe_url }}\">x</a>",
                "https://shop.example/?Wei",
            ),
            ("<a href=\"https://shop.example/?{{ first_name }}\">x</a>", "https://shop.example/?Wei"),
            ("<img src=\"https://pixel.example/1.png\" />", "https://pixel.example/1.png"),
        ] {
            let letter = Letter { html: html.to_owned(), ..letter("A letter", "x") };
            assert_eq!(render(&letter, &examples(HOUSE), HOUSE), Err(Missing::Forbidden(telling.to_owned())), "{html}");
        }
        let plain = "<a href=\"https://shop.example/?a=1&amp;b=2\">x</a><a href=\"{{ unsubscribe_url }}\">y</a>";
        let plain = Letter { html: plain.to_owned(), ..letter("A", "x") };
        assert!(render(&plain, &examples(HOUSE), HOUSE).is_ok());
    }

    #[test]
    fn a_letter_without_a_way_out_does_not_leave() {
        let for_some =
            |way: &str| format!("Dear {{{{ first_name }}}}{{% if first_name == 'Wei' %}} {way}{{% endif %}}");
        let link = "<a href=\"{{ unsubscribe_url }}\">x</a>";
        let whole = Letter {
            html: format!("<p>{link}</p>"),
            text: "Stop: {{ preferences_url }}".to_owned(),
            text_by_hand: true,
            ..Letter { subject: "A letter".to_owned(), ..Letter::default() }
        };
        let (wei, other) = (with(&[("first_name", "Wei")]), with(&[("first_name", "Ana")]));
        assert!(render(&whole, &other, HOUSE).is_ok(), "either of the two ways will do in either part");
        for letter in [
            Letter { html: for_some(link), ..whole.clone() },
            Letter { text: for_some("{{ unsubscribe_url }}"), ..whole.clone() },
        ] {
            assert!(render(&letter, &wei, HOUSE).is_ok());
            assert_eq!(render(&letter, &other, HOUSE), Err(Missing::NoWayOut), "{letter:?}");
        }
        // An address to read is no link, and a value that is empty leads nowhere.
        let named = Letter { html: "<p>{{ unsubscribe_url }}</p>".to_owned(), ..whole.clone() };
        assert_eq!(render(&named, &wei, HOUSE), Err(Missing::NoWayOut));
        let nowhere = with(&[(UNSUBSCRIBE, ""), (PREFERENCES, "")]);
        let bare = Letter { html: "<p>x</p>".to_owned(), ..whole };
        assert_eq!(render(&bare, &nowhere, HOUSE), Err(Missing::NoWayOut));
    }

    #[test]
    fn every_example_is_a_value() {
        assert_eq!(examples(HOUSE).len(), VARIABLES.len());
        assert_eq!(examples(HOUSE)["stays"], Value::from(3));
    }
}
