//! The words for what is kept of complaints as codes, in the reader's language.

use crate::{
    i18n::*,
    requests::recovery::{Cause, Place, RecoveryState, Severity},
    ui::I18n,
};

#[must_use]
pub fn cause_words(i18n: I18n, cause: Cause) -> &'static str {
    match cause {
        Cause::RoomNotReady => tu_string!(i18n, care.cause.room_not_ready),
        Cause::Cleanliness => tu_string!(i18n, care.cause.cleanliness),
        Cause::Noise => tu_string!(i18n, care.cause.noise),
        Cause::Defect => tu_string!(i18n, care.cause.defect),
        Cause::Wait => tu_string!(i18n, care.cause.wait),
        Cause::Food => tu_string!(i18n, care.cause.food),
        Cause::Manner => tu_string!(i18n, care.cause.manner),
        Cause::Bill => tu_string!(i18n, care.cause.bill),
        Cause::Promise => tu_string!(i18n, care.cause.promise),
        Cause::Other => tu_string!(i18n, care.cause.other),
    }
}

#[must_use]
pub fn place_words(i18n: I18n, place: Place) -> &'static str {
    match place {
        Place::Room => tu_string!(i18n, care.place.room),
        Place::Bathroom => tu_string!(i18n, care.place.bathroom),
        Place::FrontDesk => tu_string!(i18n, care.place.front_desk),
        Place::Restaurant => tu_string!(i18n, care.place.restaurant),
        Place::Bar => tu_string!(i18n, care.place.bar),
        Place::Lift => tu_string!(i18n, care.place.lift),
        Place::Pool => tu_string!(i18n, care.place.pool),
        Place::Door => tu_string!(i18n, care.place.door),
        Place::Telephone => tu_string!(i18n, care.place.telephone),
        Place::Elsewhere => tu_string!(i18n, care.place.elsewhere),
    }
}

#[must_use]
pub fn severity_words(i18n: I18n, severity: Severity) -> &'static str {
    match severity.level() {
        1 => tu_string!(i18n, care.severity.s1),
        2 => tu_string!(i18n, care.severity.s2),
        _ => tu_string!(i18n, care.severity.s3),
    }
}

#[must_use]
pub fn state_words(i18n: I18n, state: RecoveryState) -> &'static str {
    match state {
        RecoveryState::Open => tu_string!(i18n, care.state.open),
        RecoveryState::Mended => tu_string!(i18n, care.state.mended),
        RecoveryState::Closed => tu_string!(i18n, care.state.closed),
    }
}

/// What of a complaint was changed, as the audit tells it; a word that is not known here is shown as it is.
#[must_use]
pub fn field_words(i18n: I18n, field: &str) -> String {
    match field {
        "complaint_what" => tu_string!(i18n, care.raise.what),
        "complaint_cause" => tu_string!(i18n, care.raise.cause),
        "complaint_place" => tu_string!(i18n, care.raise.place),
        "complaint_severity" => tu_string!(i18n, care.raise.severity),
        "complaint_owner" => tu_string!(i18n, care.page.owner),
        "complaint_promise" => tu_string!(i18n, care.raise.promise),
        "complaint_promise_kept" => tu_string!(i18n, care.page.kept_now),
        "complaint_result" => tu_string!(i18n, care.page.result),
        "complaint_state" => tu_string!(i18n, care.page.state),
        "complaint_step" => tu_string!(i18n, care.page.step),
        "complaint_told" => tu_string!(i18n, care.page.told_now),
        "complaint_cost" => tu_string!(i18n, care.page.cost),
        other => other,
    }
    .to_owned()
}
