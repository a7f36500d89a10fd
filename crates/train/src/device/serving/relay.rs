//! Takes connections, and passes on what may come in: a thread for each direction of each.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use super::door::{Door, Guest};
use super::frames::Frames;
use super::head::{self, Wish};
use crate::device::heart;

/// Connections at the same time.
const CONNECTIONS: usize = 64;

/// What a client may send before it has shown the token, in all. Its first frame holds the token and little else.
const BEFORE_TOKEN: u64 = 64 * 1024;

/// How long it may take to show the token.
const SLOWEST: Duration = Duration::from_secs(10);

/// How often a connection that is quiet is looked at.
const TICK: Duration = Duration::from_millis(500);

/// What the two directions of a connection share.
struct Link {
    wish: Wish,
    guest: Arc<Guest>,
    idle: Duration,
    opened: Instant,
    /// Milliseconds from then until the last bytes.
    last: AtomicU64,
}

impl Link {
    fn touch(&self) {
        self.last.store(self.opened.elapsed().as_millis() as u64, Ordering::SeqCst);
    }

    /// Whether nothing has come for too long.
    fn is_over(&self) -> bool {
        let open = self.opened.elapsed();
        let quiet = open.saturating_sub(Duration::from_millis(self.last.load(Ordering::SeqCst)));
        let is_slow = self.wish == Wish::Session && !self.guest.is_in() && open > SLOWEST;
        is_slow || quiet > self.idle
    }
}

/// Takes connections from now on, in threads of its own, for an engine.
///
/// # Errors
///
/// If the system gives no thread.
pub(super) fn start(
    public: TcpListener,
    engine: SocketAddr,
    door: Arc<Door>,
    idle: Duration,
) -> io::Result<()> {
    let places = Arc::new(AtomicUsize::new(CONNECTIONS));
    let accept = move || {
        loop {
            let Ok((stream, _)) = public.accept() else {
                thread::sleep(TICK); // The system has no more files: some connection must end first.
                continue;
            };
            let taken = places.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if taken.is_err() {
                refuse(stream, "503 Service Unavailable");
                continue;
            }
            let (places, door) = (Place(Arc::clone(&places)), Arc::clone(&door));
            let serve = move || {
                let _place = places;
                // Whoever goes away in the middle is nobody's concern.
                let _ = take(stream, engine, &door, idle);
            };
            let _ = thread::Builder::new().name("connection".to_owned()).spawn(serve);
        }
    };
    thread::Builder::new().name("relay".to_owned()).spawn(accept)?;
    Ok(())
}

/// One of the connections that there may be; given back in the end.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Answers in place of the engine.
fn refuse(mut stream: TcpStream, status: &str) {
    let _ = stream.set_write_timeout(Some(TICK));
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

/// Serves a connection to its end.
fn take(mut stream: TcpStream, engine: SocketAddr, door: &Door, idle: Duration) -> io::Result<()> {
    prepare(&stream)?;
    let head = head::read(&mut stream)?;
    let wish = match head::wish(&head, heart::PATH) {
        Ok(Wish::Alive) => {
            refuse(stream, "204 No Content");
            return Ok(());
        }
        // Only a session holds tensors ready.
        Ok(Wish::Tensor) if !door.is_anybody_in() => {
            refuse(stream, "403 Forbidden");
            return Ok(());
        }
        Ok(wish) => wish,
        Err(status) => {
            refuse(stream, status);
            return Ok(());
        }
    };
    let inner = TcpStream::connect(engine)?;
    inner.set_nodelay(true)?;
    let port = inner.local_addr()?.port();
    let guest = door.enter(port);
    let link = Link { wish, guest, idle, opened: Instant::now(), last: AtomicU64::new(0) };
    let ended = exchange(&stream, &inner, &head, &link, || door.leave(port));
    door.leave(port);
    ended
}

/// A connection whose other end has vanished is to be noticed, as Burn does it: after half a minute.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(10));
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "windows"))]
    let keepalive = keepalive.with_interval(Duration::from_secs(5)).with_retries(4);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    // What was sent and never confirmed isn't probed, but sent again for a quarter of an hour.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)
}

/// Passes on both ways until one end is done. `gone` is called as soon as the client is.
fn exchange(
    client: &TcpStream,
    engine: &TcpStream,
    head: &[u8],
    link: &Link,
    gone: impl FnOnce(),
) -> io::Result<()> {
    for stream in [client, engine] {
        stream.set_read_timeout(Some(TICK))?;
        stream.set_write_timeout(Some(link.idle))?;
    }
    let at = head::end(head).unwrap_or(head.len());
    let mut inwards = Inwards::new(link);
    (&mut &*engine).write_all(&head[..at])?;
    if !inwards.may_pass(&head[at..]) {
        return Ok(());
    }
    (&mut &*engine).write_all(&head[at..])?;
    thread::scope(|scope| {
        let outwards = move || {
            // Whoever is late is to see a connection that ends rather than a token that is refused.
            pump(engine, client, link, |_| !link.guest.is_late());
        };
        thread::Builder::new().name("answers".to_owned()).spawn_scoped(scope, outwards)?;
        pump(client, engine, link, |bytes| inwards.may_pass(bytes));
        gone();
        Ok(())
    })
}

/// What may come in.
struct Inwards<'a> {
    link: &'a Link,
    frames: Frames,
    /// Bytes until now.
    sum: u64,
}

impl<'a> Inwards<'a> {
    fn new(link: &'a Link) -> Self {
        Self { link, frames: Frames::new(BEFORE_TOKEN), sum: 0 }
    }

    /// Whether the next bytes may. After the token has been shown, the limits are Burn's; who fetches tensors sends no
    /// more than their numbers.
    fn may_pass(&mut self, bytes: &[u8]) -> bool {
        if self.link.guest.is_in() {
            return true;
        }
        self.sum += bytes.len() as u64;
        let is_short = self.link.wish == Wish::Tensor || self.sum <= BEFORE_TOKEN;
        is_short && self.frames.pass(bytes).is_ok()
    }
}

/// Passes on one way until either end is done, nothing has come for too long, or something may not pass.
fn pump(from: &TcpStream, to: &TcpStream, link: &Link, mut may_pass: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 64 * 1024];
    let (mut from_, mut to_) = (from, to);
    loop {
        match from_.read(&mut buffer) {
            Ok(count) if count > 0 && may_pass(&buffer[..count]) => {
                if to_.write_all(&buffer[..count]).is_err() {
                    break;
                }
                link.touch();
            }
            Err(error) if is_early(&error) && !link.is_over() => {}
            _ => break,
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// Whether nothing has come yet, rather than nothing being to come any more.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
