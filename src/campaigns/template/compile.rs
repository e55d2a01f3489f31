//! From a letter as it is written to one that can be filled in: MJML to HTML and plain text, with
//! everything that is wrong with it told at once.

use super::{
    MAX_RENDERED, MAX_SUBJECT, MAX_TEMPLATE,
    check::{self, Fault, Stage},
    engine::{self, Language, Watched},
    markup, render, text,
};
use crate::error::{FieldError, Problem};
use htmlparser::{ElementEnd, Token};
use mrml::prelude::{parser, render::RenderOptions};
use std::collections::HashMap;

/// Elements within elements. What reads them calls itself for each.
const MAX_DEPTH: usize = 40;

/// A letter that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    pub html: String,
    pub text: String,
}

/// Compiles a letter. `text` is the plain text where somebody wrote it by hand; without it, it is made
/// from the letter.
///
/// # Errors
/// Everything that is wrong with the fields `subject`, `mjml` and `text`, with the lines where it stands.
pub fn compile(subject: &str, mjml: &str, text: Option<&str>) -> Result<Compiled, Vec<FieldError>> {
    let mut errors = refused("subject", subject_problems(subject));
    let by_hand = text.map(text::tidy);
    errors.extend(by_hand.as_deref().map_or_else(Vec::new, |text| refused("text", text_problems(text))));
    let html = match body(mjml) {
        Ok(html) => html,
        Err(problems) => {
            errors.extend(refused("mjml", problems));
            return Err(errors);
        }
    };
    let text = by_hand.unwrap_or_else(|| {
        let made = text::from_mjml(&markup::tame(mjml));
        errors.extend(refused("text", text_problems(&made)));
        made
    });
    if errors.is_empty() { Ok(Compiled { html, text }) } else { Err(errors) }
}

fn refused(field: &str, problems: Vec<Problem>) -> Vec<FieldError> {
    problems.into_iter().map(|problem| FieldError { field: field.to_owned(), problem }).collect()
}

fn at_line((line, problem): (usize, Problem)) -> Problem {
    Problem::AtLine(line, Box::new(problem))
}

fn subject_problems(subject: &str) -> Vec<Problem> {
    if subject.trim().is_empty() {
        return vec![Problem::Empty];
    }
    if subject.chars().count() > MAX_SUBJECT {
        return vec![Problem::TooLong(MAX_SUBJECT)];
    }
    if subject.chars().any(|c| c.is_control() || render::turns_direction(c)) {
        return vec![Problem::BadCharacter];
    }
    engine::problems(Language::Text, subject, &render::examples()).into_iter().map(|(_, problem)| problem).collect()
}

fn text_problems(text: &str) -> Vec<Problem> {
    if text.is_empty() {
        return vec![Problem::Empty];
    }
    if text.len() > MAX_TEMPLATE {
        return vec![Problem::TooLarge(MAX_TEMPLATE)];
    }
    engine::problems(Language::Text, text, &render::examples()).into_iter().map(at_line).collect()
}

/// The HTML of a letter, in which its variables still stand.
fn body(mjml: &str) -> Result<String, Vec<Problem>> {
    if mjml.trim().is_empty() {
        return Err(vec![Problem::Empty]);
    }
    if mjml.len() > MAX_TEMPLATE {
        return Err(vec![Problem::TooLarge(MAX_TEMPLATE)]);
    }
    // As it was written, so that the lines are those of the editor.
    let problems = engine::problems(Language::Text, mjml, &render::examples());
    if !problems.is_empty() {
        return Err(problems.into_iter().map(at_line).collect());
    }
    let one = |problem| vec![at_line(problem)];
    let tamed = markup::tame(mjml);
    in_order(&tamed).map_err(one)?;
    let html = render_mjml(&tamed).map_err(one)?;
    if html.len() > MAX_RENDERED {
        return Err(vec![Problem::TooLarge(MAX_RENDERED)]);
    }
    no_faults(mjml, check::check(&html, Stage::Template))?;
    let filled = engine::fill(Language::Html, &html, &Watched::new(render::examples()))
        .map_err(|missing| vec![Problem::Unreadable(missing.to_string())])?;
    if filled.len() > MAX_RENDERED {
        return Err(vec![Problem::TooLarge(MAX_RENDERED)]);
    }
    no_faults(mjml, check::check(&filled, Stage::FilledIn))?;
    Ok(html)
}

/// Whether the markup can be read at all, and by a reader that calls itself.
fn in_order(tamed: &str) -> Result<(), (usize, Problem)> {
    let unreadable = |what: &str| Problem::NotKnown(excerpt(what), "@letter_markup".to_owned());
    if let Some(at) = markup::not_a_comment(tamed) {
        return Err((markup::line_at(tamed, at), unreadable(&tamed[at..])));
    }
    let mut depth = 0_usize;
    let mut is_void = false;
    for token in markup::tokens(tamed) {
        match token {
            Ok(Token::ElementStart { local, .. }) => is_void = markup::is_void(local.as_str()),
            Ok(Token::ElementEnd { end: ElementEnd::Open, span }) if !is_void => {
                depth += 1;
                if depth > MAX_DEPTH {
                    let problem = Problem::NotKnown(MAX_DEPTH.to_string() + "+", "@letter_depth".to_owned());
                    return Err((markup::line_at(tamed, span.start()), problem));
                }
            }
            Ok(Token::ElementEnd { end: ElementEnd::Close(..), .. }) => depth = depth.saturating_sub(1),
            Ok(_) => {}
            Err(error) => {
                let line = error.pos().row as usize;
                return Err((line, unreadable(tamed.lines().nth(line.saturating_sub(1)).unwrap_or_default())));
            }
        }
    }
    Ok(())
}

fn render_mjml(tamed: &str) -> Result<String, (usize, Problem)> {
    // The default options include nothing from elsewhere.
    let parsed = mrml::parse_with_options(tamed, &parser::ParserOptions::default()).map_err(|error| {
        let line = line_of(tamed, &error);
        let written = tamed.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        (line, Problem::NotKnown(excerpt(written), "@letter_mjml".to_owned()))
    })?;
    // No fonts: they would be fetched from elsewhere, which would learn who reads. No comments: readers
    // disagree about where they end.
    let options = RenderOptions { disable_comments: true, social_icon_origin: None, fonts: HashMap::new() };
    parsed.element.render(&options).map_err(|error| (1, Problem::Unreadable(error.to_string())))
}

fn line_of(tamed: &str, error: &parser::Error) -> usize {
    match error {
        parser::Error::UnexpectedElement { position, .. }
        | parser::Error::UnexpectedToken { position, .. }
        | parser::Error::MissingAttribute { position, .. }
        | parser::Error::InvalidAttribute { position, .. }
        | parser::Error::InvalidFormat { position, .. }
        | parser::Error::IncludeLoaderError { position, .. } => markup::line_at(tamed, position.start),
        parser::Error::ParserError { source, .. } => source.pos().row as usize,
        parser::Error::EndOfStream { .. } => markup::line_at(tamed, tamed.trim_end().len()),
        parser::Error::SizeLimit { .. } | parser::Error::NoRootNode => 1,
    }
}

/// Faults of the compiled letter, with the lines on which what is at fault was written.
fn no_faults(mjml: &str, faults: Vec<Fault>) -> Result<(), Vec<Problem>> {
    if faults.is_empty() {
        return Ok(());
    }
    let written = mjml.to_ascii_lowercase();
    let told = faults.into_iter().map(|Fault { kind, what }| {
        let at = written.find(&what.to_ascii_lowercase());
        let problem = Problem::NotKnown(what, kind.expected().to_owned());
        match at {
            Some(at) => at_line((markup::line_at(mjml, at), problem)),
            None => problem,
        }
    });
    Err(told.collect())
}

fn excerpt(text: &str) -> String {
    text.trim().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(body: &str) -> String {
        format!(
            "<mjml>\n<mj-body>\n<mj-section><mj-column>\n<mj-text>{body}</mj-text>\n</mj-column></mj-section>\n\
             </mj-body>\n</mjml>"
        )
    }

    /// The problems of the letter itself.
    fn problems(mjml: &str) -> Vec<Problem> {
        let errors = compile("A letter", mjml, None).expect_err("it is refused");
        errors.into_iter().filter(|error| error.field == "mjml").map(|error| error.problem).collect()
    }

    fn expected(mjml: &str) -> Vec<(Option<usize>, String)> {
        let expected = |problem| match problem {
            Problem::NotKnown(_, expected) => expected,
            other => other.to_string(),
        };
        problems(mjml)
            .into_iter()
            .map(|problem| match problem {
                Problem::AtLine(line, problem) => (Some(line), expected(*problem)),
                other => (None, expected(other)),
            })
            .collect()
    }

    #[test]
    fn variables_are_kept_through() {
        let body = "{{ dear }},{% if stays > 2 %} again 中 > 国{% endif %} <a href=\"{{ unsubscribe_url }}\">x</a>";
        let compiled = compile("For {{ address }}", &letter(body), None).expect("compiles");
        for kept in ["{{ dear }},{% if stays > 2 %}", "href=\"{{ unsubscribe_url }}\""] {
            assert!(compiled.html.contains(kept), "{}", compiled.html);
        }
        assert_eq!(compiled.text, "{{ dear }},{% if stays > 2 %} again 中 > 国{% endif %} x <{{ unsubscribe_url }}>");
        assert!(!compiled.html.contains("fonts.googleapis.com"));
    }

    #[test]
    fn text_by_hand_stays_as_it_is() {
        let compiled = compile("A", &letter("x"), Some("\n{{ dear }},\n\nby hand\n")).expect("compiles");
        assert_eq!(compiled.text, "{{ dear }},\n\nby hand");
        let errors = compile("A", &letter("x"), Some("a\n{{ deer }}")).expect_err("it is refused");
        assert!(
            matches!(&errors[..], [FieldError { field, problem: Problem::AtLine(2, _) }] if field == "text"),
            "{errors:?}"
        );
    }

    #[test]
    fn every_field_is_told_of_at_once() {
        let errors = compile("", &letter("{{ deer }}"), Some(" ")).expect_err("it is refused");
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["subject", "text", "mjml"]);
    }

    #[test]
    fn subjects_are_one_line() {
        for bad in ["a\r\nBcc: x@y.example", "a\nb", "a\u{0}b", "a\u{202e}b", "a\u{2066}b"] {
            let errors = compile(bad, &letter("x"), None).expect_err("it is refused");
            assert_eq!(errors, [FieldError { field: "subject".to_owned(), problem: Problem::BadCharacter }]);
        }
        let long = compile(&"a".repeat(MAX_SUBJECT + 1), &letter("x"), None).expect_err("it is refused");
        assert_eq!(long[0].problem, Problem::TooLong(MAX_SUBJECT));
        assert!(compile(&"张".repeat(MAX_SUBJECT), &letter("x"), None).is_ok());
    }

    #[test]
    fn large_letters_are_refused() {
        assert_eq!(problems(&letter(&"a".repeat(1 << 20))), [Problem::TooLarge(MAX_TEMPLATE)]);
        // Small as it is written and large as it is compiled.
        let many = "<mj-text/>".repeat(20_000);
        let mjml = format!("<mjml><mj-body><mj-section><mj-column>{many}</mj-column></mj-section></mj-body></mjml>");
        assert_eq!(problems(&mjml), [Problem::TooLarge(MAX_RENDERED)]);
    }

    #[test]
    fn deep_letters_are_refused_before_anything_calls_itself() {
        let deep = format!("{}x{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
        assert_eq!(expected(&letter(&deep)), [(Some(4), "@letter_depth".to_owned())]);
        assert!(compile("A", &letter(&"<br>".repeat(2_000)), Some("x")).is_ok());
    }

    #[test]
    fn what_is_forbidden_is_told_with_its_line() {
        for (body, kind) in [
            ("\n<script>alert(1)</script>", "@letter_element"),
            ("\n<iframe src=\"https://x.example\"></iframe>", "@letter_element"),
            ("\n<p onclick=\"alert(1)\">x</p>", "@letter_attribute"),
            ("\n<a href=\"javascript:alert(1)\">x</a>", "@letter_link"),
            ("\n<a href=\"{{ first_name }}\">x</a>", "@letter_link"),
            ("\n<img src=\"https://x.example/?{{ last_name }}\" alt=\"\" />", "@letter_picture"),
            ("\n<p style=\"background:url(javascript:x)\">x</p>", "@letter_style"),
            ("\n<![if mso]>x", "@letter_markup"),
            ("\n<p title=x>x</p>", "@letter_markup"),
            ("\n<p title='a \"b\"'>x</p>", "@letter_markup"),
        ] {
            let found = expected(&letter(body));
            assert!(found.iter().any(|(_, expected)| expected == kind), "{body}: {found:?}");
            if kind != "@letter_markup" {
                assert_eq!(found[0].0, Some(5), "{body}: {found:?}");
            }
        }
    }

    #[test]
    fn classes_and_conditions_open_no_gap() {
        let class = "<mjml><mj-body><mj-section css-class='x\" onload=\"alert(1)'></mj-section></mj-body></mjml>";
        assert!(expected(class).iter().any(|(_, expected)| expected == "@letter_attribute"));
        // Without variables it is a title and some text; filled in, the title ends where the text has quotes.
        let cut = "<i title=\"a{% if false %}\">x{% endif %}\" onclick=\"alert(1)\">y</i>";
        assert_eq!(expected(&letter(cut)), [(Some(4), "@letter_attribute".to_owned())]);
    }

    #[test]
    fn nothing_is_included_from_elsewhere() {
        let include = "<mjml><mj-body>\n<mj-include path=\"/etc/passwd\" /></mj-body></mjml>";
        assert_eq!(expected(include), [(Some(2), "@letter_mjml".to_owned())]);
        for bad in ["<mjml><mj-body>", "<p>x</p>", "x", "<mjml><mj-body></mj-section></mj-body></mjml>"] {
            assert!(!problems(bad).is_empty(), "{bad}");
        }
        let font = "<mjml><mj-head><mj-font name=\"X\" href=\"https://x.example/a.css\" /></mj-head><mj-body><mj-section>\
            <mj-column><mj-text font-family=\"X\">x</mj-text></mj-column></mj-section></mj-body></mjml>";
        assert!(expected(font).iter().any(|(_, expected)| expected == "@letter_element"));
        let typed_wrong = "<mjml><mj-body><mj-section>\n<mj-colum>x</mj-colum></mj-section></mj-body></mjml>";
        assert_eq!(expected(typed_wrong), [(Some(2), "@letter_element".to_owned())]);
    }
}
