//! The head of a request of HTTP, with which every connection begins.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Bytes that a head may have.
const LONGEST: usize = 16 * 1024;

/// How long it may take to come.
pub(super) const SLOWEST: Duration = Duration::from_secs(5);

/// What a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To know that somebody is here.
    Alive,
    /// A session with the engine.
    Session,
    /// A tensor that the engine holds ready for the server of another device of the same training.
    Tensor,
}

/// Reads a head to its end, and what came with it.
///
/// # Errors
///
/// If it is too long or too slow, or there is none.
pub(super) fn read(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let started = Instant::now();
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while end(&head).is_none() {
        let left = SLOWEST.checked_sub(started.elapsed()).filter(|left| !left.is_zero());
        stream.set_read_timeout(Some(left.ok_or(io::ErrorKind::TimedOut)?))?;
        let count = stream.read(&mut piece)?;
        head.extend(&piece[..count]);
        if count == 0 || head.len() > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}

/// Where the head ends.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// What a head asks for, or the status of HTTP that it gets for an answer.
///
/// Every browser sends along which page opens a WebSocket, in `Origin`, and lets no page change that. Programs send
/// none, so whoever has one is a page, and there is none that has any business here.
pub(super) fn wish(head: &[u8], alive: &str) -> Result<Wish, &'static str> {
    const BAD: &str = "400 Bad Request";
    let head = std::str::from_utf8(&head[..end(head).ok_or(BAD)?]).map_err(|_| BAD)?;
    let mut lines = head.split("\r\n").take_while(|line| !line.is_empty());
    let mut request = lines.next().ok_or(BAD)?.split(' ');
    let (Some("GET"), Some(path), Some("HTTP/1.1"), None) =
        (request.next(), request.next(), request.next(), request.next())
    else {
        return Err(BAD);
    };
    let headers: Option<Vec<(&str, &str)>> = lines.map(|line| line.split_once(':')).collect();
    let headers = headers.ok_or(BAD)?;
    let given = |name: &str| headers.iter().find(|(found, _)| found.trim().eq_ignore_ascii_case(name));
    if given("origin").is_some() {
        return Err("403 Forbidden");
    }
    if path == alive {
        return Ok(Wish::Alive);
    }
    let wish = match path {
        "/session" => Wish::Session,
        "/data" => Wish::Tensor,
        _ => return Err("404 Not Found"),
    };
    let is_upgrade =
        given("upgrade").is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("websocket"));
    if is_upgrade { Ok(wish) } else { Err("426 Upgrade Required") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: &str, headers: &[&str]) -> Result<Wish, &'static str> {
        let head = format!("{first}\r\n{}\r\n\r\n", headers.join("\r\n"));
        wish(head.as_bytes(), "/alive")
    }

    const UPGRADE: &str = "Upgrade: WebSocket";

    #[test]
    fn programs_get_what_they_want() {
        assert_eq!(of("GET /session HTTP/1.1", &["Host: here", UPGRADE]), Ok(Wish::Session));
        assert_eq!(of("GET /data HTTP/1.1", &[UPGRADE, "Host: here"]), Ok(Wish::Tensor));
        assert_eq!(of("GET /alive HTTP/1.1", &["Host: here"]), Ok(Wish::Alive));
    }

    #[test]
    fn pages_get_nothing() {
        for origin in
            ["Origin: https://example.org", "origin: null", "ORIGIN:http://127.0.0.1:3000", "Origin :"]
        {
            for path in ["/session", "/data", "/alive", "/elsewhere"] {
                let found = of(&format!("GET {path} HTTP/1.1"), &["Host: here", UPGRADE, origin]);
                assert_eq!(found, Err("403 Forbidden"), "{path} {origin}");
            }
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(of("GET /elsewhere HTTP/1.1", &[UPGRADE]), Err("404 Not Found"));
        assert_eq!(of("GET /session HTTP/1.1", &["Host: here"]), Err("426 Upgrade Required"));
        for first in ["POST /session HTTP/1.1", "GET /session", "GET  /session HTTP/1.1", "", "\u{16}\u{3}"] {
            assert_eq!(of(first, &["Host: here", UPGRADE]), Err("400 Bad Request"), "{first}");
        }
        assert_eq!(of("GET /session HTTP/1.1", &["no header"]), Err("400 Bad Request"));
        assert_eq!(wish(b"GET /session HTTP/1.1", "/alive"), Err("400 Bad Request"));
        assert_eq!(wish(b"GET /\xff HTTP/1.1\r\n\r\n", "/alive"), Err("400 Bad Request"));
    }
}
