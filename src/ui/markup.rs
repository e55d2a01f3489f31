//! Text as markup.

/// Text as it stands in HTML, between tags or within a value in quotes of either kind: what would end it or
/// stand for something else is written out. A slash stays, so that addresses read as they are.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut markup = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#x27;"),
            other => markup.push(other),
        }
    }
    markup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("</textarea><b> & \"more\""), "&lt;/textarea&gt;&lt;b&gt; &amp; &quot;more&quot;");
        assert_eq!(escaped("O'Neill, 张伟 https://a.example/b"), "O&#x27;Neill, 张伟 https://a.example/b");
    }
}
