//! Links whose use is counted. They are the exception: only where the house turned counting on and the
//! guest agreed to it, and never those by which a guest says what he wants to hear of.

use super::{Links, markup};
use crate::campaigns::HousePolicy;
use htmlparser::{ElementEnd, Token};
use std::ops::Range;

/// The filled-in letter with its links to the web leading through the house, which counts and sends on.
/// `through` makes the address that stands for a link: its number in the letter, from 0, and where it
/// leads. Without the house's policy or the guest's agreement the letter stays as it is.
#[must_use]
pub fn counted(
    html: String,
    policy: &HousePolicy,
    guest_agreed: bool,
    own: &Links,
    through: impl Fn(usize, &str) -> String,
) -> String {
    if !policy.count_links || !guest_agreed {
        return html;
    }
    let tamed = markup::tame(&html);
    let mut counted = String::with_capacity(tamed.len() + 256);
    let mut copied = 0;
    for (number, link) in of(&tamed, own).into_iter().enumerate() {
        counted.push_str(&tamed[copied..link.at.start]);
        counted.push_str(&encoded(&through(number, &link.target)));
        copied = link.at.end;
    }
    counted.push_str(&tamed[copied..]);
    counted
}

/// Where the links of a filled-in letter lead that can be counted, in their order: what the numbers stand
/// for.
#[must_use]
pub fn targets(html: &str, own: &Links) -> Vec<String> {
    of(&markup::tame(html), own).into_iter().map(|link| link.target).collect()
}

struct Link {
    /// Of the value of its `href`.
    at: Range<usize>,
    target: String,
}

fn of(tamed: &str, own: &Links) -> Vec<Link> {
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
                let target = decoded(value.as_str().trim());
                let is_web = target.split_once(':').is_some_and(|(scheme, _)| {
                    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
                });
                if is_web && target != own.unsubscribe && target != own.preferences {
                    links.push(Link { at: value.range(), target });
                }
            }
            _ => {}
        }
    }
    links
}

/// The characters that stand for themselves in no attribute, as letters write them.
const ENTITIES: [(&str, &str); 7] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#x27;", "'"),
    ("&#39;", "'"),
    ("&#x2f;", "/"),
    // Last, so that nothing is read twice.
    ("&amp;", "&"),
];

fn decoded(value: &str) -> String {
    ENTITIES.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn encoded(address: &str) -> String {
    let mut encoded = address.replace('&', "&amp;");
    for (entity, character) in [ENTITIES[0], ENTITIES[1], ENTITIES[2], ENTITIES[3]] {
        encoded = encoded.replace(character, entity);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "<!doctype html><html><body><p>中 > 国 <a href=\"https://house.example/rooms?a=1&amp;b=2\">x</a>\
        <a class=\"y\" HREF='http://house.example/spa'>y</a><a href=\"mailto:desk@house.example\">z</a>\
        <a href=\"https://house.example/u/t\">stop</a><a href=\"https://house.example/preferences/t\">choose</a>\
        <img src=\"https://house.example/p.png\"></p></body></html>";

    fn own() -> Links {
        Links {
            unsubscribe: "https://house.example/u/t".to_owned(),
            preferences: "https://house.example/preferences/t".to_owned(),
        }
    }

    fn on() -> HousePolicy {
        HousePolicy { count_links: true, ..HousePolicy::default() }
    }

    fn through(number: usize, target: &str) -> String {
        format!("https://house.example/l/t?n={number}&to={}", target.len())
    }

    #[test]
    fn nothing_is_counted_without_both() {
        for (policy, agreed) in [(HousePolicy::default(), true), (on(), false), (HousePolicy::default(), false)] {
            assert_eq!(counted(LETTER.to_owned(), &policy, agreed, &own(), through), LETTER);
        }
        let opens_alone = HousePolicy { count_opens: true, ..HousePolicy::default() };
        assert_eq!(counted(LETTER.to_owned(), &opens_alone, true, &own(), through), LETTER);
    }

    #[test]
    fn links_to_the_web_lead_through_the_house() {
        assert_eq!(targets(LETTER, &own()), ["https://house.example/rooms?a=1&b=2", "http://house.example/spa"]);
        let html = counted(LETTER.to_owned(), &on(), true, &own(), through);
        let expected = LETTER
            .replace("中 > 国", "中 &gt; 国")
            .replace("https://house.example/rooms?a=1&amp;b=2", "https://house.example/l/t?n=0&amp;to=35")
            .replace("http://house.example/spa", "https://house.example/l/t?n=1&amp;to=24");
        assert_eq!(html, expected);
    }

    #[test]
    fn addresses_are_read_as_they_were_written() {
        for address in ["https://x.example/?a=1&b='\"<2>\"", "https://x.example/&amp;lt;"] {
            let html = format!("<a href=\"{}\">x</a>", encoded(address));
            assert_eq!(targets(&html, &own()), [address]);
            assert_eq!(counted(html.clone(), &on(), true, &own(), |_, target| target.to_owned()), html);
        }
    }
}
