//! The terminal: taken for the screen, drawn on and listened to by one thread, and given back whatever happens.

use std::io::{BufWriter, Stderr, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, KeyCode, KeyEvent, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::state::State;
use super::view::{Look, draw};
use crate::training::stop::Stop;

/// The screen is drawn at most this often when there is news.
const BETWEEN_FRAMES: Duration = Duration::from_millis(100);
/// The screen is drawn at least this often, for its clocks.
const LONGEST_FRAME: Duration = Duration::from_secs(1);
/// A frame that is being written is waited for this long before the terminal is given back.
const LAST_FRAME: Duration = Duration::from_millis(500);

/// Is the terminal ours? There is only one, and panic hooks are global, so this is too.
static OPEN: AtomicBool = AtomicBool::new(false);
/// Held while a frame is written.
static DRAWING: Mutex<()> = Mutex::new(());

/// Why a screen is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// It was closed, or put away to show the message of a panic.
    ToPanic,
    /// It could not be drawn or listened to.
    ToError,
}

/// A terminal that shows the dashboard.
#[derive(Debug)]
pub(super) struct Screen {
    thread: JoinHandle<Lost>,
}

impl Screen {
    /// Takes the terminal and begins to draw.
    pub(super) fn open(state: &Arc<Mutex<State>>, stop: &Arc<Stop>) -> Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                report(panic);
            }));
        });
        let context = "cannot draw on this terminal; try --plain";
        enable_raw_mode().context(context)?;
        OPEN.store(true, Ordering::SeqCst);
        let open = || {
            execute!(stderr(), EnterAlternateScreen)?;
            let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(stderr())))?;
            let (state, stop) = (Arc::clone(state), Arc::clone(stop));
            thread::Builder::new().name("dashboard".into()).spawn(move || run(terminal, &state, &stop))
        };
        let thread = open().inspect_err(|_| restore()).context(context)?;
        Ok(Self { thread })
    }

    #[expect(clippy::unused_self, reason = "a screen must have been opened for this to make sense")]
    pub(super) fn is_open(&self) -> bool {
        OPEN.load(Ordering::SeqCst)
    }

    /// Gives the terminal back and says what had become of it.
    pub(super) fn close(self) -> Lost {
        restore();
        self.thread.join().unwrap_or(Lost::ToError)
    }
}

/// Can a screen be shown where standard error is a terminal? Not on one without a cursor, nor by a job in the
/// background, which the system would halt for touching the terminal.
pub(super) fn is_possible() -> bool {
    let background = || {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program comes before, in parentheses, and may contain anything.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let (group, foreground) = (fields.get(2)?, fields.get(5)?);
        Some(group != foreground)
    };
    std::env::var("TERM").is_ok_and(|term| term != "dumb") && background() != Some(true)
}

/// Gives the terminal back if the screen has it. Call this before ending the program by [`std::process::exit`].
pub(crate) fn restore() {
    if !OPEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Not for ever: it may be the drawing that panicked, or the terminal that hangs.
    let waiting = Instant::now();
    while waiting.elapsed() < LAST_FRAME && matches!(DRAWING.try_lock(), Err(TryLockError::WouldBlock)) {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = disable_raw_mode();
    let _ = execute!(stderr(), LeaveAlternateScreen, Show);
}

/// Draws and listens until the terminal is given back.
fn run(
    mut terminal: Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    state: &Mutex<State>,
    stop: &Stop,
) -> Lost {
    let mut look = Look::default();
    let mut drawn: Option<(Instant, u64)> = None;
    while OPEN.load(Ordering::SeqCst) {
        let listened = listen(&mut look, stop);
        let version = state.lock().unwrap_or_else(PoisonError::into_inner).version;
        let old = |(at, was): (Instant, u64)| was != version || at.elapsed() >= LONGEST_FRAME;
        let due = matches!(listened, Ok(true)) || drawn.is_none_or(old);
        let shown = if due { show(&mut terminal, state, &look, stop) } else { Ok(()) };
        if due {
            drawn = Some((Instant::now(), version));
        }
        if listened.and(shown).is_err() {
            restore();
            return Lost::ToError;
        }
    }
    Lost::ToPanic
}

fn show(
    terminal: &mut Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    state: &Mutex<State>,
    look: &Look,
    stop: &Stop,
) -> std::io::Result<()> {
    let state = state.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let _drawing = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
    if OPEN.load(Ordering::SeqCst) {
        terminal.draw(|frame| draw(frame, &state, look, stop.is_asked(), Instant::now()))?;
    }
    Ok(())
}

/// Waits for the time of a frame, and tells whether anything was pressed or resized.
fn listen(look: &mut Look, stop: &Stop) -> std::io::Result<bool> {
    let since = Instant::now();
    let mut any = false;
    while event::poll(BETWEEN_FRAMES.saturating_sub(since.elapsed()))? {
        any = true;
        if let Some(key) = event::read()?.as_key_press_event() {
            press(key, look, stop);
        }
    }
    Ok(any)
}

/// Raw mode turns Ctrl-C into a key; it does here what the signal does elsewhere.
fn press(key: KeyEvent, look: &mut Look, stop: &Stop) {
    match key.code {
        // The first time it asks; later it insists.
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) && stop.insist() => {
            restore();
            std::process::exit(i32::from(stop.code()));
        }
        KeyCode::Char('q') => stop.ask(),
        KeyCode::Char('z') => look.zoomed = !look.zoomed,
        KeyCode::Tab => look.chart = look.chart.wrapping_add(1),
        KeyCode::Down => look.sample = look.sample.saturating_add(1),
        KeyCode::Up => look.sample = look.sample.saturating_sub(1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ask_training_to_stop() {
        let (mut look, stop) = (Look::default(), Stop::default());
        press(KeyEvent::from(KeyCode::Char('c')), &mut look, &stop);
        press(KeyEvent::from(KeyCode::Up), &mut look, &stop);
        assert!(!stop.is_asked());
        press(KeyEvent::from(KeyCode::Char('q')), &mut look, &stop);
        assert!(stop.is_asked());
        let stop = Stop::default();
        press(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL), &mut look, &stop);
        assert!(stop.is_asked());
    }

    #[test]
    fn nothing_is_restored_that_was_not_taken() {
        restore();
        assert!(!OPEN.load(Ordering::SeqCst));
    }
}
