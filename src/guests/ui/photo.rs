//! The photograph: put in or taken away, beside the form of the profile.

use crate::{
    error::Problem,
    guests::api::RemovePhoto,
    i18n::*,
    ids::GuestId,
    ui::{Field, FormNote, Removal, announce_done, outcome},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

/// The largest picture that is taken, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;

/// The kinds of picture that are taken, as people and as browsers call them.
const KINDS: &str = "JPEG, PNG, WebP";
const MIME_TYPES: &str = "image/jpeg,image/png,image/webp";

/// Sends a photograph, or removes the one there is. A refused picture comes back in the page's address.
#[component]
pub fn PhotoForm(guest: GuestId) -> impl IntoView {
    let i18n = use_i18n();
    let remove = ServerAction::<RemovePhoto>::new();
    let (removed, pending) = (outcome(remove), remove.pending());
    announce_done(removed, tu_string!(i18n, guests.photo.removed));
    let problem = use_query_map().with_untracked(|query| match query.get_str("photo") {
        Some("too-large") => Some(Problem::TooLarge(LARGEST)),
        Some("wrong-type") => Some(Problem::WrongType(KINDS.to_owned())),
        _ => None,
    });
    view! {
        <section class="form-part photo-form" aria-labelledby="photo-title">
            <h2 id="photo-title">{tu_string!(i18n, guests.photo.title)}</h2>
            // A plain post: the server answers with the card, which shows the picture.
            <form method="post" enctype="multipart/form-data" action=format!("/guests/{guest}/photo")>
                <Field
                    label=tu_string!(i18n, guests.photo.file)
                    name="photo"
                    id="photo-file"
                    kind="file"
                    accept=MIME_TYPES
                    hint=tu_string!(i18n, guests.photo.hint)
                    error=problem
                    required=true
                />
                <button class="button" type="submit">{tu_string!(i18n, guests.photo.send)}</button>
            </form>
            <FormNote outcome=removed done=tu_string!(i18n, guests.photo.removed)/>
            <Removal
                label=tu_string!(i18n, guests.photo.remove)
                action=RemovePhoto::url()
                fields=vec![("guest", guest.to_string())]
                pending
                remove=Callback::new(move |()| {
                    remove.dispatch(RemovePhoto { guest });
                })
            />
        </section>
    }
}
