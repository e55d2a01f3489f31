//! The parts of a card, from what must be known before one speaks to what is good to know.

use super::{
    known::{dietary, wishes},
    words::{audience_words, language_words, presence_words, status_words, stay_words, vip_words},
    write::{RemoveNoteButton, Removing},
};
use crate::{
    guests::{
        Birthday, Flags, Note,
        card::{BookingWords, Contact, GuestCard, Spend},
        relations::ui::people_part,
        rhythm,
    },
    i18n::*,
    loyalty::ui::points_part,
    requests::{asked::ui::asked_part, recovery},
    staff::{Ability, Me, Role},
    stays::Presence,
    ui::{I18n, date, money},
};
use leptos::prelude::*;

/// The marks beside the name: whether the guest is here, room, VIP level, language.
pub fn marks(i18n: I18n, card: &GuestCard) -> AnyView {
    let identity = card.identity();
    let presence = (identity.presence != Presence::Elsewhere).then(|| presence_words(i18n, identity.presence));
    let room = card.room().map(|room| tu_string!(i18n, guests.card.room, room = room.to_owned()));
    let vip = vip_words(i18n, identity.vip);
    let language = identity.language.as_deref().map(|code| language_words(i18n, code));
    let badge = |words: Option<String>, class: &'static str| words.map(|words| view! { <li class=class>{words}</li> });
    view! {
        <ul class="guest__marks cluster">
            {badge(room, "badge badge--room")} {badge(presence, "badge")} {badge(vip, "badge badge--vip")}
            {badge(language, "badge")}
        </ul>
    }
    .into_any()
}

/// Everything on a card below its head.
pub fn sections(i18n: I18n, card: &GuestCard, me: &Me, removing: Removing) -> AnyView {
    let identity = card.identity();
    let of_reception = match card {
        GuestCard::Reception(card) => Some(&**card),
        GuestCard::Manager(card) => Some(&card.reception),
        _ => None,
    };
    let (spend, rate) = match card {
        GuestCard::Manager(card) => (Some(&card.spend), card.rate.as_ref()),
        GuestCard::Marketing(card) => (Some(&card.spend), None),
        _ => (None, None),
    };
    let rate = rate.map(|(currency, minor)| tu_string!(i18n, guests.card.rate, amount = money(*minor, currency)));
    let facts = vec![
        stays(i18n, card),
        booking(i18n, card),
        rhythm::ui::on_card(i18n, card),
        rate,
        card.birthday().map(|birthday| birthday_words(i18n, birthday)),
        of_reception
            .and_then(|card| card.membership.clone())
            .map(|number| tu_string!(i18n, guests.card.membership, number = number)),
        of_reception
            .and_then(|card| card.nationality.clone())
            .map(|country| tu_string!(i18n, guests.card.nationality, country = country)),
    ];
    view! {
        {recovery::ui::on_card(i18n, card)}
        {identity.incognito.then(|| band(tu_string!(i18n, guests.card.incognito), "band band--incognito"))}
        {identity.deceased.then(|| band(tu_string!(i18n, guests.card.deceased), "band band--flag"))}
        {of_reception.and_then(|card| blocklisted(i18n, card.flags))}
        {card.served().and_then(|served| asked_part(i18n, &served.requests))}
        {dietary(i18n, card, me.role, removing)}
        <ul class="guest__facts">
            {facts.into_iter().flatten().map(|fact| view! { <li>{fact}</li> }).collect_view()}
        </ul>
        {of_reception.and_then(|card| booked(i18n, &card.booked))}
        {wishes(i18n, card, me.role, removing)}
        {notes(i18n, card.notes(), me, removing)}
        {people_part(i18n, card)}
        {contact(i18n, card)}
        {points_part(i18n, card)}
        {spend.and_then(|spend| spend_lines(i18n, spend))}
    }
    .into_any()
}

fn band(words: &'static str, class: &'static str) -> AnyView {
    view! { <p class=class>{words}</p> }.into_any()
}

fn blocklisted(i18n: I18n, flags: Flags) -> Option<AnyView> {
    flags.blocklisted.then(|| band(tu_string!(i18n, guests.card.blocklisted), "band band--flag"))
}

/// "Second stay, last here in March 2023, room 904."
fn stays(i18n: I18n, card: &GuestCard) -> Option<String> {
    let history = card.history()?;
    let count = match (card.identity().presence, history.stay_number) {
        (Presence::Elsewhere, 0) => tu_string!(i18n, guests.card.never_here).to_owned(),
        (Presence::Elsewhere, number) => tu_string!(i18n, guests.card.stays_so_far, count = number),
        (_, number) => stay_words(i18n, number),
    };
    let last = match &history.last {
        Some((departure, Some(room))) => {
            let month = date::month_year(i18n, departure);
            tu_string!(i18n, guests.card.last_here_room, month = month, room = room.clone())
        }
        Some((departure, None)) => tu_string!(i18n, guests.card.last_here, month = date::month_year(i18n, departure)),
        None => return Some(count),
    };
    Some(tu_string!(i18n, guests.card.history, stays = count, last = last))
}

/// "3 March to 6 March 2026, in house": the stay that matters now.
fn booking(i18n: I18n, card: &GuestCard) -> Option<String> {
    if let Some(stay) = card.stay() {
        return Some(tu_string!(
            i18n,
            guests.card.booking,
            arrival = date::long_date(i18n, &stay.arrival),
            departure = date::long_date(i18n, &stay.departure),
            status = status_words(i18n, stay.status),
            house = stay.house.clone()
        ));
    }
    let GuestCard::Marketing(card) = card else { return None };
    let (arrival, departure) = card.dates.as_ref()?;
    Some(tu_string!(
        i18n,
        guests.card.dates,
        arrival = date::long_date(i18n, arrival),
        departure = date::long_date(i18n, departure)
    ))
}

/// Day and month; the year, where it is known to the role, stands in the form alone: no age is shown.
fn birthday_words(i18n: I18n, birthday: Birthday) -> String {
    tu_string!(i18n, guests.card.birthday, day = date::day_month(i18n, birthday.month, birthday.day))
}

/// What came with the booking, in its words.
fn booked(i18n: I18n, words: &BookingWords) -> Option<AnyView> {
    let health = words.health.clone().map(|words| tu_string!(i18n, guests.card.booked_allergies, words = words));
    let lines: Vec<String> = words.requests.clone().into_iter().chain(health).collect();
    if lines.is_empty() {
        return None;
    }
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-requests">
                <h3 id="guest-requests">{tu_string!(i18n, guests.card.requests)}</h3>
                {lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            </section>
        }
        .into_any(),
    )
}

fn notes(i18n: I18n, notes: &[Note], me: &Me, removing: Removing) -> Option<AnyView> {
    if notes.is_empty() {
        return None;
    }
    let lines = notes
        .iter()
        .map(|note| {
            let id = note.id;
            let mine = me.role == Role::Manager || note.staff == Some(me.staff);
            let remove = (mine && me.role.may(Ability::WriteNotes)).then(|| view! { <RemoveNoteButton id removing/> });
            let until = note.until.as_deref().map(|day| {
                let words = tu_string!(i18n, people.note.ends, day = date::long_date(i18n, day));
                view! { <p class="muted">{words}</p> }
            });
            view! {
                <li class="note-line">
                    <p>{note.text.clone()}</p>
                    <p class="muted">
                        {tu_string!(
                            i18n,
                            guests.card.note_by,
                            by = note.by.clone(),
                            at = date::moment(i18n, &note.at),
                            audience = audience_words(i18n, note.audience)
                        )}
                    </p>
                    {until}
                    {remove}
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-notes">
                <h3 id="guest-notes">{tu_string!(i18n, guests.card.notes)}</h3>
                <ul class="note-lines">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}

/// Where the guest can be reached, as much of it as the role may see.
fn contact(i18n: I18n, card: &GuestCard) -> Option<AnyView> {
    let contact = match card {
        GuestCard::Reception(card) => card.contact.clone(),
        GuestCard::Manager(card) => card.reception.contact.clone(),
        GuestCard::Concierge(card) => Contact { phones: card.phones.clone(), emails: Vec::new(), address: None },
        GuestCard::Marketing(card) => {
            Contact { phones: card.masked_phones.clone(), emails: card.masked_emails.clone(), address: None }
        }
        GuestCard::Floor(_) | GuestCard::Host(_) => return None,
    };
    let lines: Vec<String> = contact.phones.into_iter().chain(contact.emails).chain(contact.address).collect();
    if lines.is_empty() {
        return None;
    }
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-contact">
                <h3 id="guest-contact">{tu_string!(i18n, guests.card.contact)}</h3>
                <ul class="guest__contact">
                    {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                </ul>
            </section>
        }
        .into_any(),
    )
}

fn spend_lines(i18n: I18n, spend: &Spend) -> Option<AnyView> {
    if spend.totals.is_empty() {
        return None;
    }
    let lines =
        spend.totals.iter().map(|(currency, minor)| view! { <li>{money(*minor, currency)}</li> }).collect_view();
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-spend">
                <h3 id="guest-spend">{tu_string!(i18n, guests.card.spend)}</h3>
                <ul>{lines}</ul>
            </section>
        }
        .into_any(),
    )
}
