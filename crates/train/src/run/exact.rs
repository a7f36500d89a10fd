//! Floating-point numbers in JSON, as text: `serde_json` reads plain ones only to the last digit but one, and a run that
//! goes on must go on with the very same numbers.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes the shortest text that stands for just this number.
///
/// # Errors
///
/// If the serializer fails.
pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&number.to_string())
}

/// Reads it back.
///
/// # Errors
///
/// If it is no number.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Number(#[serde(with = "super")] f64);

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        let mut bits = 0x3fb9_9999_9999_999a_u64;
        for _ in 0..1_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = f64::from_bits(bits >> 2); // finite
            let text = serde_json::to_string(&Number(number)).unwrap();
            assert_eq!(serde_json::from_str::<Number>(&text).unwrap().0.to_bits(), number.to_bits());
        }
    }
}
