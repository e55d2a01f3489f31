//! The links in letters. A link says which letter it stood in and is sealed with a MAC (HMAC-SHA-256, cut
//! to 160 bits, RFC 2104), so that it needs neither a session nor a row of its own, and nobody can make
//! one up.

use crate::{
    campaigns::{OccurrenceId, template::Links},
    ids::{CampaignId, GuestId, HouseId},
};
use chrono::{Datelike, NaiveDate};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// One byte for what it is, two ids, a number.
const PAYLOAD: usize = 1 + 16 + 16 + 4;
const SEAL: usize = 20;
/// Divisible by three, so that the text needs no padding and has one form only.
const LENGTH: usize = PAYLOAD + SEAL;

/// Stands in a letter.
const OF_LETTER: u8 = b'l';
/// Confirms what was asked for.
const OF_REQUEST: u8 = b'c';

/// The token of a letter.
#[must_use]
pub fn link_token(secret: &[u8; 32], letter: &OccurrenceId) -> String {
    // The date of an occurrence is one; otherwise the link would lead nowhere.
    let day = letter.date.parse::<NaiveDate>().unwrap_or_default().num_days_from_ce();
    seal(secret, &Payload { what: OF_LETTER, first: letter.campaign.0, second: letter.guest.0, number: day })
}

/// The letter of a token; `None` where the token was not made here.
#[must_use]
pub fn read_token(secret: &[u8; 32], token: &str) -> Option<OccurrenceId> {
    let payload = open(secret, token).filter(|payload| payload.what == OF_LETTER)?;
    Some(OccurrenceId {
        campaign: CampaignId(payload.first),
        guest: GuestId(payload.second),
        date: NaiveDate::from_num_days_from_ce_opt(payload.number)?.to_string(),
    })
}

/// The links of a letter. `base_url` is the address of this installation without a slash at its end.
#[must_use]
pub fn links(base_url: &str, secret: &[u8; 32], letter: &OccurrenceId) -> Links {
    let token = link_token(secret, letter);
    Links { unsubscribe: format!("{base_url}/u/{token}"), preferences: format!("{base_url}/preferences/{token}") }
}

/// The link that confirms a [`super::Request`], on a page in the name of a house.
#[must_use]
pub fn confirmation_link(base_url: &str, secret: &[u8; 32], request: Uuid, house: HouseId) -> String {
    let token = seal(secret, &Payload { what: OF_REQUEST, first: request, second: house.0, number: 0 });
    format!("{base_url}/confirm/{token}")
}

/// The request and the house of such a link's token.
#[must_use]
pub fn read_confirmation(secret: &[u8; 32], token: &str) -> Option<(Uuid, HouseId)> {
    let payload = open(secret, token).filter(|payload| payload.what == OF_REQUEST)?;
    Some((payload.first, HouseId(payload.second)))
}

struct Payload {
    what: u8,
    first: Uuid,
    second: Uuid,
    number: i32,
}

impl Payload {
    fn bytes(&self) -> [u8; PAYLOAD] {
        let mut bytes = [0; PAYLOAD];
        bytes[0] = self.what;
        bytes[1..17].copy_from_slice(self.first.as_bytes());
        bytes[17..33].copy_from_slice(self.second.as_bytes());
        bytes[33..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8; PAYLOAD]) -> Option<Self> {
        Some(Self {
            what: bytes[0],
            first: Uuid::from_slice(&bytes[1..17]).ok()?,
            second: Uuid::from_slice(&bytes[17..33]).ok()?,
            number: i32::from_be_bytes(bytes[33..].try_into().ok()?),
        })
    }
}

fn mac(secret: &[u8; 32], payload: &[u8]) -> Hmac<Sha256> {
    #[allow(clippy::expect_used, reason = "a key of any length is accepted")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(payload);
    mac
}

fn seal(secret: &[u8; 32], payload: &Payload) -> String {
    let mut bytes = [0; LENGTH];
    bytes[..PAYLOAD].copy_from_slice(&payload.bytes());
    let seal = mac(secret, &bytes[..PAYLOAD]).finalize().into_bytes();
    bytes[PAYLOAD..].copy_from_slice(&seal[..SEAL]);
    encode(&bytes)
}

fn open(secret: &[u8; 32], token: &str) -> Option<Payload> {
    let bytes = decode(token)?;
    let (payload, seal) = bytes.split_first_chunk::<PAYLOAD>()?;
    // Takes as long whichever of its bytes is wrong.
    mac(secret, payload).verify_truncated_left(seal).ok()?;
    Payload::read(payload)
}

/// The alphabet of base64url (RFC 4648, 5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8; LENGTH]) -> String {
    let letters = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[((bits >> shift) & 63) as usize]))
    });
    letters.collect()
}

fn decode(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != LENGTH / 3 * 4 {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (four, three) in text.as_bytes().chunks_exact(4).zip(bytes.chunks_exact_mut(3)) {
        let mut bits = 0_u32;
        for letter in four {
            let value = ALPHABET.iter().position(|known| known == letter)?;
            bits = (bits << 6) | u32::try_from(value).ok()?;
        }
        three.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: [u8; 32] = [7; 32];

    fn letter() -> OccurrenceId {
        OccurrenceId { campaign: CampaignId::new(), guest: GuestId::new(), date: "2028-02-29".to_owned() }
    }

    #[test]
    fn a_link_names_its_letter() {
        let letter = letter();
        let token = link_token(&SECRET, &letter);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
        assert_eq!(read_token(&SECRET, &token), Some(letter.clone()));
        let links = links("https://house.example", &SECRET, &letter);
        assert_eq!(links.unsubscribe, format!("https://house.example/u/{token}"));
        assert_eq!(links.preferences, format!("https://house.example/preferences/{token}"));
    }

    #[test]
    fn a_link_for_one_thing_is_none_for_another() {
        let (request, house) = (Uuid::new_v4(), HouseId::new());
        let link = confirmation_link("", &SECRET, request, house);
        let token = link.strip_prefix("/confirm/").unwrap();
        assert_eq!(read_confirmation(&SECRET, token), Some((request, house)));
        assert_eq!(read_token(&SECRET, token), None);
        assert_eq!(read_confirmation(&SECRET, &link_token(&SECRET, &letter())), None);
    }

    #[test]
    fn what_was_not_sealed_here_opens_nothing() {
        let token = link_token(&SECRET, &letter());
        assert_eq!(read_token(&[8; 32], &token), None);
        for at in 0..token.len() {
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut forged = token.clone();
            forged.replace_range(at..=at, other);
            assert_eq!(read_token(&SECRET, &forged), None, "changed at {at}");
        }
        for wrong in ["", "x", &token[1..], &format!("{token}A"), &token.replace(&token[..4], "éé")] {
            assert_eq!(read_token(&SECRET, wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_is_a_token_or_not(text in any::<String>(), bytes in any::<[u8; 32]>()) {
            prop_assert_eq!(read_token(&SECRET, &text), None);
            let mut all = [0; LENGTH];
            all[..32].copy_from_slice(&bytes);
            prop_assert_eq!(decode(&encode(&all)), Some(all));
        }
    }
}
