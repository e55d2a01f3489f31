//! The form in which a colleague writes down what a guest said about being written to.

use super::kind_options;
use crate::{
    campaigns::hold::{MAX_SAID, Way, api::TakeDownConsent},
    guests::ui::words::{LANGUAGES, language_words},
    i18n::*,
    ids::GuestId,
    ui::{Attempt, Folded, FormNote, I18n, Select, TextArea, reset_when_done},
};
use leptos::{html, prelude::*};

/// Yes or no, to all greetings or one kind of them, by which way, and in which words.
#[component]
pub fn ToldForm(
    guest: GuestId,
    /// The language of the profile, which is likely to be that of the words.
    language: Option<String>,
    action: ServerAction<TakeDownConsent>,
    attempt: Attempt,
) -> impl IntoView {
    let i18n = use_i18n();
    let (tried, pending) = (attempt.outcome, action.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    let choose = || (String::new(), tu_string!(i18n, campaigns.hold.told.choose).to_owned());
    let answers = vec![
        choose(),
        ("no".to_owned(), tu_string!(i18n, campaigns.hold.told.no).to_owned()),
        ("yes".to_owned(), tu_string!(i18n, campaigns.hold.told.yes).to_owned()),
    ];
    let ways = Way::ALL.into_iter().map(|way| (way.code().to_owned(), way_words(i18n, way).to_owned()));
    let ways: Vec<(String, String)> = std::iter::once(choose()).chain(ways).collect();
    let spoken = language.filter(|code| LANGUAGES.contains(&code.as_str())).unwrap_or_else(|| "en".to_owned());
    let languages = LANGUAGES.into_iter().map(|code| (code.to_owned(), language_words(i18n, code)));
    let languages: Vec<(String, String)> = languages.collect();
    view! {
        <Folded label=tu_string!(i18n, campaigns.hold.told.say) outcome=tried>
            <FormNote
                outcome=tried
                fields=&["kind", "answer", "way", "words", "language"]
                see_fields=tu_string!(i18n, campaigns.hold.told.see_fields)
                done=tu_string!(i18n, campaigns.hold.told.kept)
            />
            <ActionForm action=action node_ref=form>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <Select
                    label=tu_string!(i18n, campaigns.hold.told.answer)
                    name="answer"
                    id="told-answer"
                    options=answers
                    selected=attempt.typed("answer")
                    hint=tu_string!(i18n, campaigns.hold.told.answer_hint)
                    error=attempt.problem_in("answer")
                />
                <Select
                    label=tu_string!(i18n, campaigns.hold.told.kind)
                    name="kind"
                    id="told-kind"
                    options=kind_options(i18n)
                    selected=attempt.typed("kind")
                    error=attempt.problem_in("kind")
                />
                <Select
                    label=tu_string!(i18n, campaigns.hold.told.way)
                    name="way"
                    id="told-way"
                    options=ways
                    selected=attempt.typed("way")
                    error=attempt.problem_in("way")
                />
                <TextArea
                    label=tu_string!(i18n, campaigns.hold.told.words)
                    name="words"
                    id="told-words"
                    value=attempt.typed("words")
                    hint=tu_string!(i18n, campaigns.hold.told.words_hint)
                    error=attempt.problem_in("words")
                    maxlength=MAX_SAID
                    autocomplete="off"
                    required=true
                />
                <Select
                    label=tu_string!(i18n, campaigns.hold.told.language)
                    name="language"
                    id="told-language"
                    options=languages
                    selected=attempt.typed_or("language", spoken)
                    error=attempt.problem_in("language")
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.hold.told.keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}

/// "At the desk".
fn way_words(i18n: I18n, way: Way) -> &'static str {
    match way {
        Way::Desk => tu_string!(i18n, campaigns.hold.told.desk),
        Way::Telephone => tu_string!(i18n, campaigns.hold.told.telephone),
        Way::Letter => tu_string!(i18n, campaigns.hold.told.letter),
    }
}
