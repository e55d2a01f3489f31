//! Pictures for letters: taken in, shown with the line that a letter names them by.

use super::CampaignsHeading;
use crate::{
    campaigns::letter_api::{Picture, pictures},
    error::Problem,
    i18n::*,
    ui::{Empty, Failed, I18n, Loading, date, number, problem_text},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The largest file that is taken, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;
/// The kinds of picture that are taken, as people and as browsers call them.
const KINDS: &str = "JPEG, PNG, WebP";
const MIME_TYPES: &str = "image/jpeg,image/png,image/webp";

/// The page `/campaigns/pictures`. A refused picture comes back in the page's address.
#[component]
pub fn PicturesPage() -> impl IntoView {
    let i18n = use_i18n();
    let list = Resource::new(|| (), |()| pictures());
    view! {
        <div class="manage">
            <CampaignsHeading
                title=tu_string!(i18n, campaigns.pictures.title)
                lede=tu_string!(i18n, campaigns.pictures.lede)
            />
            <AddPicture/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(pictures) if pictures.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, campaigns.pictures.empty)
                                    text=tu_string!(i18n, campaigns.pictures.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(pictures) => {
                            let pictures = pictures.into_iter().map(|picture| line(i18n, picture)).collect_view();
                            view! { <ul class="pictures">{pictures}</ul> }.into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn AddPicture() -> impl IntoView {
    let i18n = use_i18n();
    let (problem, is_added) = use_query_map().with_untracked(|query| {
        let problem = match query.get_str("refused") {
            Some("too-large") => Some(Problem::TooLarge(LARGEST)),
            Some("wrong-type") => Some(Problem::WrongType(KINDS.to_owned())),
            _ => None,
        };
        (problem, query.get_str("added").is_some())
    });
    let invalid = problem.is_some().then_some("true");
    let described_by = if problem.is_some() { "picture-problem picture-hint" } else { "picture-hint" };
    view! {
        <section class="panel" aria-labelledby="picture-title">
            <h2 class="panel__title" id="picture-title">{tu_string!(i18n, campaigns.pictures.add)}</h2>
            {is_added.then(|| view! { <p class="note note--ok">{tu_string!(i18n, campaigns.pictures.added)}</p> })}
            // A plain post: the server answers with this page, which shows the picture.
            <form class="stack" method="post" enctype="multipart/form-data" action="/media">
                <div class="field">
                    <label class="field__label" for="picture-file">{tu_string!(i18n, campaigns.pictures.file)}</label>
                    <p class="field__hint" id="picture-hint">{tu_string!(i18n, campaigns.pictures.file_hint)}</p>
                    <input
                        id="picture-file"
                        type="file"
                        name="picture"
                        accept=MIME_TYPES
                        required=true
                        aria-invalid=invalid
                        aria-describedby=described_by
                    />
                    {problem
                        .map(|problem| {
                            view! {
                                <p class="field__problem" id="picture-problem">{problem_text(i18n, &problem)}</p>
                            }
                        })}
                </div>
                <button class="button button--primary" type="submit">{tu_string!(i18n, campaigns.pictures.send)}</button>
            </form>
        </section>
    }
}

/// A picture, and what is written into a letter to show it.
fn line(i18n: I18n, picture: Picture) -> AnyView {
    let Picture { id, name, address, width, height, by, at } = picture;
    // Fine screens show twice the points that a letter is wide.
    let shown = width.div_ceil(2).clamp(1, 600);
    let tag = format!("<mj-image src=\"{address}\" alt=\"\" width=\"{shown}px\" />");
    let size = tu_string!(i18n, campaigns.pictures.size, width = number(width.into()), height = number(height.into()));
    let told = tu_string!(i18n, campaigns.pictures.by, who = by, at = date::moment(i18n, &at));
    view! {
        <li class="panel picture">
            <img
                class="picture__image"
                src=format!("/media/{id}")
                alt=name.clone()
                width=width.to_string()
                height=height.to_string()
                loading="lazy"
            />
            <div class="picture__words">
                <p>{name}</p>
                <p class="muted">{size} " · " {told}</p>
                <p class="field__hint">{tu_string!(i18n, campaigns.pictures.tag)}</p>
                <code class="picture__tag" tabindex="0">{tag}</code>
            </div>
        </li>
    }
    .into_any()
}
