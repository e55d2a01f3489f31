//! What no letter may hold: anything that runs, sends, frames or calls home. Looked for in the compiled
//! letter, both with its variables and filled in, because that is what leaves.
//!
//! Elements are those that letters are made of and no others. Together with attributes that hold no `<`
//! this leaves a mail reader nothing to understand otherwise than it is understood here.

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
    "action", "archive", "cite", "classid", "codebase", "data", "dynsrc", "form", "formaction", "icon", "longdesc",
    "lowsrc", "manifest", "ping", "poster", "profile", "srcdoc", "srcset", "usemap", "xlink:href", "xml:base",
];
/// What a `meta` may stand in for. Ordered.
const HTTP_EQUIV: &[&str] = &["content-type", "x-ua-compatible"];
const IN_STYLES: [&str; 6] = ["expression(", "javascript:", "vbscript:", "@import", "-moz-binding", "&#"];

/// In what a letter is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Markup,
    Element,
    Attribute,
    Link,
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

/// What is wrong with a compiled letter.
pub(super) fn check(html: &str, stage: Stage) -> Vec<Fault> {
    let tamed = markup::tame(html);
    let mut faults = Faults { stage, found: Vec::new() };
    if let Some(at) = markup::not_conditional(&tamed) {
        faults.add(Kind::Markup, &tamed[at..]);
        return faults.found;
    }
    let mut element = String::new();
    let mut in_style = false;
    for token in markup::tokens(&tamed) {
        if faults.found.len() >= MOST {
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
                }
            }
            Ok(Token::Attribute { prefix, local, value, .. }) => {
                let name = full_name(prefix.as_str(), local.as_str());
                faults.attribute(&element, &name, value.map_or("", |value| value.as_str()));
            }
            Ok(Token::ElementEnd { end, .. }) => {
                in_style = !matches!(end, ElementEnd::Close(..)) && element == "style";
            }
            Ok(Token::Text { text }) => {
                if in_style && !faults.allows_style(text.as_str()) {
                    faults.add(Kind::Style, text.as_str());
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

struct Faults {
    stage: Stage,
    found: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, kind: Kind, what: &str) {
        let what = what.trim().chars().take(EXCERPT).collect();
        self.found.push(Fault { kind, what });
    }

    fn attribute(&mut self, element: &str, name: &str, value: &str) {
        let local = name.rsplit(':').next().unwrap_or(name);
        if local.starts_with("on") || FORBIDDEN_ATTRIBUTES.binary_search(&name).is_ok() {
            return self.add(Kind::Attribute, name);
        }
        // In a template a backslash is what the compiler makes of quotes and line ends within a value.
        if value.contains('<') || (self.stage == Stage::Template && value.contains('\\')) {
            return self.add(Kind::Markup, value);
        }
        match (element, name) {
            ("a", "href") if !is_link(value) => self.add(Kind::Link, value),
            ("a", "href") => {}
            ("img", "src") | (_, "background") if !is_picture(value) => self.add(Kind::Picture, value),
            ("img", "src") => {}
            (vml, "src") if vml.starts_with("v:") && is_picture(value) => {}
            (_, "href" | "src") => self.add(Kind::Attribute, name),
            (_, "style") if !self.allows_style(value) => self.add(Kind::Style, value),
            ("meta", "http-equiv") if HTTP_EQUIV.binary_search(&value.to_ascii_lowercase().as_str()).is_err() => {
                self.add(Kind::Attribute, value);
            }
            _ => {}
        }
    }

    fn allows_style(&self, css: &str) -> bool {
        let css = css.to_ascii_lowercase();
        if css.contains('\\') || IN_STYLES.iter().any(|word| css.contains(word)) {
            return false;
        }
        css.split("url(").skip(1).all(|after| {
            let address = after.split(')').next().unwrap_or_default();
            is_picture(address.trim().trim_matches(['"', '\'']).trim_start_matches("&quot;"))
        })
    }
}

/// Addresses of the web and of mailboxes, whose host is written out, and the variables that stand for one.
fn is_link(value: &str) -> bool {
    let value = value.trim();
    if let Some(name) = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        return URL_VARIABLES.contains(&name.trim());
    }
    match value.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => {
            has_host(rest)
        }
        Some((scheme, _)) => scheme.eq_ignore_ascii_case("mailto"),
        None => false,
    }
}

/// Whether what follows the scheme names a host that does not depend on anything.
fn has_host(rest: &str) -> bool {
    rest.strip_prefix("//").is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !host.contains(['{', '}', '%', '\\', '@', '&']) && !host.contains(char::is_whitespace)
    })
}

/// A picture is the same for everyone: an address that differs from guest to guest would count openings.
fn is_picture(value: &str) -> bool {
    let value = value.trim();
    let web = value.split_once(':').is_some_and(|(scheme, rest)| {
        (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")) && has_host(rest)
    });
    web && !value.contains("{{") && !value.contains("{%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(html: &str) -> Vec<Kind> {
        check(html, Stage::Template).into_iter().map(|fault| fault.kind).collect()
    }

    #[test]
    fn lists_are_ordered() {
        for list in [ELEMENTS, FORBIDDEN_ATTRIBUTES, HTTP_EQUIV] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn ordinary_letters_pass() {
        let html = "<!doctype html><html lang=\"en\"><head><title>{{ house }}</title><!--[if !mso]><!-->\
            <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\"><!--<![endif]--><style type=\"text/css\">\
            .a > .b { color: #123; background: url('https://house.example/p.png') }</style></head>\
            <body style=\"color:#1d211d;\"><!--[if mso | IE]><table role=\"presentation\"><tr><td><![endif]-->\
            <p>中 > 国 <a href=\"https://house.example/rooms?from={{ first_name }}\">x</a>\
            <a href=\"{{unsubscribe_url}}\">y</a><a href=\"MAILTO:desk@house.example\">z</a>\
            <img src=\"https://house.example/pictures/1\" alt=\"{{ house }}\" /></p>\
            <!--[if mso | IE]></td></tr></table><![endif]--></body></html>";
        assert_eq!(check(html, Stage::Template), []);
    }

    #[test]
    fn what_runs_sends_or_frames_is_refused() {
        for element in ["script", "SCRIPT", "iframe", "form", "input", "object", "embed", "link", "base", "svg", "math"]
        {
            assert_eq!(kinds(&format!("<p><{element} x=\"y\"></{element}></p>"))[..1], [Kind::Element], "{element}");
        }
        assert_eq!(kinds("<x:script>a</x:script>"), [Kind::Element]);
        for attribute in ["onclick", "ONERROR", "onload", "x:onclick", "srcset", "ping", "srcdoc", "formaction"] {
            assert_eq!(kinds(&format!("<p {attribute}=\"y\">x</p>")), [Kind::Attribute], "{attribute}");
        }
        assert_eq!(kinds("<meta http-equiv=\"refresh\" content=\"0;url=https://x.example\">"), [Kind::Attribute]);
        assert_eq!(kinds("<p href=\"https://x.example\">x</p>"), [Kind::Attribute]);
    }

    #[test]
    fn links_lead_to_the_web_or_a_mailbox() {
        for bad in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "JavaScript:alert(1)",
            "java&#115;cript:x",
            "data:text/html,x",
            "vbscript:x",
            "//x.example",
            "/page",
            "#top",
            "",
            "tel:+351",
            "https:",
            "https://",
            "{{ first_name }}",
            "https://{{ first_name }}/",
            "https://a.example&#64;b.example",
            "https://a@b.example",
            "{{ address }}",
            "{% if true %}javascript:x{% endif %}",
            "{{ unsubscribe_url }}{{ x }}",
            "{{ unsubscribe_url | e }}",
        ] {
            assert_eq!(kinds(&format!("<a href=\"{bad}\">x</a>")), [Kind::Link], "{bad}");
        }
    }

    #[test]
    fn pictures_are_the_same_for_everyone() {
        for bad in [
            "data:image/png;base64,x",
            "/pictures/1",
            "cid:1",
            "https://x.example/?who={{ first_name }}",
            "javascript:x",
        ] {
            assert_eq!(kinds(&format!("<img src=\"{bad}\" />")), [Kind::Picture], "{bad}");
            assert_eq!(kinds(&format!("<td background=\"{bad}\">x</td>")), [Kind::Picture], "{bad}");
            assert_eq!(kinds(&format!("<p style=\"background: URL('{bad}')\">x</p>")), [Kind::Style], "{bad}");
        }
        for bad in ["a{width:expression(alert(1))}", "@import 'https://x.example/a.css';", "a{b:\\75rl(x)}"] {
            assert_eq!(kinds(&format!("<style>{bad}</style>")), [Kind::Style], "{bad}");
        }
    }

    #[test]
    fn what_readers_may_understand_otherwise_is_refused() {
        for bad in [
            "<style><p title=\"</style><script>x</script>\"></p></style>",
            "<p><!-- x --></p>",
            "<p><!--><script>x</script>--></p>",
            "<p><![CDATA[x]]></p>",
            "<?php x ?>",
            "<a href=x>y</a>",
            "<p/onclick=x>",
            "<p title='\"'>x</p><p title=\"<\">x</p>",
            "<p title=\"\\\">x</p>",
            "< script>x",
            "<p title=\"x>y</p>",
        ] {
            assert!(!kinds(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn few_faults_are_told_of_many() {
        assert_eq!(kinds(&"<script></script>".repeat(500)).len(), MOST);
    }
}
