//! Links whose use is counted. They are the exception: only where the house turned counting on and the
//! guest agreed to it, and never those by which a guest says what he wants to hear of.

use super::{check, markup};
use crate::ui::escaped;
use htmlparser::{ElementEnd, Token};
use std::ops::Range;

/// The filled-in letter with its links to other sites leading through the house, which counts and sends on.
/// Those to the house itself stay, and with them those by which a guest says what he wants to hear of. `house`
/// is the address of this installation without a slash at its end; `through` makes the address that stands for
/// a link, from its number in the letter, from 0, and where it leads. A link for which it makes none stays.
#[must_use]
pub fn counted(html: &str, house: &str, through: impl Fn(usize, &str) -> Option<String>) -> String {
    let tamed = markup::tame(html);
    let mut counted = String::with_capacity(tamed.len() + 256);
    let mut copied = 0;
    for (number, link) in of(&tamed, house).into_iter().enumerate() {
        let Some(address) = through(number, &link.target) else { continue };
        counted.push_str(&tamed[copied..link.at.start]);
        counted.push_str(&escaped(&address));
        copied = link.at.end;
    }
    counted.push_str(&tamed[copied..]);
    counted
}

struct Link {
    /// Of the value of its `href`.
    at: Range<usize>,
    target: String,
}

fn of(tamed: &str, house: &str) -> Vec<Link> {
    if markup::not_conditional(tamed).is_some() {
        return Vec::new();
    }
    let mut links = Vec::new();
    let mut in_anchor = false;
    for token in markup::tokens(tamed).flatten() {
        match token {
            Token::ElementStart { prefix, local, .. } => {
                in_anchor = prefix.is_empty() && local.eq_ignore_ascii_case("a");
            }
            Token::ElementEnd { end: ElementEnd::Open | ElementEnd::Empty, .. } => in_anchor = false,
            Token::Attribute { prefix, local, value: Some(value), .. }
                if in_anchor && prefix.is_empty() && local.eq_ignore_ascii_case("href") =>
            {
                let target = markup::decoded(value.as_str().trim()).into_owned();
                if check::leads_elsewhere(&target, house) {
                    links.push(Link { at: value.range(), target });
                }
            }
            _ => {}
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::{super::HOUSE, *};

    const LETTER: &str = "<!doctype html><html><body><p>中 > 国 <a href=\"https://spa.example/rooms?a=1&amp;b=2\">x</a>\
        <a class=\"y\" HREF='http://shop.example/'>y</a><a href=\"mailto:desk@house.example\">z</a>\
        <a href=\"https://house.example/u/t\">stop</a><a href=\"https://house.example/preferences/t\">choose</a>\
        <img src=\"https://house.example/media/1\"></p></body></html>";

    fn through(number: usize, target: &str) -> Option<String> {
        Some(format!("https://house.example/l/t?n={number}&to={}", target.len()))
    }

    #[test]
    fn links_to_others_lead_through_the_house() {
        let expected = LETTER
            .replace("中 > 国", "中 &gt; 国")
            .replace("https://spa.example/rooms?a=1&amp;b=2", "https://house.example/l/t?n=0&amp;to=33")
            .replace("http://shop.example/", "https://house.example/l/t?n=1&amp;to=20");
        let counted_once = counted(LETTER, HOUSE, through);
        assert_eq!(counted_once, expected);
        assert_eq!(counted(&counted_once, HOUSE, through), expected, "what leads through it does so once");
        assert_eq!(counted(LETTER, HOUSE, |_, _| None), LETTER.replace("中 > 国", "中 &gt; 国"));
    }

    #[test]
    fn an_address_leads_where_a_reader_of_the_letter_would_go() {
        for (written, address) in [
            ("https://caf&eacute;.example/&#x61;&sol;b?c=1&amp;d&equals;2", "https://café.example/a/b?c=1&d=2"),
            ("https://x.example/?a=1&copy=2", "https://x.example/?a=1&copy=2"),
        ] {
            let html = format!("<a href=\"{written}\">x</a>");
            let led = counted(&html, HOUSE, |_, target| {
                assert_eq!(target, address);
                Some("https://house.example/l/t".to_owned())
            });
            assert_eq!(led, "<a href=\"https://house.example/l/t\">x</a>", "{written}");
        }
    }

    #[test]
    fn addresses_are_read_as_they_were_written() {
        for address in ["https://x.example/?a=1&b='\"<2>\"", "https://x.example/&amp;lt;"] {
            let html = format!("<a href=\"{}\">x</a>", escaped(address));
            let same = counted(&html, HOUSE, |number, target| {
                assert_eq!((number, target), (0, address));
                Some(target.to_owned())
            });
            assert_eq!(same, html);
        }
    }
}
