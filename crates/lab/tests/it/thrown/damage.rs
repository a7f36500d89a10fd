//! Damage to files, the same for the same number.

/// What numbers in a text become.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "1e309",
    "1e-320",
    "null",
];
/// What is put in between.
const WORDS: [&str; 12] = ["\"", "{", "}", "[", "]", ",", "\\", "\n", "\0", "\u{feff}", "\t", "\u{10ffff}"];
/// Bytes at the borders of numbers.
const BYTES: [u8; 6] = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
/// No file is longer.
const LONGEST: usize = 1 << 20;

/// SplitMix64, from which each number begins elsewhere.
pub(super) struct Damage(u64);

impl Damage {
    pub(super) fn new(number: u64) -> Self {
        Self(number.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of the files with one to eight things done to it.
    pub(super) fn done(mut self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.one_of(files).clone();
        for _ in 0..=self.below(8) {
            self.step(&mut bytes, files);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 16 };
        start..(start + self.below(most) + 1).min(length).max(start)
    }

    fn step(&mut self, bytes: &mut Vec<u8>, files: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        match self.below(10) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = *self.one_of(&BYTES),
            2 => drop(bytes.drain(self.range(bytes.len()))),
            3 => {
                let range = self.range(bytes.len());
                let copy = bytes[range].repeat(1 + self.below(4));
                drop(bytes.splice(at..at, copy));
            }
            4 => bytes.truncate(at),
            5 | 6 => self.number(bytes),
            7 => {
                let word = self.one_of(&WORDS).bytes();
                drop(bytes.splice(at..at, word));
            }
            8 => {
                let other = self.one_of(files);
                let range = self.range(other.len());
                drop(bytes.splice(at..at, other[range].iter().copied()));
            }
            _ => {
                let count = if self.below(8) == 0 { 20_000 } else { 40 };
                let word = self.one_of(&WORDS).repeat(count);
                drop(bytes.splice(at..at, word.bytes()));
            }
        }
    }

    /// A number in the text becomes another, or four bytes do.
    fn number(&mut self, bytes: &mut Vec<u8>) {
        let start = self.below(bytes.len());
        let digit = |byte: &u8| byte.is_ascii_digit();
        match bytes[start..].iter().position(digit) {
            Some(first) if self.below(4) > 0 => {
                let first = start + first;
                let count = bytes[first..].iter().take_while(|byte| digit(byte)).count();
                drop(bytes.splice(first..first + count, self.one_of(&NUMBERS).bytes()));
            }
            _ => {
                let value = *self.one_of(&BYTES);
                bytes.iter_mut().skip(start).take(4).for_each(|byte| *byte = value);
            }
        }
    }
}

#[test]
fn the_same_number_does_the_same_damage() {
    let files = [b"{\"a\": 12, \"b\": [3, 4]}".to_vec(), Vec::new()];
    let all = || (0..2000).map(|number| Damage::new(number).done(&files)).collect::<Vec<_>>();
    let found = all();
    assert_eq!(found, all());
    let different: std::collections::BTreeSet<_> = found.iter().collect();
    assert!(different.len() > 1000, "only {} different files", different.len());
}
