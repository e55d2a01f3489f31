//! Who is sent elsewhere before a page opens. It is a courtesy and no protection: what a page may
//! show is decided by the server functions, each for itself.

use crate::{
    error::AppError,
    staff::ui::use_session,
    ui::{Failed, redirect_to},
};
use leptos::prelude::*;
use leptos_router::{
    hooks::use_location,
    location::{Location, Url},
};

/// Sends people who are not signed in to the sign-in page, and devices that stand nowhere to the
/// choice of a station where the page needs one.
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
                        Ok(Some(me)) if me.station.is_none() && needs_station(&path) => {
                            redirect_to("/station".to_owned())
                        }
                        Ok(Some(_)) => ().into_any(),
                        Ok(None) | Err(AppError::SignedOut) => redirect_to(sign_in_address(&path, &search)),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
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

/// The pages of the day are made for the station at which the device stands.
fn needs_station(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "/desk" | "/floor" | "/board" | "/board/end-shift")
}

/// The sign-in page, which leads back here afterwards.
fn sign_in_address(path: &str, search: &str) -> String {
    match (path, search) {
        ("/" | "/sign-in", _) => "/sign-in".to_owned(),
        (path, "") => format!("/sign-in?next={}", Url::escape(path)),
        (path, search) => format!("/sign-in?next={}", Url::escape(&format!("{path}?{search}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_back() {
        assert_eq!(sign_in_address("/", ""), "/sign-in");
        assert_eq!(sign_in_address("/desk", ""), "/sign-in?next=%2Fdesk");
        assert_eq!(sign_in_address("/desk", "list=due-out"), "/sign-in?next=%2Fdesk%3Flist%3Ddue%2Dout");
    }

    #[test]
    fn only_pages_of_the_day_need_a_station() {
        assert!(["/desk", "/floor", "/board", "/board/", "/board/end-shift"].iter().all(|path| needs_station(path)));
        assert!(!["/", "/guests", "/manage", "/station"].iter().any(|path| needs_station(path)));
    }
}
