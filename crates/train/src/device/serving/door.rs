//! Who is in.
//!
//! Burn's engine asks the [`Door`] about every session that a client wants to open, and tells from which port the
//! connection comes. Behind the relay that is a port of the relay's own, so the door knows which of its guests asks.
//!
//! A backend of the processor has one random generator for the whole process. Two clients at once, each with dropout,
//! would draw from each other's sequence, and neither could repeat its run. So there is one session at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, anyhow};
use burn::server::{AuthorizationRequest, ClientId, PeerAuthorizer, TokenAuthorizer};

use crate::device::token::Token;

/// A connection that the relay has taken.
#[derive(Debug, Default)]
pub(super) struct Guest {
    /// Has shown the token, and has a session.
    is_in: AtomicBool,
    /// Has shown the token, but there is a session already.
    is_late: AtomicBool,
}

impl Guest {
    /// Whether it has a session.
    pub(super) fn is_in(&self) -> bool {
        self.is_in.load(Ordering::SeqCst)
    }

    /// Whether it has to come again later.
    pub(super) fn is_late(&self) -> bool {
        self.is_late.load(Ordering::SeqCst)
    }
}

/// Asks for the token.
pub(super) struct Door {
    token: TokenAuthorizer,
    /// Whether several sessions are served at once.
    shared: bool,
    /// By the port that each connection has on the engine's side.
    guests: Mutex<HashMap<u16, Arc<Guest>>>,
}

impl Door {
    /// A door with nobody behind it.
    ///
    /// # Errors
    ///
    /// If the token is empty.
    pub(super) fn new(token: &Token, shared: bool) -> Result<Self> {
        let token = TokenAuthorizer::new(token.secret()).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { token, shared, guests: Mutex::default() })
    }

    /// Notes a connection by its port on the engine's side.
    pub(super) fn enter(&self, port: u16) -> Arc<Guest> {
        let guest = Arc::new(Guest::default());
        self.guests().insert(port, Arc::clone(&guest));
        guest
    }

    /// Forgets a connection that has ended.
    pub(super) fn leave(&self, port: u16) {
        self.guests().remove(&port);
    }

    /// Whether anybody has a session.
    pub(super) fn is_anybody_in(&self) -> bool {
        self.guests().values().any(|guest| guest.is_in())
    }

    /// Whether a session may be opened.
    ///
    /// # Errors
    ///
    /// If not, with what Burn may log; the client isn't told.
    pub(super) fn admit(&self, request: AuthorizationRequest<'_>) -> Result<(), String> {
        let ClientId::WebSocket(client) = request.client else {
            return Err("not by WebSocket".to_owned());
        };
        self.token.authorize(request)?;
        let guests = self.guests();
        let Some(guest) = guests.get(&client.port()) else { return Err("not by the relay".to_owned()) };
        if !self.shared && guests.values().any(|other| other.is_in()) {
            guest.is_late.store(true, Ordering::SeqCst);
            return Err("there is a session already".to_owned());
        }
        guest.is_in.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, HashMap<u16, Arc<Guest>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use burn::remote::Credential;

    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn ask(door: &Door, port: u16, token: &str) -> Result<(), String> {
        let client = ClientId::WebSocket(([127, 0, 0, 1], port).into());
        let credential = Credential::from(token);
        door.admit(AuthorizationRequest { client, device_index: 0, credential: &credential })
    }

    #[test]
    fn only_who_knows_the_token_and_comes_by_the_relay_gets_in() {
        let door = Door::new(&Token::new(TOKEN).unwrap(), false).unwrap();
        let guest = door.enter(7);
        for token in ["", "0123456789abcdee", "0123456789abcde", "0123456789abcdef0"] {
            assert!(ask(&door, 7, token).is_err() && !guest.is_in(), "{token}");
        }
        assert!(ask(&door, 8, TOKEN).is_err(), "no port of the relay");
        assert!(ask(&door, 7, TOKEN).is_ok() && guest.is_in() && !guest.is_late());
    }

    #[test]
    fn there_is_one_session_at_a_time_unless_it_is_shared() {
        for shared in [false, true] {
            let door = Door::new(&Token::new(TOKEN).unwrap(), shared).unwrap();
            let [first, second] = [door.enter(1), door.enter(2)];
            assert!(!door.is_anybody_in());
            assert!(ask(&door, 1, TOKEN).is_ok() && first.is_in());
            assert_eq!(ask(&door, 2, TOKEN).is_ok(), shared);
            assert_eq!((second.is_in(), second.is_late()), (shared, !shared));
            door.leave(1);
            door.leave(2);
            assert!(!door.is_anybody_in());
            door.enter(3);
            assert!(ask(&door, 3, TOKEN).is_ok());
        }
    }
}
