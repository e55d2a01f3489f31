//! How well a preference is known, in words, and what a colleague says of it in one tap.

use crate::{
    error::AppError,
    guests::{
        Preference,
        evidence::{Cue, Evidence, HonourOutcome, Standing},
        evidence_api::{
            ConfirmPreference, ContradictPreference, MarkHonoured, SetCue, confirm_preference, contradict_preference,
            mark_honoured, set_cue,
        },
    },
    i18n::*,
    ids::{GuestId, PreferenceId},
    ui::{I18n, announce_done, date},
};
use chrono::NaiveDate;
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

/// Says what colleagues know of one guest's preferences. Made once for the card, so that it outlives the lines that
/// change with it.
#[derive(Clone, Copy)]
pub struct Noting {
    guest: GuestId,
    action: Action<(PreferenceId, Noted), Result<(), AppError>>,
    came: MappedSignal<Option<Result<(), AppError>>>,
    pending: Memo<bool>,
}

/// What is said of a preference.
#[derive(Debug, Clone, Copy)]
enum Noted {
    Confirmed,
    Contradicted,
    Marked(HonourOutcome),
    /// What one does with it, and whether it holds in this house alone.
    Used(Cue, bool),
}

impl Noting {
    #[must_use]
    pub fn new(guest: GuestId, edits: RwSignal<u32>) -> Self {
        let i18n = use_i18n();
        let action = Action::new(move |said: &(PreferenceId, Noted)| {
            let (id, noted) = *said;
            async move {
                let answer = match noted {
                    Noted::Confirmed => confirm_preference(guest, id).await,
                    Noted::Contradicted => contradict_preference(guest, id).await,
                    Noted::Marked(outcome) => mark_honoured(guest, id, outcome.code().to_owned()).await,
                    Noted::Used(cue, only_here) => set_cue(guest, id, cue.code().to_owned(), only_here).await,
                };
                if answer.is_ok() {
                    edits.update(|edits| *edits += 1);
                }
                answer
            }
        });
        let came = action.value();
        announce_done(Signal::derive(move || came.get()), tu_string!(i18n, memory.evidence.kept));
        Self { guest, action, came, pending: action.pending() }
    }

    /// Why the last word was not kept.
    #[must_use]
    pub fn trouble(self) -> Option<AppError> {
        self.came.get().and_then(Result::err)
    }
}

/// What can be said of a preference.
struct Tap {
    label: &'static str,
    /// Address of the server function, and its fields beside the guest and the preference.
    action: &'static str,
    fields: Vec<(&'static str, String)>,
    noted: Noted,
    /// Whether it is what was said last, where that is shown.
    pressed: Option<bool>,
}

/// One tap on a preference (`what`, in words). Without scripts it is a plain form.
fn tap(id: PreferenceId, what: &str, tap: Tap, noting: Noting) -> AnyView {
    let Tap { label, action, fields, noted, pressed } = tap;
    let (pending, what) = (noting.pending, what.to_owned());
    let pressed = pressed.map(|is_pressed| is_pressed.to_string());
    let of = [("guest", noting.guest.to_string()), ("preference", id.to_string())];
    let fields = of
        .into_iter()
        .chain(fields)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <form
            method="post"
            action=action
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                noting.action.dispatch((id, noted));
            }
        >
            {fields}
            <button
                class="button button--quiet evidence__tap"
                type="submit"
                aria-pressed=pressed
                disabled=move || pending.get()
            >
                {label}
                <span class="visually-hidden">" " {what}</span>
            </button>
        </form>
    }
    .into_any()
}

/// That it still holds.
pub(super) fn confirm(i18n: I18n, preference: &Preference, what: &str, noting: Noting) -> AnyView {
    let still_so = Tap {
        label: tu_string!(i18n, memory.evidence.confirm),
        action: ConfirmPreference::url(),
        fields: Vec::new(),
        noted: Noted::Confirmed,
        pressed: None,
    };
    tap(preference.id, what, still_so, noting)
}

/// Everything that can be said of a preference; what the stay made of it, while the guest is in house.
pub(super) fn taps(i18n: I18n, preference: &Preference, what: &str, in_house: bool, noting: Noting) -> AnyView {
    let not_so = Tap {
        label: tu_string!(i18n, memory.evidence.contradict),
        action: ContradictPreference::url(),
        fields: Vec::new(),
        noted: Noted::Contradicted,
        pressed: None,
    };
    let not_so = preference.evidence.contradicted.is_none().then(|| tap(preference.id, what, not_so, noting));
    let marks = in_house.then(|| {
        HonourOutcome::ALL
            .iter()
            .map(|&outcome| tap(preference.id, what, mark(i18n, preference, outcome), noting))
            .collect_view()
    });
    view! {
        <div class="evidence">
            {confirm(i18n, preference, what, noting)}
            {not_so}
            {marks}
            {how_to_use(i18n, preference, what, noting)}
        </div>
    }
    .into_any()
}

fn mark(i18n: I18n, preference: &Preference, outcome: HonourOutcome) -> Tap {
    Tap {
        label: match outcome {
            HonourOutcome::Honoured => tu_string!(i18n, memory.evidence.honoured),
            HonourOutcome::Missed => tu_string!(i18n, memory.evidence.missed),
        },
        action: MarkHonoured::url(),
        fields: vec![("outcome", outcome.code().to_owned())],
        noted: Noted::Marked(outcome),
        pressed: Some(preference.evidence.marked == Some(outcome)),
    }
}

/// Whether it is said or done without a word, and where it holds. Behind a first tap, as it is seldom changed.
fn how_to_use(i18n: I18n, preference: &Preference, what: &str, noting: Noting) -> AnyView {
    let evidence = &preference.evidence;
    let is_here_only = evidence.only_in.is_some();
    let used = |label, cue: Cue, only_here: bool| Tap {
        label,
        action: SetCue::url(),
        fields: vec![("cue", cue.code().to_owned()), ("only_here", only_here.to_string())],
        noted: Noted::Used(cue, only_here),
        pressed: Some(cue == evidence.cue && only_here == is_here_only),
    };
    let ways = [
        used(tu_string!(i18n, memory.evidence.say), Cue::Say, is_here_only),
        used(tu_string!(i18n, memory.evidence.silent), Cue::Silent, is_here_only),
        used(tu_string!(i18n, memory.evidence.everywhere), evidence.cue, false),
        used(tu_string!(i18n, memory.evidence.only_here), evidence.cue, true),
    ];
    let ways = ways.into_iter().map(|way| tap(preference.id, what, way, noting)).collect_view();
    let again = evidence.reconfirm_by.map(|day| {
        let day = date::long_date(i18n, &day.to_string());
        view! { <p class="muted">{tu_string!(i18n, memory.evidence.ask_from, day = day)}</p> }
    });
    let what = what.to_owned();
    view! {
        <details class="evidence__use">
            <summary class="button button--quiet evidence__tap">
                {tu_string!(i18n, memory.evidence.how)}
                <span class="visually-hidden">" " {what}</span>
            </summary>
            <div class="evidence__ways">{ways} {again}</div>
        </details>
    }
    .into_any()
}

/// How well something is known: nothing to add of what the guest said once.
fn standing_words(i18n: I18n, evidence: &Evidence, today: NaiveDate, fade_days: u16) -> Option<String> {
    match evidence.standing(today, fade_days) {
        Standing::Stated if evidence.times > 1 => Some(tu_string!(i18n, memory.evidence.said, times = evidence.times)),
        Standing::Stated => None,
        Standing::Habit => Some(tu_string!(i18n, memory.evidence.habit, times = evidence.times)),
        Standing::Twice => Some(tu_string!(i18n, memory.evidence.twice).to_owned()),
        Standing::Once => Some(tu_string!(i18n, memory.evidence.once).to_owned()),
        Standing::Fading => Some(tu_string!(i18n, memory.evidence.fading).to_owned()),
        Standing::Contradicted => evidence.contradicted.as_ref().map(|(day, by)| {
            let on = date::short_date(i18n, &day.to_string());
            tu_string!(i18n, memory.evidence.contradicted, by = by.clone(), on = on)
        }),
    }
}

/// The marks of a preference: how well it is known, that it is to be said, and where alone it holds.
pub(super) fn badges(i18n: I18n, evidence: &Evidence, today: NaiveDate, fade_days: u16) -> AnyView {
    let is_unsure =
        matches!(evidence.standing(today, fade_days), Standing::Once | Standing::Fading | Standing::Contradicted);
    let class = if is_unsure { "badge evidence__mark evidence__mark--unsure" } else { "badge evidence__mark" };
    let standing =
        standing_words(i18n, evidence, today, fade_days).map(|words| view! { <span class=class>{words}</span> " " });
    let plain = |words: String| view! { <span class="badge evidence__mark">{words}</span> " " };
    let cue = (evidence.cue == Cue::Say).then(|| plain(tu_string!(i18n, memory.evidence.cue_say).to_owned()));
    let only = evidence.only_in.clone().map(|house| plain(tu_string!(i18n, memory.evidence.only_in, house = house)));
    view! {
        {standing}
        {cue}
        {only}
    }
    .into_any()
}

/// "last 3 Mar 2026, Li", of what was said or seen more than once.
pub(super) fn last_words(i18n: I18n, evidence: &Evidence) -> Option<String> {
    let on = date::short_date(i18n, &evidence.last.to_string());
    (evidence.times > 1).then(|| tu_string!(i18n, memory.evidence.last, on = on, by = evidence.last_by.clone()))
}
