//! The plain text of a letter that nobody wrote by hand: what a reader without pictures and colours sees,
//! with the variables still in it.
//!
//! It is made from the letter as it was written and not as compiled: that is tables within tables, out of
//! which a reader of HTML moves whatever text stands between their rows, and with it the conditions and
//! loops of the template.

use super::markup;
use html2text::{config, render::TextDecorator};
use htmlparser::{ElementEnd, Token};

/// Lines are as long as their paragraphs; they are broken when the letter is filled in, when one knows how
/// long they are.
const NO_WIDTH: usize = 1 << 20;
/// Most characters of a line of text that was not written by hand.
const LINE: usize = 76;

/// The plain text of MJML that has been found in order.
pub(super) fn from_mjml(tamed: &str) -> String {
    let html = simple(tamed);
    // A reader that can make nothing of it leaves nothing, and then the author is asked for the text.
    let text = config::with_decorator(Plain::default())
        .unicode_strikeout(false)
        .string_from_read(html.as_bytes(), NO_WIDTH)
        .unwrap_or_default();
    let lines: Vec<_> = text.lines().map(|line| line.replace('\u{a0}', " ").trim().to_owned()).collect();
    tidy(&lines.join("\n"))
}

/// The same letter as paragraphs and links.
fn simple(tamed: &str) -> String {
    let mut html = String::with_capacity(tamed.len());
    let mut element = String::new();
    let mut kept = Vec::new();
    // Within how many elements that are not read out.
    let mut silent = 0_usize;
    for token in markup::tokens(tamed).flatten() {
        match token {
            Token::ElementStart { local, .. } => {
                element = local.to_ascii_lowercase();
                kept.clear();
            }
            Token::Attribute { local, value: Some(value), .. } => {
                let name = local.to_ascii_lowercase();
                if matches!(name.as_str(), "href" | "alt" | "src") {
                    kept.push((name, value.as_str()));
                }
            }
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                let name = local.to_ascii_lowercase();
                if is_silent(&name) {
                    silent = silent.saturating_sub(1);
                } else if silent == 0 {
                    html.push_str(closing(&name));
                }
            }
            Token::ElementEnd { end, .. } => {
                if is_silent(&element) {
                    silent += usize::from(end == ElementEnd::Open);
                } else if silent == 0 {
                    opening(&mut html, &element, &kept);
                    if end == ElementEnd::Empty {
                        html.push_str(closing(&element));
                    }
                }
            }
            Token::Text { text } if silent == 0 => html.push_str(text.as_str()),
            _ => {}
        }
    }
    html
}

fn is_silent(element: &str) -> bool {
    matches!(element, "mj-head" | "head" | "style" | "title" | "script")
}

fn opening(html: &mut String, element: &str, attributes: &[(String, &str)]) {
    let attribute = |html: &mut String, name: &str| {
        if let Some((_, value)) = attributes.iter().find(|(kept, _)| kept == name) {
            // It stood within one kind of quotes or the other, so it can hold the other kind.
            html.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
        }
    };
    match plain_name(element) {
        Plainly::Button => {
            html.push_str("<p><a");
            attribute(html, "href");
        }
        Plainly::Picture => {
            html.push_str("<p><img");
            attribute(html, "alt");
            attribute(html, "src");
        }
        Plainly::Cell | Plainly::Inline => return,
        Plainly::As(name) => {
            html.push('<');
            html.push_str(name);
            if name == "a" {
                attribute(html, "href");
            }
            if name == "img" {
                attribute(html, "alt");
                attribute(html, "src");
            }
        }
    }
    html.push('>');
}

fn closing(element: &str) -> &'static str {
    match plain_name(element) {
        Plainly::Button => "</a></p>",
        Plainly::Picture => "</p>",
        Plainly::Cell => " ",
        Plainly::Inline | Plainly::As("br" | "img") => "",
        Plainly::As(name) => CLOSED.iter().find(|(known, _)| *known == name).map_or("</div>", |(_, end)| *end),
    }
}

enum Plainly {
    Button,
    Picture,
    /// Of a table, whose rows become lines.
    Cell,
    /// Read as if it were not there.
    Inline,
    As(&'static str),
}

/// Elements that mean something in plain text, with their ends.
#[rustfmt::skip]
const CLOSED: &[(&str, &str)] = &[
    ("a", "</a>"), ("b", "</b>"), ("blockquote", "</blockquote>"), ("em", "</em>"), ("h1", "</h1>"), ("h2", "</h2>"),
    ("h3", "</h3>"), ("h4", "</h4>"), ("i", "</i>"), ("li", "</li>"), ("ol", "</ol>"), ("p", "</p>"),
    ("strong", "</strong>"), ("ul", "</ul>"),
];

fn plain_name(element: &str) -> Plainly {
    match element {
        "mj-button" => Plainly::Button,
        "mj-image" => Plainly::Picture,
        "mj-text" => Plainly::As("p"),
        "br" => Plainly::As("br"),
        "img" => Plainly::As("img"),
        "td" | "th" => Plainly::Cell,
        "abbr" | "cite" | "code" | "del" | "font" | "ins" | "q" | "s" | "small" | "span" | "sub" | "sup" | "u" => {
            Plainly::Inline
        }
        _ => Plainly::As(CLOSED.iter().find(|(name, _)| *name == element).map_or("div", |(name, _)| *name)),
    }
}

/// Links with their addresses behind them, pictures by what they show; nothing else is marked.
#[derive(Debug, Clone, Default)]
struct Plain {
    address: String,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        url.clone_into(&mut self.address);
        (String::new(), ())
    }
    fn decorate_link_end(&mut self) -> String {
        format!(" <{}>", std::mem::take(&mut self.address))
    }
    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) {}
    fn decorate_preformat_cont(&self) {}
    fn decorate_image(&mut self, _: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }
    fn header_prefix(&self, _: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "* ".to_owned()
    }
    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }
    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
    fn decorate_superscript_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_superscript_end(&self) -> String {
        String::new()
    }
}

/// Text without spaces at its lines' ends and with one empty line at most between others.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !tidied.is_empty() {
            tidied.push_str(if empty == 0 { "\n" } else { "\n\n" });
        }
        empty = 0;
        tidied.push_str(line);
    }
    tidied
}

/// The same text in lines of 76 characters, broken at spaces alone; what has no space stays whole.
pub(super) fn broken(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(break_line).collect();
    lines.join("\n")
}

fn break_line(line: &str) -> String {
    let mut broken = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for word in line.split(' ') {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > LINE {
            broken.push('\n');
            length = 0;
        } else if !broken.is_empty() {
            broken.push(' ');
            length += 1;
        }
        broken.push_str(word);
        length += word_length;
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> String {
        let mjml = format!(
            "<mjml><mj-head><mj-title>Not this</mj-title><mj-preview>nor this</mj-preview>\
             <mj-style>p > b {{ color: red }}</mj-style></mj-head><mj-body>\n{body}\n</mj-body></mjml>"
        );
        from_mjml(&markup::tame(&mjml))
    }

    #[test]
    fn paragraphs_links_and_conditions_keep_their_order() {
        let letter = "<mj-section><mj-column>\n<mj-text>{{ dear }},</mj-text>\n{% if remembered is defined %}\n\
            <mj-text>We remember <b>{{ remembered }}</b>.<br/>Do you?</mj-text>\n{% endif %}\n\
            <mj-button href=\"https://house.example/?a=1&amp;b=2\">Our rooms</mj-button>\
            <mj-text>Yours &amp; <em>ours</em> <a href='{{ unsubscribe_url }}'>Stop</a></mj-text>\
            </mj-column></mj-section>";
        assert_eq!(
            text(letter),
            "{{ dear }},\n\n{% if remembered is defined %}\n\nWe remember {{ remembered }}.\nDo you?\n\n{% endif %}\n\n\
             Our rooms <https://house.example/?a=1&b=2>\n\nYours & ours Stop <{{ unsubscribe_url }}>"
        );
    }

    #[test]
    fn tables_pictures_and_lists_are_read_out() {
        let found = text(
            "<mj-table><tr><th>Room</th><td>904</td></tr>{% for c in house %}<tr><td>{{ c }}</td></tr>{% endfor %}\
             </mj-table><mj-image src=\"https://h.example/1\" alt=\"The garden\" /><mj-divider />\
             <mj-text><ul><li>tea</li><li>eggs</li></ul></mj-text><mj-spacer height=\"20px\" />",
        );
        let (table, rest) = found.split_once("{% endfor %}").expect("the loop");
        assert!(table.starts_with("Room 904") && table.contains("{% for c in house %}"), "{found}");
        assert!(table.find("{% for") < table.find("{{ c }}"), "{found}");
        assert!(rest.contains("The garden") && rest.contains("* tea\n* eggs"), "{found}");
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        let text = broken(&format!("{} end\n\nshort", "word ".repeat(30).trim_end()));
        assert!(text.lines().all(|line| line.chars().count() <= LINE && !line.ends_with(' ')), "{text}");
        assert_eq!(text.replace('\n', " "), format!("{} end  short", "word ".repeat(30).trim_end()));
        let link = format!("Stop <https://house.example/{}>", "a".repeat(200));
        assert_eq!(broken(&link), link.replacen(' ', "\n", 1));
        assert_eq!(broken(&"张".repeat(200)), "张".repeat(200));
    }

    #[test]
    fn empty_lines_are_single() {
        assert_eq!(tidy("\n\na  \n\n\n\nb\nc\n\n"), "a\n\nb\nc");
    }
}
