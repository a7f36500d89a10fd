//! A guard around the crate `tokenizers`, which panics at some files that are damaged.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use anyhow::{Result, anyhow};

use super::plain;

thread_local! {
    /// Whether a panic of this thread is caught and told as an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does what may panic, and says nothing but the error.
///
/// # Errors
///
/// If it fails, or panics.
pub(super) fn guarded<T>(work: impl FnOnce() -> tokenizers::Result<T>) -> Result<T> {
    quieten();
    let before = IS_GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(before);
    match result {
        Ok(result) => result.map_err(plain),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(anyhow!("{}", text.unwrap_or("the tokenizer can't be used").replace('\n', " ")))
        }
    }
}

/// From now on, guarded panics are not printed where they happen; all others are told as before.
fn quieten() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                others(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_of_one_line() {
        let words = |work: fn() -> tokenizers::Result<u8>| guarded(work).unwrap_err().to_string();
        assert_eq!(words(|| panic!("no such piece:\n{}", 7)), "no such piece: 7");
        assert_eq!(words(|| panic!("broken")), "broken");
        assert_eq!(words(|| Err("wrong\nfile".into())), "wrong file");
        assert_eq!(guarded(|| Ok(7)).unwrap(), 7);
        assert!(!IS_GUARDED.get(), "what panics later is told");
    }
}
