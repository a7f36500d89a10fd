//! A line between a client and a server that is slow, or is cut and mended again.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// What is on its way, and since when.
type Sent = (Instant, Vec<u8>);

/// A line to a server. Nothing is lost on it while it is cut, as on one whose ends repeat what nobody confirmed.
pub(super) struct Link {
    /// Where it begins.
    pub(super) host: String,
    is_cut: Arc<AtomicBool>,
    /// Connections that have been made.
    connections: Arc<AtomicUsize>,
}

impl Link {
    /// A line to `host` on which everything takes so long, either way.
    pub(super) fn to(host: &str, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let (is_cut, connections) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (host, cut, count) = (host.to_owned(), Arc::clone(&is_cut), Arc::clone(&connections));
        thread::spawn(move || {
            for client in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let (client, server) = (client.unwrap(), TcpStream::connect(&host).unwrap());
                for (from, to) in [(&client, &server), (&server, &client)] {
                    carry(from.try_clone().unwrap(), to.try_clone().unwrap(), delay, &cut);
                }
            }
        });
        Self { host: here, is_cut, connections }
    }

    /// What a client calls the device at its end.
    pub(super) fn device(&self) -> String {
        format!("remote:ws://{}", self.host)
    }

    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
    }

    pub(super) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Carries one way, in threads of its own.
fn carry(mut from: TcpStream, to: TcpStream, delay: Duration, cut: &Arc<AtomicBool>) {
    let (sender, way) = mpsc::channel::<Sent>();
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 || sender.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
    let cut = Arc::clone(cut);
    thread::spawn(move || deliver(&way, to, delay, &cut));
}

fn deliver(way: &Receiver<Sent>, mut to: TcpStream, delay: Duration, cut: &AtomicBool) {
    to.set_nodelay(true).unwrap();
    for (since, bytes) in way {
        thread::sleep(delay.saturating_sub(since.elapsed()));
        while cut.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    while cut.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = to.shutdown(Shutdown::Both);
}
