//! The language of the variables: Jinja, without what a letter does not need, and with a limit to its work.

use super::{Missing, VARIABLES, Values};
use crate::{error::Problem, ui::escaped};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, value::Object};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Work that filling in one part of a letter may cost: one for every instruction and every 64 bytes
/// written, so that about three megabytes are the most that it can make.
const FUEL: u64 = 50_000;
/// Macros within macros.
const RECURSION: usize = 40;
/// Most unknown variables that are told of one letter.
const MOST: usize = 20;

/// What a part of a letter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Html,
    Text,
}

static HTML: LazyLock<Environment<'static>> = LazyLock::new(|| environment(Language::Html));
static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| environment(Language::Text));

impl Language {
    fn environment(self) -> &'static Environment<'static> {
        match self {
            Self::Html => &HTML,
            Self::Text => &TEXT,
        }
    }
}

fn environment(language: Language) -> Environment<'static> {
    let is_html = language == Language::Html;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_auto_escape_callback(move |_| if is_html { AutoEscape::Html } else { AutoEscape::None });
    // What is escaped depends on the part of the letter alone, whatever its template says. Only text that
    // the engine wrote itself a moment before, and escaped then, is not escaped again.
    environment.set_formatter(move |out, _, value| {
        if is_html && !value.is_safe() {
            Ok(out.write_str(&escaped(&value.to_string()))?)
        } else {
            Ok(write!(out, "{value}")?)
        }
    });
    environment.remove_filter("safe");
    for global in ["range", "dict", "debug", "namespace"] {
        environment.remove_global(global);
    }
    environment
}

/// Values that remember which of them was asked for last and is not there.
#[derive(Debug)]
pub(super) struct Watched {
    values: Values,
    missed: Mutex<Option<String>>,
}

impl Watched {
    pub fn new(values: Values) -> Arc<Self> {
        Arc::new(Self { values, missed: Mutex::new(None) })
    }
}

impl Object for Watched {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let found = self.values.get(name).cloned();
        if found.is_none() {
            *self.missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
        }
        found
    }
}

/// Fills in one part of a letter.
///
/// # Errors
/// What is missing, or wrong with the template.
pub(super) fn fill(language: Language, source: &str, values: &Arc<Watched>) -> Result<String, Missing> {
    run(language, source, values).map_err(|error| match error.kind() {
        ErrorKind::UndefinedError => {
            let missed = values.missed.lock().unwrap_or_else(PoisonError::into_inner).take();
            missed.map_or_else(|| Missing::Broken(in_words(&error)), Missing::Variable)
        }
        ErrorKind::OutOfFuel => Missing::Endless,
        _ => Missing::Broken(in_words(&error)),
    })
}

fn run(language: Language, source: &str, values: &Arc<Watched>) -> Result<String, Error> {
    language.environment().render_named_str("letter", source, Value::from_dyn_object(Arc::clone(values)))
}

/// What is wrong with a part of a letter as it is written, each with its line from 1: that it cannot be
/// read, that it uses a variable that does not exist, or that it cannot be filled in even for a guest of
/// whom everything is known.
pub(super) fn problems(language: Language, source: &str, known: &Values) -> Vec<(usize, Problem)> {
    let unreadable = |error: &Error| (error.line().unwrap_or(1), Problem::Unreadable(in_words(error)));
    let template = match language.environment().template_from_named_str("letter", source) {
        Ok(template) => template,
        Err(error) => return vec![unreadable(&error)],
    };
    let mut unknown: Vec<_> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| VARIABLES.iter().all(|variable| variable.name != name))
        .collect();
    if unknown.is_empty() {
        return run(language, source, &Watched::new(known.clone())).err().iter().map(unreadable).collect();
    }
    unknown.sort_unstable();
    unknown.truncate(MOST);
    let not_known =
        |name: &String| (line_of(source, name), Problem::NotKnown(name.chars().take(80).collect(), names()));
    let mut found: Vec<_> = unknown.iter().map(not_known).collect();
    found.sort_by_key(|(line, _)| *line);
    found
}

/// Every variable's name, as they are told to somebody who used another.
fn names() -> String {
    VARIABLES.iter().map(|variable| variable.name).collect::<Vec<_>>().join(", ")
}

fn in_words(error: &Error) -> String {
    let words = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    words.chars().take(200).collect()
}

/// The line on which a name stands between braces, as a word of its own.
fn line_of(source: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = source[at..].find('{') {
        let start = at + found;
        let close = match source.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = source[start..].find(close).map_or(source.len(), |length| start + length);
        if let Some(word) = word_in(&source[start..end], name) {
            return super::markup::line_at(source, start + word);
        }
        at = end;
    }
    1
}

fn word_in(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{HOUSE, examples},
        *,
    };

    fn values(pairs: &[(&str, &str)]) -> Arc<Watched> {
        Watched::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect())
    }

    fn lines(source: &str) -> Vec<(usize, Problem)> {
        problems(Language::Html, source, &examples(HOUSE))
    }

    #[test]
    fn what_comes_from_a_profile_is_escaped_in_html_alone() {
        let hostile = values(&[("first_name", "<script>alert(\"1\" & '2')</script>")]);
        assert_eq!(
            fill(Language::Html, "{{ first_name }}", &hostile).as_deref(),
            Ok("&lt;script&gt;alert(&quot;1&quot; &amp; &#x27;2&#x27;)&lt;/script&gt;")
        );
        assert_eq!(
            fill(Language::Text, "{{ first_name }}", &hostile).as_deref(),
            Ok("<script>alert(\"1\" & '2')</script>")
        );
    }

    #[test]
    fn no_template_switches_escaping_off() {
        let hostile = values(&[("first_name", "<b>")]);
        for source in [
            "{% autoescape false %}{{ first_name }}{% endautoescape %}",
            "{% set x %}{{ first_name }}{% endset %}{{ x }}",
            "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(first_name) }}",
            "{{ first_name | upper | lower }}",
            "{{ '' ~ first_name }}",
        ] {
            let filled = fill(Language::Html, source, &hostile).expect(source);
            assert!(filled.contains("&lt;") && !filled.contains('<'), "{source}: {filled}");
        }
        assert!(matches!(fill(Language::Html, "{{ first_name | safe }}", &hostile), Err(Missing::Broken(_))));
    }

    #[test]
    fn values_are_never_templates() {
        let hostile = values(&[("first_name", "{{ last_name }}{% for x in y %}")]);
        assert_eq!(
            fill(Language::Text, "{{ first_name }}", &hostile).as_deref(),
            Ok("{{ last_name }}{% for x in y %}")
        );
    }

    #[test]
    fn the_missing_variable_is_named() {
        let some = values(&[("first_name", "Wei"), ("house", "The Cedars")]);
        let missing = |source| fill(Language::Html, source, &some);
        assert_eq!(missing("{{ first_name }} {{ native_name }}"), Err(Missing::Variable("native_name".to_owned())));
        assert_eq!(
            missing("{% if remembered is defined %}x{% endif %}{{ house }}{{ years_away | upper }}"),
            Err(Missing::Variable("years_away".to_owned()))
        );
        assert_eq!(missing("{% if stays > 2 %}x{% endif %}"), Err(Missing::Variable("stays".to_owned())));
        assert_eq!(missing("{% if remembered is defined %}{{ remembered }}{% else %}-{% endif %}").as_deref(), Ok("-"));
    }

    #[test]
    fn work_without_end_ends() {
        let some = values(&[("house", "abcdefghijklmnopqrstuvwxyz")]);
        let loops = "{% for c in house %}".repeat(8) + "x" + &"{% endfor %}".repeat(8);
        assert_eq!(fill(Language::Html, &loops, &some), Err(Missing::Endless));
        let growing = "{% set a = house %}".to_owned() + &"{% set a = a ~ a %}".repeat(40) + "{{ a }}";
        assert_eq!(fill(Language::Html, &growing, &some), Err(Missing::Endless));
        let itself = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
        assert!(fill(Language::Html, itself, &some).is_err());
        assert!(matches!(fill(Language::Html, "{% for i in range(9) %}{% endfor %}", &some), Err(Missing::Broken(_))));
    }

    #[test]
    fn unknown_variables_are_named_with_their_lines() {
        let found = lines("<p>{{ house }}</p>\n<p>frist_name {{ frist_name }}</p>\n{% if lats_name %}x{% endif %}");
        let named: Vec<_> = found
            .iter()
            .map(|(line, problem)| match problem {
                Problem::NotKnown(name, known) if known.contains("first_name, last_name") => (*line, name.as_str()),
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(named, [(2, "frist_name"), (3, "lats_name")]);
    }

    #[test]
    fn what_cannot_be_read_or_done_is_told_with_its_line() {
        for bad in
            ["a\n{{ house", "a\n{% if house %}b", "a\n{{ house | nothing }}", "a\n{{ house.name }}", "a\n{{ house() }}"]
        {
            let found = lines(bad);
            assert!(matches!(found[..], [(2, Problem::Unreadable(_))]), "{bad}: {found:?}");
        }
        assert_eq!(lines("{% for c in house %}{{ loop.index }}{{ c }}{% endfor %}{% set x = stays %}{{ x }}"), []);
    }
}
