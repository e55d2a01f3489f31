use super::{super::HOUSE, *};

fn kinds(html: &str) -> Vec<Kind> {
    check(html, Stage::Template, Some(HOUSE)).into_iter().map(|fault| fault.kind).collect()
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
        .a > .b { color: #123; background: url('https://house.example/media/1') }</style></head>\
        <body style=\"color:#1d211d;\"><!--[if mso | IE]><table role=\"presentation\"><tr><td><![endif]-->\
        <p>中 > 国 <a href=\"https://house.example/rooms?from={{ first_name }}\">x</a>\
        <a href=\"{{unsubscribe_url}}\">y</a><a href=\"MAILTO:desk@house.example\">z</a>\
        <img src=\"https://house.example/media/1\" alt=\"{{ house }}\" /></p>\
        <!--[if mso | IE]></td></tr></table><![endif]--></body></html>";
    assert_eq!(check(html, Stage::Template, Some(HOUSE)), []);
}

#[test]
fn what_runs_sends_or_frames_is_refused() {
    for element in ["script", "SCRIPT", "iframe", "form", "input", "object", "embed", "link", "base", "svg", "math"] {
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
fn nobody_else_learns_by_a_link_who_reads() {
    for telling in [
        "https://shop.example/?who={{ first_name }}",
        "https://shop.example/{{ address }}",
        "https://shop.example/?a=1&amp;b={% if stays > 2 %}2{% endif %}",
        "https://house.example.shop.example/{{ first_name }}",
        "https://house.example:8443/{{ first_name }}",
    ] {
        assert_eq!(kinds(&format!("<a href=\"{telling}\">x</a>")), [Kind::TellingLink], "{telling}");
    }
    for silent in ["https://shop.example/?from=letter", "https://HOUSE.example/rooms?for={{ first_name }}"] {
        assert_eq!(kinds(&format!("<a href=\"{silent}\">x</a>")), [], "{silent}");
    }
    let filled = look("<a href=\"https://shop.example/?who={{ x }}\">x</a>", Stage::FilledIn, Some(HOUSE));
    assert_eq!((filled.faults, filled.foreign), (vec![], vec!["https://shop.example/?who={{ x }}".to_owned()]));
    assert!(look("<a href=\"https://shop.example/\">x</a>", Stage::FilledIn, None).foreign.is_empty());
}

#[test]
fn pictures_are_the_houses_own_and_the_same_for_everyone() {
    for bad in [
        "data:image/png;base64,x",
        "/media/1",
        "cid:1",
        "//house.example/media/1",
        "https://pixel.example/1.png",
        "https://house.example.pixel.example/media/1",
        "https://house.example/media/",
        "https://house.example/media/1?who={{ first_name }}",
        "https://house.example/media/1/../../u/x",
        "https://house.example/media/{{ first_name }}",
    ] {
        assert_eq!(kinds(&format!("<img src=\"{bad}\" />")), [Kind::Picture], "{bad}");
        assert_eq!(kinds(&format!("<td background=\"{bad}\">x</td>")), [Kind::Picture], "{bad}");
        assert_eq!(kinds(&format!("<v:fill src=\"{bad}\" />")), [Kind::Picture], "{bad}");
        assert_eq!(kinds(&format!("<p style=\"background: URL('{bad}')\">x</p>")), [Kind::Picture], "{bad}");
        let quoted = format!("<p style=\"background:url(&quot;{bad}&quot;)\">x</p>");
        assert_eq!(kinds(&quoted), [Kind::Picture], "{bad}");
    }
    let own = "https://house.example/media/0190a5b0-7e6b-7c3a-9d2e-1f2a3b4c5d6e";
    for good in [
        format!("<img src=\"{own}\" /><v:image src=\"{own}\" /><td background=\"{own}\">x</td>"),
        format!("<p style=\"background:url(&quot;{own}&quot;)\">x</p><style>a{{b:url( '{own}' )}}</style>"),
    ] {
        assert_eq!(kinds(&good), [], "{good}");
    }
    for bad in ["<img srcset=\"https://pixel.example/1.png 2x\" />", "<v:fill o:href=\"https://pixel.example/1\" />"] {
        assert_eq!(kinds(bad), [Kind::Attribute], "{bad}");
    }
}

#[test]
fn styles_run_and_fetch_nothing() {
    for bad in [
        "a{width:expression(alert(1))}",
        "@import 'https://x.example/a.css';",
        "a{b:\\75rl(x)}",
        "a{b:url(javascript:x)}",
        "a{b:image-set('https://pixel.example/1.png' 1x)}",
        "a{b:-webkit-image-set('https://pixel.example/1.png' 1x)}",
        "a{b:image('https://pixel.example/1.png')}",
        "a{b:src('https://pixel.example/1.png')}",
    ] {
        assert_eq!(kinds(&format!("<style>{bad}</style>")), [Kind::Style], "{bad}");
    }
    for named in ["&lpar;", "&#40;", "&NewLine;"] {
        let style = format!("<p style=\"background:url{named}https://pixel.example/1.png)\">x</p>");
        assert_eq!(kinds(&style), [Kind::Style], "{named}");
    }
}

#[test]
fn what_readers_may_understand_otherwise_is_refused() {
    for bad in [
        "<style><p title=\"</style><script>x</script>\"></p></style>",
        "<style><b></b>a{} b{c:url(https://pixel.example/1.png)}</style>",
        "<style></b>a{b:url(https://pixel.example/1.png)}</style>",
        "<style/><b>x</b>",
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
