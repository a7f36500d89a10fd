//! Who gets a session, and how much somebody may send who has none.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::{LONG, Server, copy, until, until_saved};
use crate::common::{Program, Ran, TOKEN, read_json};

/// A connection that asks for a path, and what it is answered first.
fn ask(server: &Server, path: &str, more: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&server.host).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{upgrade}{key}{more}\r\n", server.host);
    let _ = stream.write_all(request.as_bytes()); // Where there is no place, it may be closed already.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if !stream.read(&mut byte).is_ok_and(|count| count == 1) {
            break;
        }
        answer.push(byte[0]);
    }
    (stream, String::from_utf8(answer).unwrap().lines().next().unwrap_or_default().to_owned())
}

/// Waits until the server has ended a connection.
#[track_caller]
fn ends(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return,
            Err(error) => panic!("the connection is still there: {error}"),
        }
    }
}

/// The program without the tests' token.
fn stranger(program: &Program, args: &[&str], token: Option<&str>) -> Ran {
    let mut command = program.command(args);
    command.env_remove("TRAIN_TOKEN");
    if let Some(token) = token {
        command.env("TRAIN_TOKEN", token);
    }
    Ran::of(command.output().unwrap())
}

#[test]
fn a_server_asks_for_the_token_that_it_has_printed() {
    let program = Program::new();
    let mut command: Command = program.command(&["serve-device", "--listen", "127.0.0.1:0"]);
    command.env_remove("TRAIN_TOKEN");
    let server = Server::spawn(command);
    let (before, at) = server.device.split_once('@').unwrap();
    let token = before.strip_prefix("remote:ws://").unwrap();
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");

    let plain = format!("remote:ws://{at}");
    let args = copy("run", &plain, &["--steps", "2"]);
    let ran = stranger(&program, &args, None);
    ran.failed(&["asks for a token", "TRAIN_TOKEN"]);
    let ran = stranger(&program, &args, Some("0123456789abcdef0123456789abcdef"));
    ran.failed(&["wants another token"]);
    assert!(!ran.stderr.contains("0123456789abcdef"), "{}", ran.stderr);
    stranger(&program, &args, Some("short")).failed(&["TRAIN_TOKEN holds no token", "at least 16"]);
    assert!(!program.path("run").exists(), "nothing is begun");

    // By its name, and by the variable; no file has it.
    let named = stranger(&program, &copy("run", &server.device, &["--steps", "2"]), None);
    assert_eq!(named.code, 0, "{}", named.stderr);
    assert_eq!(read_json(&program.path("run/config.json"))["device"], plain.as_str());
    for file in ["config.json", "settings.toml"] {
        assert!(!fs::read_to_string(program.path("run").join(file)).unwrap().contains(token), "{file}");
    }
    let resume = ["resume", "run", "--steps", "4"];
    stranger(&program, &resume, None).failed(&["asks for a token", "TRAIN_TOKEN"]);
    assert_eq!(stranger(&program, &resume, Some(token)).code, 0);
    let wrong = format!("remote:wss://{token}@{at}");
    let ran = stranger(&program, &copy("other", &wrong, &[]), None);
    assert!(ran.code == 2 && !ran.stderr.contains(token), "{}", ran.stderr);
}

#[test]
fn a_token_may_be_kept_in_a_file() {
    let program = Program::new();
    program.write("token", "from-a-file-of-mine\n");
    program.write("short", "12345\n");
    let serve = |file: &'static str| ["serve-device", "--listen", "127.0.0.1:0", "--token-file", file];
    program.fail(&serve("nowhere"), "", &["--token-file", "nowhere"]);
    program.fail(&serve("short"), "", &["short holds no token", "at least 16"]);
    let server = Server::spawn(program.command(&serve("token")));
    let args = copy("run", &server.device, &["--steps", "2"]);
    stranger(&program, &args, Some(TOKEN)).failed(&["wants another token"]);
    assert_eq!(stranger(&program, &args, Some("from-a-file-of-mine")).code, 0);
}

/// What a browser sends for a script of a page, written by hand.
#[test]
fn pages_get_nothing() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let status = |path: &str, more: &str| ask(&server, path, more).1;
    for origin in ["https://example.org", "null", &format!("http://{}", server.host)] {
        let header = format!("Origin: {origin}\r\n");
        for path in ["/session", "/data", "/alive", "/"] {
            assert_eq!(status(path, &header), "HTTP/1.1 403 Forbidden", "{path} from {origin}");
        }
    }
    assert_eq!(status("/session", ""), "HTTP/1.1 101 Switching Protocols");
    assert_eq!(status("/alive", ""), "HTTP/1.1 204 No Content");
    assert_eq!(status("/", ""), "HTTP/1.1 404 Not Found");
    assert_eq!(status("/data", ""), "HTTP/1.1 403 Forbidden", "there is no session");
}

#[test]
fn who_has_not_shown_the_token_may_send_little_and_must_be_quick() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let session = || {
        let (stream, status) = ask(&server, "/session", "");
        assert!(status.contains(" 101 "), "{status}");
        stream
    };
    // A frame of a gibibyte, of which nothing comes but its header: it ends before a session that is only slow.
    let gibibyte = [&[0x82, 0xff][..], &(1u64 << 30).to_be_bytes(), &[1, 2, 3, 4]].concat();
    until("the end of a session that wants to send a gibibyte", || {
        let (slow, mut stream) = (session(), session());
        stream.write_all(&gibibyte).unwrap();
        ends(stream);
        slow.set_nonblocking(true).unwrap();
        let still_there = slow.peek(&mut [0]);
        still_there.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    });
    // A message that goes on and on, in frames of 1 KiB.
    let mut stream = session();
    let frame = |first: u8| [&[first, 0x80 | 126][..], &1024u16.to_be_bytes(), &[0; 4 + 1024]].concat();
    let mut sent = 0;
    let mut first = 0x02;
    while stream.write_all(&frame(first)).is_ok() {
        (first, sent) = (0, sent + 1);
        assert!(sent < 1 << 14, "16 MiB were taken, more than lie on the way");
    }
    ends(stream);
    // What is no WebSocket, a head without an end, and silence before the head and after it.
    let mut stream = session();
    stream.write_all(b"GET /session HTTP/1.1\r\n\r\n").unwrap();
    ends(stream);
    let mut stream = TcpStream::connect(&server.host).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    let _ = stream.write_all(&[b'a'; 100_000]);
    ends(stream);
    let silent = TcpStream::connect(&server.host).unwrap();
    silent.set_read_timeout(Some(LONG)).unwrap();
    ends(silent);
    ends(session());
    // The server has taken no harm.
    program.succeed(&copy("run", &server.device, &["--steps", "2"]), "");
}

/// Connections that say nothing take all places, but not for long.
#[test]
fn there_are_so_many_places_and_no_more() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let held: Vec<_> = (0..80).map(|_| TcpStream::connect(&server.host).unwrap()).collect();
    let alive = || ask(&server, "/alive", "").1;
    until("a place", || alive().contains(" 204 "));
    drop(held);
    program.succeed(&copy("run", &server.device, &["--steps", "2"]), "");
}

/// Two at once would draw from the same random generator, and neither could be repeated.
#[test]
fn a_second_client_waits_for_its_turn() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let alone = losses_of(&program, "alone", &server.device);
    let endless = copy("first", &server.device, &["--steps", "1000000"]);
    let mut first = program.command(&endless).spawn().unwrap();
    until_saved(&mut first, &program.path("first"));
    program.fail(&copy("second", &server.device, &["--steps", "2"]), "", &["somebody else", "--shared"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(losses_of(&program, "after", &server.device), alone);

    let server = Server::start(&program, &["--shared"]);
    let endless = copy("third", &server.device, &["--steps", "1000000"]);
    let mut third = program.command(&endless).spawn().unwrap();
    until_saved(&mut third, &program.path("third"));
    program.succeed(&copy("fourth", &server.device, &["--steps", "2"]), "");
    third.kill().unwrap();
    third.wait().unwrap();
}

/// One server fetches tensors from the other then, by a way of its own.
#[test]
fn two_servers_compute_a_step_together() {
    let program = Program::new();
    let [one, other] = [(); 2].map(|()| Server::start(&program, &[]));
    let devices = format!("{},{}", one.device, other.device);
    program.succeed(&copy("run", &devices, &["--steps", "3"]), "");
    assert_eq!(crate::common::losses(&program.path("run")).len(), 3);
}

/// The steps of a run with dropout, once the device is free.
fn losses_of(program: &Program, run: &str, device: &str) -> Vec<String> {
    let args = copy(run, device, &["--steps", "4", "--force"]);
    until("its turn", || program.run(&args).code == 0);
    crate::common::losses(&program.path(run))
}
