//! Words that the house writes again and again, for those who look after the house.

use super::words::request_kind;
use crate::{
    error::Refused,
    i18n::*,
    requests::asked::{
        MAX_QUICK, QuickText, RequestKind,
        api::{RemoveQuickText, SaveQuickText, quick_texts},
    },
    staff::{
        Ability,
        ui::{RefusedForm, use_session},
    },
    ui::{Attempt, Failed, Field, FormNote, I18n, Removal, Select, announce_done, outcome, reset_when_done},
};
use leptos::{html, prelude::*, server_fn::ServerFn};

/// The quick texts with the form that adds one. Nothing for others: they choose them where they enter a request.
#[component]
pub fn QuickTexts(refused: RefusedForm) -> impl IntoView {
    let session = use_session();
    let save = ServerAction::<SaveQuickText>::new();
    let remove = ServerAction::<RemoveQuickText>::new();
    let texts = Resource::new(
        move || (save.version().get(), remove.version().get()),
        move |_| async move {
            let me = session.await.ok().flatten();
            let manages =
                me.is_some_and(|me| me.role.may(Ability::ManageHouse) && me.role.may(Ability::HandleRequests));
            if manages { quick_texts().await.map(Some) } else { Ok(None) }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let (texts, refused) = (texts.await, refused.await);
                match texts {
                    Ok(Some(texts)) => view! { <Texts texts save remove refused/> }.into_any(),
                    Ok(None) => ().into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Texts(
    texts: Vec<QuickText>,
    save: ServerAction<SaveQuickText>,
    remove: ServerAction<RemoveQuickText>,
    /// A form that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(save, refused.as_ref());
    let removed = Attempt::of(remove, refused.as_ref()).outcome;
    let (tried, pending) = (attempt.outcome, save.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, requests.quick.added));
    announce_done(outcome(remove), tu_string!(i18n, requests.quick.removed));
    let kinds: Vec<_> =
        RequestKind::ALL.iter().map(|kind| (kind.code().to_owned(), request_kind(i18n, *kind).to_owned())).collect();
    // What was added or removed or came back refused is looked at again.
    let open = tried.with_untracked(Option::is_some) || removed.with_untracked(Option::is_some);
    view! {
        <details class="write quick-texts" open=open>
            <summary class="button button--quiet">{tu_string!(i18n, requests.quick.title)}</summary>
            <div class="write__sheet stack">
                <p class="muted">{tu_string!(i18n, requests.quick.lede)}</p>
                <FormNote outcome=removed/>
                {lines(i18n, texts, remove)}
                <FormNote outcome=tried fields=&["kind", "text"] done=tu_string!(i18n, requests.quick.added)/>
                <ActionForm action=save node_ref=form>
                    <Select
                        label=tu_string!(i18n, requests.quick.kind)
                        name="kind"
                        id="quick-kind"
                        options=kinds
                        selected=attempt.typed("kind")
                        error=attempt.problem_in("kind")
                    />
                    <Field
                        label=tu_string!(i18n, requests.quick.text)
                        name="text"
                        id="quick-text"
                        value=attempt.typed("text")
                        hint=tu_string!(i18n, requests.quick.text_hint, most = MAX_QUICK)
                        error=attempt.problem_in("text")
                        maxlength=MAX_QUICK
                        autocomplete="off"
                        required=true
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, requests.quick.add)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

fn lines(i18n: I18n, texts: Vec<QuickText>, remove: ServerAction<RemoveQuickText>) -> AnyView {
    if texts.is_empty() {
        return view! { <p class="muted">{tu_string!(i18n, requests.quick.empty)}</p> }.into_any();
    }
    let lines = texts
        .into_iter()
        .map(|QuickText { id, kind, text }| {
            view! {
                <li class="quick-texts__line">
                    <span>
                        <span class="muted">{request_kind(i18n, kind)} ": "</span>
                        {text.clone()}
                    </span>
                    <Removal
                        label=tu_string!(i18n, requests.quick.remove)
                        what=text
                        action=RemoveQuickText::url()
                        fields=vec![("quick_text", id.to_string())]
                        pending=remove.pending()
                        remove=Callback::new(move |()| {
                            remove.dispatch(RemoveQuickText { quick_text: id });
                        })
                    />
                </li>
            }
        })
        .collect_view();
    view! { <ul>{lines}</ul> }.into_any()
}
