//! What the browser asks about traces.

use super::{OpenWork, TraceList, TracePaper, Workload, rule::RuleList};
use crate::{
    error::AppError,
    house::StationKind,
    ids::{TraceId, TraceRuleId},
};
use leptos::prelude::*;

/// The traces of this house: of one department, or of all; or those of one `person`: `me`, or a colleague by id for
/// those who hand out work.
#[server]
pub async fn traces(
    #[server(default)] department: Option<StationKind>,
    #[server(default)] person: String,
) -> Result<TraceList, AppError> {
    use crate::{
        requests::traces::store::{self, Whose},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::SeeTraces>().await?;
    let state = AppState::of_request();
    let whose = match (person.as_str(), department) {
        ("", None) => Whose::All,
        ("", Some(department)) => Whose::Department(department),
        ("me", _) => Whose::Person(permit.actor().staff),
        (colleague, _) => {
            guard::require_of_device::<guard::AssignWork>().await?;
            Whose::Person(colleague.parse()?)
        }
    };
    Ok(store::list(&state.db, &permit, whose, state.clock.now()).await?)
}

/// A form in which a trace is written; about the guest that is named, or about nobody where that is empty.
#[server]
pub async fn blank_trace(#[server(default)] guest: String) -> Result<TracePaper, AppError> {
    use crate::{ids::GuestId, requests::traces::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeTraces>().await?;
    let state = AppState::of_request();
    let about = if guest.is_empty() {
        None
    } else {
        let id: GuestId = guest.parse()?;
        Some(store::about(&state.db, &guard::require_of_device::<guard::SeeGuests>().await?, id).await?)
    };
    Ok(store::paper(&permit, about, state.clock.now()))
}

/// Writes a trace for a department; `due` is the day and `time` the time, house-local. About the guest that is named, or about
/// nobody where that is empty.
#[server]
pub async fn write_trace(
    id: TraceId,
    #[server(default)] guest: String,
    #[server(default)] department: String,
    #[server(default)] text: String,
    #[server(default)] due: String,
    #[server(default)] time: String,
    #[server(default)] room: String,
) -> Result<(), AppError> {
    use crate::{
        ids::GuestId,
        requests::traces::{store, write},
        server::{AppState, clock},
        staff::{
            draft::{self, Sent},
            guard,
        },
    };
    let typed: [(&str, &str); 6] = [
        ("guest", &guest),
        ("department", &department),
        ("text", &text),
        ("due", &due),
        ("time", &time),
        ("room", &room),
    ];
    let page = match guest.parse::<GuestId>() {
        Ok(guest) => format!("/traces?guest={guest}"),
        Err(_) => "/traces".to_owned(),
    };
    let sent = Sent::back::<WriteTrace>(page, &typed);
    let writing = async {
        let permit = guard::require::<guard::SeeTraces>().await?;
        let state = AppState::of_request();
        let about = if guest.is_empty() {
            None
        } else {
            let id: GuestId = guest.parse()?;
            Some(store::about(&state.db, &guard::require::<guard::SeeGuests>().await?, id).await?.guest)
        };
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let typed = write::Typed { department: &department, text: &text, due: &due, time: &time, room: &room };
        let asked = write::read(typed, today).map_err(AppError::Fields)?;
        let department = asked.department;
        store::write(&state.db, &permit, id, about, asked, now).await?;
        Ok::<_, AppError>(department)
    };
    let department = sent.ended(writing.await).await?;
    // The department's list need not show it yet, so the page says that it was kept.
    if draft::is_without_scripts().await? {
        leptos_axum::redirect(&format!("/traces?department={}&done=written", department.code()));
    }
    Ok(())
}

/// Says that a trace has been seen to.
#[server]
pub async fn resolve_trace(trace: TraceId) -> Result<(), AppError> {
    use crate::{
        requests::traces::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = trace.to_string();
    let typed: [(&str, &str); 1] = [("trace", &of)];
    let resolving = async {
        let permit = guard::require::<guard::SeeTraces>().await?;
        let state = AppState::of_request();
        store::resolve(&state.db, &permit, trace, state.clock.now()).await
    };
    Sent::back::<ResolveTrace>("/traces", &typed).ended(resolving.await).await
}

/// Says who does a trace: `me`, a colleague by id, or nobody where it is empty. Those who do not hand out work take what
/// is nobody's, and give back what is theirs.
#[server]
pub async fn assign_trace(trace: TraceId, #[server(default)] person: String) -> Result<(), AppError> {
    use crate::{
        ids::StaffId,
        requests::traces::store,
        server::AppState,
        staff::{Ability, draft::Sent, guard},
    };
    let of = trace.to_string();
    let typed: [(&str, &str); 2] = [("trace", &of), ("person", &person)];
    let assigning = async {
        let permit = guard::require::<guard::SeeTraces>().await?;
        let (state, actor) = (AppState::of_request(), permit.actor());
        let to = match person.as_str() {
            "" => None,
            "me" => Some(actor.staff),
            colleague => Some(colleague.parse::<StaffId>()?),
        };
        match to {
            _ if actor.role.may(Ability::AssignWork) => {
                store::give(&state.db, &guard::require::<guard::AssignWork>().await?, trace, to).await
            }
            None => store::put_back(&state.db, &permit, trace).await,
            Some(to) if to == actor.staff => store::take(&state.db, &permit, trace).await,
            Some(_) => Err(AppError::Forbidden),
        }
    };
    Sent::back::<AssignTrace>("/traces", &typed).ended(assigning.await).await
}

/// The rules by which traces make themselves; and whom the next one will be for, where a guest is named.
#[server]
pub async fn trace_rules(#[server(default)] guest: String) -> Result<RuleList, AppError> {
    use crate::{
        ids::GuestId,
        requests::traces::{rules, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::AssignWork>().await?;
    let state = AppState::of_request();
    let about = if guest.is_empty() {
        None
    } else {
        let id: GuestId = guest.parse()?;
        Some(store::about(&state.db, &guard::require_of_device::<guard::SeeGuests>().await?, id).await?)
    };
    Ok(rules::store::list(&state.db, &permit, about, state.clock.now()).await?)
}

/// Writes a rule, or changes the one that has the id. Days are house-local `YYYY-MM-DD`; what belongs to another
/// kind of rule than `on_day` says is passed over.
#[server]
pub async fn save_trace_rule(
    rule: TraceRuleId,
    #[server(default)] guest: String,
    #[server(default)] department: String,
    #[server(default)] text: String,
    #[server(default)] on_day: String,
    #[server(default)] days_before: String,
    #[server(default)] code: String,
    #[server(default)] every_days: String,
    #[server(default)] starts: String,
    #[server(default)] ends: String,
    #[server(default)] room: String,
) -> Result<(), AppError> {
    use crate::{
        ids::GuestId,
        requests::traces::{rules, store},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let of = rule.to_string();
    let typed: [(&str, &str); 11] = [
        ("rule", &of),
        ("guest", &guest),
        ("department", &department),
        ("text", &text),
        ("on_day", &on_day),
        ("days_before", &days_before),
        ("code", &code),
        ("every_days", &every_days),
        ("starts", &starts),
        ("ends", &ends),
        ("room", &room),
    ];
    let sent = Sent::back::<SaveTraceRule>("/traces/rules", &typed);
    let saving = async {
        let permit = guard::require::<guard::AssignWork>().await?;
        let state = AppState::of_request();
        let about = if guest.is_empty() {
            None
        } else {
            let id: GuestId = guest.parse()?;
            Some(store::about(&state.db, &guard::require::<guard::SeeGuests>().await?, id).await?.guest)
        };
        let (now, house) = (state.clock.now(), &permit.actor().house);
        let typed = rules::write::Typed {
            department: &department,
            text: &text,
            on_day: &on_day,
            days_before: &days_before,
            code: &code,
            every_days: &every_days,
            starts: &starts,
            ends: &ends,
            room: &room,
            has_guest: about.is_some(),
        };
        let asked = rules::write::read(typed, clock::today(now, house.zone())).map_err(AppError::Fields)?;
        rules::store::save(&state.db, &permit, rule, about, asked, now).await?;
        // At once, so that whoever wrote it sees what it makes; else within a minute.
        if let Err(error) = rules::run(&state.db, house, now).await {
            tracing::warn!(%error, "a new rule waits for the next look");
        }
        Ok::<_, AppError>(())
    };
    sent.ended(saving.await).await
}

/// Pauses a rule, or lets it make traces again.
#[server]
pub async fn pause_trace_rule(rule: TraceRuleId, active: bool) -> Result<(), AppError> {
    use crate::{
        requests::traces::rules,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = rule.to_string();
    let typed: [(&str, &str); 1] = [("rule", &of)];
    let pausing = async {
        let permit = guard::require::<guard::AssignWork>().await?;
        let state = AppState::of_request();
        rules::store::set_active(&state.db, &permit, rule, active).await?;
        if active && let Err(error) = rules::run(&state.db, &permit.actor().house, state.clock.now()).await {
            tracing::warn!(%error, "a rule that goes on waits for the next look");
        }
        Ok::<_, AppError>(())
    };
    Sent::back::<PauseTraceRule>("/traces/rules", &typed).ended(pausing.await).await
}

/// Who works here, and how much open work is whose.
#[server]
pub async fn workloads() -> Result<Vec<Workload>, AppError> {
    use crate::{requests::traces::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::AssignWork>().await?;
    Ok(store::workloads(&AppState::of_request().db, &permit).await?)
}

/// Gives all open work of the colleague `from` to the colleague `to`. Tells how much went over.
#[server]
pub async fn hand_over_work(
    #[server(default)] from: String,
    #[server(default)] to: String,
) -> Result<OpenWork, AppError> {
    use crate::{
        error::Problem,
        ids::StaffId,
        requests::traces::store,
        server::AppState,
        staff::{
            draft::{self, Sent},
            guard,
        },
    };
    let typed: [(&str, &str); 2] = [("from", &from), ("to", &to)];
    let page = match from.parse::<StaffId>() {
        Ok(from) => format!("/traces/leaver?from={from}"),
        Err(_) => "/traces/leaver".to_owned(),
    };
    let sent = Sent::to::<HandOverWork>(page, &typed);
    let handing = async {
        let permit = guard::require::<guard::AssignWork>().await?;
        let chosen =
            |field: &str, given: &str| given.parse::<StaffId>().map_err(|_| AppError::field(field, Problem::Empty));
        let (from, to) = (chosen("from", &from)?, chosen("to", &to)?);
        store::hand_over(&AppState::of_request().db, &permit, from, to).await
    };
    let moved = sent.ended(handing.await).await?;
    if draft::is_without_scripts().await? {
        let OpenWork { traces, recoveries } = moved;
        leptos_axum::redirect(&format!("/traces/leaver?traces={traces}&recoveries={recoveries}"));
    }
    Ok(moved)
}
