//! Seconds and bytes of a piece of work. The only place of the repository that looks at a clock or at `/proc`.

use std::time::Instant;

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Wall-clock seconds.
    pub seconds: f64,
    /// The most memory the process held during the work beyond what it held before, in bytes. 0 where the system
    /// doesn't tell (`/proc/self` of Linux does).
    pub peak_bytes: u64,
}

/// Does `work` and measures it.
#[expect(clippy::disallowed_methods, reason = "measuring is what this crate is for; no result depends on it")]
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Measured) {
    // Writing 5 resets the high-water mark of the resident memory.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status("VmRSS:");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    let peak_bytes = if reset { status("VmHWM:").saturating_sub(before) } else { 0 };
    (result, Measured { seconds, peak_bytes })
}

/// A figure of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let kilobytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|figure| figure.parse().ok());
    kilobytes.unwrap_or(0_u64) * 1024
}
