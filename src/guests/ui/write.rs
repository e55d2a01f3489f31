//! What is written on a card: preferences and notes, added and removed.

use super::{
    evidence::Noting,
    words::{audience_words, code_words, group_words},
};
use crate::{
    error::{AppError, Refused},
    guests::{
        Audience, PreferenceCode, PreferenceGroup,
        api::{AddNote, AddPreference, RemoveNote, RemovePreference, remove_note, remove_preference},
    },
    i18n::*,
    ids::{GuestId, NoteId, PreferenceId},
    staff::Role,
    ui::{Attempt, Field, Folded, FormNote, Outcome, Removal, Select, TextArea, announce_done, reset_when_done},
};
use leptos::{html, prelude::*, server_fn::ServerFn};

/// Adds a preference: one of the usual ones in one tap, or one in the colleague's own words.
#[component]
pub fn PreferenceForm(
    guest: GuestId,
    role: Role,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let add = ServerAction::<AddPreference>::new();
    let attempt = Attempt::of(add, refused.as_ref());
    let (sent, pending) = (attempt.outcome, add.pending());
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
    let stated = attempt.typed("stated") != "false";
    view! {
        <Folded label=tu_string!(i18n, guests.write.preference) outcome=sent>
            <FormNote outcome=sent fields=&["value"]/>
            <ActionForm action=add>
                <input type="hidden" name="guest" value=guest.to_string()/>
                // A coded wish knows its group; the field is there for the others.
                <input type="hidden" name="group" value=PreferenceGroup::Handling.code()/>
                <HowWeKnow stated=true/>
                <fieldset class="chips">
                    <legend>{tu_string!(i18n, guests.write.usual)}</legend>
                    <div class="cluster">{usual}</div>
                </fieldset>
            </ActionForm>
            <ActionForm action=add node_ref=own_words>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <HowWeKnow stated/>
                <Select
                    label=tu_string!(i18n, guests.write.group)
                    name="group"
                    options=groups
                    selected=attempt.typed("group")
                    id="preference-group"
                />
                <Field
                    label=tu_string!(i18n, guests.write.own_words)
                    name="value"
                    value=attempt.typed("value")
                    hint=tu_string!(i18n, guests.write.own_words_hint)
                    error=attempt.problem_in("value")
                    required=true
                    autocomplete="off"
                    id="preference-value"
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, guests.write.keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}

/// Whether the guest said so, or a colleague noticed it.
#[component]
fn HowWeKnow(
    /// Which of the two is chosen at first.
    stated: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let noticed = !stated;
    view! {
        <fieldset class="choice">
            <legend>{tu_string!(i18n, guests.write.how_we_know)}</legend>
            <label class="choice__one">
                <input type="radio" name="stated" value="true" checked=stated/>
                <span>{tu_string!(i18n, guests.write.guest_said)}</span>
            </label>
            <label class="choice__one">
                <input type="radio" name="stated" value="false" checked=noticed/>
                <span>{tu_string!(i18n, guests.write.we_noticed)}</span>
            </label>
        </fieldset>
    }
}

/// Adds a note for an audience to which the writer belongs.
#[component]
pub fn NoteForm(
    guest: GuestId,
    role: Role,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let add = ServerAction::<AddNote>::new();
    let attempt = Attempt::of(add, refused.as_ref());
    let (sent, pending) = (attempt.outcome, add.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, guests.write.note_kept));
    count_edits(sent, edits);
    let audiences = Audience::ALL
        .into_iter()
        .filter(|audience| audience.includes(role))
        .map(|audience| (audience.code().to_owned(), audience_words(i18n, audience)))
        .collect::<Vec<_>>();
    view! {
        <Folded label=tu_string!(i18n, guests.write.note) outcome=sent>
            <FormNote outcome=sent fields=&["text", "audience", "until"]/>
            <ActionForm action=add node_ref=form>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <TextArea
                    label=tu_string!(i18n, guests.write.note_text)
                    name="text"
                    value=attempt.typed("text")
                    error=attempt.problem_in("text")
                    required=true
                    id="note-text"
                />
                <Select
                    label=tu_string!(i18n, guests.write.audience)
                    name="audience"
                    options=audiences
                    selected=attempt.typed("audience")
                    error=attempt.problem_in("audience")
                    id="note-audience"
                />
                <Field
                    label=tu_string!(i18n, people.note.until)
                    name="until"
                    kind="date"
                    value=attempt.typed("until")
                    hint=tu_string!(i18n, people.note.until_hint)
                    error=attempt.problem_in("until")
                    id="note-until"
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, guests.write.keep)}
                </button>
            </ActionForm>
        </Folded>
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

/// Removes what is written on one guest's card, and says what stays. Made once for the card, so that it outlives the
/// lines that it removes.
#[derive(Clone, Copy)]
pub struct Removing {
    guest: GuestId,
    action: Action<Written, Result<(), AppError>>,
    gone: MappedSignal<Option<Result<(), AppError>>>,
    pending: Memo<bool>,
    noting: Noting,
}

/// A line on a card.
#[derive(Debug, Clone, Copy)]
enum Written {
    Preference(PreferenceId),
    Note(NoteId),
}

impl Removing {
    #[must_use]
    pub fn new(guest: GuestId, edits: RwSignal<u32>) -> Self {
        let action = Action::new(move |line: &Written| {
            let line = *line;
            async move {
                let answer = match line {
                    Written::Preference(id) => remove_preference(guest, id).await,
                    Written::Note(id) => remove_note(guest, id).await,
                };
                if answer.is_ok() {
                    edits.update(|edits| *edits += 1);
                }
                answer
            }
        });
        Self { guest, action, gone: action.value(), pending: action.pending(), noting: Noting::new(guest, edits) }
    }

    /// What is said of the preferences that stay.
    #[must_use]
    pub fn noting(self) -> Noting {
        self.noting
    }

    /// Why the last line was not removed, or the last word of a preference not kept.
    #[must_use]
    pub fn trouble(self) -> Option<AppError> {
        let gone = self.gone.get().and_then(Result::err);
        gone.or_else(|| self.noting.trouble())
    }
}

/// Removes one preference.
#[component]
pub fn RemovePreferenceButton(
    id: PreferenceId,
    /// The preference in words.
    words: String,
    removing: Removing,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Removal
            label=tu_string!(i18n, guests.write.remove)
            what=words
            action=RemovePreference::url()
            fields=vec![("guest", removing.guest.to_string()), ("preference", id.to_string())]
            pending=removing.pending
            remove=Callback::new(move |()| {
                removing.action.dispatch(Written::Preference(id));
            })
        />
    }
}

/// Removes one note.
#[component]
pub fn RemoveNoteButton(id: NoteId, removing: Removing) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Removal
            label=tu_string!(i18n, guests.write.remove_note)
            action=RemoveNote::url()
            fields=vec![("guest", removing.guest.to_string()), ("note", id.to_string())]
            pending=removing.pending
            remove=Callback::new(move |()| {
                removing.action.dispatch(Written::Note(id));
            })
        />
    }
}
