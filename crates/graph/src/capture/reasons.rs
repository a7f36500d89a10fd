//! Why a closure did not come to its end. Burn panics in its own words where something can't be recorded; who only wanted
//! a picture is told what to do instead.

use std::any::Any;
use std::error::Error;

use crate::error::CaptureError;

/// What a capture's closure may fail with: anything that `?` converts.
pub type ClosureError = Box<dyn Error + Send + Sync>;

/// What Burn says when a value is read that nobody computed.
const UNREAD: [(&str, &str); 2] =
    [("captured tensor ", "has no concrete value"), ("capture tensor ", "has no initialized value")];

/// What Burn begins with when gradients are asked for on a device that has none.
const GRADIENTS: [&str; 5] = [
    "Capture tensors do not support autodiff",
    "Requires autodiff tensor",
    "Tensor::require_grad requires autodiff",
    "Tensor::backward requires a tracked autodiff tensor",
    "Autodiff should not wrap",
];

/// What Burn says of tensors that don't belong together.
const FOREIGN: [&str; 4] = [
    "capture tensor operations must run inside CaptureDevice::capture_scope",
    "capture scope is already complete",
    "The provided tensors are not on the same device",
    "graph reads undeclared input tensor",
];

/// The closure panicked.
pub(super) fn panicked(name: &str, panic: &(dyn Any + Send)) -> CaptureError {
    let message = message(panic);
    explained(name, &message).unwrap_or_else(|| CaptureError::Panicked { name: name.to_owned(), message })
}

/// The closure returned an error.
pub(super) fn failed(name: &str, source: ClosureError) -> CaptureError {
    // An error of a capture within this one has been explained already.
    let known = if source.is::<CaptureError>() { None } else { explained(name, &source.to_string()) };
    known.unwrap_or_else(|| CaptureError::Closure { name: name.to_owned(), source })
}

/// Burn refused to close the recording.
pub(super) fn refused(name: &str, reason: String) -> CaptureError {
    explained(name, &reason).unwrap_or_else(|| CaptureError::Burn { name: name.to_owned(), reason })
}

fn explained(name: &str, message: &str) -> Option<CaptureError> {
    let name = name.to_owned();
    if UNREAD.iter().any(|(before, after)| message.contains(before) && message.contains(after)) {
        Some(CaptureError::ValueRead { name })
    } else if GRADIENTS.iter().any(|begin| message.starts_with(begin)) {
        Some(CaptureError::Gradients { name })
    } else if message == "seeding is not supported during graph capture" {
        Some(CaptureError::Seeded { name })
    } else {
        let reason = FOREIGN.iter().find(|reason| message.contains(*reason))?;
        Some(CaptureError::ForeignTensor { name, reason: (*reason).to_owned() })
    }
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_explained_in_all_of_burns_words_for_them() {
        for message in GRADIENTS {
            let error = panicked("net", &format!("{message}; and more"));
            assert!(matches!(error, CaptureError::Gradients { .. }), "{error}");
        }
    }

    #[test]
    fn a_panic_of_the_callers_own_keeps_its_words() {
        for message in ["my layer requires autodiff", "index out of bounds", "seeding failed"] {
            let error = panicked("net", &message.to_owned());
            assert_eq!(error.to_string(), format!("the closure of `net` panicked: {message}"));
        }
        assert!(
            matches!(panicked("net", &7_i32), CaptureError::Panicked { message, .. } if message == "no message")
        );
    }
}
