//! What a server says of itself when it starts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What to say of an address that a device is served at. `token` is what stands before the host in the name of the
/// device: a token and `@`, or nothing if clients know it from elsewhere. The last word is how this machine names the
/// device.
pub(super) fn how_to_reach(address: SocketAddr, token: &str) -> String {
    let port = address.port();
    let here: IpAddr = match address.ip() {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let here = SocketAddr::new(here, port);
    if address.ip().is_unspecified() {
        format!(
            "serving a device; use it elsewhere with --device remote:ws://{token}HOST:{port}, where HOST is the name \
             or the address of this machine, and on this machine with --device remote:ws://{token}{here}"
        )
    } else if address.ip().is_loopback() {
        format!(
            "serving a device to this machine alone (--listen 0.0.0.0:{port} serves others, too); \
             use it with --device remote:ws://{token}{address}"
        )
    } else {
        format!("serving a device; use it with --device remote:ws://{token}{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceName;

    #[test]
    fn an_address_that_is_served_can_be_used() {
        let reach = |address: &str| how_to_reach(address.parse().unwrap(), "");
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
        let told = how_to_reach("0.0.0.0:3000".parse().unwrap(), "0123456789abcdef@");
        let name: DeviceName = told.rsplit(' ').next().unwrap().parse().unwrap();
        assert_eq!(name.with_token(), "remote:ws://0123456789abcdef@127.0.0.1:3000");
        assert!(told.contains("ws://0123456789abcdef@HOST:3000"), "{told}");
    }
}
