//! The pages themselves: the house's paper, its name at the head, one sheet.

use super::words;
use crate::{campaigns::CampaignKind, house::ui::own_name, i18n::*, server::AppState};
use axum::{
    http::HeaderValue,
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

/// Nothing on these pages runs, and nothing is fetched for them but the style sheet and the icon.
pub(super) fn policy() -> HeaderValue {
    HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    )
}

pub(super) fn no_robots() -> HeaderValue {
    HeaderValue::from_static("noindex, nofollow")
}

/// What came of the form of a page of preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    Kept,
    /// Nothing was changed.
    Unreadable,
}

/// A page in one language, in the name of a house if it is known whose.
pub(super) struct Page<'a> {
    locale: Locale,
    house: Option<&'a str>,
    stylesheet: String,
}

impl<'a> Page<'a> {
    pub fn new(state: &AppState, locale: Locale, house: Option<&'a str>) -> Self {
        let options = &state.leptos;
        let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
        Self { locale, house, stylesheet }
    }

    /// Asks whether to end this kind or all. `ended` where this kind has been ended already.
    pub fn unsubscribe(&self, kind: CampaignKind, ended: bool, token: &str) -> Response {
        let locale = self.locale;
        let this_kind = words::within(locale, Some(kind));
        let text = if ended {
            td_string!(locale, campaigns.public.unsubscribe.done_kind, kind = this_kind)
        } else {
            td_string!(locale, campaigns.public.unsubscribe.text, kind = this_kind)
        };
        let one = (!ended).then(|| {
            view! {
                <button class="button button--primary button--wide" type="submit" name="choice" value="kind">
                    {words::no_more(locale, kind)}
                </button>
            }
        });
        let sheet = view! {
            <p>{text}</p>
            <form class="stack" method="post" action={self.address("u", token)}>
                {one}
                <button class="button button--wide" type="submit" name="choice" value="all">
                    {words::no_more_at_all(locale)}
                </button>
            </form>
            {self.way_to_preferences(token)}
        };
        self.show(td_string!(locale, campaigns.public.unsubscribe.title), sheet)
    }

    /// Says that it is done, for one kind or all.
    pub fn unsubscribed(&self, kind: Option<CampaignKind>, token: &str) -> Response {
        let locale = self.locale;
        let text = td_string!(locale, campaigns.public.unsubscribe.done_kind, kind = words::within(locale, kind));
        let sheet = view! {
            <p class="note note--ok" role="status">{text}</p>
            <p class="muted">{td_string!(locale, campaigns.public.unsubscribe.stays)}</p>
            {self.way_to_preferences(token)}
        };
        self.show(td_string!(locale, campaigns.public.unsubscribe.done_title), sheet)
    }

    /// The kinds with what holds of each, and whether links are counted where that is offered; with what came of
    /// the form where it was sent.
    pub fn preferences(
        &self,
        granted: &[CampaignKind],
        counting: Option<bool>,
        came: Option<Came>,
        token: &str,
    ) -> Response {
        let locale = self.locale;
        let kinds = CampaignKind::ALL
            .iter()
            .map(|&kind| {
                let hint = format!("{}-text", kind.code());
                view! {
                    <li class="check">
                        <label class="check__label">
                            <input
                                class="check__box"
                                type="checkbox"
                                name="kind"
                                value={kind.code()}
                                checked={granted.contains(&kind)}
                                aria-describedby={hint.clone()}
                            />
                            {words::name(locale, kind)}
                        </label>
                        <p class="field__hint" id={hint}>{words::meaning(locale, kind)}</p>
                    </li>
                }
            })
            .collect_view();
        let counting = counting.map(|agreed| {
            view! {
                <div class="check">
                    <label class="check__label">
                        <input
                            class="check__box"
                            type="checkbox"
                            name="links"
                            value="on"
                            checked={agreed}
                            aria-describedby="links-text"
                        />
                        {td_string!(locale, campaigns.public.preferences.links)}
                    </label>
                    <p class="field__hint" id="links-text">
                        {td_string!(locale, campaigns.public.preferences.links_text)}
                    </p>
                </div>
            }
        });
        let said = came.map(|came| match came {
            Came::Kept => view! {
                <p class="note note--ok" role="status">
                    {td_string!(locale, campaigns.public.preferences.kept)}
                </p>
            }
            .into_any(),
            Came::Unreadable => view! {
                <p class="note note--danger" role="alert">
                    {td_string!(locale, campaigns.public.preferences.unreadable)}
                </p>
            }
            .into_any(),
        });
        let nothing = granted
            .is_empty()
            .then(|| view! { <p class="note">{td_string!(locale, campaigns.public.preferences.nothing)}</p> });
        let sheet = view! {
            {said}
            {nothing}
            <p>{td_string!(locale, campaigns.public.preferences.text)}</p>
            <form class="stack" method="post" action={self.address("preferences", token)}>
                <fieldset class="fields">
                    <legend>{td_string!(locale, campaigns.public.preferences.legend)}</legend>
                    <ul class="stack">{kinds}</ul>
                </fieldset>
                {counting}
                <button class="button button--primary button--wide" type="submit" name="choice" value="keep">
                    {td_string!(locale, campaigns.public.preferences.keep)}
                </button>
                <button class="button button--wide" type="submit" name="choice" value="none">
                    {words::no_more_at_all(locale)}
                </button>
            </form>
        };
        self.show(td_string!(locale, campaigns.public.preferences.title), sheet)
    }

    /// Asks whether the guest really wants what was asked for.
    pub fn confirmation(&self, kind: Option<CampaignKind>, token: &str) -> Response {
        let locale = self.locale;
        let text = words::asked(locale, self.house.unwrap_or_default(), kind);
        let sheet = view! {
            <p>{text}</p>
            <form class="stack" method="post" action={self.address("confirm", token)}>
                <button class="button button--primary button--wide" type="submit">
                    {td_string!(locale, campaigns.public.confirm.yes)}
                </button>
            </form>
        };
        self.show(td_string!(locale, campaigns.public.confirm.title), sheet)
    }

    pub fn confirmed(&self, kind: Option<CampaignKind>) -> Response {
        let locale = self.locale;
        let text = td_string!(locale, campaigns.public.confirm.done, kind = words::within(locale, kind));
        let sheet = view! { <p class="note note--ok" role="status">{text}</p> };
        self.show(td_string!(locale, campaigns.public.confirm.done_title), sheet)
    }

    pub fn nowhere(&self) -> Response {
        let locale = self.locale;
        let sheet = view! { <p>{td_string!(locale, campaigns.public.nowhere.text)}</p> };
        self.show(td_string!(locale, campaigns.public.nowhere.title), sheet)
    }

    pub fn failed(&self) -> Response {
        let locale = self.locale;
        let sheet = view! { <p>{td_string!(locale, campaigns.public.failed.text)}</p> };
        self.show(td_string!(locale, campaigns.public.failed.title), sheet)
    }

    /// Where a form of the page is sent: the answer is in the page's language.
    fn address(&self, page: &str, token: &str) -> String {
        format!("/{page}/{token}?lang={}", self.locale)
    }

    fn way_to_preferences(&self, token: &str) -> impl IntoView + use<> {
        view! {
            <p>
                <a class="row-link" href={self.address("preferences", token)}>
                    {td_string!(self.locale, campaigns.public.unsubscribe.choose)}
                </a>
            </p>
        }
    }

    fn show(&self, title: &'static str, sheet: impl IntoView) -> Response {
        let locale = self.locale;
        let languages = Locale::get_all()
            .iter()
            .map(|&other| {
                view! {
                    <a
                        class="languages__choice"
                        href={format!("?lang={other}")}
                        lang={other.as_str()}
                        hreflang={other.as_str()}
                        aria-current={(other == locale).then_some("true")}
                    >
                        {own_name(other)}
                    </a>
                }
            })
            .collect_view();
        let house = self.house.map(|house| {
            let house = house.to_owned();
            view! { <p class="wordmark wordmark--large">{house}</p> }
        });
        let tab = match self.house {
            Some(house) => format!("{title} · {house}"),
            None => title.to_owned(),
        };
        let page = view! {
            <!DOCTYPE html>
            <html lang={locale.as_str()}>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8f3e7"/>
                    <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#121613"/>
                    <title>{tab}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="stylesheet" href={self.stylesheet.clone()}/>
                </head>
                <body>
                    <div class="front front--letter">
                        <header class="front__mark">{house}</header>
                        <main id="main" class="front__sheet">
                            <h1 class="name">{title}</h1>
                            {sheet}
                        </main>
                        <nav class="front__foot languages" aria-label={td_string!(locale, campaigns.public.language)}>
                            {languages}
                        </nav>
                    </div>
                </body>
            </html>
        };
        Html(page.to_html()).into_response()
    }
}
