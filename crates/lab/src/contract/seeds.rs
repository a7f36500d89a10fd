//! For how many seeds an experiment does something.

use std::str::FromStr;

use anyhow::{Context, Error, Result};

/// How many times something is done, each with the next seed: an argument, from 1 to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds<const MOST: usize>(usize);

impl<const MOST: usize> Seeds<MOST> {
    /// How many there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.0
    }

    /// A first seed and those that follow it. Behind the last that there is comes 0.
    #[must_use]
    pub fn starting_at(self, first: u64) -> Vec<u64> {
        (0..self.0 as u64).map(|n| first.wrapping_add(n)).collect()
    }
}

impl<const MOST: usize> FromStr for Seeds<MOST> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
        count.map(Self).with_context(|| format!("expected a number from 1 to {MOST}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_at_least_and_a_limit() {
        let count =
            |text: &str| text.parse::<Seeds<7>>().map(Seeds::count).map_err(|error| error.to_string());
        assert_eq!((count("1"), count("7")), (Ok(1), Ok(7)));
        for text in ["0", "8", "-1", "two", "", "99999999999999999999"] {
            assert_eq!(count(text), Err("expected a number from 1 to 7".to_owned()), "{text}");
        }
    }

    #[test]
    fn seeds_follow_each_other_around_the_end() {
        let three: Seeds<3> = "3".parse().unwrap();
        assert_eq!(three.starting_at(5), [5, 6, 7]);
        assert_eq!(three.starting_at(u64::MAX), [u64::MAX, 0, 1]);
    }
}
