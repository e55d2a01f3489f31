//! Who looked at whom, and who changed what.

use crate::{
    house::ui::ManageHeading,
    i18n::*,
    staff::{AuditRow, api::audit_trail},
    ui::{Empty, Failed, I18n, Loading, date::moment},
};
use leptos::prelude::*;

/// The newest entries of the audit trail.
#[component]
pub fn AuditPage() -> impl IntoView {
    let i18n = use_i18n();
    let trail = Resource::new(|| (), |()| audit_trail());
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, staff.audit.title) lede=tu_string!(i18n, staff.audit.lede)/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match trail.await {
                        Ok(rows) if rows.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, staff.audit.empty)
                                    text=tu_string!(i18n, staff.audit.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(rows) => view! { <Trail rows/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Trail(rows: Vec<AuditRow>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = rows
        .into_iter()
        .map(|row| {
            let guest = row.guest.map(|(id, name)| {
                view! {
                    <a class="name" href=format!("/guests/{id}")>
                        {name}
                    </a>
                }
            });
            view! {
                <tr>
                    <td class="table__time">{moment(i18n, &row.at)}</td>
                    <th scope="row">{row.who}</th>
                    <td>{row.station}</td>
                    <td>{action_text(i18n, &row.action)}</td>
                    <td>{guest}</td>
                    <td class="muted">{row.fields}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, staff.audit.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, staff.audit.at)}</th>
                        <th scope="col">{tu_string!(i18n, staff.audit.who)}</th>
                        <th scope="col">{tu_string!(i18n, staff.audit.station)}</th>
                        <th scope="col">{tu_string!(i18n, staff.audit.action)}</th>
                        <th scope="col">{tu_string!(i18n, staff.audit.guest)}</th>
                        <th scope="col">{tu_string!(i18n, staff.audit.fields)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What was done, in words; a word that is not known here is shown as it is.
fn action_text(i18n: I18n, action: &str) -> String {
    match action {
        "opened_card" => tu_string!(i18n, staff.actions.opened_card),
        "edited_profile" => tu_string!(i18n, staff.actions.edited_profile),
        "added_preference" => tu_string!(i18n, staff.actions.added_preference),
        "removed_preference" => tu_string!(i18n, staff.actions.removed_preference),
        "added_note" => tu_string!(i18n, staff.actions.added_note),
        "removed_note" => tu_string!(i18n, staff.actions.removed_note),
        "changed_photo" => tu_string!(i18n, staff.actions.changed_photo),
        "raised" => tu_string!(i18n, staff.actions.raised),
        "acknowledged" => tu_string!(i18n, staff.actions.acknowledged),
        "completed" => tu_string!(i18n, staff.actions.completed),
        "withdrew" => tu_string!(i18n, staff.actions.withdrew),
        "located" => tu_string!(i18n, staff.actions.located),
        "imported" => tu_string!(i18n, staff.actions.imported),
        "signed_in" => tu_string!(i18n, staff.actions.signed_in),
        "signed_out" => tu_string!(i18n, staff.actions.signed_out),
        "staff_changed" => tu_string!(i18n, staff.actions.staff_changed),
        "station_changed" => tu_string!(i18n, staff.actions.station_changed),
        other => other,
    }
    .to_owned()
}
