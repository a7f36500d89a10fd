//! `cargo xtask serve`.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use axum::Router;
use tower_http::services::ServeDir;

use crate::paths;

/// Builds the book and serves it, to this machine alone, until interrupted.
pub(crate) fn run(port: u16) -> Result<()> {
    super::build::build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(port))
}

async fn serve(port: u16) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; another port can be chosen with --port"))?;
    println!("The book is at http://{} (Ctrl-C ends this)", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback_service(ServeDir::new(paths::book())))
        .with_graceful_shutdown(async {
            // Without a handler the interrupt would end the program all the same.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
