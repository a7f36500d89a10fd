//! `cargo xtask serve`: the book on this machine alone, and nothing beside it.

mod answers;
mod connections;
mod policy;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpListener;

use crate::paths;

/// Serves a book beside what else this program does, for as long as that takes, and says where.
pub(crate) fn beside(book: &Path) -> Result<SocketAddr> {
    let answers = answers::of(book)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        runtime.block_on(connections::serve(listener, answers, connections::LIMITS, std::future::pending()));
    });
    Ok(address)
}

/// Builds the book, unless the one that was built last will do, and serves it until interrupted.
pub(crate) fn run(port: u16, built: bool) -> Result<()> {
    let book = paths::book();
    if !built {
        super::build::build()?;
    }
    ensure!(
        book.join("index.html").is_file(),
        "there is no book in {}; leave out --built, or run `cargo xtask book` first",
        paths::shown(&book)
    );
    let answers = answers::of(&book)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}; another port can be chosen with --port"))?;
        println!("The book is at http://{} (Ctrl-C ends this)", listener.local_addr()?);
        // Without a handler the interrupt would end the program all the same.
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        connections::serve(listener, answers, connections::LIMITS, interrupted).await;
        Ok(())
    })
}
