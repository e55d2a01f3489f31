//! Who is sent elsewhere before a page opens, and who is told that the page is not theirs. It is a
//! courtesy and no protection: what a page may show is decided by the server functions, each for
//! itself.

use crate::{
    error::AppError,
    staff::{Ability, Role, ui::use_session},
    ui::{Failed, redirect_to},
};
use leptos::prelude::*;
use leptos_router::{
    hooks::use_location,
    location::{Location, Url},
};

/// Sends people who are not signed in to the sign-in page, and devices that stand nowhere to the
/// choice of a station where the page needs one. Where the role may not open the page, it says so in
/// the page's place: it stands first in it, and the style sheet hides what follows.
#[component]
pub fn Guard() -> impl IntoView {
    let session = use_session();
    let Location { pathname, search, .. } = use_location();
    view! {
        <Transition>
            {move || {
                let (path, search) = (pathname.get(), search.get());
                Suspend::new(async move {
                    match session.await {
                        Ok(Some(me)) if !may_open(me.role, &path) => refused(AppError::Forbidden),
                        Ok(Some(me)) if me.station.is_none() && needs_station(me.role, &path) => {
                            redirect_to(leading_back("/station", &path, &search))
                        }
                        Ok(Some(_)) => ().into_any(),
                        Ok(None) | Err(AppError::SignedOut) => redirect_to(leading_back("/sign-in", &path, &search)),
                        Err(error) => refused(error),
                    }
                })
            }}
        </Transition>
    }
}

/// Why there is no page.
fn refused(error: AppError) -> AnyView {
    view! {
        <div class="page__refused">
            <Failed error/>
        </div>
    }
    .into_any()
}

/// `/`: the page on which the role's work begins.
#[component]
pub fn Home() -> impl IntoView {
    let session = use_session();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(Some(me)) => redirect_to(me.role.home().to_owned()),
                    _ => ().into_any(),
                }
            })}
        </Transition>
    }
}

/// Whether the page is made for the role. Pages that are not known here decide for themselves.
pub(super) fn may_open(role: Role, path: &str) -> bool {
    ability_of(path).is_none_or(|ability| role.may(ability))
}

/// What one does on a page: whoever may not do it has no use for the page.
fn ability_of(path: &str) -> Option<Ability> {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["desk"] => Some(Ability::SeeLists),
        ["floor"] => Some(Ability::RaiseAlerts),
        ["board", ..] => Some(Ability::AnswerAlerts),
        ["guests", "new"] | ["guests", _, "edit"] => Some(Ability::EditGuests),
        ["guests"] | ["guests", _] => Some(Ability::SeeGuests),
        ["campaigns", ..] => Some(Ability::PlanGreetings),
        ["manage"] | ["manage", "stations" | "alerts" | "alert-rules" | "letters"] => Some(Ability::ManageHouse),
        ["traces"] => Some(Ability::SeeTraces),
        ["traces", "rules" | "leaver"] => Some(Ability::AssignWork),
        ["requests"] => Some(Ability::HandleRequests),
        ["recoveries", ..] => Some(Ability::MendRecoveries),
        ["names"] | ["names", "drill"] => Some(Ability::LearnNames),
        ["names", "print"] => Some(Ability::PrintNames),
        ["briefings", ..] => Some(Ability::SeeBriefings),
        ["call"] => Some(Ability::AnswerCalls),
        ["rhythm"] => Some(Ability::SeeRhythm),
        ["guests", _, "timeline"] => Some(Ability::SeeGuests),
        // Who is around a guest concerns those who serve him.
        ["guests", _, "people"] => Some(Ability::SeeLists),
        ["guests", _, "points"] => Some(Ability::SeePoints),
        ["manage", "loyalty"] => Some(Ability::SetLoyalty),
        ["manage", "memory"] => Some(Ability::ManageHouse),
        ["manage", "staff"] => Some(Ability::ManageStaff),
        ["manage", "imports"] => Some(Ability::Import),
        ["manage", "audit"] => Some(Ability::SeeAudit),
        _ => None,
    }
}

/// The pages of the day are made for the station at which the device stands. Managers have a board wherever they
/// are, with what was carried to whoever is on duty.
fn needs_station(role: Role, path: &str) -> bool {
    match path.trim_end_matches('/') {
        "/desk" | "/floor" | "/board/end-shift" => true,
        "/board" => role != Role::Manager,
        _ => false,
    }
}

/// A page at which there is something to do first, and which leads back here afterwards.
fn leading_back(first: &str, path: &str, search: &str) -> String {
    match (path, search) {
        ("/" | "/sign-in", _) => first.to_owned(),
        (path, "") => format!("{first}?next={}", Url::escape(path)),
        (path, search) => format!("{first}?next={}", Url::escape(&format!("{path}?{search}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_back() {
        assert_eq!(leading_back("/sign-in", "/", ""), "/sign-in");
        assert_eq!(leading_back("/sign-in", "/desk", ""), "/sign-in?next=%2Fdesk");
        let due_out = "?next=%2Fdesk%3Flist%3Ddue%2Dout";
        assert_eq!(leading_back("/sign-in", "/desk", "list=due-out"), format!("/sign-in{due_out}"));
        assert_eq!(leading_back("/station", "/desk", "list=due-out"), format!("/station{due_out}"));
    }

    #[test]
    fn every_role_may_open_the_page_on_which_its_work_begins() {
        for role in Role::ALL {
            assert!(ability_of(role.home()).is_some(), "{} is not known", role.home());
            assert!(may_open(role, role.home()), "{role:?}");
        }
    }

    #[test]
    fn a_page_is_for_those_who_do_its_work() {
        for (role, path, may) in [
            (Role::Admin, "/guests", false),
            (Role::Marketing, "/guests/0190", true),
            (Role::Marketing, "/guests/0190/people", false),
            (Role::Concierge, "/guests/0190/people", true),
            (Role::Marketing, "/campaigns/0190/preflight", true),
            (Role::Reception, "/campaigns", false),
            (Role::Floor, "/traces", true),
            (Role::Marketing, "/traces", false),
            (Role::Floor, "/traces/rules", false),
            (Role::Marketing, "/requests", false),
            (Role::Host, "/recoveries/0190", false),
            (Role::Concierge, "/names", true),
            (Role::Concierge, "/names/print", false),
            (Role::Floor, "/call", false),
            (Role::Concierge, "/guests/0190/points", false),
            (Role::Marketing, "/rhythm", true),
            (Role::Reception, "/manage/loyalty", false),
            (Role::Admin, "/campaigns/calendar", false),
            (Role::Host, "/guests/0190/edit", false),
            (Role::Host, "/guests/new", false),
            (Role::Reception, "/guests/new", true),
            (Role::Floor, "/manage/", false),
            (Role::Floor, "/manage/alert-rules", false),
            (Role::Marketing, "/manage/letters", false),
            (Role::Marketing, "/board/end-shift", false),
            (Role::Admin, "/manage/audit", false),
            (Role::Host, "/", true),
            (Role::Host, "/nowhere", true),
        ] {
            assert_eq!(may_open(role, path), may, "{role:?} {path}");
        }
    }

    #[test]
    fn only_pages_of_the_day_need_a_station() {
        let host = |path: &&str| needs_station(Role::Host, path);
        assert!(["/desk", "/floor", "/board", "/board/", "/board/end-shift"].iter().all(host));
        assert!(!["/", "/guests", "/manage", "/station"].iter().any(host));
        assert!(!needs_station(Role::Manager, "/board") && needs_station(Role::Manager, "/board/end-shift"));
    }
}
