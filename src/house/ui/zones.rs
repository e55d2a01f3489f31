//! The time zone of a house.

use crate::{
    i18n::*,
    ui::{Field, FieldProblem},
};
use leptos::prelude::*;

/// A time zone by its IANA name, with the usual ones to choose from.
#[component]
pub fn ZoneField(#[prop(optional, into)] value: String, #[prop(optional, into)] error: FieldProblem) -> impl IntoView {
    let i18n = use_i18n();
    let zones = ZONES.iter().map(|zone| view! { <option value=*zone></option> }).collect_view();
    view! {
        <Field
            label=tu_string!(i18n, house.houses.timezone)
            name="timezone"
            value=value
            hint=tu_string!(i18n, house.houses.timezone_hint)
            list="zones"
            autocomplete="off"
            error=error
            required=true
        />
        <datalist id="zones">{zones}</datalist>
    }
}

/// Suggestions, not limits: the server knows every zone of the IANA database.
const ZONES: &[&str] = &[
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "America/Argentina/Buenos_Aires",
    "America/Bogota",
    "America/Cancun",
    "America/Chicago",
    "America/Denver",
    "America/Lima",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Panama",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Toronto",
    "America/Vancouver",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Asia/Ho_Chi_Minh",
    "Asia/Hong_Kong",
    "Asia/Jakarta",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Kuala_Lumpur",
    "Asia/Macau",
    "Asia/Manila",
    "Asia/Qatar",
    "Asia/Riyadh",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Atlantic/Canary",
    "Atlantic/Madeira",
    "Australia/Melbourne",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Rome",
    "Europe/Vienna",
    "Europe/Zurich",
    "Pacific/Auckland",
    "Pacific/Honolulu",
];
