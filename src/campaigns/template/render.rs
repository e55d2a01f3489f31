//! A letter filled in for one guest. Whatever a profile holds, what leaves is one line of subject, HTML in
//! which it is text, and plain text.

use super::{
    Letter, MAX_RENDERED, Missing, Rendered, VARIABLES,
    check::{self, Stage},
    engine::{self, Language, Watched},
    text,
};
use crate::server::mail::LONGEST_SUBJECT;
use minijinja::Value;
use std::collections::BTreeMap;

/// What stands for a letter's variables. One that is not there is missing.
pub type Values = BTreeMap<String, Value>;

/// Fills in a letter.
///
/// # Errors
/// What is missing for this guest; it concerns no other.
pub fn render(letter: &Letter, values: &Values) -> Result<Rendered, Missing> {
    let values = Watched::new(values.clone());
    let subject = one_line(&engine::fill(Language::Text, &letter.subject, &values)?);
    // As it leaves: what is kept of a letter is what the guest reads.
    let subject: String = subject.chars().take(LONGEST_SUBJECT).collect();
    if subject.is_empty() {
        return Err(Missing::EmptySubject);
    }
    let html = engine::fill(Language::Html, &letter.html, &values)?;
    let text = text::tidy(&readable(&engine::fill(Language::Text, &letter.text, &values)?));
    if html.len() > MAX_RENDERED || text.len() > MAX_RENDERED {
        return Err(Missing::TooLarge);
    }
    if let Some(fault) = check::check(&html, Stage::FilledIn).into_iter().next() {
        return Err(Missing::Forbidden(fault.what));
    }
    let text = if letter.text_by_hand { text } else { text::broken(&text) };
    Ok(Rendered { subject, html, text })
}

/// A value of every variable, as it may stand in a letter in English.
#[must_use]
pub fn examples() -> Values {
    let value = |example: &str| example.parse::<u32>().map_or_else(|_| Value::from(example), Value::from);
    VARIABLES.iter().map(|variable| (variable.name.to_owned(), value(variable.example))).collect()
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
    use super::{super::compile, *};

    fn letter(subject: &str, body: &str) -> Letter {
        let mjml = format!(
            "<mjml><mj-body><mj-section><mj-column><mj-text>{body}</mj-text></mj-column></mj-section></mj-body></mjml>"
        );
        let compiled = compile(subject, &mjml, None).expect("compiles");
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
        let mut values = examples();
        values.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(one_line(value)))));
        values
    }

    #[test]
    fn a_letter_is_filled_in() {
        let letter = letter("For {{ address }}", "{{ dear }}, <a href=\"{{ unsubscribe_url }}\">stop</a>");
        let rendered = render(&letter, &examples()).expect("renders");
        assert_eq!(rendered.subject, "For Mr Zhang");
        assert!(rendered.html.contains("Dear Mr Zhang, <a href=\"https://house.example/u/example\">stop</a>"));
        assert_eq!(rendered.text, "Dear Mr Zhang, stop <https://house.example/u/example>");
    }

    #[test]
    fn a_name_never_becomes_a_header() {
        let letter = letter("For {{ first_name }}", "{{ first_name }}");
        for hostile in
            ["Wei\r\nBcc: all@house.example", "Wei\nBcc: all@house.example", "Wei\u{2028}Bcc: x", "Wei\u{85}Bcc: x"]
        {
            let rendered = render(&letter, &with(&[("first_name", hostile)])).expect("renders");
            assert!(rendered.subject.starts_with("For Wei Bcc:"), "{:?}", rendered.subject);
            assert!(!rendered.subject.chars().any(char::is_control));
        }
        // Even where a value comes that nobody cleaned.
        let mut values = examples();
        values.insert("first_name".to_owned(), Value::from("Wei\r\nBcc: x\u{0}\u{202e}"));
        let rendered = render(&letter, &values).expect_err("a control character is no text of HTML");
        assert!(matches!(rendered, Missing::Forbidden(_)));
        let subject_alone = self::letter("For {{ first_name }}", "x");
        assert_eq!(render(&subject_alone, &values).map(|rendered| rendered.subject).as_deref(), Ok("For Wei Bcc: x"));
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
            let rendered = render(&letter, &with(&[("last_name", hostile)])).expect(hostile);
            assert_eq!(check::check(&rendered.html, Stage::FilledIn), [], "{hostile}");
            assert!(!rendered.html.contains("<script") && !rendered.html.contains("<img"), "{hostile}");
            assert!(rendered.text.contains(hostile), "the plain text says it as it is: {}", rendered.text);
        }
    }

    #[test]
    fn nothing_turns_the_direction_around() {
        let letter = letter("For {{ first_name }}", "{{ first_name }}");
        let turned = "Wei\u{202e}gnahZ\u{202c}\u{2066}x\u{2069}\u{202a}\u{202b}\u{202d}\u{2067}\u{2068}";
        let rendered = render(&letter, &with(&[("first_name", turned)])).expect("renders");
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
        let mut values = examples();
        values.remove("remembered");
        assert!(render(&letter, &values).is_ok());
        values.remove("native_name");
        assert_eq!(render(&letter, &values), Err(Missing::Variable("native_name".to_owned())));
        let nameless = Letter { subject: "{{ first_name }}".to_owned(), ..letter };
        assert_eq!(render(&nameless, &with(&[("first_name", "\u{202e}")])), Err(Missing::EmptySubject));
    }

    #[test]
    fn what_leaves_has_a_limit() {
        let long = "a".repeat(MAX_RENDERED + 1);
        let letter = letter("A letter", "{{ remembered }}");
        assert_eq!(render(&letter, &with(&[("remembered", &long)])), Err(Missing::TooLarge));
        let endless = Letter { html: "{% for a in house %}".repeat(9) + &"{% endfor %}".repeat(9), ..letter };
        assert_eq!(render(&endless, &examples()), Err(Missing::Endless));
    }

    #[test]
    fn every_example_is_a_value() {
        assert_eq!(examples().len(), VARIABLES.len());
        assert_eq!(examples()["stays"], Value::from(3));
    }
}
