//! The part of a card that tells whether the guest gets greetings, keeps them back for a while, and says
//! what the guest said about being written to.

mod ask;
mod lift;
mod told;

use super::{
    GuestGreetings, Hold, MAX_REASON,
    api::{AskConsent, EndHold, HoldGreetings, LiftSuppression, TakeDownConsent, card_greetings},
};
use crate::{
    alerts::live::{refetch_when, use_live},
    campaigns::{CampaignKind, ConsentLine, ui::words::kind_words},
    error::{AppError, Refused},
    guests::ui::words::language_words,
    i18n::*,
    ui::{Attempt, Field, Folded, FormNote, I18n, announce_done, date, reset_when_done},
};
use ask::AskForm;
use leptos::{html, prelude::*};
use lift::{Suppression, lifted_lines};
use told::ToldForm;

/// Greetings on a guest's card, for those who may hold them.
#[component]
pub fn GreetingsPanel(
    /// As the card was loaded.
    loaded: GuestGreetings,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let guest = loaded.guest;
    let (set, end) = (ServerAction::<HoldGreetings>::new(), ServerAction::<EndHold>::new());
    let attempt = Attempt::of(set, refused.as_ref());
    let (tried, pending) = (attempt.outcome, set.pending());
    let undone = Attempt::of(end, refused.as_ref()).outcome;
    let (ask, lift) = (ServerAction::<AskConsent>::new(), ServerAction::<LiftSuppression>::new());
    let (asking, lifting) = (Attempt::of(ask, refused.as_ref()), Attempt::of(lift, refused.as_ref()));
    let tell = ServerAction::<TakeDownConsent>::new();
    let telling = Attempt::of(tell, refused.as_ref());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, campaigns.hold.kept));
    announce_done(undone, tu_string!(i18n, campaigns.hold.ended));
    announce_done(asking.outcome, tu_string!(i18n, campaigns.hold.ask.sent));
    announce_done(lifting.outcome, tu_string!(i18n, campaigns.hold.suppressed.lifted));
    announce_done(telling.outcome, tu_string!(i18n, campaigns.hold.told.kept));
    let language = loaded.language.clone();
    let shown = RwSignal::new(loaded);
    let suppressed = Memo::new(move |_| shown.with(|shown| shown.suppressed.clone()));
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || {
            let held = (set.version().get(), end.version().get());
            let said = (ask.version().get(), tell.version().get());
            (live.reset.get(), changed.get(), held, said, lift.version().get())
        },
        move || card_greetings(guest),
        move |answer: Result<GuestGreetings, AppError>| {
            if let Ok(now) = answer {
                shown.set(now);
            }
        },
    );
    view! {
        <section class="guest__part" aria-labelledby="guest-greetings">
            <h3 id="guest-greetings">{tu_string!(i18n, campaigns.hold.title)}</h3>
            {move || {
                shown
                    .with(|shown| shown.open_complaint)
                    .then(|| view! { <p class="note note--warn">{tu_string!(i18n, care.hold.open)}</p> })
            }}
            <div class="locator cluster">
                <p role="status">{move || shown.with(|shown| standing(i18n, shown.hold.as_ref()))}</p>
                {move || {
                    shown
                        .with(|shown| shown.hold.is_some())
                        .then(|| {
                            view! {
                                <ActionForm action=end>
                                    <input type="hidden" name="guest" value=guest.to_string()/>
                                    <button class="button button--quiet" type="submit">
                                        {tu_string!(i18n, campaigns.hold.end)}
                                    </button>
                                </ActionForm>
                            }
                        })
                }}
                <Folded label=tu_string!(i18n, campaigns.hold.say) outcome=tried>
                    <FormNote outcome=tried fields=&["reason", "until"]/>
                    <ActionForm action=set node_ref=form>
                        <input type="hidden" name="guest" value=guest.to_string()/>
                        <Field
                            label=tu_string!(i18n, campaigns.hold.reason)
                            name="reason"
                            id="hold-reason"
                            value=attempt.typed("reason")
                            hint=tu_string!(i18n, campaigns.hold.reason_hint)
                            error=attempt.problem_in("reason")
                            maxlength=MAX_REASON
                            autocomplete="off"
                            required=true
                        />
                        <Field
                            label=tu_string!(i18n, campaigns.hold.until)
                            name="until"
                            id="hold-until"
                            kind="date"
                            value=attempt.typed("until")
                            hint=tu_string!(i18n, campaigns.hold.until_hint)
                            error=attempt.problem_in("until")
                        />
                        <button class="button button--primary" type="submit" disabled=move || pending.get()>
                            {tu_string!(i18n, campaigns.hold.keep)}
                        </button>
                    </ActionForm>
                </Folded>
                <AskForm guest action=ask attempt=asking/>
                <ToldForm guest language action=tell attempt=telling/>
            </div>
            <FormNote outcome=undone/>
            {move || {
                shown
                    .with(|shown| shown.address.clone())
                    .map(|address| {
                        view! { <p class="muted">{tu_string!(i18n, campaigns.hold.address, address = address)}</p> }
                    })
            }}
            {move || {
                shown
                    .with(|shown| shown.waits)
                    .then(|| view! { <p class="muted">{tu_string!(i18n, campaigns.hold.waits)}</p> })
            }}
            <Suppression guest suppressed action=lift attempt=lifting/>
            {move || shown.with(|shown| history(i18n, &shown.consent))}
            {move || shown.with(|shown| lifted_lines(i18n, &shown.lifted))}
        </section>
    }
}

/// Whether greetings are kept back, by whom and why.
fn standing(i18n: I18n, hold: Option<&Hold>) -> AnyView {
    let Some(hold) = hold else {
        return view! { <span class="muted">{tu_string!(i18n, campaigns.hold.none)}</span> }.into_any();
    };
    let words = match &hold.until {
        Some(until) => tu_string!(
            i18n,
            campaigns.hold.held_until,
            reason = hold.reason.clone(),
            day = date::long_date(i18n, until)
        ),
        None => tu_string!(i18n, campaigns.hold.held, reason = hold.reason.clone()),
    };
    let by = tu_string!(i18n, campaigns.hold.by, who = hold.by.clone(), at = date::moment(i18n, &hold.at));
    view! {
        <strong>{words}</strong>
        " "
        <span class="muted">{by}</span>
    }
    .into_any()
}

/// What the guest said about being written to, newest first.
fn history(i18n: I18n, lines: &[ConsentLine]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="muted">{tu_string!(i18n, campaigns.hold.no_consent)}</p> }.into_any();
    }
    let lines = lines
        .iter()
        .map(|line| {
            let wording = line.wording.clone().map(|wording| {
                view! { <p lang=line.language.clone()>{tu_string!(i18n, campaigns.hold.wording, words = wording)}</p> }
            });
            view! {
                <li class="note-line">
                    <p>{said(i18n, line)}</p>
                    {wording}
                    <p class="muted">{told_by(i18n, line)}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="consent">
            <summary class="button button--quiet">{tu_string!(i18n, campaigns.hold.history)}</summary>
            <ul class="note-lines">{lines}</ul>
        </details>
    }
    .into_any()
}

/// All greetings, and each kind of them, for a choice.
fn kind_options(i18n: I18n) -> Vec<(String, String)> {
    let all = (String::new(), tu_string!(i18n, campaigns.hold.all_kinds).to_owned());
    let kinds = CampaignKind::ALL.iter().map(|&kind| (kind.code().to_owned(), kind_words(i18n, kind).to_owned()));
    std::iter::once(all).chain(kinds).collect()
}

/// "Agreed to birthday greetings."
fn said(i18n: I18n, line: &ConsentLine) -> String {
    let all = || {
        if line.about_links {
            tu_string!(i18n, campaigns.hold.links)
        } else {
            tu_string!(i18n, campaigns.hold.all_kinds)
        }
    };
    let about = line.kind.map_or_else(all, |kind| kind_words(i18n, kind));
    match (line.pending, line.granted) {
        (true, _) if line.waits => tu_string!(i18n, campaigns.hold.pending, about = about),
        (true, _) if line.source.starts_with("colleague ") => tu_string!(i18n, campaigns.hold.said_yes, about = about),
        (true, _) => tu_string!(i18n, campaigns.hold.asked, about = about),
        (false, true) => tu_string!(i18n, campaigns.hold.granted, about = about),
        (false, false) => tu_string!(i18n, campaigns.hold.refused, about = about),
    }
}

/// When, by which way, in which language, and who took it down.
fn told_by(i18n: I18n, line: &ConsentLine) -> String {
    let source = match line.source.as_str() {
        "one_click" => tu_string!(i18n, campaigns.hold.source.one_click).to_owned(),
        "unsubscribe_page" => tu_string!(i18n, campaigns.hold.source.unsubscribe_page).to_owned(),
        "preferences_page" => tu_string!(i18n, campaigns.hold.source.preferences_page).to_owned(),
        "confirmation" => tu_string!(i18n, campaigns.hold.source.confirmation).to_owned(),
        "complaint" => tu_string!(i18n, campaigns.hold.source.complaint).to_owned(),
        "colleague desk" => tu_string!(i18n, campaigns.hold.source.desk).to_owned(),
        "colleague telephone" => tu_string!(i18n, campaigns.hold.source.telephone).to_owned(),
        "colleague letter" => tu_string!(i18n, campaigns.hold.source.letter).to_owned(),
        "asked" => tu_string!(i18n, campaigns.hold.source.asked).to_owned(),
        "not_sent" => tu_string!(i18n, campaigns.hold.source.not_sent).to_owned(),
        other => match other.strip_prefix("booking ") {
            Some(number) => tu_string!(i18n, campaigns.hold.source.booking, number = number.to_owned()),
            None => other.to_owned(),
        },
    };
    let language = line.language.as_deref().map(|code| language_words(i18n, code));
    let parts = [Some(date::moment(i18n, &line.at)), Some(source), language, line.author.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
