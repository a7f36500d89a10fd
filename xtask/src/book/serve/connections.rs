//! Connections, and how long one may do nothing.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep};

/// What is put up with.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// How long a request may take to be said.
    pub(super) head: Duration,
    /// How long no byte may pass, in either direction.
    pub(super) idle: Duration,
    /// How many connections there may be; further ones wait.
    pub(super) connections: usize,
}

/// A browser keeps six connections open, and forgets about them; it opens others when it needs them.
pub(super) const LIMITS: Limits =
    Limits { head: Duration::from_secs(20), idle: Duration::from_secs(30), connections: 256 };

/// Serves until `stop` is there.
pub(super) async fn serve(
    listener: TcpListener,
    answers: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => return,
            next = next => next,
        };
        match accepted {
            Ok((stream, _)) => {
                let answers = answers.clone();
                tokio::spawn(async move {
                    // Of what goes wrong with a connection, its client knows.
                    let _ = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(limits.head)
                        .serve_connection(
                            TokioIo::new(Patient::new(stream, limits.idle)),
                            TowerToHyperService::new(answers),
                        )
                        .await;
                    drop(place);
                });
            }
            // There are too many open files, say: others may be closed by then.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// A stream that fails when no byte has passed for too long.
struct Patient {
    stream: TcpStream,
    idle: Duration,
    over: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(stream: TcpStream, idle: Duration) -> Self {
        Self { stream, idle, over: Box::pin(tokio::time::sleep(idle)) }
    }

    /// What came of reading or writing, or that the time is over.
    fn seen<T>(&mut self, context: &mut Context<'_>, found: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if found.is_ready() {
            self.over.as_mut().reset(Instant::now() + self.idle);
            return found;
        }
        ready!(self.over.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let found = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.seen(context, found)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let found = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.seen(context, found)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
