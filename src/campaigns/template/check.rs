//! What no letter may hold: anything that runs, sends, frames or calls home. Looked for in the compiled
//! letter, both with its variables and filled in, because that is what leaves.
//!
//! Elements are those that letters are made of and no others. Together with attributes that hold no `<`
//! this leaves a mail reader nothing to understand otherwise than it is understood here.
//!
//! Whoever serves a picture, or a page that a link leads to, learns who asked if its address tells one guest
//! from another. So pictures are the house's own, and links to others are the same for everyone.

use super::{URL_VARIABLES, markup};
use htmlparser::{ElementEnd, Token};

/// Most faults that are told of one letter.
const MOST: usize = 20;
/// Most characters of a fault that are repeated.
const EXCERPT: usize = 80;

/// Ordered.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "address", "b", "blockquote", "body", "br", "caption", "center", "cite", "code", "col", "colgroup",
    "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "hr", "html", "i", "img", "ins", "li", "meta", "noscript", "ol", "p", "pre", "q", "s", "small", "span", "strong",
    "style", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "u", "ul", "wbr", "xml",
];
/// What Outlook alone understands.
const PREFIXES: [&str; 3] = ["o", "v", "w"];
/// Attributes that fetch, send or run something, where no letter needs them. Ordered.
#[rustfmt::skip]
const FORBIDDEN_ATTRIBUTES: &[&str] = &[
    "action", "althref", "archive", "base", "cite", "classid", "codebase", "data", "dynsrc", "form", "formaction",
    "icon", "longdesc", "lowsrc", "manifest", "ping", "poster", "profile", "srcdoc", "srcset", "usemap",
];
/// What a `meta` may stand in for. Ordered.
const HTTP_EQUIV: &[&str] = &["content-type", "x-ua-compatible"];
/// What runs or fetches in a style beside `url(`, whose address is looked at.
#[rustfmt::skip]
const IN_STYLES: [&str; 9] = [
    "\\", "expression(", "javascript:", "vbscript:", "@import", "-moz-binding", "image(", "image-set(", "src(",
];
/// The characters that a style may write by their names: any other could be a bracket.
const IN_STYLES_BY_NAME: [&str; 2] = ["amp;", "quot;"];
/// Where the house serves the pictures of letters, after its own address.
const PICTURES: &str = "/media/";

/// In what a letter is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Markup,
    Element,
    Attribute,
    Link,
    /// To somebody else, with something of the guest's in it.
    TellingLink,
    Picture,
    Style,
}

impl Kind {
    /// The key of what would be accepted, in the translations.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Markup => "@letter_markup",
            Self::Element => "@letter_element",
            Self::Attribute => "@letter_attribute",
            Self::Link => "@letter_link",
            Self::TellingLink => "@letter_telling_link",
            Self::Picture => "@letter_picture",
            Self::Style => "@letter_style",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub kind: Kind,
    /// As it stands in the letter.
    pub what: String,
}

/// Whether the variables still stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Template,
    FilledIn,
}

/// What was found in a compiled letter.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub faults: Vec<Fault>,
    /// Where its links lead, as it stands in the letter.
    pub links: Vec<String>,
    /// Those of them that lead to somebody else's site.
    pub foreign: Vec<String>,
}

/// What is wrong with a compiled letter. See [`look`].
pub(super) fn check(html: &str, stage: Stage, house: Option<&str>) -> Vec<Fault> {
    look(html, stage, house).faults
}

/// Looks through a compiled letter. `house` is the address of this installation without a slash at its end;
/// without it, whose pictures and links they are is not looked at.
pub(super) fn look(html: &str, stage: Stage, house: Option<&str>) -> Found {
    let tamed = markup::tame(html);
    let mut faults = Looking { stage, house, found: Found::default() };
    if let Some(at) = markup::not_conditional(&tamed) {
        faults.add(Kind::Markup, &tamed[at..]);
        return faults.found;
    }
    let mut element = String::new();
    let mut in_style = false;
    for token in markup::tokens(&tamed) {
        if faults.found.faults.len() >= MOST {
            break;
        }
        match token {
            Ok(Token::ElementStart { prefix, local, span }) => {
                element = full_name(prefix.as_str(), local.as_str());
                let allowed = match prefix.as_str() {
                    "" => ELEMENTS.binary_search(&element.as_str()).is_ok(),
                    prefix => PREFIXES.contains(&prefix.to_ascii_lowercase().as_str()),
                };
                if !allowed {
                    faults.add(Kind::Element, span.as_str());
                } else if in_style {
                    // A mail reader reads on as style where this reader sees an element.
                    faults.add(Kind::Markup, span.as_str());
                }
            }
            Ok(Token::Attribute { prefix, local, value, .. }) => {
                let name = full_name(prefix.as_str(), local.as_str());
                faults.attribute(&element, &name, value.map_or("", |value| value.as_str()));
            }
            Ok(Token::ElementEnd { end, .. }) => {
                in_style = match end {
                    ElementEnd::Close(_, local) => in_style && !local.eq_ignore_ascii_case("style"),
                    ElementEnd::Open | ElementEnd::Empty => in_style || element == "style",
                };
            }
            Ok(Token::Text { text }) => {
                if in_style {
                    faults.style(text.as_str());
                }
            }
            Ok(Token::ConditionalCommentStart { .. } | Token::ConditionalCommentEnd { .. }) => {}
            // Comments among them: our compiler leaves them out, and readers disagree about where they end.
            Ok(other) => faults.add(Kind::Markup, other.span().as_str()),
            Err(error) => {
                let line = tamed.lines().nth(error.pos().row.saturating_sub(1) as usize).unwrap_or_default();
                let from_there = line.chars().skip(error.pos().col.saturating_sub(1) as usize);
                faults.add(Kind::Markup, &from_there.collect::<String>());
            }
        }
    }
    faults.found
}

fn full_name(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_ascii_lowercase() } else { format!("{prefix}:{local}").to_ascii_lowercase() }
}

struct Looking<'a> {
    stage: Stage,
    house: Option<&'a str>,
    found: Found,
}

impl Looking<'_> {
    fn add(&mut self, kind: Kind, what: &str) {
        let what = what.trim().chars().take(EXCERPT).collect();
        self.found.faults.push(Fault { kind, what });
    }

    fn attribute(&mut self, element: &str, name: &str, value: &str) {
        let local = name.rsplit(':').next().unwrap_or(name);
        if local.starts_with("on") || FORBIDDEN_ATTRIBUTES.binary_search(&local).is_ok() {
            return self.add(Kind::Attribute, name);
        }
        // In a template a backslash is what the compiler makes of quotes and line ends within a value.
        if value.contains('<') || (self.stage == Stage::Template && value.contains('\\')) {
            return self.add(Kind::Markup, value);
        }
        match (element, name) {
            ("a", "href") => self.link(value),
            ("img", "src") | (_, "background") => self.picture(value),
            (vml, "src") if vml.starts_with("v:") => self.picture(value),
            _ if matches!(local, "href" | "src") => self.add(Kind::Attribute, name),
            (_, "style") => self.style(value),
            ("meta", "http-equiv") if HTTP_EQUIV.binary_search(&value.to_ascii_lowercase().as_str()).is_err() => {
                self.add(Kind::Attribute, value);
            }
            _ => {}
        }
    }

    fn link(&mut self, value: &str) {
        let value = value.trim();
        if !is_link(value) {
            return self.add(Kind::Link, value);
        }
        self.found.links.push(value.to_owned());
        let is_foreign = self.house.is_some_and(|house| leads_elsewhere(value, house));
        if is_foreign && self.stage == Stage::Template && has_variable(value) {
            self.add(Kind::TellingLink, value);
        } else if is_foreign {
            self.found.foreign.push(value.to_owned());
        }
    }

    fn picture(&mut self, value: &str) {
        let value = value.trim();
        let is_own = |house: &str| {
            let name = value.strip_prefix(house).and_then(|rest| rest.strip_prefix(PICTURES)).unwrap_or_default();
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !self.house.map_or_else(|| host(value).is_some(), is_own) {
            self.add(Kind::Picture, value);
        }
    }

    fn style(&mut self, css: &str) {
        // As long as it was, byte for byte.
        let small = css.to_ascii_lowercase();
        let is_named = |at: usize| IN_STYLES_BY_NAME.iter().any(|name| small[at + 1..].starts_with(name));
        let unnamed = small.match_indices('&').map(|(at, _)| at).find(|&at| !is_named(at));
        let runs = IN_STYLES.iter().filter_map(|word| small.find(word));
        if let Some(at) = runs.chain(unnamed).min() {
            return self.add(Kind::Style, &css[at..]);
        }
        for (at, opening) in small.match_indices("url(") {
            let address = css[at + opening.len()..].split(')').next().unwrap_or_default().trim();
            let address = address.trim_matches(['"', '\'']);
            self.picture(address.trim_start_matches("&quot;").trim_end_matches("&quot;"));
        }
    }
}

/// Addresses of the web and of mailboxes, whose host is written out, and the variables that stand for one.
fn is_link(value: &str) -> bool {
    if let Some(name) = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        return URL_VARIABLES.contains(&name.trim());
    }
    host(value).is_some() || value.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"))
}

/// The host of an address of the web, with its port, if it does not depend on anything.
fn host(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let host = rest.strip_prefix("//")?.split(['/', '?', '#']).next().unwrap_or_default();
    let depends = host.contains(['{', '}', '%', '\\', '@', '&']) || host.contains(char::is_whitespace);
    (!host.is_empty() && !depends).then_some(host)
}

/// Whether an address of the web is somebody else's than the house's own.
pub(super) fn leads_elsewhere(address: &str, house: &str) -> bool {
    let own = host(house);
    host(address).is_some_and(|host| !own.is_some_and(|own| own.eq_ignore_ascii_case(host)))
}

/// The addresses of the web in plain text that are not the house's own: programs make links of them too.
pub(super) fn addresses_elsewhere(text: &str, house: &str) -> Vec<String> {
    let small = text.to_ascii_lowercase();
    // Sentences in Chinese end without a space.
    let goes_on =
        |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | '"') && (c.is_ascii() || c.is_alphanumeric());
    let addresses =
        ["http://", "https://"].into_iter().flat_map(|scheme| small.match_indices(scheme)).map(|(at, _)| {
            let rest = &text[at..];
            &rest[..rest.find(|c: char| !goes_on(c)).unwrap_or(rest.len())]
        });
    let own = host(house);
    let is_own = |address: &str| host(address).zip(own).is_some_and(|(host, own)| host.eq_ignore_ascii_case(own));
    addresses.filter(|address| !is_own(address)).map(str::to_owned).collect()
}

fn has_variable(value: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|opening| value.contains(opening))
}

#[cfg(test)]
mod tests;
