//! Who looked at whom, and who changed what.

use crate::{
    alerts::AlertKind,
    guests::{
        PreferenceGroup, relations,
        ui::{
            field_label,
            words::{group_words, kind_words},
        },
    },
    house::ui::ManageHeading,
    i18n::*,
    requests::{
        asked::{RequestKind, ui::request_kind},
        recovery::ui::words::field_words,
    },
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
            let campaign = row.campaign.map(|(id, name)| {
                view! {
                    " "
                    <a href=format!("/campaigns/{id}")>{name}</a>
                }
            });
            view! {
                <tr>
                    <td class="table__time">{moment(i18n, &row.at)}</td>
                    <th scope="row">{row.who}</th>
                    <td>{row.station}</td>
                    <td>{action_text(i18n, &row.action)} {campaign}</td>
                    <td>{guest}</td>
                    <td class="muted">{fields_text(i18n, &row.fields)}</td>
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
        "campaign_changed" => tu_string!(i18n, staff.actions.campaign_changed),
        "held_greetings" => tu_string!(i18n, staff.actions.held_greetings),
        "asked_consent" => tu_string!(i18n, staff.actions.asked_consent),
        "took_down_consent" => tu_string!(i18n, staff.actions.took_down_consent),
        "lifted_suppression" => tu_string!(i18n, staff.actions.lifted_suppression),
        "tested_letter" => tu_string!(i18n, staff.actions.tested_letter),
        "wrote_trace" => tu_string!(i18n, staff.actions.wrote_trace),
        "resolved_trace" => tu_string!(i18n, staff.actions.resolved_trace),
        "confirmed_preference" => tu_string!(i18n, staff.actions.confirmed_preference),
        "contradicted_preference" => tu_string!(i18n, staff.actions.contradicted_preference),
        "honoured_preference" => tu_string!(i18n, staff.actions.honoured_preference),
        "requested" => tu_string!(i18n, staff.actions.requested),
        "changed_request" => tu_string!(i18n, staff.actions.changed_request),
        "assigned_trace" => tu_string!(i18n, staff.actions.assigned_trace),
        "changed_trace_rule" => tu_string!(i18n, staff.actions.changed_trace_rule),
        "raised_recovery" => tu_string!(i18n, staff.actions.raised_recovery),
        "changed_recovery" => tu_string!(i18n, staff.actions.changed_recovery),
        "changed_people" => tu_string!(i18n, staff.actions.changed_people),
        "changed_usual" => tu_string!(i18n, staff.actions.changed_usual),
        "opened_briefing" => tu_string!(i18n, staff.actions.opened_briefing),
        "printed_names" => tu_string!(i18n, staff.actions.printed_names),
        "recorded_voice" => tu_string!(i18n, staff.actions.recorded_voice),
        "withdrew_voice" => tu_string!(i18n, staff.actions.withdrew_voice),
        "looked_up_call" => tu_string!(i18n, staff.actions.looked_up_call),
        "posted_points" => tu_string!(i18n, staff.actions.posted_points),
        "used_voucher" => tu_string!(i18n, staff.actions.used_voucher),
        "loyalty_changed" => tu_string!(i18n, staff.actions.loyalty_changed),
        "memory_changed" => tu_string!(i18n, staff.actions.memory_changed),
        "opened_timeline" => tu_string!(i18n, staff.actions.opened_timeline),
        other => other,
    }
    .to_owned()
}

/// The fields by the names under which their forms show them.
fn fields_text(i18n: I18n, fields: &[String]) -> String {
    fields.iter().map(|field| field_text(i18n, field)).collect::<Vec<_>>().join(", ")
}

/// One of them: a field of a profile, a group of preferences, what an alert said, or what was changed
/// about a colleague or a station.
fn field_text(i18n: I18n, field: &str) -> String {
    match field {
        "name" => tu_string!(i18n, guests.form.part_name).to_owned(),
        "flags" => tu_string!(i18n, guests.form.part_greeting).to_owned(),
        "photo" => tu_string!(i18n, guests.photo.title).to_owned(),
        "note" => tu_string!(i18n, guests.write.note_text).to_owned(),
        "role" => tu_string!(i18n, staff.people.role).to_owned(),
        "active" => tu_string!(i18n, staff.people.access).to_owned(),
        "password" => tu_string!(i18n, staff.sign_in.password).to_owned(),
        "sessions" => tu_string!(i18n, staff.changes.sessions).to_owned(),
        "created" => tu_string!(i18n, staff.changes.created).to_owned(),
        "added" => tu_string!(i18n, staff.changes.added).to_owned(),
        "saved" => tu_string!(i18n, staff.changes.saved).to_owned(),
        "removed" => tu_string!(i18n, staff.changes.removed).to_owned(),
        "submitted" => tu_string!(i18n, staff.changes.submitted).to_owned(),
        "approved" => tu_string!(i18n, staff.changes.approved).to_owned(),
        "activated" => tu_string!(i18n, staff.changes.activated).to_owned(),
        "paused" => tu_string!(i18n, staff.changes.paused).to_owned(),
        "ended" => tu_string!(i18n, staff.changes.ended).to_owned(),
        "remembered" => tu_string!(i18n, staff.changes.remembered).to_owned(),
        "picture" => tu_string!(i18n, staff.changes.picture).to_owned(),
        "test_letter" => tu_string!(i18n, staff.changes.test_letter).to_owned(),
        "letter_settings" => tu_string!(i18n, staff.changes.letter_settings).to_owned(),
        "sent_again" => tu_string!(i18n, staff.changes.sent_again).to_owned(),
        "arrived" => tu_string!(i18n, staff.changes.arrived).to_owned(),
        "not_arrived" => tu_string!(i18n, staff.changes.not_arrived).to_owned(),
        "dropped" => tu_string!(i18n, staff.changes.dropped).to_owned(),
        "hold" => tu_string!(i18n, staff.changes.hold).to_owned(),
        "bounced" => tu_string!(i18n, staff.changes.bounced).to_owned(),
        "complained" => tu_string!(i18n, staff.changes.complained).to_owned(),
        "by_hand" => tu_string!(i18n, staff.changes.by_hand).to_owned(),
        "not_sent" => tu_string!(i18n, staff.changes.not_sent).to_owned(),
        "agreed" => tu_string!(i18n, staff.changes.agreed).to_owned(),
        "objected" => tu_string!(i18n, staff.changes.objected).to_owned(),
        "for_signer" => tu_string!(i18n, staff.changes.for_signer).to_owned(),
        of_complaint if of_complaint.starts_with("complaint_") => field_words(i18n, of_complaint),
        of_people if of_people.starts_with("people_") => relations::ui::field_words(i18n, of_people),
        "redeemed" => tu_string!(i18n, loyalty.kind.redeemed).to_owned(),
        "extra" => tu_string!(i18n, loyalty.kind.extra).to_owned(),
        "reversed" => tu_string!(i18n, loyalty.kind.reversed).to_owned(),
        "issued" => tu_string!(i18n, loyalty.voucher.issued).to_owned(),
        "withdrawn" => tu_string!(i18n, loyalty.voucher.withdrawn).to_owned(),
        "arranged" => tu_string!(i18n, requests.change.arrange_keep).to_owned(),
        "done" => tu_string!(i18n, requests.change.done).to_owned(),
        "declined" => tu_string!(i18n, requests.change.declined).to_owned(),
        "quick_text" => tu_string!(i18n, requests.quick.one).to_owned(),
        "same_again" => tu_string!(i18n, memory.usual.same_again).to_owned(),
        "not_today" => tu_string!(i18n, memory.usual.not_today).to_owned(),
        "cue" => tu_string!(i18n, memory.evidence.how).to_owned(),
        other => PreferenceGroup::from_code(other)
            .map(|group| group_words(i18n, group))
            .or_else(|| AlertKind::from_code(other).map(|kind| kind_words(i18n, kind)))
            .or_else(|| RequestKind::from_code(other).map(|kind| request_kind(i18n, kind).to_owned()))
            .unwrap_or_else(|| field_label(i18n, other)),
    }
}
