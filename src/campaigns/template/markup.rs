//! Reading markup token by token. The reader slices text without looking where its characters begin, and
//! gives up the thread on a conditional comment that it does not know; nothing reaches it that would make
//! it do either.

use htmlparser::Tokenizer;
use std::borrow::Cow;

/// How our own compiled letters begin.
pub(super) const DOCTYPE: &str = "<!doctype html>";
/// The forms of `<!` in compiled letters: what Outlook alone reads, and what it alone does not.
const CONDITIONAL: [&str; 7] = [
    "<!--[if mso | IE]>",
    "<!--[if mso]>",
    "<!--[if lte mso 11]>",
    "<!--[if !mso | IE]><!-->",
    "<!--[if !mso]><!-->",
    "<![endif]-->",
    "<!--<![endif]-->",
];

/// The same markup with `>` written out wherever it stands in text beside a character beyond ASCII, where
/// the reader would cut that character in two.
pub(super) fn tame(source: &str) -> Cow<'_, str> {
    if source.is_ascii() {
        return Cow::Borrowed(source);
    }
    let bytes = source.as_bytes();
    let mut tamed = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' => at = end_of_markup(source, at),
            b'>' if !bytes[at.saturating_sub(2)..at].is_ascii() => {
                tamed.push_str(&source[copied..at]);
                tamed.push_str("&gt;");
                at += 1;
                copied = at;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    tamed.push_str(&source[copied..]);
    Cow::Owned(tamed)
}

/// Where the tag or comment ends that begins at `start`.
fn end_of_markup(source: &str, start: usize) -> usize {
    let rest = &source[start..];
    if is_plain_comment(rest) {
        return rest[4..].find("-->").map_or(source.len(), |end| start + 4 + end + 3);
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match quote {
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None if byte == b'>' => return start + at + 1,
            Some(open) if open == byte => quote = None,
            _ => {}
        }
    }
    source.len()
}

fn is_plain_comment(rest: &str) -> bool {
    rest.strip_prefix("<!--").is_some_and(|inside| !inside.starts_with(['[', '<', '>', '-']))
}

/// The first `<!` or `<?` of a letter as it is written that is not a plain comment.
pub(super) fn not_a_comment(source: &str) -> Option<usize> {
    let declarations = source.match_indices("<!").map(|(at, _)| at);
    declarations.filter(|&at| !is_plain_comment(&source[at..])).chain(source.find("<?")).min()
}

/// The first `<!` or `<?` of a compiled letter that our compiler does not write.
pub(super) fn not_conditional(html: &str) -> Option<usize> {
    let mut at = if html.starts_with(DOCTYPE) { DOCTYPE.len() } else { 0 };
    let instruction = html.find("<?");
    while let Some(found) = html[at..].find("<!") {
        at += found;
        match CONDITIONAL.iter().find(|form| html[at..].starts_with(**form)) {
            Some(form) => at += form.len(),
            None => return Some(at),
        }
    }
    instruction
}

/// The tokens of markup that has been tamed and looked through for `<!`.
pub(super) fn tokens(tamed: &str) -> Tokenizer<'_> {
    let start = if tamed.starts_with(DOCTYPE) { DOCTYPE.len() } else { 0 };
    Tokenizer::from_fragment(tamed, start..tamed.len())
}

/// Text or a value with its character references read: every named one of HTML, and those by number. One that ends
/// without a semicolon is left as it stands, since readers of mail disagree about those; so is a name that HTML does
/// not have.
pub(super) fn decoded(written: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(written)
}

/// Elements that have no end of their own.
pub(super) fn is_void(element: &str) -> bool {
    matches!(
        element,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// The line, from 1, on which a byte stands.
pub(super) fn line_at(source: &str, byte: usize) -> usize {
    1 + source.as_bytes()[..byte.min(source.len())].iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_beside_a_closing_bracket_is_written_out() {
        assert_eq!(tame("<p>中>é>a</p>"), "<p>中&gt;é&gt;a</p>");
        assert_eq!(tame("<p title=\"中>\">é</p>"), "<p title=\"中>\">é</p>");
        assert_eq!(tame("<p title=\"é\">x > y</p>"), "<p title=\"é\">x > y</p>");
        assert_eq!(tame("<!-- don't 中 --><p>中 > x</p>"), "<!-- don't 中 --><p>中 &gt; x</p>");
    }

    #[test]
    fn character_references_are_read_once() {
        assert_eq!(decoded("caf&eacute; &#99;&#x41;&Aacute; &#x2F;&sol;&num;"), "café cAÁ //#");
        assert_eq!(decoded("&amp;lt; &amp;amp;"), "&lt; &amp;");
        for same in ["a=1&copy=2", "&amp", "&nothing;", "&#0;", "&#x110000;", "& ;", "中 & 国"] {
            assert_eq!(decoded(same), same);
        }
    }

    #[test]
    fn only_comments_stand_in_letters_as_written() {
        assert_eq!(not_a_comment("<mjml><!-- a note --></mjml>"), None);
        for bad in [
            "<![if mso]>x",
            "<!--[if mso]x",
            "<!DOCTYPE a>",
            "<!--<![endif x>",
            "<![CDATA[x]]>",
            "<!",
            "<?a x ?>",
            "<!-->",
        ] {
            assert_eq!(not_a_comment(bad), Some(0), "{bad}");
        }
    }

    #[test]
    fn only_our_own_conditions_stand_in_compiled_ones() {
        let ours = format!("{DOCTYPE}<html>{}</html>", CONDITIONAL.join("<p>x</p>"));
        assert_eq!(not_conditional(&ours), None);
        let cut = CONDITIONAL.map(|form| &form[..form.len() - 1]);
        let others = ["<p><!doctype html>", "<!--[if IE]>", "<!--[if mso]x", "<!-->", "<![endif x>", "<!--<![if"];
        for bad in others.into_iter().chain(cut) {
            assert!(not_conditional(bad).is_some(), "{bad}");
        }
    }

    proptest! {
        // The reader slices text; that it never does so within a character is ours to see to.
        #[test]
        fn no_markup_brings_the_reader_down(source in "([<>!?\\[\\]\"'é中a/ =&;-]|<p>|</p>|<!--|-->|<\\?a |\\[if |<!--\\[if !mso\\]><!-->|<!\\[endif\\]-->){0,60}") {
            let tamed = tame(&source);
            if not_a_comment(&tamed).is_none() {
                prop_assert!(tokens(&tamed).count() <= tamed.len());
            }
            if not_conditional(&tamed).is_none() {
                prop_assert!(tokens(&tamed).count() <= tamed.len());
            }
        }
    }
}
