//! The routes, and what stands before them.

use super::{AppState, control, letters, respond, uploads, voices};
use crate::{
    alerts::stream,
    app::{App, shell},
    campaigns::{letter_api::SaveLetter, public},
    error::{AppError, Problem},
    staff::session,
    ui::WhenFailed,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::StreamExt;
use leptos::{prelude::provide_context, server_fn::ServerFn};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use std::time::Duration;
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};
use tower_sessions::Session;

/// Forms and server functions: far above what any page sends.
const FORM_LIMIT: usize = 256 * 1024;
/// The form of a letter, whose text and plain text take a few times their length on the way.
const LETTER_LIMIT: usize = 8 * FORM_LIMIT;
/// What is too large is read up to so many times its limit all the same: whoever is still sending does not
/// hear an answer.
const HEARD_OUT: usize = 4;
/// How long the store may take to say that it is there.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// The whole application.
pub fn router(state: AppState) -> Router {
    let routes = generate_route_list(App);
    let context = {
        let state = state.clone();
        move || {
            provide_context(state.clone());
            provide_context(WhenFailed(respond::page_failed));
        }
    };
    let page = {
        let options = state.leptos.clone();
        move || shell(options.clone())
    };
    let upload_limit = state.config.upload_mb as usize * 1024 * 1024;
    let pages = Router::new()
        .route("/events", get(stream::events))
        .route("/photos/{photo}", get(uploads::photo))
        .route("/voices/{guest}", get(voices::voice))
        .route("/imports/{run}/report.csv", get(uploads::report))
        .route("/campaigns/{campaign}/preview", get(letters::preview))
        .leptos_routes_with_context(&state, routes, context.clone(), page)
        .fallback(file_and_error_handler_with_context::<AppState, _>(context, shell))
        .layer(middleware::from_fn(small_bodies));
    let uploads = Router::new()
        .route("/guests/{guest}/photo", post(uploads::set_photo))
        .route("/guests/{guest}/voice", post(voices::keep).layer(DefaultBodyLimit::max(voices::HEARD_OUT)))
        .route("/imports", post(uploads::import))
        .route("/media", post(letters::add_picture))
        .layer(DefaultBodyLimit::max(upload_limit));
    let with_session = pages
        .merge(uploads)
        .layer(middleware::from_fn(statuses))
        .layer(middleware::from_fn_with_state(state.clone(), used))
        .layer(middleware::from_fn_with_state(state.clone(), same_origin))
        .layer(session::layer(state.db.clone(), &state.config));
    let commands = control::routes().layer(DefaultBodyLimit::max(upload_limit));
    // What guests open from their letters knows no session. Mail programs post to one of these pages from
    // wherever they are.
    let open = public::pages()
        .layer(middleware::from_fn_with_state(state.clone(), same_origin))
        .merge(public::one_click())
        .route("/media/{picture}", get(letters::picture));
    let traced = with_session.merge(open).merge(commands).layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(TraceLayer::new_for_http().make_span_with(span))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest)),
    );
    // The probes stand outside of the trace, which would log each 503 while the server starts as an error.
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .merge(traced)
        .layer(middleware::from_fn_with_state(state.clone(), headers))
        .with_state(state)
}

/// Ready once the store answers and the search index has been built. Only the former is worth an error
/// in the log if it fails: the latter is how every start begins.
async fn ready(State(state): State<AppState>) -> Response {
    if !state.search.is_ready() {
        tracing::debug!("not ready: the search index is being built");
        return (StatusCode::SERVICE_UNAVAILABLE, "the search index is being built\n").into_response();
    }
    let trouble = match timeout(READY_WITHIN, state.db.query("RETURN 1", super::db::vars())).await {
        Ok(Ok(_)) => return "ready\n".into_response(),
        Ok(Err(error)) => error.to_string(),
        Err(late) => late.to_string(),
    };
    tracing::error!(trouble, "the store does not answer");
    (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
}

/// The log's view of a request: the route, never the address, which can hold a guest's name.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
    tracing::info_span!("request", method = %request.method(), route, id)
}

/// Refuses what another site makes a browser send. Browsers that say where a request comes from must
/// say: from here; the others must name this origin.
async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from_here(&state, &request) {
        return next.run(request).await;
    }
    tracing::warn!("a request from another site was refused");
    (StatusCode::FORBIDDEN, "This request came from another site and was refused.\n").into_response()
}

fn comes_from_here(state: &AppState, request: &Request) -> bool {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    match &state.config.base_url {
        Some(base) => origin == base,
        None => {
            let scheme = if state.config.tls { "https" } else { "http" };
            text(header::HOST).is_some_and(|host| origin == format!("{scheme}://{host}"))
        }
    }
}

/// Whoever opens a page or posts a plain form uses the device. What scripts load by themselves says nothing
/// of that; they report use with a call of its own.
async fn used(State(state): State<AppState>, session: Session, request: Request, next: Next) -> Response {
    // Pages go to these by themselves when nobody has used the device.
    let is_front = matches!(request.uri().path(), "/lock" | "/sign-in");
    if respond::wants_page(request.headers()) && !is_front {
        // What the store has against it, it has against the page as well, which says so.
        if let Err(error) = session::touch(&state, &session).await {
            tracing::debug!(%error, "use of a device could not be noted");
        }
    }
    next.run(request).await
}

/// Refuses a form that is larger than any page sends. A server function that finds out by itself says
/// that there is no connection, and a device would send the same again and again.
async fn small_bodies(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let is_letter = parts.uri.path() == <SaveLetter as ServerFn>::PATH;
    let limit = if is_letter { LETTER_LIMIT } else { FORM_LIMIT };
    let (mut kept, mut sent) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return (StatusCode::BAD_REQUEST, "The request was cut off.\n").into_response();
        };
        sent += chunk.len();
        if sent <= limit {
            kept.extend_from_slice(&chunk);
        } else if sent > HEARD_OUT * limit {
            break;
        }
    }
    if sent <= limit {
        return next.run(Request::from_parts(parts, kept.into())).await;
    }
    let error = AppError::field("form", Problem::TooLarge(limit));
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    if respond::wants_page(&parts.headers) {
        (status, error.to_string()).into_response()
    } else {
        (status, Json(error)).into_response()
    }
}

/// A server function that fails answers 500, whatever the reason. Programs are told more exactly; the
/// redirect that a plain form gets instead is left alone.
async fn statuses(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let failed = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.headers().contains_key(leptos::server_fn::error::SERVER_FN_ERROR_HEADER);
    if !failed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, FORM_LIMIT).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<AppError>(&body) {
        parts.status = respond::status_of(&error);
    }
    Response::from_parts(parts, body.into())
}

/// Headers for every answer. Nothing about a guest is kept by a browser or a proxy.
async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_shell = is_shell(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Letters are looked at in a frame within a page of ours.
    headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        // The microphone for guests who say their own names, on pages of this site alone.
        HeaderValue::from_static("camera=(), microphone=(self), geolocation=(), payment=()"),
    );
    if state.config.tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // The files of the browser part are asked for again only to hear that they are the same.
    let cache = if is_shell { "no-cache" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
    response
}

/// Whether a file of the application itself lies there, the same for everyone: the browser part, the
/// icons, and what an installed application needs. The service worker keeps these and nothing else.
fn is_shell(path: &str) -> bool {
    path.starts_with("/pkg/")
        || path.starts_with("/icons/")
        || matches!(path, "/favicon.svg" | "/manifest.webmanifest" | "/offline.html" | "/offline.js" | "/sw.js")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What the service worker names without keeping it.
    const NOT_KEPT: [&str; 5] = ["/api/*", "/events", "/photos/*", "/voices/*", "/board"];

    fn public() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/public"))
    }

    fn is_there(path: &str) -> bool {
        // The build writes the browser part.
        path.starts_with("/pkg/") || public().join(path.trim_start_matches('/')).is_file()
    }

    #[test]
    fn the_service_worker_keeps_nothing_but_the_shell() {
        let script = std::fs::read_to_string(public().join("sw.js")).unwrap();
        let kept: Vec<_> = script
            .split('\'')
            .skip(1)
            .step_by(2)
            .filter(|text| text.starts_with('/') && !NOT_KEPT.contains(text))
            .collect();
        assert!(kept.contains(&"/offline.html") && kept.contains(&"/pkg/rapport.wasm"), "{kept:?}");
        for path in kept {
            assert!(is_shell(path) && is_there(path), "{path}");
        }
        for path in
            ["/", "/board", "/api/board", "/events", "/photos/1", "/voices/1", "/guests", "/imports/1/report.csv"]
        {
            assert!(!is_shell(path), "{path}");
        }
    }

    #[test]
    fn the_installed_application_has_its_icons() {
        let manifest = std::fs::read_to_string(public().join("manifest.webmanifest")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let icons: Vec<_> =
            manifest["icons"].as_array().unwrap().iter().map(|icon| icon["src"].as_str().unwrap()).collect();
        assert!(!icons.is_empty());
        for path in icons {
            assert!(is_shell(path) && is_there(path), "{path}");
        }
    }
}
