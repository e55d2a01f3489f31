//! Pages about staff: signing in, the first manager, colleagues, and who looked at whom.

mod audit;
mod lock;
mod people;
mod person;
mod setup;
mod sign_in;
mod still_here;

pub use audit::AuditPage;
pub use lock::LockPage;
pub use people::StaffPage;
pub use setup::SetupPage;
pub use sign_in::SignInPage;
pub use still_here::{USES, tell_of_use};

use super::{Me, Role, api::refused_form};
use crate::{
    error::{AppError, Refused},
    i18n::*,
    ui::I18n,
};
use leptos::prelude::*;

/// Who is signed in: asked once for each page that the server renders, and provided as context by
/// the application. What changes the answer loads a page anew.
pub type Session = Resource<Result<Option<Me>, AppError>>;

/// The form that came back to a page refused. A page in whose parts there are forms provides it as context.
pub type RefusedForm = Resource<Option<Refused>>;

/// The session of this page.
///
/// # Panics
/// Outside of the application, which provides it to all of its pages.
#[must_use]
pub fn use_session() -> Session {
    expect_context::<Session>()
}

/// The form that came back to this page refused, after it was posted without scripts; asked for once.
#[must_use]
pub fn use_refused() -> RefusedForm {
    // A page that cannot be told shows its forms as they are.
    Resource::new(|| (), |()| async { refused_form().await.ok().flatten() })
}

/// The role as people call it.
#[must_use]
pub fn role_name(i18n: I18n, role: Role) -> &'static str {
    match role {
        Role::Reception => tu_string!(i18n, common.roles.reception),
        Role::Floor => tu_string!(i18n, common.roles.floor),
        Role::Host => tu_string!(i18n, common.roles.host),
        Role::Concierge => tu_string!(i18n, common.roles.concierge),
        Role::Marketing => tu_string!(i18n, common.roles.marketing),
        Role::Manager => tu_string!(i18n, common.roles.manager),
        Role::Admin => tu_string!(i18n, common.roles.admin),
    }
}

/// All roles for a choice: code and name.
fn role_options(i18n: I18n) -> Vec<(String, String)> {
    Role::ALL.into_iter().map(|role| (role.code().to_owned(), role_name(i18n, role).to_owned())).collect()
}

/// The page to go to after signing in, unlocking or choosing a station, from this page's address. Anything
/// but a path of this site is ignored.
#[must_use]
pub fn next_page() -> Option<String> {
    leptos_router::hooks::use_query_map().with_untracked(|query| query.get("next")).filter(|next| is_own_path(next))
}

fn is_own_path(address: &str) -> bool {
    // A second slash, or the backslash that browsers take for one, would name another site.
    address.starts_with('/') && !address[1..].starts_with(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert!(is_own_path("/"));
        assert!(is_own_path("/desk?guest=1"));
        for other in ["", "desk", "https://example.com", "//example.com", "/\\example.com"] {
            assert!(!is_own_path(other), "{other}");
        }
    }
}
