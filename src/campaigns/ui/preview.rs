//! The letter as a real guest would get it: found by name, on any day, on a telephone or a desk, in the
//! light or in the dark. And what is missing for that guest.

use crate::{
    campaigns::{
        letter_api::{Asked, LetterPreview, MAX_REMEMBERED, PreviewGuest, RememberDetail, SendTest},
        template::why,
    },
    error::{AppError, Refused},
    guests::ui::{names::name_parts, words::language_words},
    i18n::*,
    ids::{CampaignId, GuestId},
    stays::GuestLine,
    ui::{Attempt, ErrorNote, Field, FormNote, I18n, Select, TextArea, date},
};
use leptos::{ev::SubmitEvent, form::form_data_from_event, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    location::Url,
    params::ParamsMap,
};

/// Guests who are offered where many have the name.
const MOST_FOUND: usize = 8;

/// How the letter is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    on_desk: bool,
    is_dark: bool,
}

impl Look {
    /// As the page's address asks for it.
    pub(super) fn of(query: &ParamsMap) -> Self {
        Self { on_desk: query.get_str("width") == Some("desk"), is_dark: query.get_str("scheme") == Some("dark") }
    }

    fn query(self) -> String {
        let width = if self.on_desk { "&width=desk" } else { "" };
        let scheme = if self.is_dark { "&scheme=dark" } else { "" };
        format!("{width}{scheme}")
    }
}

/// The right side of the letters' page.
#[component]
pub(super) fn PreviewPanel(
    campaign: CampaignId,
    /// Of the letter that is looked at, ISO 639-1.
    language: String,
    preview: LetterPreview,
    look: Look,
    /// The name that was looked for, and the guests who have it.
    looked_for: String,
    found: Result<Vec<GuestLine>, AppError>,
    /// A form that came back refused.
    refused: Option<Refused>,
    remember: ServerAction<RememberDetail>,
    test: ServerAction<SendTest>,
    /// Whether the letter has been kept at all.
    is_kept: bool,
    /// Where tests may go; `None` where no mail leaves this installation.
    test_to: Option<Vec<String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let tested = use_query_map().with_untracked(|query| query.get_str("tested") == Some("1"));
    let asked = Asked { language, guest: preview.guest.as_ref().map(|guest| guest.guest), date: preview.date.clone() };
    let letter = if is_kept {
        letter(i18n, campaign, &asked, look, &preview)
    } else {
        view! { <p class="note">{tu_string!(i18n, campaigns.preview.not_kept)}</p> }.into_any()
    };
    let whom = preview.guest.as_ref().map(|guest| whom(i18n, campaign, &asked, look, guest));
    let nobody = preview.guest.is_none().then(|| {
        view! { <p class="muted">{tu_string!(i18n, campaigns.preview.examples)}</p> }
    });
    let of_guest = preview.guest.clone().map(|guest| {
        let attempt = Attempt::of(remember, refused.as_ref());
        view! { <Remembered campaign guest remember attempt/> }
    });
    let attempt = Attempt::of(test, refused.as_ref());
    view! {
        <section class="panel stack" aria-labelledby="preview-title">
            <h2 class="panel__title" id="preview-title">{tu_string!(i18n, campaigns.preview.title)}</h2>
            <ChooseGuest campaign asked=asked.clone() look looked_for found soon=preview.soon/>
            {whom}
            {nobody}
            {letter}
            {of_guest}
            {is_kept.then(|| view! { <TestSend campaign asked test attempt test_to tested/> })}
        </section>
    }
}

/// Searches for a guest and chooses the day: a plain form that leads to this page again, and where scripts
/// run does not touch what is being written.
#[component]
fn ChooseGuest(
    campaign: CampaignId,
    asked: Asked,
    look: Look,
    looked_for: String,
    found: Result<Vec<GuestLine>, AppError>,
    soon: Vec<(GuestId, String, String)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    let page = format!("/campaigns/{campaign}/letters");
    let of_guest = |guest: GuestId, date: &str| {
        let asked = Asked { guest: Some(guest), date: date.to_owned(), ..asked.clone() };
        format!("{}{}", asked.page(campaign), look.query())
    };
    let results = match &found {
        Err(error) => view! { <ErrorNote error=error.clone()/> }.into_any(),
        Ok(_) if looked_for.trim().is_empty() => ().into_any(),
        Ok(lines) if lines.is_empty() => {
            view! { <p class="note" role="status">{tu_string!(i18n, campaigns.preview.nobody)}</p> }.into_any()
        }
        Ok(lines) => {
            let lines = lines
                .iter()
                .take(MOST_FOUND)
                .map(|line| {
                    let parts = name_parts(i18n, &line.name, line.language.clone());
                    view! {
                        <li>
                            <a class="row-link" href=of_guest(line.guest, &asked.date) data-noscroll="">
                                <span class="name">{line.name.address()}</span>
                            </a>
                            " "
                            {parts}
                        </li>
                    }
                })
                .collect_view();
            view! { <ul class="preview__found" aria-label=tu_string!(i18n, campaigns.preview.found)>{lines}</ul> }
                .into_any()
        }
    };
    let next = (!soon.is_empty() && looked_for.trim().is_empty()).then(|| {
        let lines = soon
            .iter()
            .map(|(guest, name, date)| {
                view! {
                    <li>
                        <a class="row-link" href=of_guest(*guest, date) data-noscroll="">
                            {tu_string!(
                                i18n,
                                campaigns.preview.soon_line,
                                name = name.clone(),
                                day = date::short_date(i18n, date)
                            )}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <p class="muted" id="preview-soon">{tu_string!(i18n, campaigns.preview.soon)}</p>
            <ul class="preview__found" aria-labelledby="preview-soon">{lines}</ul>
        }
    });
    let guest = asked.guest.map(|guest| view! { <input type="hidden" name="guest" value=guest.to_string()/> });
    let begin = format!("{page}?language={}", asked.language);
    let kept = asked.guest.map(|guest| format!("&guest={guest}")).unwrap_or_default();
    let go = move |event: SubmitEvent| {
        let Ok(form) = form_data_from_event(&event) else { return };
        event.prevent_default();
        let field = |name: &str| Url::escape(&form.get(name).as_string().unwrap_or_default());
        let to = format!("{begin}{kept}&q={}&date={}{}", field("q"), field("date"), look.query());
        navigate(&to, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    view! {
        <form class="stack" role="search" method="get" action=page on:submit=go>
            <input type="hidden" name="language" value=asked.language.clone()/>
            {guest}
            {look.on_desk.then(|| view! { <input type="hidden" name="width" value="desk"/> })}
            {look.is_dark.then(|| view! { <input type="hidden" name="scheme" value="dark"/> })}
            <div class="fields fields--two">
                <Field
                    label=tu_string!(i18n, campaigns.preview.guest)
                    name="q"
                    kind="search"
                    value=looked_for
                    hint=tu_string!(i18n, campaigns.preview.guest_hint)
                    autocomplete="off"
                    id="preview-guest"
                />
                <Field
                    label=tu_string!(i18n, campaigns.preview.date)
                    name="date"
                    kind="date"
                    value=asked.date.clone()
                    hint=tu_string!(i18n, campaigns.preview.date_hint)
                    id="preview-date"
                />
            </div>
            <button class="button" type="submit">{tu_string!(i18n, campaigns.preview.show)}</button>
        </form>
        {results}
        {next}
    }
}

/// Whom the letter is shown for, and which letter the guest would really get.
fn whom(i18n: I18n, campaign: CampaignId, asked: &Asked, look: Look, guest: &PreviewGuest) -> AnyView {
    let shown = asked.language.as_str();
    let other = match guest.gets.as_deref() {
        Some(gets) if gets == shown => None,
        Some(gets) => {
            let href = Asked { language: gets.to_owned(), ..asked.clone() }.page(campaign) + &look.query();
            let words = tu_string!(i18n, campaigns.preview.gets, language = language_words(i18n, gets));
            // Another letter in the editor: the page is loaded with it.
            Some(view! { <p class="note"><a href=href rel="external">{words}</a></p> }.into_any())
        }
        None => {
            Some(view! { <p class="note note--warn">{tu_string!(i18n, campaigns.preview.gets_none)}</p> }.into_any())
        }
    };
    view! {
        <p class="name-line">
            <a class="name preview__name row-link" href=format!("/guests/{}", guest.guest)>
                {guest.name.address()}
            </a>
            " "
            {name_parts(i18n, &guest.name, guest.language.clone())}
        </p>
        {other}
    }
    .into_any()
}

/// The letter itself, or why there is none.
fn letter(i18n: I18n, campaign: CampaignId, asked: &Asked, look: Look, preview: &LetterPreview) -> AnyView {
    if let Some(missing) = &preview.missing {
        let words = why(i18n.get_locale_untracked(), missing);
        return view! {
            <div class="note note--warn" role="status">
                <p>{tu_string!(i18n, campaigns.preview.missing)}</p>
                <p>{words}</p>
            </div>
        }
        .into_any();
    }
    let Some((subject, text)) = preview.shown.clone() else {
        return view! { <p class="note">{tu_string!(i18n, campaigns.preview.not_kept)}</p> }.into_any();
    };
    let page = asked.page(campaign);
    let choice = |look_then: Look, words: &'static str| {
        let current = (look_then == look).then_some("true");
        view! {
            <li>
                <a href=format!("{page}{}", look_then.query()) aria-current=current data-noscroll="">
                    {words}
                </a>
            </li>
        }
    };
    let widths = [
        choice(Look { on_desk: false, ..look }, tu_string!(i18n, campaigns.preview.phone)),
        choice(Look { on_desk: true, ..look }, tu_string!(i18n, campaigns.preview.desk)),
    ];
    let schemes = [
        choice(Look { is_dark: false, ..look }, tu_string!(i18n, campaigns.preview.light)),
        choice(Look { is_dark: true, ..look }, tu_string!(i18n, campaigns.preview.dark)),
    ];
    let class = match (look.on_desk, look.is_dark) {
        (false, false) => "letter-frame letter-frame--phone",
        (true, false) => "letter-frame letter-frame--desk",
        (false, true) => "letter-frame letter-frame--phone letter-frame--dark",
        (true, true) => "letter-frame letter-frame--desk letter-frame--dark",
    };
    view! {
        <dl class="preview__subject">
            <dt>{tu_string!(i18n, campaigns.letter.subject)}</dt>
            <dd lang=asked.language.clone()>{subject}</dd>
        </dl>
        <nav class="subnav preview__looks" aria-label=tu_string!(i18n, campaigns.preview.looks)>
            <ul>{widths}</ul>
            <ul>{schemes}</ul>
        </nav>
        <div class="letter-frame__window" role="region" tabindex="0" aria-label=tu_string!(i18n, campaigns.preview.frame)>
            // An empty `sandbox` lets nothing in it run, whatever it is.
            <iframe
                class=class
                sandbox=""
                src=asked.frame(campaign, look.is_dark)
                title=tu_string!(i18n, campaigns.preview.frame)
            ></iframe>
        </div>
        <p class="field__hint">{tu_string!(i18n, campaigns.preview.frame_hint)}</p>
        <details>
            <summary class="button button--quiet">{tu_string!(i18n, campaigns.letter.text)}</summary>
            <pre class="letter__source letter__source--text" lang=asked.language.clone() tabindex="0">{text}</pre>
        </details>
    }
    .into_any()
}

/// The detail that the letter may remember of this guest, which the writer approves.
#[component]
fn Remembered(
    campaign: CampaignId,
    guest: PreviewGuest,
    remember: ServerAction<RememberDetail>,
    attempt: Attempt,
) -> impl IntoView {
    let i18n = use_i18n();
    let pending = remember.pending();
    view! {
        <ActionForm action=remember attr:class="stack preview__part">
            <input type="hidden" name="campaign" value=campaign.to_string()/>
            <input type="hidden" name="guest" value=guest.guest.to_string()/>
            <FormNote
                outcome=attempt.outcome
                fields=&["remembered"]
                done=tu_string!(i18n, campaigns.preview.remembered_kept)
            />
            <TextArea
                label=tu_string!(i18n, campaigns.preview.remembered)
                name="remembered"
                value=attempt.typed_or("remembered", guest.remembered)
                hint=tu_string!(i18n, campaigns.preview.remembered_hint)
                error=attempt.problem_in("remembered")
                maxlength=MAX_REMEMBERED
                rows=2
            />
            <button class="button" type="submit" disabled=move || pending.get()>
                {tu_string!(i18n, campaigns.preview.approve)}
            </button>
        </ActionForm>
    }
}

/// Sends the letter to one of the addresses that are set for tests.
#[component]
fn TestSend(
    campaign: CampaignId,
    asked: Asked,
    test: ServerAction<SendTest>,
    attempt: Attempt,
    /// Where tests may go; `None` where no mail leaves this installation.
    test_to: Option<Vec<String>>,
    /// A test has just been sent, by a browser without scripts.
    tested: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let pending = test.pending();
    let addresses = match test_to {
        Some(addresses) if !addresses.is_empty() => addresses,
        nowhere => {
            let unset = tu_string!(i18n, campaigns.preview.no_test_address);
            let words = if nowhere.is_some() { unset } else { tu_string!(i18n, campaigns.preview.no_mail) };
            return view! { <p class="muted preview__part">{words}</p> }.into_any();
        }
    };
    let addresses: Vec<_> = addresses.into_iter().map(|address| (address.clone(), address)).collect();
    let guest = asked.guest.map(|guest| view! { <input type="hidden" name="guest" value=guest.to_string()/> });
    view! {
        <ActionForm action=test attr:class="stack preview__part">
            <input type="hidden" name="campaign" value=campaign.to_string()/>
            <input type="hidden" name="language" value=asked.language/>
            {guest}
            <input type="hidden" name="date" value=asked.date/>
            {tested.then(|| view! { <p class="note note--ok">{tu_string!(i18n, campaigns.preview.test_sent)}</p> })}
            <FormNote
                outcome=attempt.outcome
                fields=&["address"]
                see_fields=tu_string!(i18n, campaigns.preview.test_refused)
                done=tu_string!(i18n, campaigns.preview.test_sent)
            />
            <Select
                label=tu_string!(i18n, campaigns.preview.test)
                name="address"
                options=addresses
                selected=attempt.typed("address")
                hint=tu_string!(i18n, campaigns.preview.test_hint)
                error=attempt.problem_in("address")
                id="test-address"
            />
            <button class="button" type="submit" disabled=move || pending.get()>
                {tu_string!(i18n, campaigns.preview.test_send)}
            </button>
        </ActionForm>
    }
    .into_any()
}
