//! What a person sees while a run goes on, and the flag that Ctrl-C sets.

use crate::exit::Failure;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recon378::{Cancel, Format, Progress, ResultKind, Stage};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a table of a written result is.
pub(crate) fn table_in(folder: &Path, kind: ResultKind, table: &str, format: Format) -> String {
    if format == Format::Xlsx {
        let book = folder.join(format!("{}.{}", kind.name(), format.name()));
        return format!("{}, sheet {table}", book.display());
    }
    folder.join(format!("{table}.{}", format.name())).display().to_string()
}

/// Prints to standard output, without colours where it is no terminal or `NO_COLOR` is set.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut output = anstream::stdout();
    output.write_all(text.as_bytes())?;
    output.flush()?;
    Ok(())
}

/// Prints a remark to standard error.
pub(crate) fn remark(text: &str) -> Result<(), Failure> {
    anstream::stderr().write_all(text.as_bytes())?;
    Ok(())
}

/// What Ctrl-C does: the first one asks the run to stop, a second one ends the program at once, unless files are
/// being written. Those are taken away first, which the first one has asked for already.
#[derive(Clone, Default)]
pub(crate) struct Stop {
    /// The flag that runs look at.
    pub(crate) cancel: Cancel,
    writing: Arc<AtomicBool>,
}

impl Stop {
    /// Listens to Ctrl-C from now on.
    pub(crate) fn on_ctrl_c() -> Self {
        let stop = Self::default();
        let pressed = stop.clone();
        // Without a handler Ctrl-C ends the program, which is what it does anyway.
        let _installed = ctrlc::set_handler(move || {
            if pressed.press() {
                // The person asked twice.
                std::process::exit(130);
            }
        });
        stop
    }

    /// Ctrl-C was pressed; tells whether the program ends here.
    fn press(&self) -> bool {
        let again = self.cancel.is_cancelled();
        self.cancel.cancel();
        again && !self.writing.load(Ordering::SeqCst)
    }

    /// Writes files. The work looks at the flag before it makes the first one, so that a program which ends at a
    /// second Ctrl-C has made none.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Cancel) -> T) -> T {
        self.writing.store(true, Ordering::SeqCst);
        let done = work(&self.cancel);
        self.writing.store(false, Ordering::SeqCst);
        done
    }
}

/// A bar on standard error; nothing where that is no terminal.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(wanted: bool) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg:<12} {wide_bar} {percent:>3} %") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn started(&self, stage: Stage, _bytes: u64) {
        self.0.set_message(stage.to_string());
        self.0.set_length(0);
        self.0.set_position(0);
        self.0.tick();
    }

    fn advanced(&self, _stage: Stage, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    fn finished(&self, stage: Stage, _bytes: u64) {
        if stage == Stage::Outcome {
            self.0.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Stop;

    #[test]
    fn a_second_press_ends_the_program() {
        let stop = Stop::default();
        assert_eq!([stop.press(), stop.press()], [false, true]);
        assert!(stop.cancel.is_cancelled());
    }

    #[test]
    fn a_second_press_waits_while_files_are_written() {
        let stop = Stop::default();
        let presses = stop.write(|_| [stop.press(), stop.press(), stop.press()]);
        assert_eq!(presses, [false; 3]);
        assert!(stop.press());
    }
}
