//! What a person sees while a run goes on, and the flag that Ctrl-C sets.

use crate::exit::Failure;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recon378::{Cancel, Progress, Stage};
use std::io::{IsTerminal as _, Write as _};

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

/// A flag that Ctrl-C sets. A second Ctrl-C ends the program at once.
pub(crate) fn stop_on_ctrl_c() -> Cancel {
    let cancel = Cancel::new();
    let flag = cancel.clone();
    // Without a handler Ctrl-C ends the program, which is what it does anyway.
    let _installed = ctrlc::set_handler(move || {
        if flag.is_cancelled() {
            #[expect(clippy::exit, reason = "the person asked twice")]
            std::process::exit(130);
        }
        flag.cancel();
    });
    cancel
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
