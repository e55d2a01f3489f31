//! The links in letters. A link says which letter it stood in and is sealed with a MAC (HMAC-SHA-256, cut
//! to 160 bits, RFC 2104), so that it needs neither a session nor a row of its own, and nobody can make
//! one up. One that is counted says too where it leads: it leads nowhere else.

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
/// Longest address, in bytes, to which a link that is counted leads. Longer ones are not counted.
const LONGEST_TARGET: usize = 1_000;
/// No token is longer, in characters: that of a counted link with its number and what fills it up.
const LONGEST_TOKEN: usize = (PAYLOAD + 2 + LONGEST_TARGET + 2 + SEAL) / 3 * 4;

/// Stands in a letter.
const OF_LETTER: u8 = b'l';
/// Confirms what was asked for.
const OF_REQUEST: u8 = b'c';
/// Leads from a letter to somebody else's page, and is counted.
const OF_LINK: u8 = b'k';

/// The token of a letter.
#[must_use]
pub fn link_token(secret: &[u8; 32], letter: &OccurrenceId) -> String {
    seal(secret, &Payload::of(OF_LETTER, letter))
}

/// The letter of a token; `None` where the token was not made here.
#[must_use]
pub fn read_token(secret: &[u8; 32], token: &str) -> Option<OccurrenceId> {
    open(secret, token).filter(|payload| payload.what == OF_LETTER)?.letter()
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

/// A link of a letter that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedLink {
    pub letter: OccurrenceId,
    /// Which of the letter's links, from 0.
    pub number: u16,
    /// Where it leads.
    pub target: String,
}

/// The address that stands in a letter for a link that is counted; `None` where the link is too long for it.
/// `base_url` is the address of this installation without a slash at its end.
#[must_use]
pub fn counted_link(
    base_url: &str,
    secret: &[u8; 32],
    letter: &OccurrenceId,
    number: u16,
    target: &str,
) -> Option<String> {
    if target.len() > LONGEST_TARGET {
        return None;
    }
    let mut bytes = Payload::of(OF_LINK, letter).bytes().to_vec();
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes.extend_from_slice(target.as_bytes());
    // No address has these at its end.
    while !(bytes.len() + SEAL).is_multiple_of(3) {
        bytes.push(0);
    }
    let seal = mac(secret, &bytes).finalize().into_bytes();
    bytes.extend_from_slice(&seal[..SEAL]);
    Some(format!("{base_url}/l/{}", encode(&bytes)))
}

/// The link of such an address's token; `None` where it was not made here.
#[must_use]
pub fn read_counted(secret: &[u8; 32], token: &str) -> Option<CountedLink> {
    let bytes = decode(token)?;
    let (sealed, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL)?)?;
    mac(secret, sealed).verify_truncated_left(seal).ok()?;
    let (payload, rest) = sealed.split_first_chunk::<PAYLOAD>()?;
    let payload = Payload::read(payload).filter(|payload| payload.what == OF_LINK)?;
    let (number, target) = rest.split_first_chunk::<2>()?;
    Some(CountedLink {
        letter: payload.letter()?,
        number: u16::from_be_bytes(*number),
        target: std::str::from_utf8(target).ok()?.trim_end_matches('\0').to_owned(),
    })
}

struct Payload {
    what: u8,
    first: Uuid,
    second: Uuid,
    number: i32,
}

impl Payload {
    /// About a letter.
    fn of(what: u8, letter: &OccurrenceId) -> Self {
        // The date of an occurrence is one; otherwise the link would lead nowhere.
        let day = letter.date.parse::<NaiveDate>().unwrap_or_default().num_days_from_ce();
        Self { what, first: letter.campaign.0, second: letter.guest.0, number: day }
    }

    fn letter(&self) -> Option<OccurrenceId> {
        Some(OccurrenceId {
            campaign: CampaignId(self.first),
            guest: GuestId(self.second),
            date: NaiveDate::from_num_days_from_ce_opt(self.number)?.to_string(),
        })
    }

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
    let bytes: [u8; LENGTH] = decode(token)?.try_into().ok()?;
    let (payload, seal) = bytes.split_first_chunk::<PAYLOAD>()?;
    // Takes as long whichever of its bytes is wrong.
    mac(secret, payload).verify_truncated_left(seal).ok()?;
    Payload::read(payload)
}

/// The alphabet of base64url (RFC 4648, 5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Of bytes whose number is divisible by three.
fn encode(bytes: &[u8]) -> String {
    let letters = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[((bits >> shift) & 63) as usize]))
    });
    letters.collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > LONGEST_TOKEN || !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = vec![0; text.len() / 4 * 3];
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
        assert_eq!(read_counted(&SECRET, &link_token(&SECRET, &letter())), None);
        assert_eq!(read_counted(&SECRET, token), None);
    }

    fn counted(letter: &OccurrenceId, target: &str) -> Option<String> {
        let link = counted_link("https://house.example", &SECRET, letter, 7, target)?;
        link.strip_prefix("https://house.example/l/").map(str::to_owned)
    }

    #[test]
    fn a_counted_link_leads_where_it_led() {
        let letter = letter();
        for target in
            ["https://a.example/", "https://a.example/1", "https://a.example/12", "https://例え.テスト/?a=1&b=2"]
        {
            let token = counted(&letter, target).expect(target);
            assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
            let link = CountedLink { letter: letter.clone(), number: 7, target: target.to_owned() };
            assert_eq!(read_counted(&SECRET, &token), Some(link));
            assert_eq!(read_counted(&[8; 32], &token), None);
            assert_eq!(read_token(&SECRET, &token), None);
            for at in 0..token.len() {
                let mut forged = token.clone();
                forged.replace_range(at..=at, if token.as_bytes()[at] == b'A' { "B" } else { "A" });
                assert_eq!(read_counted(&SECRET, &forged), None, "changed at {at}");
            }
        }
        let long = "a".repeat(LONGEST_TARGET);
        let token = counted(&letter, &long).expect("as long as can be");
        assert_eq!(read_counted(&SECRET, &token).map(|link| link.target), Some(long.clone()));
        assert_eq!(counted(&letter, &format!("{long}a")), None);
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
            prop_assert_eq!(read_counted(&SECRET, &text), None);
            let mut all = [0; LENGTH];
            all[..32].copy_from_slice(&bytes);
            prop_assert_eq!(decode(&encode(&all)), Some(all.to_vec()));
        }
    }
}
