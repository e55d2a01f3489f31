//! The forms in which it is written down who is around a guest.

use super::{
    count,
    words::{kind_words, relation_words},
};
use crate::{
    error::Refused,
    guests::relations::{
        LEAD_DAYS, MAX_LEAD_DAYS, MAX_NAME, MAX_TEXT, OccasionKind, PartyLine, Person, Relation,
        api::{AddChild, ChangeParty, Relate, SaveOccasion, TravelTogether},
    },
    i18n::*,
    ids::GuestId,
    ui::{Attempt, Field, Folded, FormNote, Select, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};

/// Says what the one who was chosen is to the guest.
#[component]
pub(super) fn RelateForm(
    who: Person,
    other: Person,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let relate = ServerAction::<Relate>::new();
    // What was typed is of the one who was chosen then.
    let chosen = other.guest.to_string();
    let refused = refused.filter(|refused| refused.typed_in("other") == Some(chosen.as_str()));
    let attempt = Attempt::of(relate, refused.as_ref());
    let (sent, pending) = (attempt.outcome, relate.pending());
    announce_done(sent, tu_string!(i18n, people.around.relate.done));
    count(sent, edits);
    let options = Relation::ALL
        .iter()
        .map(|relation| (relation.code().to_owned(), relation_words(i18n, *relation).to_owned()))
        .collect::<Vec<_>>();
    let label = tu_string!(i18n, people.around.relate.what, other = other.name.address(), name = who.name.address());
    view! {
        <FormNote outcome=sent fields=&["relation"] done=tu_string!(i18n, people.around.relate.done)/>
        <ActionForm action=relate>
            <input type="hidden" name="guest" value=who.guest.to_string()/>
            <input type="hidden" name="other" value=chosen/>
            <div class="people__row">
                <Select
                    label=label
                    name="relation"
                    id="people-relation"
                    options=options
                    selected=attempt.typed("relation")
                    error=attempt.problem_in("relation")
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, people.around.relate.keep)}
                </button>
            </div>
        </ActionForm>
    }
}

/// Has the one who was chosen travel with the guest: in the party that there is, or in one of those two.
#[component]
pub(super) fn TravelForm(
    who: Person,
    other: Person,
    party: Option<PartyLine>,
    /// Arrival and departure of the stay that matters, where they are known.
    stay: Option<(String, String)>,
    action: ServerAction<TravelTogether>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = other.guest.to_string();
    let refused = refused.filter(|refused| refused.typed_in("other") == Some(chosen.as_str()));
    let attempt = Attempt::of(action, refused.as_ref());
    let (sent, pending) = (attempt.outcome, action.pending());
    let is_along = party.as_ref().is_some_and(|party| party.others.iter().any(|(guest, _)| *guest == other.guest));
    let body = match party {
        Some(party) if is_along => {
            view! { <p>{tu_string!(i18n, people.around.travel.along, party = party.name)}</p> }.into_any()
        }
        Some(party) => view! {
            <ActionForm action>
                <input type="hidden" name="guest" value=who.guest.to_string()/>
                <input type="hidden" name="other" value=chosen/>
                <input type="hidden" name="party" value=party.id.to_string()/>
                <button class="button" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, people.around.travel.join, party = party.name)}
                </button>
            </ActionForm>
        }
        .into_any(),
        None => {
            let (arrival, departure) = stay.unwrap_or_default();
            let name = tu_string!(i18n, people.around.travel.name_of, name = who.name.address());
            view! {
                <ActionForm action>
                    <input type="hidden" name="guest" value=who.guest.to_string()/>
                    <input type="hidden" name="other" value=chosen/>
                    <PartyFields attempt=attempt.clone() name arrival departure id="travel"/>
                    <button class="button" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, people.around.travel.begin)}
                    </button>
                </ActionForm>
            }
            .into_any()
        }
    };
    view! {
        <div class="stack" role="group" aria-labelledby="people-travel">
            <h3 id="people-travel">{tu_string!(i18n, people.around.travel.title)}</h3>
            <FormNote
                outcome=sent
                fields=&["name", "arrival", "departure"]
                done=tu_string!(i18n, people.around.travel.done)
            />
            {body}
        </div>
    }
}

/// Name and days of a party.
#[component]
fn PartyFields(
    attempt: Attempt,
    /// What the fields show before anything was typed.
    name: String,
    arrival: String,
    departure: String,
    /// What the ids of the fields begin with.
    id: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Field
            label=tu_string!(i18n, people.around.travel.name)
            name="name"
            id=format!("{id}-name")
            value=attempt.typed_or("name", name)
            error=attempt.problem_in("name")
            maxlength=MAX_NAME
            required=true
            autocomplete="off"
        />
        <div class="people__row">
            <Field
                label=tu_string!(i18n, people.around.travel.arrival)
                name="arrival"
                id=format!("{id}-arrival")
                kind="date"
                value=attempt.typed_or("arrival", arrival)
                error=attempt.problem_in("arrival")
                required=true
            />
            <Field
                label=tu_string!(i18n, people.around.travel.departure)
                name="departure"
                id=format!("{id}-departure")
                kind="date"
                value=attempt.typed_or("departure", departure)
                error=attempt.problem_in("departure")
                required=true
            />
        </div>
    }
}

/// Changes name and days of the party that there is.
#[component]
pub(super) fn PartyForm(
    guest: GuestId,
    party: PartyLine,
    action: ServerAction<ChangeParty>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(action, refused.as_ref());
    let (sent, pending) = (attempt.outcome, action.pending());
    let PartyLine { id, name, arrival, departure, .. } = party;
    view! {
        <Folded label=tu_string!(i18n, people.around.party.open) outcome=sent>
            <FormNote outcome=sent fields=&["name", "arrival", "departure"]/>
            <ActionForm action>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <input type="hidden" name="party" value=id.to_string()/>
                <PartyFields attempt=attempt.clone() name arrival departure id="party"/>
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, people.around.party.keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}

/// Writes a child of the household down.
#[component]
pub(super) fn ChildForm(
    guest: GuestId,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let add = ServerAction::<AddChild>::new();
    let attempt = Attempt::of(add, refused.as_ref());
    let (sent, pending) = (attempt.outcome, add.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, people.around.child.done));
    count(sent, edits);
    view! {
        <Folded label=tu_string!(i18n, people.around.child.open) outcome=sent>
            <FormNote
                outcome=sent
                fields=&["name", "birthday", "likes"]
                done=tu_string!(i18n, people.around.child.done)
            />
            <ActionForm action=add node_ref=form>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <Field
                    label=tu_string!(i18n, people.around.child.name)
                    name="name"
                    id="child-name"
                    value=attempt.typed("name")
                    error=attempt.problem_in("name")
                    maxlength=MAX_NAME
                    required=true
                    autocomplete="off"
                />
                <Field
                    label=tu_string!(i18n, people.around.child.birthday)
                    name="birthday"
                    id="child-birthday"
                    value=attempt.typed("birthday")
                    hint=tu_string!(i18n, people.around.child.birthday_hint)
                    error=attempt.problem_in("birthday")
                    autocomplete="off"
                />
                <Field
                    label=tu_string!(i18n, people.around.child.likes)
                    name="likes"
                    id="child-likes"
                    value=attempt.typed("likes")
                    error=attempt.problem_in("likes")
                    maxlength=MAX_TEXT
                    autocomplete="off"
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, people.around.child.keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}

/// Has the house keep a day of the guest.
#[component]
pub(super) fn OccasionForm(
    guest: GuestId,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveOccasion>::new();
    let attempt = Attempt::of(save, refused.as_ref());
    let (sent, pending) = (attempt.outcome, save.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, people.around.occasion.done));
    count(sent, edits);
    let kinds = OccasionKind::ALL
        .iter()
        .map(|kind| (kind.code().to_owned(), kind_words(i18n, *kind).to_owned()))
        .collect::<Vec<_>>();
    view! {
        <Folded label=tu_string!(i18n, people.around.occasion.open) outcome=sent>
            <FormNote
                outcome=sent
                fields=&["kind", "text", "day", "lead_days"]
                done=tu_string!(i18n, people.around.occasion.done)
            />
            <ActionForm action=save node_ref=form>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <Select
                    label=tu_string!(i18n, people.around.occasion.kind)
                    name="kind"
                    id="occasion-kind"
                    options=kinds
                    selected=attempt.typed("kind")
                    error=attempt.problem_in("kind")
                />
                <Field
                    label=tu_string!(i18n, people.around.occasion.text)
                    name="text"
                    id="occasion-text"
                    value=attempt.typed("text")
                    hint=tu_string!(i18n, people.around.occasion.text_hint)
                    error=attempt.problem_in("text")
                    maxlength=MAX_TEXT
                    autocomplete="off"
                />
                <Field
                    label=tu_string!(i18n, people.around.occasion.day)
                    name="day"
                    id="occasion-day"
                    value=attempt.typed("day")
                    hint=tu_string!(i18n, people.around.occasion.day_hint)
                    error=attempt.problem_in("day")
                    required=true
                    autocomplete="off"
                />
                <Field
                    label=tu_string!(i18n, people.around.occasion.lead)
                    name="lead_days"
                    id="occasion-lead"
                    kind="number"
                    inputmode="numeric"
                    value=attempt.typed_or("lead_days", LEAD_DAYS.to_string())
                    hint=tu_string!(i18n, people.around.occasion.lead_hint)
                    error=attempt.problem_in("lead_days")
                    range=(0, u32::from(MAX_LEAD_DAYS))
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, people.around.occasion.keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}
