//! Serving a device. The engine is Burn's; before it stands a door of our own.
//!
//! Burn's server asks for a token, and no more: it would take a web page for a client, and keep a gigabyte in memory
//! for somebody who hasn't shown the token yet. So it listens to this machine alone, at a port of its own (its log names
//! it; clients have no use for it), and a [`relay`] takes connections in its place.

mod door;
mod frames;
mod head;
mod reach;
mod relay;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use burn::server::{AuthorizationRequest, RemoteServer, WebSocketTransport};
use burn::tensor::Device;

use self::door::Door;
use super::token::{Token, VARIABLE};

/// How a device is served.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    /// Where to listen: `HOST:PORT`.
    pub(crate) listen: String,
    /// The file that holds the token.
    pub(crate) token_file: Option<PathBuf>,
    /// For how long a session may be silent.
    pub(crate) idle: Duration,
    /// Whether several sessions are served at the same time.
    pub(crate) shared: bool,
}

/// Serves a device to other processes until Ctrl-C.
///
/// # Errors
///
/// If the address can't be listened on, or the token is none.
pub(crate) fn serve(device: Device, serving: &Serving, output: &mut impl Write) -> Result<()> {
    let Serving { listen, token_file, idle, shared } = serving;
    let (token, whence) = match token_file {
        Some(path) => (Token::of_file(path)?, Some(path.display().to_string())),
        None => match Token::of_environment()? {
            Some(token) => (token, Some(VARIABLE.to_owned())),
            None => (Token::by_chance()?, None),
        },
    };
    let public = TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on {listen}; give --listen HOST:PORT with a free port"))?;
    let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on this machine")?;
    let engine = inner.local_addr()?;
    let (before, of) = match &whence {
        Some(whence) if whence == VARIABLE => (String::new(), format!("the token is that of {VARIABLE}; ")),
        Some(whence) => {
            (String::new(), format!("the token is that of {whence}, which clients have in {VARIABLE}; "))
        }
        None => (format!("{}@", token.secret()), String::new()),
    };
    writeln!(output, "{of}{}", reach::how_to_reach(public.local_addr()?, &before))?;
    output.flush()?;
    let door = Arc::new(Door::new(&token, *shared)?);
    relay::start(public, engine, Arc::clone(&door), *idle)?;
    let authorizer = move |request: AuthorizationRequest<'_>| door.admit(request);
    let server = RemoteServer::new([device]).with_authorizer(authorizer);
    let served = server.serve(WebSocketTransport::from_listener(inner));
    served.map_err(|error| anyhow!("{error}")).context("the device can't be served")
}
