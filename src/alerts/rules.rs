//! When an alert that nobody acknowledges is carried further, and to whom: by station and by kind.

use super::AlertKind;
use crate::{
    error::{FieldError, Problem},
    house::Station,
    ids::{StaffId, StationId},
};
use serde::{Deserialize, Serialize};

/// The longest that a step may wait, seconds.
pub const LONGEST_WAIT: u32 = 3_600;
/// The longest that an alert may stay open, minutes.
pub const LONGEST_OPEN: u32 = 1_440;

/// What happens at a station to an alert that nobody acknowledges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationRule {
    pub station: StationId,
    /// The kind that it holds for; `None` for every kind without a rule of its own.
    pub kind: Option<AlertKind>,
    /// Seconds until it chimes again and the backup station gets a copy; 0 for never.
    pub again_after: u32,
    /// Seconds until the colleague on duty is told; 0 for never.
    pub duty_after: u32,
    /// Seconds until the sender is told that no one answered; 0 for never.
    pub unanswered_after: u32,
    /// Minutes until an alert that nobody ended counts as expired, 1 to [`LONGEST_OPEN`].
    pub expires_after: u32,
    /// The station that gets a copy.
    pub backup: Option<StationId>,
    /// The colleague on duty; `None` for every manager.
    pub duty: Option<StaffId>,
}

impl StationRule {
    /// The rule of a station that has none: 20 s, 60 s, 120 s and four hours, without a backup, to every
    /// manager.
    #[must_use]
    pub fn usual(station: StationId) -> Self {
        Self {
            station,
            kind: None,
            again_after: 20,
            duty_after: 60,
            unanswered_after: 120,
            expires_after: 240,
            backup: None,
            duty: None,
        }
    }

    /// The steps with the seconds after which each is due, those that never come left out. A muted alert is
    /// not carried further, but its sender is told all the same that nobody answers.
    pub fn steps(&self, muted: bool) -> impl Iterator<Item = (Step, u32)> {
        let aloud = |after| if muted { 0 } else { after };
        let seconds = [aloud(self.again_after), aloud(self.duty_after), self.unanswered_after];
        let expires = self.expires_after.saturating_mul(60);
        Step::ALL.into_iter().zip(seconds.into_iter().chain([expires])).filter(|(_, after)| *after > 0)
    }
}

/// Something that happens to an alert that nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It chimes again, and the backup station gets a copy.
    Again,
    /// The colleague on duty is told.
    Duty,
    /// The sender is told that no one answered.
    Unanswered,
    /// It has been open too long.
    Expiry,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Again, Self::Duty, Self::Unanswered, Self::Expiry];

    /// The number under which it is stored: 1 to 4.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64 + 1
    }

    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.number() == number)
    }
}

/// A station as its rules are looked after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationRules {
    pub station: Station,
    /// First the one for every kind, as saved or [`StationRule::usual`]; then those of single kinds.
    pub rules: Vec<StationRule>,
    /// Kinds that the station has muted.
    pub muted: Vec<AlertKind>,
}

/// A rule as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleForm {
    pub station: StationId,
    /// The kind's word; empty for every kind.
    pub kind: String,
    pub again_after: String,
    pub duty_after: String,
    pub unanswered_after: String,
    pub expires_after: String,
    /// Id of a station; empty for none.
    pub backup: String,
    /// Id of a colleague; empty for every manager.
    pub duty: String,
}

impl RuleForm {
    /// Reads the form. Whether the station, its backup and the colleague exist is the store's to say.
    ///
    /// # Errors
    /// Every field that is refused.
    pub fn read(&self) -> Result<StationRule, Vec<FieldError>> {
        let mut errors = Vec::new();
        let kind = self.kind();
        if let Err(problem) = &kind {
            errors.push(FieldError { field: "kind".to_owned(), problem: problem.clone() });
        }
        let mut number = |field: &str, text: &str, least: u32, most: u32, expected: &str| {
            let read = text.trim().parse::<u32>().ok().filter(|number| (least..=most).contains(number));
            if read.is_none() {
                errors.push(not_known(field, text, expected));
            }
            read
        };
        let again_after = number("again_after", &self.again_after, 0, LONGEST_WAIT, "@seconds");
        let duty_after = number("duty_after", &self.duty_after, 0, LONGEST_WAIT, "@seconds");
        let unanswered_after = number("unanswered_after", &self.unanswered_after, 0, LONGEST_WAIT, "@seconds");
        let expires_after = number("expires_after", &self.expires_after, 1, LONGEST_OPEN, "@minutes");
        let backup = chosen::<StationId>(&mut errors, "backup", &self.backup);
        if backup == Some(self.station) {
            errors.push(not_known("backup", &self.backup, "@other_station"));
        }
        let duty = chosen::<StaffId>(&mut errors, "duty", &self.duty);
        // Each step comes after the one before it, those left out aside, and all of them before the end.
        let times = [
            (Step::Duty, "duty_after", duty_after, 1),
            (Step::Unanswered, "unanswered_after", unanswered_after, 1),
            (Step::Expiry, "expires_after", expires_after, 60),
        ];
        let mut latest = again_after.filter(|after| *after > 0).map(|after| (Step::Again, after));
        for (step, field, given, seconds) in times {
            let Some(given) = given.filter(|given| *given > 0) else { continue };
            let after = given * seconds;
            match latest {
                Some((before, at)) if after <= at => {
                    let problem = Problem::TooEarly { step, given, before, at };
                    errors.push(FieldError { field: field.to_owned(), problem });
                }
                _ => latest = Some((step, after)),
            }
        }
        match (kind, again_after, duty_after, unanswered_after, expires_after) {
            (Ok(kind), Some(again_after), Some(duty_after), Some(unanswered_after), Some(expires_after))
                if errors.is_empty() =>
            {
                Ok(StationRule {
                    station: self.station,
                    kind,
                    again_after,
                    duty_after,
                    unanswered_after,
                    expires_after,
                    backup,
                    duty,
                })
            }
            _ => Err(errors),
        }
    }

    fn kind(&self) -> Result<Option<AlertKind>, Problem> {
        match self.kind.trim() {
            "" => Ok(None),
            code => AlertKind::from_code(code).map(Some).ok_or_else(|| AlertKind::not_known(code)),
        }
    }
}

fn chosen<T: std::str::FromStr>(errors: &mut Vec<FieldError>, field: &str, text: &str) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let read = text.parse().ok();
    if read.is_none() {
        errors.push(not_known(field, text, "@listed"));
    }
    read
}

fn not_known(field: &str, text: &str, expected: &str) -> FieldError {
    let value = text.chars().take(40).collect();
    FieldError { field: field.to_owned(), problem: Problem::NotKnown(value, expected.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> RuleForm {
        RuleForm {
            station: StationId::new(),
            kind: "at_the_door".to_owned(),
            again_after: " 15".to_owned(),
            duty_after: "0".to_owned(),
            unanswered_after: "90".to_owned(),
            expires_after: "30".to_owned(),
            backup: String::new(),
            duty: String::new(),
        }
    }

    #[test]
    fn a_step_of_zero_seconds_never_comes() {
        let rule = form().read().expect("accepted");
        assert_eq!(rule.kind, Some(AlertKind::AtTheDoor));
        let steps: Vec<_> = rule.steps(false).collect();
        assert_eq!(steps, [(Step::Again, 15), (Step::Unanswered, 90), (Step::Expiry, 1_800)]);
        assert_eq!(rule.steps(true).collect::<Vec<_>>(), [(Step::Unanswered, 90), (Step::Expiry, 1_800)], "muted");
    }

    #[test]
    fn every_refused_field_is_named() {
        let station = StationId::new();
        let wrong = RuleForm {
            station,
            kind: "party".to_owned(),
            again_after: "soon".to_owned(),
            duty_after: "3601".to_owned(),
            unanswered_after: "-1".to_owned(),
            expires_after: "0".to_owned(),
            backup: station.to_string(),
            duty: "Clara".to_owned(),
        };
        let fields: Vec<_> = wrong.read().expect_err("refused").into_iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            ["kind", "again_after", "duty_after", "unanswered_after", "expires_after", "backup", "duty"]
        );
    }

    #[test]
    fn a_step_comes_after_the_one_before_it() {
        let cases = [
            (["20", "20", "120", "240"], Some("duty_after")),
            (["20", "60", "59", "240"], Some("unanswered_after")),
            (["60", "0", "30", "240"], Some("unanswered_after")),
            (["20", "60", "120", "2"], Some("expires_after")),
            (["0", "0", "0", "1"], None),
            (["20", "60", "120", "240"], None),
        ];
        let early = |step, given, before, at| Some(Problem::TooEarly { step, given, before, at });
        let cases = cases.into_iter().zip([
            early(Step::Duty, 20, Step::Again, 20),
            early(Step::Unanswered, 59, Step::Duty, 60),
            early(Step::Unanswered, 30, Step::Again, 60),
            early(Step::Expiry, 2, Step::Unanswered, 120),
            None,
            None,
        ]);
        for (([again, duty, unanswered, expires], refused), problem) in cases {
            let form = RuleForm {
                again_after: again.to_owned(),
                duty_after: duty.to_owned(),
                unanswered_after: unanswered.to_owned(),
                expires_after: expires.to_owned(),
                ..form()
            };
            let came: Vec<_> =
                form.read().err().into_iter().flatten().map(|error| (error.field, error.problem)).collect();
            let expected: Vec<_> = refused.map(str::to_owned).into_iter().zip(problem).collect();
            assert_eq!(came, expected, "{again} {duty} {unanswered} {expires}");
        }
    }
}
