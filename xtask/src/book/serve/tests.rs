//! A server on a port of its own, and clients that do what no browser does.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use tokio::sync::oneshot;

use super::answers;
use super::connections::{Limits, serve};

/// Small enough that a test need not wait, but for the limit that it is about.
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(100);
/// After this long, a client that was not answered gives up, and the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, which ends with this.
struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    fn new(book: &Path, limits: Limits) -> Self {
        let answers = answers::of(book).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                serve(listener, answers, limits, async { drop(stopped.await) }).await;
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    fn ask(&self, path: &str) -> (String, String) {
        ask(self.address, path)
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What is answered to a request for a path: its head and its body.
fn ask(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: book\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// How many bytes come until the server ends the connection, whether with a word or without.
fn until_dropped(mut stream: TcpStream) -> usize {
    let (mut count, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return count,
            Ok(read) => count += read,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return count,
            Err(error) => panic!("the server keeps a client that does nothing: {error}"),
        }
    }
}

/// A book with a page, and beside it something that is not for everybody.
fn book(folder: &Path) -> std::path::PathBuf {
    let book = folder.join("book");
    fs::create_dir_all(book.join("live")).unwrap();
    fs::write(book.join("index.html"), "<script>abc</script>the front page").unwrap();
    fs::write(book.join("live/ding.js"), "player").unwrap();
    fs::create_dir(folder.join("home")).unwrap();
    fs::write(folder.join("home/index.html"), "a secret").unwrap();
    book
}

#[test]
fn every_answer_says_what_its_page_may_do() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(&book(folder.path()), Limits { head: LONG, idle: LONG, connections: 2 });
    for (path, status) in [("/", 200), ("/live/ding.js", 200), ("/nowhere", 404)] {
        let head = server.ask(path).0.to_lowercase();
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{path}: {head}");
        assert!(head.contains("\r\nx-content-type-options: nosniff"), "{path}: {head}");
        assert!(
            head.contains("\r\ncontent-security-policy: default-src 'none'; script-src 'self' 'sha256-"),
            "{head}"
        );
    }
    assert!(server.ask("/").1.ends_with("the front page"));
}

/// As the browser's test has it: it opens every page under the policy that is answered.
#[test]
fn a_book_is_served_beside_what_else_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let address = super::beside(&book(folder.path())).unwrap();
    for _ in 0..2 {
        let (head, body) = ask(address, "/");
        assert!(head.to_lowercase().contains("\r\ncontent-security-policy: default-src 'none'; "), "{head}");
        assert!(body.ends_with("the front page"), "{body}");
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_book() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    let home = folder.path().join("home");
    symlink(home.join("index.html"), book.join("file.html")).unwrap();
    symlink("../home", book.join("folder")).unwrap();
    fs::create_dir(book.join("front")).unwrap();
    symlink("../../home/index.html", book.join("front/index.html")).unwrap();
    symlink("index.html", book.join("first.html")).unwrap();
    let server = Server::new(&book, Limits { head: LONG, idle: LONG, connections: 2 });
    for path in ["/file.html", "/folder", "/folder/", "/folder/index.html", "/front", "/front/"] {
        let (head, body) = server.ask(path);
        assert!(head.starts_with("HTTP/1.1 404") && !body.contains("secret"), "{path}: {head}\n{body}");
    }
    assert!(server.ask("/first.html").1.ends_with("the front page"), "a link inside the book is followed");
}

#[test]
fn a_name_that_is_too_long_is_of_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(&book(folder.path()), Limits { head: LONG, idle: LONG, connections: 2 });
    for path in [format!("/{}", "a".repeat(300)), "/a".repeat(5_000), format!("/{}.html", "%61".repeat(300))]
    {
        let head = server.ask(&path).0;
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    }
}

#[test]
fn who_says_nothing_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    let limits = Limits { head: LONG, idle: SHORT, connections: 2 };
    // Twice as many as there are places, and each gets one.
    let server = Server::new(&book, limits);
    for stream in [(); 4].map(|()| server.connect()) {
        assert_eq!(until_dropped(stream), 0);
    }
    let mut begun = server.connect();
    write!(begun, "GET / HTTP/1.1\r\nHost: bo").unwrap();
    assert_eq!(until_dropped(begun), 0);
    let mut kept = server.connect();
    write!(kept, "GET / HTTP/1.1\r\nHost: book\r\n\r\n").unwrap();
    assert!(until_dropped(kept) > 0, "it is answered first");
}

#[test]
fn who_says_a_letter_now_and_then_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { head: SHORT, idle: LONG, connections: 2 };
    let server = Server::new(&book(folder.path()), limits);
    let mut stream = server.connect();
    write!(stream, "GET / HTTP/1.1\r\nX: ").unwrap();
    let mut writing = stream.try_clone().unwrap();
    // Writing fails when the server has gone.
    let dribble = std::thread::spawn(move || {
        while writing.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    until_dropped(stream);
    dribble.join().unwrap();
}

#[test]
fn who_asks_and_does_not_listen_is_dropped() {
    const SIZE: usize = 64 << 20;
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path());
    fs::File::create(book.join("live/large.js")).unwrap().set_len(SIZE as u64).unwrap();
    let server = Server::new(&book, Limits { head: LONG, idle: SHORT, connections: 1 });
    let mut deaf = server.connect();
    write!(deaf, "GET /live/large.js HTTP/1.1\r\nHost: book\r\n\r\n").unwrap();
    // There is one place, so that this is answered once the other has been dropped.
    assert!(server.ask("/").1.ends_with("the front page"));
    assert!(until_dropped(deaf) < SIZE, "it came whole");
}
