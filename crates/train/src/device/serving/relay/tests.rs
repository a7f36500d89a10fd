use burn::remote::Credential;
use burn::server::{AuthorizationRequest, ClientId};

use super::*;
use crate::device::token::Token;

const TOKEN: &str = "0123456789abcdef";

/// So long after it was opened, and so long after its last bytes.
fn link(wish: Wish, is_in: bool, open: u64, quiet: u64) -> Link {
    let door = Door::new(&Token::new(TOKEN).unwrap(), true).unwrap();
    let guest = door.enter(1);
    if is_in {
        show_token(&door, 1);
    }
    let opened = Instant::now().checked_sub(Duration::from_secs(open)).unwrap();
    let last = AtomicU64::new(1000 * (open - quiet));
    Link { wish, guest, idle: Duration::from_secs(600), opened, last }
}

fn show_token(door: &Door, port: u16) {
    let client = ClientId::WebSocket(([127, 0, 0, 1], port).into());
    let credential = Credential::from(TOKEN);
    door.admit(AuthorizationRequest { client, device_index: 0, credential: &credential }).unwrap();
}

#[test]
fn who_is_quiet_for_long_or_slow_to_show_the_token_is_done() {
    for (wish, is_in, open, quiet, is_over) in [
        (Wish::Session, false, 5, 0, false),
        (Wish::Session, false, 20, 0, true),
        (Wish::Session, true, 7200, 300, false),
        (Wish::Session, true, 7200, 700, true),
        (Wish::Tensor, false, 7200, 300, false),
        (Wish::Tensor, false, 7200, 700, true),
    ] {
        let found = link(wish, is_in, open, quiet).is_over();
        assert_eq!(found, is_over, "in: {is_in}, open for {open} s, quiet for {quiet} s");
    }
}

#[test]
fn after_the_token_the_limits_are_the_engines() {
    let gibibyte = [&[0x82, 0xff][..], &(1u64 << 30).to_be_bytes(), &[0; 4]].concat();
    for (wish, is_in, may) in
        [(Wish::Session, false, false), (Wish::Session, true, true), (Wish::Tensor, false, false)]
    {
        let link = link(wish, is_in, 0, 0);
        assert_eq!(Inwards::new(&link).may_pass(&gibibyte), may);
    }
}

/// A session in which nothing happens any more, on either side.
#[test]
fn an_idle_session_is_ended_on_both_sides() {
    let [public, engine] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let door = Arc::new(Door::new(&Token::new(TOKEN).unwrap(), false).unwrap());
    let address = public.local_addr().unwrap();
    start(public, engine.local_addr().unwrap(), Arc::clone(&door), Duration::from_millis(100)).unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client.write_all(b"GET /session HTTP/1.1\r\nUpgrade: websocket\r\n\r\n").unwrap();
    let (mut inner, from) = engine.accept().unwrap();
    // What comes in tells that the relay knows the connection.
    let mut read = vec![0; 4];
    inner.read_exact(&mut read).unwrap();
    show_token(&door, from.port());
    inner.read_to_end(&mut read).unwrap();
    assert!(read.starts_with(b"GET /session"), "the engine sees what the client has sent, and the end");
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    while door.is_anybody_in() {
        thread::sleep(Duration::from_millis(5));
    }
}
