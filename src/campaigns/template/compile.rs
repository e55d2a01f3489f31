//! From a letter as it is written to one that can be filled in: MJML to HTML and plain text, with
//! everything that is wrong with it told at once.

use super::{
    MAX_RENDERED, MAX_SUBJECT, MAX_TEMPLATE, Origin, Values,
    check::{self, Fault, Found, Kind, Stage},
    engine::{self, Language, Watched},
    markup, origin_of,
    render::{self, ways_out},
    text,
};
use crate::error::{FieldError, Problem};
use htmlparser::{ElementEnd, Token};
use mrml::prelude::{parser, render::RenderOptions};
use std::collections::HashMap;

/// Elements within elements. What reads them calls itself for each.
const MAX_DEPTH: usize = 40;
/// What leads out of a letter and out of its plain text, as somebody may write it who has forgotten it.
const WAY_OUT: &str = "<a href=\"{{ unsubscribe_url }}\">…</a>";
const WAY_OUT_OF_TEXT: &str = "{{ unsubscribe_url }}";

/// A letter that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    pub html: String,
    pub text: String,
}

/// Compiles a letter. `text` is the plain text where somebody wrote it by hand; without it, it is made
/// from the letter. `house` is the address of this installation without a slash at its end: pictures are its
/// own, and what differs from guest to guest leads nowhere else.
///
/// # Errors
/// Everything that is wrong with the fields `subject`, `mjml` and `text`, with the lines where it stands.
pub fn compile(subject: &str, mjml: &str, text: Option<&str>, house: &str) -> Result<Compiled, Vec<FieldError>> {
    let known = render::examples(house);
    let mut errors = refused("subject", subject_problems(subject, &known));
    let by_hand = text.map(text::tidy);
    errors.extend(by_hand.as_deref().map_or_else(Vec::new, |text| refused("text", text_problems(text, &known, house))));
    let html = match body(mjml, &known, house) {
        Ok(html) => html,
        Err(problems) => {
            errors.extend(refused("mjml", problems));
            return Err(errors);
        }
    };
    let text = by_hand.unwrap_or_else(|| {
        let made = text::from_mjml(&markup::tame(mjml));
        errors.extend(refused("text", text_problems(&made, &known, house)));
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

fn subject_problems(subject: &str, known: &Values) -> Vec<Problem> {
    if subject.trim().is_empty() {
        return vec![Problem::Empty];
    }
    if subject.chars().count() > MAX_SUBJECT {
        return vec![Problem::TooLong(MAX_SUBJECT)];
    }
    if subject.chars().any(|c| c.is_control() || render::turns_direction(c)) {
        return vec![Problem::BadCharacter];
    }
    engine::problems(Language::Text, subject, known).into_iter().map(|(_, problem)| problem).collect()
}

fn text_problems(text: &str, known: &Values, house: &str) -> Vec<Problem> {
    if text.is_empty() {
        return vec![Problem::Empty];
    }
    if text.len() > MAX_TEMPLATE {
        return vec![Problem::TooLarge(MAX_TEMPLATE)];
    }
    let problems = engine::problems(Language::Text, text, known);
    if !problems.is_empty() {
        return problems.into_iter().map(at_line).collect();
    }
    let fill = |values: &Values| engine::fill(Language::Text, text, &Watched::new(values.clone()));
    let foreign = fill(known).map_or_else(|_| Vec::new(), |filled| check::addresses_elsewhere(&filled, house));
    if let Some(what) = render::made_up(foreign, text) {
        return vec![Problem::NotKnown(excerpt(&what), Kind::TellingLink.expected().to_owned())];
    }
    let leads_out =
        |values: &Values| fill(values).map_or(true, |filled| ways_out(known).iter().any(|way| filled.contains(way)));
    if leads_out(known) && leads_out(&least(known)) {
        Vec::new()
    } else {
        vec![Problem::NoWayOut(WAY_OUT_OF_TEXT.to_owned())]
    }
}

/// What is known of guests of whom no more is known than their profile. A letter for which that is too little
/// holds them, and says nothing wrong to them.
fn least(known: &Values) -> Values {
    let is_there = |name: &str| matches!(origin_of(name), Some(Origin::Always | Origin::Profile));
    known.iter().filter(|(name, _)| is_there(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The HTML of a letter, in which its variables still stand.
fn body(mjml: &str, known: &Values, house: &str) -> Result<String, Vec<Problem>> {
    if mjml.trim().is_empty() {
        return Err(vec![Problem::Empty]);
    }
    if mjml.len() > MAX_TEMPLATE {
        return Err(vec![Problem::TooLarge(MAX_TEMPLATE)]);
    }
    // As it was written, so that the lines are those of the editor.
    let problems = engine::problems(Language::Text, mjml, known);
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
    no_faults(mjml, check::check(&html, Stage::Template, Some(house)))?;
    let filled = engine::fill(Language::Html, &html, &Watched::new(known.clone()))
        .map_err(|missing| vec![Problem::Unreadable(missing.to_string())])?;
    if filled.len() > MAX_RENDERED {
        return Err(vec![Problem::TooLarge(MAX_RENDERED)]);
    }
    let Found { faults, links, foreign } = check::look(&filled, Stage::FilledIn, Some(house));
    no_faults(mjml, faults)?;
    if let Some(what) = render::made_up(foreign, &html) {
        no_faults(mjml, vec![Fault { kind: Kind::TellingLink, what: excerpt(&what) }])?;
    }
    let leads_out = |links: &[String]| ways_out(known).iter().any(|way| links.contains(way));
    let least_filled = engine::fill(Language::Html, &html, &Watched::new(least(known)));
    let always =
        least_filled.map_or(true, |filled| leads_out(&check::look(&filled, Stage::FilledIn, Some(house)).links));
    if !always || !leads_out(&links) {
        return Err(vec![Problem::NoWayOut(WAY_OUT.to_owned())]);
    }
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
mod tests;
