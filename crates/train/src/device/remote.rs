//! Devices of other processes: their names, and how to use one.

use std::fmt;

use anyhow::{Result, ensure};

use super::token::Token;

/// A device that `train serve-device` serves, maybe on another machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Where: `ws://HOST:PORT`.
    address: String,
    /// What the server asks for, if the name has it; else it is a matter of the environment.
    token: Option<Token>,
}

impl Remote {
    /// What stands after `remote:` in the name of a device: `ws://HOST:PORT` or `ws://TOKEN@HOST:PORT`.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub(super) fn parse(name: &str) -> Result<Self> {
        let place = name.strip_prefix("ws://").map(|place| place.trim_end_matches('/'));
        let (token, host) = match place.and_then(|place| place.rsplit_once('@')) {
            Some((token, host)) => (Some(token), Some(host)),
            None => (None, place),
        };
        let host = host.filter(|host| !host.is_empty() && !host.contains(['/', ' ']));
        ensure!(
            host.is_some(),
            "expected an address such as remote:ws://192.168.0.7:3000, found {:?}",
            super::token::hidden(&format!("remote:{name}"))
        );
        let token = token.map(Token::new).transpose()?;
        Ok(Self { address: format!("ws://{}", host.unwrap_or_default()), token })
    }

    /// The same as [`Display`](fmt::Display), but with the token.
    #[must_use]
    pub(super) fn with_token(&self) -> String {
        match &self.token {
            Some(token) => self.address.replacen("://", &format!("://{}@", token.secret()), 1),
            None => self.address.clone(),
        }
    }
}

/// Without the token: this is what files and errors say.
impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(feature = "remote")]
mod opening {
    use std::sync::mpsc;
    use std::thread;

    use anyhow::{Context, Result, anyhow};
    use burn::remote::{ConnectError, RemoteHost};
    use burn::tensor::Device;

    use super::super::{Failed, heart, token};
    use super::{Remote, Token};

    impl Remote {
        /// Connects, and watches from then on whether the server still answers.
        ///
        /// # Errors
        ///
        /// If nothing answers in time, or the server wants to know a token.
        pub(in super::super) fn open(&self) -> Result<Device> {
            let token = match &self.token {
                Some(token) => Some(token.clone()),
                None => Token::of_environment()?,
            };
            let mut host = RemoteHost::websocket(&self.address);
            if let Some(token) = &token {
                host = host.with_credential(token.secret());
            }
            // A port that takes connections and never speaks would keep us here for good.
            let (sender, answer) = mpsc::channel();
            let connect = move || {
                let _ = sender.send(Device::remote_options(&host).init());
            };
            thread::Builder::new().name("connects".to_owned()).spawn(connect)?;
            let device = match answer.recv_timeout(heart::patience()) {
                Ok(answer) => answer.map_err(|error| self.refused(&error, token.is_some()))?,
                Err(_) => return Err(self.silent()),
            };
            heart::watch(format!("remote:{self}"), self.host()).context("cannot watch the device")?;
            Ok(device)
        }

        /// `HOST:PORT`, of which the port may be that of the web.
        fn host(&self) -> String {
            let host = self.address.trim_start_matches("ws://");
            let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            if has_port { host.to_owned() } else { format!("{host}:80") }
        }

        fn silent(&self) -> anyhow::Error {
            let seconds = heart::patience().as_secs();
            let what = format!("no device answers at {self} within {seconds} s (--timeout)");
            Failed(format!("{what}; is it `train serve-device`?")).into()
        }

        fn refused(&self, error: &ConnectError, has_token: bool) -> anyhow::Error {
            let variable = token::VARIABLE;
            match error {
                ConnectError::Unauthorized if has_token => anyhow!(
                    "the server at {self} wants another token than that in {variable} or in the name of the device; \
                     `train serve-device` prints it when it starts"
                ),
                ConnectError::Unauthorized => anyhow!(
                    "the server at {self} asks for a token: set {variable} to what `train serve-device` printed \
                     there, or name the device remote:ws://TOKEN@HOST:PORT"
                ),
                ConnectError::Handshake { reason } => Failed(format!(
                    "the server at {self} has begun no session: {reason}; it may serve somebody else just now (one \
                     at a time, unless it was started with --shared)"
                ))
                .into(),
                other => Failed(format!(
                    "no device answers at {self}; `train serve-device` on that machine serves one: {other}"
                ))
                .into(),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_host_has_a_port() {
            for (name, host) in
                [("ws://here:30", "here:30"), ("ws://here/", "here:80"), ("ws://[::1]:3000", "[::1]:3000")]
            {
                assert_eq!(Remote::parse(name).unwrap().host(), host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_the_name_but_is_not_shown() {
        let name = "ws://0123456789abcdef@there:3000";
        let remote = Remote::parse(name).unwrap();
        assert_eq!((remote.to_string().as_str(), remote.with_token().as_str()), ("ws://there:3000", name));
        assert!(!format!("{remote:?}").contains("0123456789abcdef"), "{remote:?}");
        let plain = Remote::parse("ws://there:3000/").unwrap();
        assert_eq!(
            (plain.to_string().as_str(), plain.with_token().as_str()),
            ("ws://there:3000", "ws://there:3000")
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_a_token() {
        for bad in ["host", "ws://", "wss://0123456789abcdef@there", "ws://0123456789abcdef@", "ws://a b"] {
            let error = Remote::parse(bad).unwrap_err().to_string();
            assert!(error.contains("expected an address") && !error.contains("0123456789abcdef"), "{error}");
        }
    }
}
