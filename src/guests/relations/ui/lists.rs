//! What stands on the page about those around a guest, line by line, with the way to take each line away.

use super::{
    Acts,
    part::{child_line, day_line, name_link, party_words, relation_line},
    words::{child_words, occasion_words, relation_words},
};
use crate::{
    guests::relations::{
        ChildLine, OccasionLine, PartyLine, PeoplePage, RelationLine,
        api::{LeaveParty, RemoveChild, RemoveOccasion, Unrelate},
    },
    i18n::*,
    ids::GuestId,
    ui::{I18n, Removal},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Who is what to the guest.
pub(super) fn people(i18n: I18n, page: &PeoplePage, acts: Acts) -> AnyView {
    let guest = page.who.guest;
    let lines = page.people.iter().map(|line| person(i18n, guest, line, acts)).collect::<Vec<_>>();
    section(i18n, "people-relations", tu_string!(i18n, people.around.people.title), lines)
}

/// Who travels with the guest, where a party is on its way or to come.
pub(super) fn travellers(i18n: I18n, page: &PeoplePage, acts: Acts) -> Option<AnyView> {
    let (party, guest) = (page.party.as_ref()?, page.who.guest);
    let mut lines: Vec<AnyView> = vec![view! { <span>{party_words(i18n, party)}</span> }.into_any()];
    lines.extend(party.others.iter().map(|(other, name)| {
        view! {
            <span>{name_link(*other, name)}</span>
            {leave(i18n, guest, party, *other, name.address(), acts)}
        }
        .into_any()
    }));
    lines.push(leave(i18n, guest, party, guest, String::new(), acts));
    Some(section(i18n, "people-party", tu_string!(i18n, people.around.party.title), lines))
}

/// The children of the household.
pub(super) fn children(i18n: I18n, page: &PeoplePage, acts: Acts) -> AnyView {
    let guest = page.who.guest;
    let lines = page.children.iter().map(|line| child(i18n, guest, line, acts)).collect::<Vec<_>>();
    section(i18n, "people-children", tu_string!(i18n, people.around.child.title), lines)
}

/// The days that the house keeps, for those who are told them.
pub(super) fn days(i18n: I18n, page: &PeoplePage, acts: Acts) -> Option<AnyView> {
    let guest = page.who.guest;
    let lines = page.occasions.as_ref()?.iter().map(|line| day(i18n, guest, line, acts)).collect::<Vec<_>>();
    Some(section(i18n, "people-days", tu_string!(i18n, people.around.occasion.title), lines))
}

fn section(i18n: I18n, id: &'static str, title: &'static str, lines: Vec<AnyView>) -> AnyView {
    let body = if lines.is_empty() {
        view! { <p class="muted">{tu_string!(i18n, people.around.nothing)}</p> }.into_any()
    } else {
        let lines = lines.into_iter().map(|line| view! { <li class="people__line">{line}</li> }).collect_view();
        view! { <ul class="people__lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="stack" aria-labelledby=id>
            <h2 class="section-title" id=id>{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn person(i18n: I18n, guest: GuestId, line: &RelationLine, acts: Acts) -> AnyView {
    let (other, relation) = (line.guest, line.relation.code().to_owned());
    let what = format!("{}: {}", line.name.address(), relation_words(i18n, line.relation));
    let action = acts.unrelate;
    let fields = vec![("guest", guest.to_string()), ("other", other.to_string()), ("relation", relation.clone())];
    view! {
        <span>{relation_line(i18n, line)}</span>
        <Removal
            label=tu_string!(i18n, people.around.remove)
            what=what
            action=Unrelate::url()
            fields=fields
            pending=action.pending()
            remove=Callback::new(move |()| {
                action.dispatch(Unrelate { guest, other, relation: relation.clone() });
            })
        />
    }
    .into_any()
}

/// The way out of a party; for the guest himself where nobody is named.
fn leave(i18n: I18n, guest: GuestId, party: &PartyLine, member: GuestId, name: String, acts: Acts) -> AnyView {
    let (party, action) = (party.id, acts.leave);
    let label = if member == guest {
        tu_string!(i18n, people.around.party.leave_self)
    } else {
        tu_string!(i18n, people.around.party.leaves)
    };
    view! {
        <Removal
            label=label
            what=name
            action=LeaveParty::url()
            fields=vec![("guest", guest.to_string()), ("party", party.to_string()), ("member", member.to_string())]
            pending=action.pending()
            remove=Callback::new(move |()| {
                action.dispatch(LeaveParty { guest, party, member });
            })
        />
    }
    .into_any()
}

fn child(i18n: I18n, guest: GuestId, line: &ChildLine, acts: Acts) -> AnyView {
    let (child, action) = (line.id, acts.child);
    view! {
        {child_line(i18n, line)}
        <Removal
            label=tu_string!(i18n, people.around.remove)
            what=child_words(i18n, line)
            action=RemoveChild::url()
            fields=vec![("guest", guest.to_string()), ("child", child.to_string())]
            pending=action.pending()
            remove=Callback::new(move |()| {
                action.dispatch(RemoveChild { guest, child });
            })
        />
    }
    .into_any()
}

fn day(i18n: I18n, guest: GuestId, line: &OccasionLine, acts: Acts) -> AnyView {
    let (occasion, action) = (line.id, acts.occasion);
    view! {
        <span>{day_line(i18n, line)}</span>
        <Removal
            label=tu_string!(i18n, people.around.remove)
            what=occasion_words(i18n, line)
            action=RemoveOccasion::url()
            fields=vec![("guest", guest.to_string()), ("occasion", occasion.to_string())]
            pending=action.pending()
            remove=Callback::new(move |()| {
                action.dispatch(RemoveOccasion { guest, occasion });
            })
        />
    }
    .into_any()
}
