use super::{super::HOUSE, *};

fn letter(body: &str) -> String {
    format!(
        "<mjml>\n<mj-body>\n<mj-section><mj-column>\n<mj-text>{body}</mj-text>\n\
         <mj-text><a href=\"{{{{ unsubscribe_url }}}}\">stop</a></mj-text></mj-column></mj-section>\n\
         </mj-body>\n</mjml>"
    )
}

/// The problems of the letter itself.
fn problems(mjml: &str) -> Vec<Problem> {
    let errors = compile("A letter", mjml, None, HOUSE).expect_err("it is refused");
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
    let compiled = compile("For {{ address }}", &letter(body), None, HOUSE).expect("compiles");
    for kept in ["{{ dear }},{% if stays > 2 %}", "href=\"{{ unsubscribe_url }}\""] {
        assert!(compiled.html.contains(kept), "{}", compiled.html);
    }
    assert_eq!(
        compiled.text,
        "{{ dear }},{% if stays > 2 %} again 中 > 国{% endif %} x <{{ unsubscribe_url }}>\n\nstop <{{ unsubscribe_url }}>"
    );
    assert!(!compiled.html.contains("fonts.googleapis.com"));
}

#[test]
fn text_by_hand_stays_as_it_is() {
    let text = "{{ dear }},\n\nby hand: {{ preferences_url }}";
    let compiled = compile("A", &letter("x"), Some(&format!("\n{text}\n")), HOUSE).expect("compiles");
    assert_eq!(compiled.text, text);
    let errors = compile("A", &letter("x"), Some("a\n{{ deer }}"), HOUSE).expect_err("it is refused");
    assert!(
        matches!(&errors[..], [FieldError { field, problem: Problem::AtLine(2, _) }] if field == "text"),
        "{errors:?}"
    );
}

#[test]
fn every_field_is_told_of_at_once() {
    let errors = compile("", &letter("{{ deer }}"), Some(" "), HOUSE).expect_err("it is refused");
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["subject", "text", "mjml"]);
}

#[test]
fn subjects_are_one_line() {
    for bad in ["a\r\nBcc: x@y.example", "a\nb", "a\u{0}b", "a\u{202e}b", "a\u{2066}b"] {
        let errors = compile(bad, &letter("x"), None, HOUSE).expect_err("it is refused");
        assert_eq!(errors, [FieldError { field: "subject".to_owned(), problem: Problem::BadCharacter }]);
    }
    let long = compile(&"a".repeat(MAX_SUBJECT + 1), &letter("x"), None, HOUSE).expect_err("it is refused");
    assert_eq!(long[0].problem, Problem::TooLong(MAX_SUBJECT));
    assert!(compile(&"张".repeat(MAX_SUBJECT), &letter("x"), None, HOUSE).is_ok());
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
    assert!(compile("A", &letter(&"<br>".repeat(2_000)), Some("{{ unsubscribe_url }}"), HOUSE).is_ok());
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
        ("\n<img src=\"https://pixel.example/1.png\" alt=\"\" />", "@letter_picture"),
        ("\n<p style=\"background:url('https://pixel.example/1.png')\">x</p>", "@letter_picture"),
        ("\n<img srcset=\"https://pixel.example/1.png 2x\" alt=\"\" />", "@letter_attribute"),
        ("\n<a href=\"https://shop.example/?who={{ first_name }}\">x</a>", "@letter_telling_link"),
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
fn pictures_of_every_element_are_the_houses_own() {
    let pictured = |address: &str| {
        format!(
            "<mjml><mj-head><mj-style>.a {{ background: url({address}) }}</mj-style></mj-head><mj-body>\n\
             <mj-section background-url=\"{address}\"><mj-column><mj-image src=\"{address}\" alt=\"\" />\
             <mj-text><a href=\"{{{{ unsubscribe_url }}}}\">x</a></mj-text></mj-column></mj-section></mj-body></mjml>"
        )
    };
    assert!(compile("A", &pictured(&format!("{HOUSE}/media/0190-a")), None, HOUSE).is_ok());
    let found = expected(&pictured("https://pixel.example/1.png"));
    assert!(
        found.len() > 2 && found.iter().all(|fault| *fault == (Some(1), "@letter_picture".to_owned())),
        "{found:?}"
    );
}

#[test]
fn links_are_not_made_up_on_the_way() {
    let set =
        "{% set unsubscribe_url = 'https://shop.example/?' ~ first_name %}<a href=\"{{ unsubscribe_url }}\">x</a>";
    assert_eq!(expected(&letter(set)), [(None, "@letter_telling_link".to_owned())]);
}

#[test]
fn plain_text_tells_others_nothing_either() {
    let with = |text: &str| format!("{text}\n{{{{ unsubscribe_url }}}}");
    for telling in [
        "https://shop.example/?{{ first_name }}",
        "HTTPS://shop.example/{% if stays > 2 %}again{% endif %}",
        "https://{{ first_name }}@shop.example/",
        "{% set at = 'https://shop.example/' ~ first_name %}{{ at }}",
    ] {
        let errors = compile("A", &letter("x"), Some(&with(telling)), HOUSE).expect_err(telling);
        assert!(
            matches!(&errors[..], [FieldError { field, problem: Problem::NotKnown(_, expected) }]
                if field == "text" && expected == "@letter_telling_link"),
            "{errors:?}"
        );
    }
    for same in
        ["<https://shop.example/a?b=1>, {{ dear }}", "https://shop.example/a。{{ dear }}", "{{ preferences_url }}"]
    {
        assert!(compile("A", &letter("x"), Some(&with(same)), HOUSE).is_ok(), "{same}");
    }
    assert!(compile("A", &letter("https://shop.example/?{{ first_name }}"), None, HOUSE).is_err());
}

#[test]
fn every_letter_leads_out() {
    let plain = |body: &str| {
        format!(
            "<mjml><mj-body><mj-section><mj-column><mj-text>{body}</mj-text></mj-column></mj-section></mj-body></mjml>"
        )
    };
    let text = Some("See {{ preferences_url }}");
    for name in ["unsubscribe_url", "preferences_url"] {
        let letter = plain(&format!("<a href=\"{{{{ {name} }}}}\">stop</a>"));
        assert!(compile("A", &letter, None, HOUSE).is_ok() && compile("A", &letter, text, HOUSE).is_ok(), "{name}");
        let errors = compile("A", &letter, Some("nothing"), HOUSE).expect_err("it is refused");
        let problem = Problem::NoWayOut("{{ unsubscribe_url }}".to_owned());
        assert_eq!(errors, [FieldError { field: "text".to_owned(), problem }]);
    }
    for without in [
        "x",
        "{{ unsubscribe_url }}",
        "{% if false %}<a href=\"{{ unsubscribe_url }}\">x</a>{% endif %}",
        "{% if remembered is defined %}<a href=\"{{ unsubscribe_url }}\">x</a>{% endif %}",
    ] {
        let problem = Problem::NoWayOut("<a href=\"{{ unsubscribe_url }}\">…</a>".to_owned());
        assert_eq!(problems(&plain(without)), [problem], "{without}");
    }
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
