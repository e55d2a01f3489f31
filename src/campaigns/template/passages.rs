//! The words of a letter that has been filled in, one passage for each piece of text between its tags, so
//! that its signer can change them and nothing else.

use super::{
    check,
    markup::{self, decoded},
    render::{one_line, readable},
    text,
};
use crate::ui::escaped;
use htmlparser::{ElementEnd, Token};
use std::ops::Range;

/// The words of a letter in their order. What is not read out (its title, its styles) is not among them.
#[must_use]
pub fn passages(html: &str) -> Vec<String> {
    let tamed = markup::tame(html);
    ranges(&tamed).into_iter().map(|at| one_line(&decoded(&tamed[at]))).collect()
}

/// The letter with other words, as many as it has passages; `None` where they are not, or where it would
/// hold what no letter may.
#[must_use]
pub fn with_passages(html: &str, words: &[String]) -> Option<String> {
    let tamed = markup::tame(html);
    let ranges = ranges(&tamed);
    if ranges.len() != words.len() {
        return None;
    }
    let mut changed = String::with_capacity(tamed.len());
    let mut copied = 0;
    for (at, words) in ranges.into_iter().zip(words) {
        let words = one_line(words);
        let before = &tamed[at.clone()];
        // As it was, to the letter, where nothing was changed.
        if one_line(&decoded(before)) == words {
            continue;
        }
        changed.push_str(&tamed[copied..at.start]);
        let spaced = |wanted: bool| if wanted { " " } else { "" };
        changed.push_str(spaced(before.starts_with(char::is_whitespace)));
        changed.push_str(&escaped(&words));
        changed.push_str(spaced(before.ends_with(char::is_whitespace)));
        copied = at.end;
    }
    changed.push_str(&tamed[copied..]);
    // Where it leads and what it shows was looked at when it was filled in, and is no part of its words.
    check::check(&changed, check::Stage::FilledIn, None).is_empty().then_some(changed)
}

/// The first words that are read of a link to an address with this in it; `None` where there are none. What Outlook
/// alone shows does not count.
#[must_use]
pub fn words_of_link(html: &str, within: &str) -> Option<String> {
    let tamed = markup::tame(html);
    if markup::not_conditional(&tamed).is_some() {
        return None;
    }
    let (mut is_link, mut leads_there, mut is_within) = (false, false, false);
    let mut outlook = 0_usize;
    for token in markup::tokens(&tamed).flatten() {
        match token {
            Token::ElementStart { local, .. } => {
                is_link = local.eq_ignore_ascii_case("a");
                leads_there = false;
            }
            Token::Attribute { local, value: Some(value), .. } if is_link && local.eq_ignore_ascii_case("href") => {
                leads_there = decoded(value.as_str()).contains(within);
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } if is_link => is_within = leads_there,
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } if local.eq_ignore_ascii_case("a") => {
                is_within = false;
            }
            Token::ConditionalCommentStart { condition, .. } if !condition.as_str().contains('!') => outlook += 1,
            Token::ConditionalCommentEnd { .. } => outlook = outlook.saturating_sub(1),
            Token::Text { text } if is_within && outlook == 0 => {
                let words = one_line(&decoded(text.as_str()));
                if words.chars().any(char::is_alphanumeric) {
                    return Some(words);
                }
            }
            _ => {}
        }
    }
    None
}

/// Plain text as it may leave, with its lines.
#[must_use]
pub fn plain(words: &str) -> String {
    text::tidy(&readable(&words.replace("\r\n", "\n")))
}

fn ranges(tamed: &str) -> Vec<Range<usize>> {
    if markup::not_conditional(tamed).is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut element = String::new();
    let mut silent = 0_usize;
    let is_silent = |name: &str| matches!(name, "head" | "style" | "title" | "xml");
    // What Outlook alone reads is not shown to the others.
    let mut outlook = 0_usize;
    for token in markup::tokens(tamed).flatten() {
        match token {
            Token::ElementStart { local, .. } => element = local.to_ascii_lowercase(),
            Token::ElementEnd { end: ElementEnd::Open, .. } if is_silent(&element) => silent += 1,
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } if is_silent(&local.to_ascii_lowercase()) => {
                silent = silent.saturating_sub(1);
            }
            Token::ConditionalCommentStart { condition, .. } if !condition.as_str().contains('!') => outlook += 1,
            Token::ConditionalCommentEnd { .. } => outlook = outlook.saturating_sub(1),
            Token::Text { text }
                if silent == 0 && outlook == 0 && decoded(text.as_str()).chars().any(char::is_alphanumeric) =>
            {
                found.push(text.range());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        super::{HOUSE, examples},
        *,
    };
    use crate::campaigns::template::{self, Letter};

    const LETTER: &str = "<!doctype html><html><head><title>For you</title><style>p { color: red }</style></head>\
        <body><p>Dear Mr Zhang &amp; family,</p> <p>the house <b>misses</b> you.</p><p> </p></body></html>";

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&words| words.to_owned()).collect()
    }

    #[test]
    fn the_words_of_a_letter_are_what_is_read() {
        assert_eq!(passages(LETTER), ["Dear Mr Zhang & family,", "the house", "misses", "you."]);
    }

    #[test]
    fn other_words_stay_where_the_words_were() {
        let own = passages(LETTER);
        assert_eq!(with_passages(LETTER, &own).as_deref(), Some(LETTER), "nothing was changed");
        let changed = words(&["Dear Wei,", "all of us", "miss", "you <b>& \"yours\"</b>."]);
        let letter = with_passages(LETTER, &changed).expect("a letter");
        assert!(letter.contains("<p>Dear Wei,</p>"), "{letter}");
        assert!(letter.contains("all of us <b>miss</b> you &lt;b&gt;&amp; &quot;yours&quot;&lt;/b&gt;."), "{letter}");
        assert_eq!(passages(&letter), changed, "and read back as they were written");
    }

    #[test]
    fn a_link_is_known_by_its_words() {
        let letter = "<!doctype html><html><body><a href=\"https://house.example/\">Home</a><!--[if mso]>\
            <a href=\"https://house.example/u/token\">Outlook</a><![endif]--><a href=\"https://house.example/u/token\">\
            <b> &#183; </b><i>No  more</i></a></body></html>";
        assert_eq!(words_of_link(letter, "token").as_deref(), Some("No more"));
        assert_eq!(words_of_link(letter, "another"), None);
        let changed = words(&["Home", ""]);
        let letter = with_passages(letter, &changed).expect("a letter");
        assert!(letter.contains("/u/token"), "the link itself is no word: {letter}");
        assert_eq!(words_of_link(&letter, "token"), None, "{letter}");
    }

    #[test]
    fn words_are_never_markup() {
        for hostile in ["</p><script>alert(1)</script>", "<!--", "]]>", "&lt;script&gt;", "a\u{202e}b\r\nc"] {
            let changed = words(&[hostile, "the house", "misses", "you."]);
            let letter = with_passages(LETTER, &changed).expect("a letter");
            assert!(!letter.contains("<script") && !letter.contains('\u{202e}'), "{letter}");
        }
        assert_eq!(with_passages(LETTER, &words(&["one"])), None);
    }

    #[test]
    fn compiled_letters_can_be_edited() {
        let mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>{{ dear }}, welcome <i>back</i>.</mj-text>\
            <mj-button href=\"https://house.example/\">The house</mj-button><mj-text>\
            <a href=\"{{ unsubscribe_url }}\">Stop</a></mj-text></mj-column></mj-section></mj-body></mjml>";
        let compiled = template::compile("For {{ address }}", mjml, None, HOUSE).expect("compiles");
        let letter = Letter {
            subject: "For {{ address }}".to_owned(),
            html: compiled.html,
            text: compiled.text,
            ..Letter::default()
        };
        let html = template::render(&letter, &examples(HOUSE), HOUSE).expect("renders").html;
        assert_eq!(passages(&html), ["Dear Mr Zhang, welcome", "back", "The house", "Stop"]);
        let changed = words(&["Dear Wei, how good to have you", "back", "Come in", "No more"]);
        let letter = with_passages(&html, &changed).expect("a letter");
        assert_eq!(passages(&letter), changed);
    }
}
