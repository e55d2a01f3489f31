//! The page on which letters are written: the letter on the left, a real guest's on the right.

use super::{
    CampaignHead, of_address,
    preview::{Look, PreviewPanel},
};
use crate::{
    campaigns::{
        CampaignState,
        letter_api::{
            Asked, LetterDraft, LetterPage, RememberDetail, SaveLetter, SavedLetter, SendTest, open_letter,
            preview_letter,
        },
        template::{Letter, MAX_SUBJECT, Origin, VARIABLES},
    },
    error::FieldError,
    guests::{
        api::search,
        ui::words::{LANGUAGES, language_words},
    },
    i18n::*,
    ids::CampaignId,
    staff::ui::use_refused,
    ui::{
        CheckBox, Failed, Field, FormNote, I18n, Loading, Select, TextArea, announce_done, error_of, outcome,
        problem_text,
    },
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

/// The page `/campaigns/:id/letters`.
#[component]
pub fn LettersPage() -> impl IntoView {
    of_address(|id| view! { <Letters id/> }.into_any())
}

/// What the page's address asks for.
fn asked_of(query: &ParamsMap) -> Asked {
    Asked {
        language: query.get("language").unwrap_or_default(),
        guest: query.get_str("guest").and_then(|guest| guest.parse().ok()),
        date: query.get("date").unwrap_or_default(),
    }
}

#[component]
fn Letters(id: CampaignId) -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(asked_of));
    let language = Memo::new(move |_| asked.with(|asked| asked.language.clone()));
    let looked_for = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
    let look = Memo::new(move |_| query.with(Look::of));
    let draft = query.with_untracked(|query| query.get_str("draft") == Some("1"));
    let saved = query.with_untracked(|query| query.get_str("saved").and_then(|revision| revision.parse::<i64>().ok()));
    let remember = ServerAction::<RememberDetail>::new();
    let test = ServerAction::<SendTest>::new();
    // The editor is loaded for its language alone: looking at another guest must not take away what was typed.
    let page = Resource::new(move || language.get(), move |language| open_letter(id, language, draft));
    let preview =
        Resource::new(move || (asked.get(), remember.version().get()), move |(asked, _)| preview_letter(id, asked));
    let found = Resource::new(
        move || looked_for.get(),
        |q| async move { if q.trim().is_empty() { Ok(Vec::new()) } else { search(q).await } },
    );
    let refused = use_refused();
    announce_done(outcome(remember), tu_string!(i18n, campaigns.preview.remembered_kept));
    announce_done(outcome(test), tu_string!(i18n, campaigns.preview.test_sent));
    view! {
        <div class="manage letters">
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => head(i18n, &page),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            <div class="letters__two">
                <div class="letters__write">
                    <Transition>
                        {move || Suspend::new(async move {
                            match page.await {
                                Ok(page) => view! { <Editor page asked saved/> }.into_any(),
                                Err(_) => ().into_any(),
                            }
                        })}
                    </Transition>
                </div>
                <div class="letters__preview">
                    <Transition>
                        {move || {
                            let (look, looked_for) = (look.get(), looked_for.get());
                            Suspend::new(async move {
                            let (page, preview, found, refused) = (page.await, preview.await, found.await, refused.await);
                            match (page, preview) {
                                (Ok(page), Ok(preview)) => {
                                    let is_kept = page.is_kept();
                                    let language = page.draft.letter.language;
                                    let test_to = page.mail_leaves.then_some(page.test_addresses);
                                    view! {
                                        <PreviewPanel
                                            campaign=id
                                            language
                                            preview
                                            look
                                            looked_for
                                            found
                                            refused
                                            remember
                                            test
                                            is_kept
                                            test_to
                                        />
                                    }
                                        .into_any()
                                }
                                // The page says the same above.
                                (Err(_), _) => ().into_any(),
                                (_, Err(error)) => view! { <Failed error/> }.into_any(),
                            }
                        })
                        }}
                    </Transition>
                </div>
            </div>
            <Variables/>
        </div>
    }
}

/// The campaign, and the way to its letters in other languages.
fn head(i18n: I18n, page: &LetterPage) -> AnyView {
    let campaign = &page.campaign;
    let (id, shown) = (campaign.id, page.draft.letter.language.as_str());
    let fallback = campaign.settings.fallback_language.as_str();
    let links = campaign
        .languages
        .iter()
        .map(|code| {
            let asked = Asked { language: code.clone(), ..Asked::default() };
            let name = language_words(i18n, code);
            let name =
                if code == fallback { tu_string!(i18n, campaigns.letter.fallback, language = name) } else { name };
            let current = (code == shown).then_some("page");
            view! {
                <li>
                    <a href=asked.page(id) aria-current=current rel="external">
                        {name}
                    </a>
                </li>
            }
        })
        .collect_view();
    let others: Vec<_> = LANGUAGES
        .iter()
        .filter(|code| !campaign.languages.iter().any(|known| known == *code))
        .map(|code| ((*code).to_owned(), language_words(i18n, code)))
        .collect();
    view! {
        <CampaignHead
            id
            name=campaign.name.clone()
            kind=campaign.kind
            state=campaign.state
            page=tu_string!(i18n, campaigns.letter.title)
        />
        <div class="letters__languages">
            <nav class="subnav" aria-label=tu_string!(i18n, campaigns.letter.languages)>
                <ul>{links}</ul>
            </nav>
            <form class="inline-form" method="get" action=format!("/campaigns/{id}/letters")>
                <Select
                    label=tu_string!(i18n, campaigns.letter.another)
                    name="language"
                    options=others
                    label_hidden=true
                    id="letter-language"
                />
                <button class="button" type="submit">{tu_string!(i18n, campaigns.letter.begin)}</button>
            </form>
            <a class="row-link" href="/campaigns/pictures">{tu_string!(i18n, campaigns.pictures.link)}</a>
        </div>
    }
    .into_any()
}

#[component]
fn Editor(
    page: LetterPage,
    asked: Memo<Asked>,
    /// The revision that has just been kept.
    saved: Option<i64>,
) -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveLetter>::new();
    let (answer, pending, sent) = (save.value(), save.pending(), outcome(save));
    let is_active = page.campaign.state == CampaignState::Active;
    let is_new = !page.is_kept();
    let shown = RwSignal::new(page.draft);
    // What was kept is loaded with the page by the server's redirect; what was refused stays here.
    Effect::new(move |_| {
        if let Some(Ok(SavedLetter::Refused(refused))) = answer.get() {
            shown.set(*refused);
        }
    });
    let is_kept = saved.is_some() && shown.with_untracked(|draft| saved == Some(draft.letter.revision));
    view! {
        <section class="panel" aria-labelledby="letter-title">
            {is_kept.then(|| view! { <p class="note note--ok">{tu_string!(i18n, campaigns.letter.saved)}</p> })}
            <ActionForm action=save attr:class="stack letter-form">
                <FormNote outcome=sent/>
                {move || fields(i18n, shown.get(), is_new)}
                {move || {
                    asked
                        .with(|asked| asked.guest)
                        .map(|guest| view! { <input type="hidden" name="guest" value=guest.to_string()/> })
                }}
                <input type="hidden" name="date" value=move || asked.with(|asked| asked.date.clone())/>
                {is_active.then(|| view! { <p class="note note--warn">{tu_string!(i18n, campaigns.letter.pauses)}</p> })}
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.letter.save)}
                </button>
            </ActionForm>
        </section>
    }
}

/// The fields of the form, with what was refused.
fn fields(i18n: I18n, draft: LetterDraft, is_new: bool) -> AnyView {
    let LetterDraft { campaign, letter, errors, moved } = draft;
    let title = if is_new {
        tu_string!(i18n, campaigns.letter.new_one, language = language_words(i18n, &letter.language))
    } else {
        tu_string!(i18n, campaigns.letter.in_language, language = language_words(i18n, &letter.language))
    };
    view! {
        <h2 class="panel__title" id="letter-title">{title}</h2>
        <input type="hidden" name="campaign" value=campaign.to_string()/>
        <input type="hidden" name="language" value=letter.language.clone()/>
        <input type="hidden" name="revision" value=letter.revision.to_string()/>
        {problems(i18n, &errors)}
        {moved.map(|(by, theirs)| changed(i18n, by, &theirs))}
        <Field
            label=tu_string!(i18n, campaigns.letter.subject)
            name="subject"
            value=letter.subject
            hint=tu_string!(i18n, campaigns.letter.subject_hint)
            error=error_of(&errors, "subject")
            maxlength=u32::try_from(MAX_SUBJECT).unwrap_or(u32::MAX)
            required=true
            autocomplete="off"
        />
        <TextArea
            label=tu_string!(i18n, campaigns.letter.mjml)
            name="mjml"
            value=letter.mjml
            hint=tu_string!(i18n, campaigns.letter.mjml_hint)
            error=error_of(&errors, "mjml")
            rows=22
            required=true
        />
        <CheckBox
            label=tu_string!(i18n, campaigns.letter.by_hand)
            name="by_hand"
            checked=letter.text_by_hand
            hint=tu_string!(i18n, campaigns.letter.by_hand_hint)
        />
        <TextArea
            label=tu_string!(i18n, campaigns.letter.text)
            name="text"
            value=letter.text
            hint=tu_string!(i18n, campaigns.letter.text_hint)
            error=error_of(&errors, "text")
            rows=10
        />
    }
    .into_any()
}

/// Everything that was refused, each with the field that it is about.
fn problems(i18n: I18n, errors: &[FieldError]) -> Option<AnyView> {
    if errors.is_empty() {
        return None;
    }
    let lines = errors
        .iter()
        .map(|error| {
            let field = match error.field.as_str() {
                "subject" => tu_string!(i18n, campaigns.letter.subject),
                "text" => tu_string!(i18n, campaigns.letter.text),
                _ => tu_string!(i18n, campaigns.letter.mjml),
            };
            view! { <li><strong>{field}</strong> ": " {problem_text(i18n, &error.problem)}</li> }
        })
        .collect_view();
    Some(
        view! {
            <div class="note note--danger" role="alert">
                <p>{tu_string!(i18n, campaigns.letter.refused, count = errors.len())}</p>
                <ul class="letter__problems">{lines}</ul>
            </div>
        }
        .into_any(),
    )
}

/// What a colleague made of the letter meanwhile. What was typed here stays in the form.
fn changed(i18n: I18n, by: String, theirs: &Letter) -> AnyView {
    view! {
        <div class="note note--warn" role="alert">
            <p>{tu_string!(i18n, campaigns.letter.changed, who = by)}</p>
            <details>
                <summary class="button">{tu_string!(i18n, campaigns.letter.theirs)}</summary>
                <p class="letter__theirs">{theirs.subject.clone()}</p>
                <pre class="letter__source" tabindex="0">{theirs.mjml.clone()}</pre>
                <pre class="letter__source" tabindex="0">{theirs.text.clone()}</pre>
            </details>
        </div>
    }
    .into_any()
}

/// Every variable, with an example and where it comes from.
#[component]
fn Variables() -> impl IntoView {
    let i18n = use_i18n();
    let rows = VARIABLES
        .iter()
        .map(|variable| {
            let origin = match variable.origin {
                Origin::Always => tu_string!(i18n, campaigns.letter.origin.always),
                Origin::Profile => tu_string!(i18n, campaigns.letter.origin.profile),
                Origin::Stays => tu_string!(i18n, campaigns.letter.origin.stays),
                Origin::Approved => tu_string!(i18n, campaigns.letter.origin.approved),
                Origin::Campaign => tu_string!(i18n, campaigns.letter.origin.campaign),
                Origin::Kind => tu_string!(i18n, campaigns.letter.origin.kind),
                Origin::Points => tu_string!(i18n, campaigns.letter.origin.points),
            };
            let name = variable.name;
            view! {
                <tr>
                    <th scope="row">
                        <code>{format!("{{{{ {name} }}}}")}</code>
                    </th>
                    <td lang="en">{variable.example}</td>
                    <td class="muted">{origin}</td>
                </tr>
            }
        })
        .collect_view();
    let conditional = "{% if remembered is defined %} … {% endif %}";
    view! {
        <section class="panel" aria-labelledby="letter-variables">
            <h2 class="panel__title" id="letter-variables">{tu_string!(i18n, campaigns.letter.variables)}</h2>
            <p class="lede">{tu_string!(i18n, campaigns.letter.variables_text)} " " <code>{conditional}</code></p>
            <div class="table-frame" role="group" aria-labelledby="letter-variables" tabindex="0">
                <table class="table table--variables">
                    <thead>
                        <tr>
                            <th scope="col">{tu_string!(i18n, campaigns.letter.variable)}</th>
                            <th scope="col">{tu_string!(i18n, campaigns.letter.example)}</th>
                            <th scope="col">{tu_string!(i18n, campaigns.letter.comes_from)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}
