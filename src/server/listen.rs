//! Connections: each is served by hyper until a request takes its socket over. A stream of events
//! lasts for hours and only ever writes, so it needs neither hyper's buffers nor a task of its own.

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
};
use tower::ServiceExt;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take to accept the head of an answer whose socket was taken over.
const FIRST_BYTES_TIMEOUT: Duration = Duration::from_secs(10);
/// How long what was sent may remain unconfirmed before the connection counts as broken. The same time
/// after which a device believes so itself.
const UNHEARD: Duration = Duration::from_secs(25);
/// How long to wait before accepting again when the process has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// In the extensions of every request: the way to take its socket over.
#[derive(Clone, Default)]
pub struct Handover(Arc<Slot>);

#[derive(Default)]
struct Slot {
    taken: Mutex<Option<Taken>>,
    notify: Notify,
}

struct Taken {
    first: Vec<u8>,
    then: Box<dyn FnOnce(std::net::TcpStream) + Send>,
}

impl Handover {
    /// Takes the socket from hyper: `first` is written to it, head and all, and it is handed to `then`,
    /// non-blocking. The future never ends: the request has no other answer.
    pub async fn take(self, first: Vec<u8>, then: impl FnOnce(std::net::TcpStream) + Send + 'static) -> Infallible {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(Taken { first, then: Box::new(then) });
        self.0.notify.notify_one();
        std::future::pending().await
    }

    async fn taken(&self) -> Taken {
        loop {
            self.0.notify.notified().await;
            if let Some(taken) = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return taken;
            }
        }
    }
}

/// Serves until `shutdown` turns true; then no connection is accepted any more, and those that are
/// answering a request finish it.
pub async fn serve(listener: TcpListener, app: Router, mut shutdown: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let told = shutdown.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    connections.spawn(connection(socket, peer, app.clone(), told.clone()));
                }
                Err(error) => {
                    // One client's trouble, or ours when descriptors run out: both pass.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = stopped(&mut shutdown) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(socket: TcpStream, peer: SocketAddr, app: Router, mut shutdown: watch::Receiver<bool>) {
    // Word of a guest is small and must leave at once; and a device that fell asleep without a goodbye
    // must not count as listening. A socket that refuses is broken and says so below.
    let _ = socket.set_nodelay(true);
    let _ = socket2::SockRef::from(&socket).set_tcp_user_timeout(Some(UNHEARD));
    let handover = Handover::default();
    let service = {
        let handover = handover.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(handover.clone());
            Box::pin(app.clone().oneshot(request))
        })
    };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(socket), service);
    let taken = {
        let mut stopping = std::pin::pin!(stopped(&mut shutdown));
        let mut told = false;
        loop {
            tokio::select! {
                // Broken or ended: either way there is nobody left to tell.
                _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break None,
                taken = handover.taken() => break Some(taken),
                () = &mut stopping, if !told => {
                    told = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
            }
        }
    };
    let Some(taken) = taken else {
        let _ = connection.into_parts().io.into_inner().shutdown().await;
        return;
    };
    // Requests are answered in turn, so whatever was asked before on this connection has been sent.
    let socket = connection.into_parts().io.into_inner();
    if let Err(error) = hand_over(socket, taken).await {
        tracing::debug!(%error, "a client left before its stream began");
    }
}

/// Ends when the server is to stop. A sender that is gone also means that the server goes.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

async fn hand_over(mut socket: TcpStream, taken: Taken) -> io::Result<()> {
    tokio::time::timeout(FIRST_BYTES_TIMEOUT, socket.write_all(&taken.first))
        .await
        .map_err(|_| io::ErrorKind::TimedOut)??;
    (taken.then)(socket.into_std()?);
    Ok(())
}
