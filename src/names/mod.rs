//! Every name known by night: tonight's guests of one's floor or outlet, and five minutes of practice.

pub mod api;
#[cfg(feature = "ssr")]
pub mod schedule;
#[cfg(feature = "ssr")]
pub mod sound;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::{
    guests::{GuestName, OneThing},
    ids::{GuestId, OnceId, PhotoId, StaffId},
    stays::floor_of,
    words::words,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Seconds of practice a night.
pub const SECONDS: u32 = 300;
/// Most questions of one drill, and of a night's practice.
pub const QUESTIONS: usize = 60;
/// Days of which a manager sees the practice, tonight included.
pub const SHARE_DAYS: u32 = 7;
/// Longest recording of a guest's voice, in seconds and in bytes.
pub const VOICE_SECONDS: u32 = 5;
pub const VOICE_BYTES: usize = 256 * 1024;

words! {
    /// What is asked.
    QuestionKind {
        /// The face is shown: who is it?
        Face = "face",
        /// The room is shown, where there is no photograph.
        Room = "room",
        /// The name is shown: how is it said?
        Say = "say",
    }
}

words! {
    /// How well it was known, as whoever practises says.
    Grade {
        Again = "again",
        Hard = "hard",
        Good = "good",
        Easy = "easy",
    }
}

words! {
    /// What came of a recording of a guest's voice that was sent.
    VoiceAnswer {
        Kept = "kept",
        /// Nobody said that the guest agrees.
        NotAgreed = "not-agreed",
        /// There was none, or not all of it arrived.
        Missing = "missing",
        /// More than [`VOICE_BYTES`].
        TooLarge = "too-large",
        /// More than [`VOICE_SECONDS`].
        TooLong = "too-long",
        WrongType = "wrong-type",
    }
}

impl Grade {
    /// Whether the name was known.
    #[must_use]
    pub fn is_known(self) -> bool {
        self != Self::Again
    }
}

/// A guest of tonight, as the list and the drill show one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TonightLine {
    pub guest: GuestId,
    pub name: GuestName,
    pub photo: Option<PhotoId>,
    /// ISO 639-1.
    pub language: Option<String>,
    pub vip: u8,
    pub room: Option<String>,
    /// Due in today, and not in house yet.
    pub is_expected: bool,
    /// One thing to know.
    pub one_thing: Option<OneThing>,
    /// Whether the guest's own voice can be listened to.
    pub has_voice: bool,
    /// Whether the reader has learnt the name: practised, and not due again today.
    pub is_known: bool,
}

impl TonightLine {
    /// Whether the name is practised: the guest wishes to be recognised, and there is something to ask.
    #[must_use]
    pub fn is_practised(&self) -> bool {
        self.one_thing != Some(OneThing::Incognito) && !questions(self).is_empty()
    }
}

/// What can be asked about a guest: the face where there is a photograph, else the room; and how the name is said,
/// where somebody wrote it down or recorded it.
#[must_use]
pub fn questions(line: &TonightLine) -> Vec<QuestionKind> {
    let who = match (line.photo, &line.room) {
        (Some(_), _) => Some(QuestionKind::Face),
        (None, Some(_)) => Some(QuestionKind::Room),
        (None, None) => None,
    };
    let say = (line.name.say.is_some() || line.has_voice).then_some(QuestionKind::Say);
    who.into_iter().chain(say).collect()
}

/// The part of the house that somebody looks after: its guests are whose names are learnt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Part {
    /// The first floor, as the numbers of its rooms have it; empty for the whole house.
    pub floor: String,
    /// The last floor; empty where there is only one.
    pub upto: String,
}

impl Part {
    #[must_use]
    pub fn new(floor: &str, upto: &str) -> Self {
        let floor = floor.trim().to_owned();
        let upto = if floor.is_empty() { String::new() } else { upto.trim().to_owned() };
        Self { floor, upto }
    }

    /// Whether a guest of a room belongs to it. Guests who have no room yet belong to the whole house alone.
    #[must_use]
    pub fn has(&self, room: Option<&str>) -> bool {
        if self.floor.is_empty() {
            return true;
        }
        let one = floor_order(&self.floor);
        let other = if self.upto.is_empty() { one.clone() } else { floor_order(&self.upto) };
        let (first, last) = if one <= other { (one, other) } else { (other, one) };
        room.and_then(floor_of).is_some_and(|floor| (first..=last).contains(&floor_order(&floor)))
    }
}

/// What orders floor 2 before floor 11, and floors with a name after those with a number.
#[must_use]
pub fn floor_order(floor: &str) -> (u64, String) {
    (floor.parse().unwrap_or(u64::MAX), floor.to_owned())
}

/// The people of tonight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tonight {
    /// Today in the house's zone.
    pub today: NaiveDate,
    /// Floors on which there is anyone tonight, in their order.
    pub floors: Vec<String>,
    /// Whose guests these are.
    pub part: Part,
    pub lines: Vec<TonightLine>,
    /// How many of the names the reader knows, of those that are practised.
    pub progress: Progress,
}

/// A question of the drill, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillQuestion {
    /// Under which the answer is sent: sent twice, it counts once.
    pub once: OnceId,
    pub kind: QuestionKind,
    pub line: TonightLine,
}

/// Tonight's practice, as far as there is time for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    pub part: Part,
    pub questions: Vec<DrillQuestion>,
    pub progress: Progress,
    /// Answers of tonight, and how many of them were known.
    pub answers: Progress,
    /// The five minutes are over.
    pub is_over: bool,
}

/// How much a colleague has practised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillShare {
    pub staff: StaffId,
    pub name: String,
    /// Of tonight's answers; `None` for whoever has not practised tonight.
    pub tonight: Option<Progress>,
    /// Of the answers of the last [`SHARE_DAYS`] days.
    pub week: Progress,
    /// On how many of those days there was any practice.
    pub nights: u32,
}

/// How much of tonight somebody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    pub known: u32,
    pub of: u32,
}

impl Progress {
    #[must_use]
    pub fn of(lines: &[TonightLine]) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let practised = || lines.iter().filter(|line| line.is_practised());
        Self { known: count(practised().filter(|line| line.is_known).count()), of: count(practised().count()) }
    }

    /// Whole percent, rounded down; 100 where there is nobody to know.
    #[must_use]
    pub fn percent(self) -> u32 {
        (u64::from(self.known) * 100)
            .checked_div(u64::from(self.of))
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(photo: bool, room: Option<&str>, say: Option<&str>) -> TonightLine {
        TonightLine {
            guest: GuestId::new(),
            name: GuestName { say: say.map(str::to_owned), ..GuestName::default() },
            photo: photo.then(PhotoId::new),
            language: None,
            vip: 0,
            room: room.map(str::to_owned),
            is_expected: false,
            one_thing: None,
            has_voice: false,
            is_known: false,
        }
    }

    #[test]
    fn a_face_is_asked_before_a_room() {
        use QuestionKind::{Face, Room, Say};
        assert_eq!(questions(&line(true, Some("904"), Some("jahng way"))), [Face, Say]);
        assert_eq!(questions(&line(false, Some("904"), None)), [Room]);
        assert!(questions(&line(false, None, None)).is_empty());
        assert_eq!(questions(&TonightLine { has_voice: true, ..line(false, None, None) }), [Say]);
    }

    #[test]
    fn a_part_of_the_house_is_a_floor_or_several() {
        let has = |floor: &str, upto: &str, room| Part::new(floor, upto).has(room);
        assert!(has("", "9", None) && has("", "", Some("904")), "the whole house");
        assert!(has("9", "", Some("904")) && !has("9", "", Some("1104")) && !has("9", "", None));
        assert!(has("2", "11", Some("904")) && has("11", "2", Some("1104")), "by number, in either order");
        assert!(!has("2", "11", Some("1204")) && !has("2", "11", Some("104")));
        assert!(has("Villa ", "", Some("Villa07")) && !has("2", "11", Some("Villa07")));
    }

    #[test]
    fn progress_is_a_share_of_what_is_practised_tonight() {
        let mut lines = vec![line(true, None, None), line(true, None, None), line(true, None, None)];
        lines[0].is_known = true;
        // Nobody learns the name of a guest who does not wish to be recognised, or of whom nothing can be asked.
        lines.push(TonightLine { one_thing: Some(OneThing::Incognito), ..line(true, Some("904"), None) });
        lines.push(line(false, None, None));
        assert_eq!(Progress::of(&lines), Progress { known: 1, of: 3 });
        assert_eq!(Progress::of(&lines).percent(), 33);
        assert_eq!(Progress::default().percent(), 100);
    }
}
