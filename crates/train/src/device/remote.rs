//! Devices of other processes: using one, and serving one.

use anyhow::{Context, Result, anyhow};
use burn::tensor::Device;

/// Opens the device that is served at an address.
pub(super) fn open(address: &str) -> Result<Device> {
    let host = burn::remote::RemoteHost::websocket(address);
    let device = Device::remote_options(&host).init();
    device.with_context(|| {
        format!("no device answers at {address}; `train serve-device` on that machine serves one")
    })
}

/// Serves a device to other processes until Ctrl-C.
///
/// # Errors
///
/// If the address can't be listened on.
pub(crate) fn serve(device: Device, address: &str, output: &mut impl std::io::Write) -> Result<()> {
    use burn::server::{RemoteServer, WebSocketTransport};
    let listener = std::net::TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}; give --listen HOST:PORT with a free port"))?;
    let found = listener.local_addr()?;
    writeln!(output, "{}", how_to_reach(found))?;
    output.flush()?;
    let served = RemoteServer::new([device]).serve(WebSocketTransport::from_listener(listener));
    served.map_err(|error| anyhow!("{error}")).context("the device can't be served")
}

/// What to say of an address that a device is served at. The last word is how this machine names the device.
fn how_to_reach(address: std::net::SocketAddr) -> String {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    let port = address.port();
    let here: IpAddr = match address.ip() {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let here = SocketAddr::new(here, port);
    if address.ip().is_unspecified() {
        format!(
            "serving a device; use it elsewhere with --device remote:ws://HOST:{port}, where HOST is the name \
             or the address of this machine, and on this machine with --device remote:ws://{here}"
        )
    } else if address.ip().is_loopback() {
        format!(
            "serving a device to this machine alone (--listen 0.0.0.0:{port} serves others, too); \
             use it with --device remote:ws://{address}"
        )
    } else {
        format!("serving a device; use it with --device remote:ws://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::DeviceName;
    use super::*;

    #[test]
    fn an_address_that_is_served_can_be_used() {
        let reach = |address: &str| how_to_reach(address.parse().unwrap());
        for (listened, here) in [
            ("0.0.0.0:3000", "remote:ws://127.0.0.1:3000"),
            ("[::]:3000", "remote:ws://[::1]:3000"),
            ("127.0.0.1:3000", "remote:ws://127.0.0.1:3000"),
            ("192.168.0.7:3000", "remote:ws://192.168.0.7:3000"),
        ] {
            let text = reach(listened);
            assert!(text.ends_with(here) && !text.contains("ws://0.0.0.0"), "{text}");
            here.parse::<DeviceName>().unwrap();
        }
        assert!(reach("0.0.0.0:3000").contains("ws://HOST:3000"));
    }
}
