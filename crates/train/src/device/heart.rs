//! Whether the devices of other processes still answer.
//!
//! A server that was stopped, or whose cable was pulled, keeps its connections: the system answers for it, or nobody
//! does, and whoever waits for a result waits for ever inside Burn, where nothing can wake it. So each server is asked
//! beside the work, again and again, whether it is there. One that says nothing for too long ends this program, and
//! what is to be said and done before that is up to whoever called [`on_lost`].
//!
//! It isn't the steps that are watched: one may take minutes, and an evaluation hours, on a server in best health.
#![cfg_attr(
    not(feature = "remote"),
    allow(dead_code, reason = "only devices of other processes are watched")
)]

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often silence is looked at. It is counted in these rather than measured: a program that was itself stopped for
/// an hour has not waited for an answer all the time.
const TICK: Duration = Duration::from_millis(100);

/// How much silence is borne at most when the user wants to end.
const IN_A_HURRY: Duration = Duration::from_secs(10);

/// The path that a server answers at without being asked for a token.
pub(super) const PATH: &str = "/alive";

/// What bad luck ends with, as bad input does.
const FAILED: u8 = 2;

/// Milliseconds without an answer that make a server lost.
static PATIENCE: AtomicU64 = AtomicU64::new(60_000);

/// The exit code that the user's wish to end gives; 0 as long as there was none.
static WISHED: AtomicU8 = AtomicU8::new(0);

/// What to do when a device is lost.
type LastWords = Box<dyn Fn(&Lost) + Send>;

static LAST_WORDS: Mutex<Option<LastWords>> = Mutex::new(None);

/// A device that doesn't answer any more.
#[derive(Debug)]
pub(crate) struct Lost {
    /// Its name.
    device: String,
    /// For how long there was no answer.
    silence: Duration,
    /// Whether the user had asked to end.
    pub(crate) is_wished: bool,
}

impl Lost {
    /// What has happened.
    #[must_use]
    pub(crate) fn reason(&self) -> String {
        let seconds = self.silence.as_secs();
        format!("no answer from {} for {seconds} s (--timeout)", self.device)
    }
}

/// Sets how long a server may be silent.
pub(crate) fn set_patience(patience: Duration) {
    PATIENCE.store(patience.as_millis().try_into().unwrap_or(u64::MAX), Ordering::SeqCst);
}

/// How long a server may be silent.
pub(crate) fn patience() -> Duration {
    let patience = Duration::from_millis(PATIENCE.load(Ordering::SeqCst));
    if is_wished() { patience.min(IN_A_HURRY) } else { patience }
}

/// The user wants to end, with this exit code: from now on, less silence is borne.
pub(crate) fn hurry(code: u8) {
    let _ = WISHED.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
}

/// Whether the user wants to end.
pub(crate) fn is_wished() -> bool {
    WISHED.load(Ordering::SeqCst) != 0
}

/// Sets what is said and done before the program ends for a lost device. It is called in another thread than the work's.
pub(crate) fn on_lost(last_words: impl Fn(&Lost) + Send + 'static) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(last_words));
}

/// Watches a server at `HOST:PORT` for as long as this program runs.
pub(super) fn watch(device: String, host: String) -> io::Result<()> {
    let beats = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&beats);
    let ask = move || {
        loop {
            if is_alive(&host, patience()) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            thread::sleep(pause(patience()));
        }
    };
    let listen = move || {
        let mut silence = Silence::default();
        loop {
            thread::sleep(TICK);
            if silence.after(beats.load(Ordering::SeqCst)) >= patience() {
                end(device.clone(), silence.length);
            }
        }
    };
    thread::Builder::new().name("asks".to_owned()).spawn(ask)?;
    thread::Builder::new().name("listens".to_owned()).spawn(listen)?;
    Ok(())
}

/// How long to wait from one question to the next: several fit into what is borne.
fn pause(patience: Duration) -> Duration {
    (patience / 5).clamp(TICK, Duration::from_secs(2))
}

/// For how long there has been no answer.
#[derive(Debug, Default)]
struct Silence {
    answers: u64,
    length: Duration,
}

impl Silence {
    /// A tick later.
    fn after(&mut self, answers: u64) -> Duration {
        self.length = if answers == self.answers { self.length + TICK } else { Duration::ZERO };
        self.answers = answers;
        self.length
    }
}

/// Asks once. Any answer of HTTP will do: whoever gives one is there.
fn is_alive(host: &str, limit: Duration) -> bool {
    let ask = || -> io::Result<bool> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in host.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, limit) {
                Ok(mut stream) => {
                    stream.set_read_timeout(Some(limit))?;
                    let question =
                        format!("GET {PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
                    stream.write_all(question.as_bytes())?;
                    let mut answer = [0; 5];
                    stream.read_exact(&mut answer)?;
                    return Ok(&answer == b"HTTP/");
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    ask().unwrap_or(false)
}

/// Ends the program, whatever its other threads are stuck in.
fn end(device: String, silence: Duration) -> ! {
    let wished = WISHED.load(Ordering::SeqCst);
    let lost = Lost { device, silence, is_wished: wished != 0 };
    match LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        Some(last_words) => last_words(&lost),
        None => {
            let _ = writeln!(io::stderr(), "error: {}", lost.reason());
        }
    }
    std::process::exit(i32::from(if wished == 0 { FAILED } else { wished }))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_answer_on() {
        let mut silence = Silence::default();
        assert_eq!([silence.after(0), silence.after(0)], [TICK, 2 * TICK]);
        assert_eq!([silence.after(1), silence.after(1)], [Duration::ZERO, TICK]);
    }

    #[test]
    fn several_questions_fit_into_what_is_borne() {
        for seconds in [1, 10, 60, 86_400] {
            let patience = Duration::from_secs(seconds);
            assert!(pause(patience) * 5 <= patience);
        }
    }

    #[test]
    fn a_port_that_speaks_http_is_alive_and_one_that_says_nothing_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        assert!(!is_alive(&host, Duration::from_millis(300)), "nobody accepts");
        let server = thread::spawn(move || {
            // The first is the question that was given up.
            for answer in ["", "HTTP/1.1 404 Not Found\r\n\r\n", "220 mail.example.org"] {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1000]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let ask = || is_alive(&host, Duration::from_secs(60));
        assert_eq!([ask(), ask()], [true, false]);
        server.join().unwrap();
    }
}
