//! The guests whom a chunk's bookings may be of, as the chunk leaves them.

use super::{
    Booking,
    matching::{birthdays_agree, may_be_one},
    rows,
};
use crate::{
    guests::{
        Birthday, PreferenceGroup, PreferenceValue, names,
        store::{GuestRow, PreferenceRow, match_keys},
    },
    ids::GuestId,
    server::db::{DbError, id_of},
};
use std::collections::{HashMap, HashSet};

/// Most numbers and addresses that bookings add to a profile.
const CONTACTS: usize = 8;

/// A guest who was known before, or is since an earlier booking of the chunk.
pub(super) struct Known {
    pub row: GuestRow,
    pub is_new: bool,
    /// Whether a booking has filled something that the profile lacked.
    pub changed: bool,
    birthday: Option<Birthday>,
    preferences: HashSet<(PreferenceGroup, String)>,
}

impl Known {
    /// Notes a preference; `false` where it was known already.
    pub fn learns(&mut self, group: PreferenceGroup, value: &PreferenceValue) -> bool {
        self.preferences.insert((group, value_key(value)))
    }
}

/// These guests by their ids, and by what a booking may share with them.
#[derive(Default)]
pub(super) struct Guests {
    by_id: HashMap<GuestId, Known>,
    by_key: HashMap<String, Vec<GuestId>>,
}

impl Guests {
    /// Adds a guest of the store, or one whom a booking has just made.
    pub fn add(&mut self, row: GuestRow, is_new: bool) -> Result<GuestId, DbError> {
        let id = id_of(&row.id)?;
        self.index(id, &row.match_keys);
        let birthday = row.birthday.as_deref().and_then(Birthday::parse);
        self.by_id.entry(id).or_insert(Known { row, is_new, changed: false, birthday, preferences: HashSet::new() });
        Ok(id)
    }

    /// Adds a preference of the store.
    pub fn add_preference(&mut self, row: &PreferenceRow) -> Result<(), DbError> {
        if let (Some(group), Some(known)) =
            (PreferenceGroup::from_code(&row.area), self.by_id.get_mut(&id_of(&row.guest)?))
        {
            known.learns(group, &row.value()?);
        }
        Ok(())
    }

    pub fn get_mut(&mut self, id: GuestId) -> Option<&mut Known> {
        self.by_id.get_mut(&id)
    }

    pub fn into_all(self) -> impl Iterator<Item = Known> {
        self.by_id.into_values()
    }

    /// The guest of a new booking, if he is known: by membership number before e-mail and surname.
    /// People of one family share an address and a surname, so first names and birthdays must not
    /// speak against it.
    pub fn matching(&self, booking: &Booking) -> Option<GuestId> {
        let by_membership = |key: &String| key.starts_with("member:");
        let mut keys = rows::keys_of(booking);
        keys.sort_by_key(|key| !by_membership(key));
        keys.iter().find_map(|key| {
            self.by_key.get(key)?.iter().copied().find(|id| {
                by_membership(key)
                    || self.by_id.get(id).is_some_and(|known| {
                        may_be_one(&known.row.first, &booking.name.first)
                            && birthdays_agree(known.birthday, booking.birthday)
                    })
            })
        })
    }

    /// Fills what the profile lacks. What someone wrote there is never overwritten.
    pub fn fill(&mut self, guest: GuestId, booking: &Booking) {
        let Some(known) = self.by_id.get_mut(&guest) else { return };
        let row = &mut known.row;
        let mut changed = false;
        let mut blank = |field: &mut Option<String>, value: Option<&String>| {
            if field.is_none() && value.is_some() {
                *field = value.cloned();
                changed = true;
            }
        };
        blank(&mut row.salutation, booking.name.salutation.as_ref());
        blank(&mut row.native, booking.name.native.as_ref());
        blank(&mut row.nationality, booking.nationality.as_ref());
        blank(&mut row.language, booking.language.as_ref());
        blank(&mut row.membership, booking.membership.as_ref());
        let birthday = booking.birthday.map(|birthday| birthday.to_string());
        blank(&mut row.birthday, birthday.as_ref());
        // An initial makes way for the name that it stands for.
        if names::fold(&row.first).len() == 1 && names::fold(&booking.name.first).len() > 1 {
            row.first.clone_from(&booking.name.first);
            changed = true;
        }
        if i64::from(booking.vip) > row.vip {
            row.vip = i64::from(booking.vip);
            changed = true;
        }
        for (kept, new) in [(&mut row.emails, &booking.email), (&mut row.phones, &booking.phone)] {
            if let Some(new) = new
                && kept.len() < CONTACTS
                && !kept.contains(new)
            {
                kept.push(new.clone());
                changed = true;
            }
        }
        if changed {
            row.match_keys = match_keys(&row.last, &row.emails, row.membership.as_deref());
            known.birthday = row.birthday.as_deref().and_then(Birthday::parse);
            known.changed = true;
            let keys = row.match_keys.clone();
            self.index(guest, &keys);
        }
    }

    fn index(&mut self, guest: GuestId, keys: &[String]) {
        for key in keys {
            let ids = self.by_key.entry(key.clone()).or_default();
            if !ids.contains(&guest) {
                ids.push(guest);
            }
        }
    }
}

fn value_key(value: &PreferenceValue) -> String {
    match value {
        PreferenceValue::Coded(code) => code.code().to_owned(),
        PreferenceValue::Text(text) => names::fold(text),
        // Folding knows no letter of some scripts, and words of a booking are in any.
        PreferenceValue::Booked(words) => format!("booked: {}", words.to_lowercase()),
    }
}
