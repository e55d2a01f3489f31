//! What is written on a card: preferences and notes, added and removed.

use super::words::{audience_words, code_words, group_words};
use crate::{
    error::AppError,
    guests::{
        Audience, PreferenceCode, PreferenceGroup,
        api::{AddNote, AddPreference, RemoveNote, RemovePreference, remove_note, remove_preference},
    },
    i18n::*,
    ids::{GuestId, NoteId, PreferenceId},
    staff::Role,
    ui::{Field, FormNote, Outcome, Select, TextArea, announce_done, outcome, problem_in, reset_when_done},
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn};

/// Adds a preference: one of the usual ones in one tap, or one in the colleague's own words.
#[component]
pub fn PreferenceForm(guest: GuestId, role: Role, edits: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let add = ServerAction::<AddPreference>::new();
    let (sent, pending) = (outcome(add), add.pending());
    let own_words = NodeRef::<html::Form>::new();
    reset_when_done(sent, own_words);
    announce_done(sent, tu_string!(i18n, guests.write.preference_kept));
    count_edits(sent, edits);
    let usual = PreferenceCode::ALL
        .iter()
        .filter(|code| code.group().visible_to(role))
        .map(|code| {
            view! {
                <button class="button" type="submit" name="value" value=code.code() disabled=move || pending.get()>
                    {code_words(i18n, *code)}
                </button>
            }
        })
        .collect_view();
    let groups = PreferenceGroup::ALL
        .into_iter()
        .filter(|group| group.visible_to(role))
        .map(|group| (group.code().to_owned(), group_words(i18n, group)))
        .collect::<Vec<_>>();
    // A form that comes back refused comes back open.
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, guests.write.preference)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=&["value"]/>
                <ActionForm action=add>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    // A coded wish knows its group; the field is there for the others.
                    <input type="hidden" name="group" value=PreferenceGroup::Handling.code()/>
                    <HowWeKnow/>
                    <fieldset class="chips">
                        <legend>{tu_string!(i18n, guests.write.usual)}</legend>
                        <div class="cluster">{usual}</div>
                    </fieldset>
                </ActionForm>
                <ActionForm action=add node_ref=own_words>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <HowWeKnow/>
                    <Select
                        label=tu_string!(i18n, guests.write.group)
                        name="group"
                        options=groups
                        id="preference-group"
                    />
                    <Field
                        label=tu_string!(i18n, guests.write.own_words)
                        name="value"
                        hint=tu_string!(i18n, guests.write.own_words_hint)
                        error=problem_in(sent, "value")
                        required=true
                        autocomplete="off"
                        id="preference-value"
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, guests.write.keep)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// Whether the guest said so, or a colleague noticed it.
#[component]
fn HowWeKnow() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <fieldset class="choice">
            <legend>{tu_string!(i18n, guests.write.how_we_know)}</legend>
            <label class="choice__one">
                <input type="radio" name="stated" value="true" checked=true/>
                <span>{tu_string!(i18n, guests.write.guest_said)}</span>
            </label>
            <label class="choice__one">
                <input type="radio" name="stated" value="false"/>
                <span>{tu_string!(i18n, guests.write.we_noticed)}</span>
            </label>
        </fieldset>
    }
}

/// Adds a note for an audience to which the writer belongs.
#[component]
pub fn NoteForm(guest: GuestId, role: Role, edits: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let add = ServerAction::<AddNote>::new();
    let (sent, pending) = (outcome(add), add.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, guests.write.note_kept));
    count_edits(sent, edits);
    let audiences = Audience::ALL
        .into_iter()
        .filter(|audience| audience.includes(role))
        .map(|audience| (audience.code().to_owned(), audience_words(i18n, audience)))
        .collect::<Vec<_>>();
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, guests.write.note)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=&["text"]/>
                <ActionForm action=add node_ref=form>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <TextArea
                        label=tu_string!(i18n, guests.write.note_text)
                        name="text"
                        error=problem_in(sent, "text")
                        required=true
                        id="note-text"
                    />
                    <Select
                        label=tu_string!(i18n, guests.write.audience)
                        name="audience"
                        options=audiences
                        id="note-audience"
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, guests.write.keep)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// Counts what was kept, so that the card is loaded again.
fn count_edits(sent: Outcome, edits: RwSignal<u32>) {
    Effect::new(move |_| {
        if matches!(sent.get(), Some(Ok(()))) {
            edits.update(|edits| *edits += 1);
        }
    });
}

/// Removes what is written on one guest's card. Made once for the card, so that it outlives the lines
/// that it removes.
#[derive(Clone, Copy)]
pub struct Removing {
    guest: GuestId,
    preference: Action<PreferenceId, Result<(), AppError>>,
    note: Action<NoteId, Result<(), AppError>>,
    preference_gone: MappedSignal<Option<Result<(), AppError>>>,
    note_gone: MappedSignal<Option<Result<(), AppError>>>,
}

impl Removing {
    #[must_use]
    pub fn new(guest: GuestId, edits: RwSignal<u32>) -> Self {
        let counted = move |answer: Result<(), AppError>| {
            if answer.is_ok() {
                edits.update(|edits| *edits += 1);
            }
            answer
        };
        let preference = Action::new(move |id: &PreferenceId| {
            let id = *id;
            async move { counted(remove_preference(guest, id).await) }
        });
        let note = Action::new(move |id: &NoteId| {
            let id = *id;
            async move { counted(remove_note(guest, id).await) }
        });
        Self { guest, preference, note, preference_gone: preference.value(), note_gone: note.value() }
    }

    /// Why the last line was not removed.
    #[must_use]
    pub fn trouble(self) -> Option<AppError> {
        let failed = |gone: MappedSignal<Option<Result<(), AppError>>>| gone.get().and_then(Result::err);
        failed(self.preference_gone).or_else(|| failed(self.note_gone))
    }
}

/// Removes one preference, on the second tap: an allergy is not taken off a card by mistake.
#[component]
pub fn RemovePreferenceButton(
    id: PreferenceId,
    /// The preference in words, for those who hear the button rather than see where it stands.
    words: String,
    removing: Removing,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <details class="remove">
            <summary class="button button--quiet">
                {tu_string!(i18n, guests.write.remove)}
                <span class="visually-hidden">" " {words}</span>
            </summary>
            <form
                method="post"
                action=RemovePreference::url()
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    removing.preference.dispatch(id);
                }
            >
                <input type="hidden" name="guest" value=removing.guest.to_string()/>
                <input type="hidden" name="preference" value=id.to_string()/>
                <button class="button button--danger" type="submit">
                    {tu_string!(i18n, guests.write.remove_yes)}
                </button>
            </form>
        </details>
    }
}

/// Removes one note.
#[component]
pub fn RemoveNoteButton(id: NoteId, removing: Removing) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <details class="remove">
            <summary class="button button--quiet">
                {tu_string!(i18n, guests.write.remove_note)}
            </summary>
            <form
                method="post"
                action=RemoveNote::url()
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    removing.note.dispatch(id);
                }
            >
                <input type="hidden" name="guest" value=removing.guest.to_string()/>
                <input type="hidden" name="note" value=id.to_string()/>
                <button class="button button--danger" type="submit">
                    {tu_string!(i18n, guests.write.remove_yes)}
                </button>
            </form>
        </details>
    }
}
