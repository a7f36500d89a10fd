//! The frames of a WebSocket, as far as their sizes go (RFC 6455, section 5.2).

/// Looks at a stream of bytes from a client, in pieces as they come, before anybody keeps them.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes that a frame may have.
    limit: u64,
    /// What has come of a header.
    header: Vec<u8>,
    /// What is to come of the frame after its header.
    left: u64,
}

/// A frame is too large, or is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

impl Frames {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, header: Vec::new(), left: 0 }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    ///
    /// If a frame among them has more bytes than it may, even if they are still to come, or isn't masked, as those of
    /// clients are.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Refused> {
        while let Some((&first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let taken = self.left.min(bytes.len() as u64);
                self.left -= taken;
                bytes = &bytes[taken as usize..];
                continue;
            }
            self.header.push(first);
            bytes = rest;
            if let Some(length) = length(&self.header)? {
                if length > self.limit {
                    return Err(Refused);
                }
                self.header.clear();
                self.left = length;
            }
        }
        Ok(())
    }
}

/// The payload of a frame with this header, and nothing as long as the header is incomplete.
fn length(header: &[u8]) -> Result<Option<u64>, Refused> {
    const RESERVED: u8 = 0x70;
    const MASKED: u8 = 0x80;
    let (Some(&first), Some(&second)) = (header.first(), header.get(1)) else { return Ok(None) };
    if first & RESERVED != 0 || second & MASKED == 0 {
        return Err(Refused);
    }
    let (long, length) = match second & !MASKED {
        126 => (2, None),
        127 => (8, None),
        short => (0, Some(u64::from(short))),
    };
    const MASK: usize = 4;
    if header.len() < 2 + long + MASK {
        return Ok(None);
    }
    let big_endian = header[2..2 + long].iter().fold(0, |sum: u64, &byte| (sum << 8) | u64::from(byte));
    Ok(Some(length.unwrap_or(big_endian)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked binary frame with a payload of zeros.
    fn frame(length: usize) -> Vec<u8> {
        let mut bytes = vec![0x82];
        match length {
            0..126 => bytes.push(0x80 | length as u8),
            126..65_536 => {
                bytes.push(0x80 | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + length, 0);
        bytes
    }

    #[test]
    fn frames_up_to_the_limit_pass_however_they_are_cut() {
        let lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
        let bytes: Vec<u8> = lengths.into_iter().flat_map(frame).collect();
        for piece in [1, 2, 3, 7, 1000, bytes.len()] {
            let mut frames = Frames::new(70_000);
            assert!(bytes.chunks(piece).all(|piece| frames.pass(piece).is_ok()), "pieces of {piece}");
        }
        let mut frames = Frames::new(69_999);
        assert_eq!(frames.pass(&bytes), Err(Refused));
    }

    #[test]
    fn a_header_is_enough_to_refuse_a_frame() {
        let gibibyte = [&[0x82, 0xff][..], &(1u64 << 30).to_be_bytes(), &[0; 4]].concat();
        assert_eq!(Frames::new(65_536).pass(&gibibyte), Err(Refused));
        assert_eq!(Frames::new(1 << 30).pass(&gibibyte), Ok(()));
        assert_eq!(Frames::new(1000).pass(&[0x82, 0x01, 0]), Err(Refused), "no mask");
        assert_eq!(Frames::new(1000).pass(b"GET / HTTP/1.1"), Err(Refused));
    }
}
